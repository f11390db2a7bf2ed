//! The built-in tutor: answers with the lecture's own sentences and says so. It knows no model and no network.

mod block;
mod brief;
mod choose;
mod deed;
mod fit;
mod followup;
mod just_said;
mod lexicon;
mod overview;
mod question;
mod sentence;
mod sequence;
mod signs;
mod weights;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream;
use synapscribe_domain::aim::Aim;
use synapscribe_domain::source::Matter;
use synapscribe_domain::terms::stem;
use synapscribe_domain::vocabulary::{Reading, respell};
use synapscribe_domain::{Failure, Usage};
use synapscribe_ports::{AnswerPiece, AnswerRequest, AnswerStream, EngineCard, Exchange, Tutor};

use choose::{Choice, Quote};
use just_said::Reach;
use question::{Asked, Kind};
pub use sentence::supporting;
pub use signs::Lesson;

/// What is said when the passages hold no answer; the nearest passage follows.
pub const NOT_IN_LECTURE: &str = "This lecture does not answer that.";

/// The same of whatever was asked.
pub(crate) fn not_in(matter: Matter) -> String {
    worded(NOT_IN_LECTURE, matter)
}

/// A sentence about a lecture, said of what was asked instead.
fn worded(sentence: &str, matter: Matter) -> String {
    match matter {
        Matter::Lecture => sentence.to_owned(),
        other => sentence.replace("the lecturer's own", "its own").replace("lecture", other.noun()),
    }
}

/// What is said to words that ask nothing.
const ASK: &str = "Ask me something about this lecture, and I look for it.";

/// Answers by quoting the sentences of the passages that fit the question best, behind the few words of them that answer by
/// themselves, where there are such.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExtractiveTutor;

#[async_trait]
impl Tutor for ExtractiveTutor {
    fn card(&self) -> EngineCard {
        EngineCard::local("the lecture's own sentences (built in)", "extractive")
    }

    fn window(&self) -> Option<u32> {
        None
    }

    async fn standalone(&self, question: &str, history: &[Exchange]) -> Result<String, Failure> {
        Ok(followup::standalone(question, history))
    }

    async fn answer(&self, request: AnswerRequest) -> Result<AnswerStream, Failure> {
        Ok(stream::iter(pieces(&request).into_iter().map(Ok)).boxed())
    }
}

/// The whole answer; it takes well under a millisecond, so it is made at once and streamed piece by piece.
fn pieces(request: &AnswerRequest) -> Vec<AnswerPiece> {
    let at = request.playhead.unwrap_or_default();
    let (lead_in, quotes) = match request.aim {
        Aim::Subject => return about_subject(request),
        Aim::Overview => ("Here is the lecture in the lecturer's own sentences:", overview::choose(&request.passages)),
        Aim::SoFar => ("Here is the lecture up to there, in the lecturer's own sentences:", overview::choose(&request.passages)),
        Aim::Beginning => ("The lecture begins with these words:", overview::beginning(&request.passages)),
        Aim::Ending => ("The lecture ends with these words:", overview::ending(&request.passages)),
        Aim::Page => ("Here is the page in its own sentences:", overview::choose(&request.passages)),
        Aim::JustSaid => ("These were the lecturer's words:", just_said::choose(&request.passages, at, Reach::REPEATED)),
        Aim::Explained => ("Here is how the lecture comes to that:", just_said::choose(&request.passages, at, Reach::EXPLAINED)),
    };
    if quotes.is_empty() { refusal(None, request.matter) } else { answer(worded(lead_in, request.matter), quotes) }
}

/// What the passages say of a subject.
fn about_subject(request: &AnswerRequest) -> Vec<AnswerPiece> {
    let again = request.history.last().is_some_and(|before| before.question.trim() == request.question.trim());
    let told: Vec<&str> = if again { Vec::new() } else { request.history.iter().map(|e| e.answer.as_str()).collect() };
    let question = respell(&followup::standalone(&request.question, &request.history), &request.readings);
    if question::says_nothing(&question) {
        return vec![
            AnswerPiece::Text(worded(ASK, request.matter)),
            AnswerPiece::End { generated: false, found: false, usage: Usage::default() },
        ];
    }
    // What was talked about before tells more than the words of a question that leans on it.
    let compared = request.compared.as_ref().filter(|_| request.history.is_empty());
    let choose = |question: &str| {
        let asked = Asked::parse(question);
        (choose::choose(&asked, &request.passages, &told, compared), asked.kind)
    };
    let mut put = question::alone(&question).unwrap_or(&question);
    let (mut choice, mut kind) = choose(put);
    // What cannot be answered by itself may lean on what was talked about.
    if matches!(choice, Choice::Nearest(_))
        && question::alone(&question).is_some()
        && let (found @ Choice::Answer(..), its_kind) = choose(&question)
    {
        (choice, kind, put) = (found, its_kind, question.as_str());
    }
    match choice {
        Choice::Answer(quotes, meets) => {
            let excerpts: Vec<&str> = quotes.iter().map(|quote| quote.excerpt.as_str()).collect();
            let brief = brief::of(kind, put, &excerpts);
            let lead_in = match kind {
                Kind::Definition if !meets => Some("The lecture mentions it in these words:"),
                Kind::Why if !meets => lead_in(Kind::YesNo),
                _ => lead_in(kind),
            };
            let lead_in = lead_in.map(|lead_in| worded(lead_in, request.matter));
            let opening = with_readings(lead_in.as_deref(), request);
            // The short answer stands first, behind nothing that says what the question was read as.
            answer(brief.filter(|_| opening.is_empty()).unwrap_or(opening), quotes)
        }
        Choice::Nearest(nearest) => match overview::under_heading(put, &request.passages) {
            Some((heading, quotes)) => {
                let lead_in = format!("{} “{heading}”:", worded("This stands in the lecture under", request.matter));
                answer(with_readings(Some(&lead_in), request), quotes)
            }
            None => refusal(nearest, request.matter),
        },
    }
}

fn answer(opening: String, quotes: Vec<Quote>) -> Vec<AnswerPiece> {
    let mut out = Vec::new();
    if !opening.is_empty() {
        out.push(AnswerPiece::Text(opening));
    }
    quote(&mut out, quotes);
    out.push(AnswerPiece::End { generated: false, found: true, usage: Usage::default() });
    out
}

fn refusal(nearest: Option<Quote>, matter: Matter) -> Vec<AnswerPiece> {
    let mut out = vec![AnswerPiece::Text(not_in(matter))];
    if let Some(nearest) = nearest {
        out.push(AnswerPiece::Text(" The nearest it comes is:".to_owned()));
        quote(&mut out, vec![nearest]);
    }
    out.push(AnswerPiece::End { generated: false, found: false, usage: Usage::default() });
    out
}

/// The opening words, which say as what the question was read where it was spelt otherwise.
fn with_readings(lead_in: Option<&str>, request: &AnswerRequest) -> String {
    let is_another = |reading: &&Reading| {
        let together = |words: &str| words.replace(' ', "");
        together(&reading.asked) != together(&reading.meant)
            && lexicon::closeness(&stem(&reading.asked), &stem(&reading.meant)) == 0.0
    };
    let meant: Vec<&str> = request.readings.iter().filter(is_another).map(|reading| reading.meant.as_str()).collect();
    if meant.is_empty() {
        return lead_in.unwrap_or_default().to_owned();
    }
    let lead_in = lead_in.map_or_else(|| worded("The lecture puts it in these words:", request.matter), str::to_owned);
    let (first, rest) = lead_in.split_at(lead_in.chars().next().map_or(0, char::len_utf8));
    format!("If you mean “{}”, {}{rest}", meant.join(" "), first.to_lowercase())
}

/// Each quote as text, then its citation.
fn quote(out: &mut Vec<AnswerPiece>, quotes: Vec<Quote>) {
    for quote in quotes {
        let spoken = sentence::as_spoken(&quote.excerpt);
        out.push(AnswerPiece::Text(if out.is_empty() { spoken } else { format!(" {spoken}") }));
        out.push(AnswerPiece::Cite { passage: quote.passage, excerpt: quote.excerpt });
    }
}

/// The opening words where the answer does not stand by itself; a plain question has its answer at once.
fn lead_in(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Advice => "The lecture puts it in these words:",
        Kind::Remedy => "This is what the lecture has against it:",
        Kind::List => "The lecture names these:",
        Kind::More => "The lecture also says:",
        Kind::YesNo => "This is what the lecture says about it:",
        Kind::Example => "Here is an example from the lecture:",
        Kind::Difference => "The lecture sets them apart like this:",
        Kind::After => "This is what the lecture tells next:",
        Kind::Before => "This is what the lecture tells before that:",
        Kind::Definition | Kind::Why | Kind::How | Kind::HowMany | Kind::Degree => return None,
        Kind::When | Kind::Who | Kind::Where | Kind::Formula | Kind::Product | Kind::Fact => return None,
    })
}

/// What there is to choose from, for whoever learns how to choose; nothing where no sentence was compared.
pub fn lesson(request: &AnswerRequest) -> Option<Lesson> {
    let question = respell(&request.question, &request.readings);
    choose::lesson(&Asked::parse(&question), &request.passages, request.compared.as_ref()?)
}

#[cfg(test)]
mod tests;
