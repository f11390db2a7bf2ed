//! How often a citation is kept whose passage holds what is claimed, and dropped where it does not. Knows no model: what is claimed are
//! the right answers of the question set.

use synapscribe_domain::Passage;
use synapscribe_engines::extractive::supporting;
use synapscribe_ports::Library;

use crate::set::{Form, Question, Text};
use crate::shelf::{self, Judge};

/// How an answer is worded that is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// As its text has it.
    Answer,
    /// Behind the question, most of whose words its text does not have.
    Asked,
}

impl Wording {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Answer, Self::Asked];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answer => "the answer",
            Self::Asked => "the question and the answer",
        }
    }

    fn claim(self, question: &Question) -> String {
        let answer = question.answers.iter().max_by_key(|answer| answer.len()).map_or("", String::as_str);
        match self {
            Self::Answer => answer.to_owned(),
            Self::Asked => format!("{} {answer}", question.ask),
        }
    }
}

/// What became of citations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cited {
    /// Claims that a passage of their text holds.
    pub right: usize,
    /// Of these, those that keep a citation of it.
    pub kept: usize,
    /// Passages of the same text that do not hold a claim.
    pub wrong: usize,
    /// Of these, those whose citation is dropped. Some hold the words of the answer in another place, and keep theirs.
    pub dropped: usize,
}

/// The figures of the books, then those of the talks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Both {
    /// What was written.
    pub books: Cited,
    /// What was understood of speech, while the claims are in the words that were said.
    pub talks: Cited,
}

/// Looks at every claim beside every passage of its text.
pub async fn check(library: &dyn Library, texts: &[Text], wording: Wording) -> anyhow::Result<Both> {
    let mut both = Both::default();
    for text in texts {
        let cited = match text.form {
            Form::Book(_) => &mut both.books,
            Form::Talk(_) => &mut both.talks,
        };
        let passages = library.passages(&shelf::source(text)?).await?;
        let judge = Judge::of(text);
        for question in text.questions.iter().filter(|question| question.is_answerable()) {
            let claim = wording.claim(question);
            let stands = |passage: &&Passage| supporting(passage, &claim).is_some();
            let (right, wrong): (Vec<&Passage>, Vec<&Passage>) = passages.iter().partition(|one| judge.holds(one, question));
            cited.right += usize::from(!right.is_empty());
            cited.kept += usize::from(right.iter().any(stands));
            cited.wrong += wrong.len();
            cited.dropped += wrong.iter().map(stands).filter(|stands| !stands).count();
        }
    }
    Ok(both)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_claimed_in_its_longest_form() {
        let question = Question {
            ask: "where did he work?".into(),
            answers: vec!["the laboratory".into(), "the Carlsberg laboratory".into()],
            support: Vec::new(),
            hard: false,
        };
        assert_eq!(
            Wording::ALL.map(|wording| wording.claim(&question)),
            ["the Carlsberg laboratory", "where did he work? the Carlsberg laboratory"]
        );
    }
}
