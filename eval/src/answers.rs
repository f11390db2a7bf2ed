//! What the built-in tutor answers, and whether its citations hold it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use futures::StreamExt;
use synapscribe_domain::{AudioLimits, Citation, Question as Put, SessionId, Timestamp, WorkId};
use synapscribe_engines::extractive::ExtractiveTutor;
use synapscribe_ports::fakes::{Ear, MemoryObjects, SetClock, Voice, WavAudio};
use synapscribe_ports::{AgentEvent, AgentRequest, Embedder, Library, Scope, Tutor};
use synapscribe_usecases::ask::Asking;
use synapscribe_usecases::patience::Patience;
use tokio_util::sync::CancellationToken;

use crate::set::{Question, Text};
use crate::shelf::{self, Judge};
use crate::way::Way;

/// What came of all questions.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Answered {
    /// Questions that have an answer.
    pub answerable: usize,
    /// Of these, those that were answered.
    pub answered: usize,
    /// Answers that are a right answer and nothing else, or begin with one as a sentence of its own.
    pub equal: usize,
    /// Short answers that stand before a quotation, to any question.
    pub briefs: usize,
    /// Of these, those that hold a right answer, or are a part of one.
    pub briefs_right: usize,
    /// Answers that are, or hold, the shortest right answer word for word.
    pub exact: usize,
    /// The sum of the shares of common words with the nearest right answer.
    pub f1: f64,
    /// Citations of answers.
    pub citations: usize,
    /// Of these, those that lead to a sentence that holds the answer.
    pub supported: usize,
    /// Of the citations, those of books, which open pages.
    pub opened: usize,
    /// Of these, those whose words stand on the pages they open.
    pub standing: usize,
    /// Of these, those whose pages hold a sentence with the answer.
    pub on_page: usize,
    /// Sentences that hold an answer.
    pub supports: usize,
    /// Of these, those that were cited.
    pub cited: usize,
    /// Questions without an answer.
    pub unanswerable: usize,
    /// Of these, those that were refused.
    pub refused: usize,
}

impl Answered {
    /// A share in words: how much of how many.
    pub fn share(part: usize, whole: usize) -> f64 {
        part as f64 / whole.max(1) as f64
    }

    /// The mean F1 of the questions that have an answer.
    pub fn mean_f1(&self) -> f64 {
        self.f1 / self.answerable.max(1) as f64
    }
}

/// Puts every question to its own text.
pub async fn put(
    library: Arc<dyn Library>,
    embedder: Arc<dyn Embedder>,
    texts: &[Text],
    way: Way,
    scratch: &Path,
    show: bool,
) -> anyhow::Result<Answered> {
    let asking = asking(Arc::clone(&library), embedder, Arc::new(ExtractiveTutor), way, scratch);
    let mut sum = Answered::default();
    for text in texts {
        let pages = shelf::pages(&*library, text).await?;
        for question in &text.questions {
            let told = ask(&asking, text, question).await?;
            if show {
                let whole = format!("{} {}", told.brief, told.text);
                println!("{} [{}]\n    {}", question.ask, if told.found { "answered" } else { "refused" }, whole.trim_start());
            }
            judge(&mut sum, text, question, &pages, &told);
        }
    }
    Ok(sum)
}

/// What answers, with this tutor.
pub(crate) fn asking(
    library: Arc<dyn Library>,
    embedder: Arc<dyn Embedder>,
    tutor: Arc<dyn Tutor>,
    way: Way,
    scratch: &Path,
) -> Arc<Asking> {
    Arc::new(Asking {
        library,
        objects: Arc::new(MemoryObjects::new(Arc::new(SetClock::at(Timestamp(0))))),
        audio: Arc::new(WavAudio),
        transcriber: Arc::new(Ear::default()),
        tutor,
        narrator: Arc::new(Voice::default()),
        embedder: (way != Way::Words).then_some(embedder),
        scratch: scratch.to_owned(),
        patience: Patience::default(),
        weights: way.weights(),
        limits: AudioLimits::QUESTION,
    })
}

/// What was answered.
pub(crate) struct Told {
    /// The short answer that stands first and is quoted behind it, where there is one.
    brief: String,
    /// The rest.
    text: String,
    citations: Vec<Citation>,
    found: bool,
}

/// Puts one question to its own text.
pub(crate) async fn ask(asking: &Arc<Asking>, text: &Text, question: &Question) -> anyhow::Result<Told> {
    let request = AgentRequest {
        work: WorkId::parse("w")?,
        session: SessionId::parse("s")?,
        scope: Scope::of(shelf::source(text)?),
        question: Put::Text(question.ask.clone()),
        playhead: None,
        page: None,
        history: Vec::new(),
        speech: None,
        trace: None,
    };
    let mut events = asking.ask(request, CancellationToken::new());
    let mut told = Told { brief: String::new(), text: String::new(), citations: Vec::new(), found: false };
    let mut begun = Vec::new();
    while let Some(event) = events.next().await {
        match event {
            AgentEvent::Wrote(text) => {
                if told.citations.is_empty() {
                    begun.push(told.text.len());
                }
                told.text.push_str(&text);
            }
            AgentEvent::Cited(citation) => told.citations.push(citation),
            AgentEvent::Done(end) => told.found = end.found,
            AgentEvent::Failed(failure) => anyhow::bail!("{}: {failure}", question.ask),
            _ => {}
        }
    }
    // Something was written before what the first citation stands behind.
    if let ([_, quoted, ..], Some(citation)) = (begun.as_slice(), told.citations.first()) {
        (told.brief, told.text) = parted(&told.text, *quoted, &citation.excerpt);
    }
    Ok(told)
}

/// A short answer, and what stands behind it from a place on: what was written before is one where its words are quoted.
fn parted(text: &str, from: usize, quoted: &str) -> (String, String) {
    let (brief, rest) = text.split_at(from);
    if holds(&words(quoted), brief) { (brief.to_owned(), rest.trim_start().to_owned()) } else { (String::new(), text.to_owned()) }
}

fn judge(sum: &mut Answered, text: &Text, question: &Question, pages: &[String], told: &Told) {
    let brief = words(&told.brief);
    let is_part = |answer: &String| holds(&brief, answer) || holds(&words(answer), &told.brief);
    sum.briefs += usize::from(!brief.is_empty());
    sum.briefs_right += usize::from(!brief.is_empty() && question.answers.iter().any(is_part));
    if !question.is_answerable() {
        sum.unanswerable += 1;
        sum.refused += usize::from(!told.found);
        return;
    }
    sum.answerable += 1;
    sum.supports += question.support.len();
    if !told.found {
        return;
    }
    sum.answered += 1;
    // What a short answer says is said again in the quotation, and is counted there.
    let said = words(&told.text);
    sum.equal += usize::from(question.answers.iter().any(|answer| is_equal(&said, answer) || is_equal(&brief, answer)));
    sum.exact += usize::from(question.answers.iter().any(|answer| holds(&said, answer)));
    sum.f1 += nearness(&told.text, question);
    let judge = Judge::of(text);
    sum.citations += told.citations.len();
    sum.supported += told.citations.iter().filter(|citation| judge.is_supported(citation, question)).count();
    if !pages.is_empty() {
        sum.opened += told.citations.len();
        sum.standing += told.citations.iter().filter(|citation| Judge::stands_on_its_pages(citation, pages)).count();
        sum.on_page += told.citations.iter().filter(|citation| Judge::is_on_its_pages(citation, question, pages)).count();
    }
    sum.cited += judge.cited(&told.citations, question);
}

/// Whether an answer is this right answer, but for articles, capitals and punctuation.
fn is_equal(said: &[String], right: &str) -> bool {
    let right = words(right);
    !right.is_empty() && said == right
}

/// Whether it holds this right answer among other words.
fn holds(said: &[String], right: &str) -> bool {
    let right = words(right);
    !right.is_empty() && said.windows(right.len()).any(|window| window == right)
}

/// The share of words that an answer has in common with the nearest right one.
pub(crate) fn nearness(told: &str, question: &Question) -> f64 {
    let said = words(told);
    // The tutor answers in the source's own sentences, so these are right answers as well.
    let golden = question.answers.iter().cloned().chain([question.support.join(" ")]);
    golden.map(|answer| f1(&said, &words(&answer))).fold(0.0, f64::max)
}

/// Small letters, without articles, punctuation and the numbers of citations.
fn words(text: &str) -> Vec<String> {
    let marks =
        text.split('[').enumerate().map(|(n, part)| if n == 0 { part } else { part.split_once(']').map_or(part, |p| p.1) });
    let plain: String = marks.collect::<Vec<_>>().join(" ").to_lowercase();
    let split = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    split.filter(|word| !["a", "an", "the"].contains(word)).map(str::to_owned).collect()
}

/// The harmonic mean of precision and recall over words.
fn f1(said: &[String], right: &[String]) -> f64 {
    let mut left: HashMap<&str, usize> = HashMap::new();
    right.iter().for_each(|word| *left.entry(word).or_default() += 1);
    let mut common = 0;
    for word in said {
        if let Some(count) = left.get_mut(word.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            common += 1;
        }
    }
    if common == 0 { 0.0 } else { 2.0 * common as f64 / (said.len() + right.len()) as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_articles_and_marks() {
        assert_eq!(words("The thymus, a small organ [1]."), ["thymus", "small", "organ"]);
        assert_eq!(f1(&words("the small organ"), &words("a small organ")), 1.0);
        assert_eq!(f1(&words("one two"), &words("two three")), 0.5);
        assert_eq!(f1(&words("one"), &words("two")), 0.0);
    }

    #[test]
    fn a_short_answer_is_what_was_written_before_the_quotation_that_holds_it() {
        let part = |text: &str, first: &str, quoted: &str| parted(text, first.len(), quoted);
        let whole = |text: &str| (String::new(), text.to_owned());
        let quoted = "So the answer is 23, for which it is more.";
        let told = "23. The answer is 23, for which it is more.";
        assert_eq!(part(told, "23.", quoted), ("23.".to_owned(), "The answer is 23, for which it is more.".to_owned()));
        let led = "This is what the lecture says about it: The answer is 23, for which it is more.";
        assert_eq!(part(led, "This is what the lecture says about it:", quoted), whole(led));
    }

    #[test]
    fn an_answer_is_equal_to_a_right_one_where_it_says_no_more() {
        let told = |answer: &str, right: &str| (is_equal(&words(answer), right), holds(&words(answer), right));
        assert_eq!(told("The Thymus [1].", "thymus"), (true, true));
        assert_eq!(told("It is the thymus [1].", "the thymus"), (false, true));
        assert_eq!(told("Thyme.", "thymus"), (false, false));
        assert_eq!(told("The.", "a"), (false, false), "an article alone answers nothing");
    }
}
