//! How long an engine may take before a person is told; a hanging engine must never hold a turn for ever.

use std::future::Future;
use std::time::Duration;

use synapscribe_domain::{Code, Failure};

/// The limits of one deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// To recognise a question.
    pub recognition: Duration,
    /// Until the first word of an answer, and between any two pieces of it.
    pub answer: Duration,
    /// Until the first sound of a piece of speech, and between any two stretches of it.
    pub speech: Duration,
    /// To embed a question or a batch of passages.
    pub meaning: Duration,
    /// To recognise the text on the picture of a page.
    pub page: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            recognition: Duration::from_secs(60),
            answer: Duration::from_secs(30),
            speech: Duration::from_secs(20),
            meaning: Duration::from_secs(30),
            page: Duration::from_secs(120),
        }
    }
}

impl Patience {
    /// These limits, longer where the engines' own are: an operator who lets a server take its time is not cut short here, and
    /// the engine's own word on what was too slow comes first.
    pub fn beyond(self, first: Duration, between: Duration) -> Self {
        let margin = Duration::from_secs(1);
        let (first, either) = (first + margin, first.max(between) + margin);
        Self {
            recognition: self.recognition.max(first),
            answer: self.answer.max(either),
            speech: self.speech.max(either),
            meaning: self.meaning.max(first),
            page: self.page.max(first),
        }
    }
}

/// Waits for `work`, or fails naming what was too slow.
pub async fn within<T>(limit: Duration, what: &str, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match tokio::time::timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(Failure::new(
            Code::EngineTimeout,
            format!("{what} did not answer within {} s; ask again, or choose another engine", limit.as_secs_f32().ceil()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_may_take_its_time_is_not_cut_short_and_a_quick_one_changes_nothing() {
        let seconds = Duration::from_secs;
        assert_eq!(Patience::default().beyond(seconds(3), seconds(3)), Patience::default());
        let patient = Patience::default().beyond(seconds(120), seconds(200));
        for (limit, engine) in [
            (patient.recognition, 120),
            (patient.answer, 200),
            (patient.speech, 200),
            (patient.meaning, 120),
            (patient.page, 120),
        ] {
            assert!(limit > seconds(engine), "{patient:?}");
        }
    }
}
