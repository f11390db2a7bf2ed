//! A follow-up question made whole by a model; any doubt about what it wrote, and the question stays as it was asked.

use std::time::Duration;

use synapscribe_ports::Exchange;

use super::model::LanguageModel;
use super::prompt;
use super::thinking::without_thoughts;

/// The student is waiting: no more than this is spent on the wording.
const PATIENCE: Duration = Duration::from_secs(5);
/// A question longer than this is not one.
const MOST_CHARS: usize = 400;

/// The question without the session, or as it was asked.
pub(super) async fn standalone(model: &impl LanguageModel, question: &str, history: &[Exchange]) -> String {
    let asked = question.trim();
    if history.is_empty() || asked.is_empty() {
        return asked.to_owned();
    }
    match tokio::time::timeout(PATIENCE, model.say(prompt::retell(asked, history))).await {
        Ok(Ok(answer)) => usable(&answer).unwrap_or_else(|| asked.to_owned()),
        Ok(Err(failure)) => {
            tracing::warn!(code = failure.code.as_str(), "the follow-up question is taken as it was asked");
            asked.to_owned()
        }
        Err(_) => {
            tracing::warn!(waited.ms = PATIENCE.as_millis() as u64, "the follow-up question is taken as it was asked");
            asked.to_owned()
        }
    }
}

fn usable(answer: &str) -> Option<String> {
    let text = without_thoughts(answer);
    let text = text.trim().trim_matches(['"', '“', '”']).trim();
    let one_line = !text.is_empty() && !text.contains('\n') && text.chars().count() <= MOST_CHARS;
    one_line.then(|| text.to_owned())
}
