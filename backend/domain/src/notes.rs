//! A session as a text in Markdown that a student keeps: questions, answers, and where their grounds were said or stand.

use crate::citation::Citation;
use crate::session::SessionSummary;
use crate::source::Matter;
use crate::turn::{Turn, TurnState};

/// Writes a session down; turns come oldest first, and those without words are left out.
pub fn markdown(about: Option<&str>, session: &SessionSummary, turns: &[Turn]) -> String {
    let matter = Matter::of(&session.session.about.sources());
    let mut out = format!("# {}\n", line(session.title().unwrap_or("Questions")));
    if let Some(about) = about {
        let what = if matter == Matter::Several { String::new() } else { format!("the {} ", matter.noun()) };
        out.push_str(&format!("\nAbout {what}*{}*.\n", line(about)));
    }
    for turn in turns.iter().filter(|turn| !turn.question.is_empty()) {
        out.push_str(&format!("\n## {}\n", line(&turn.question)));
        if let Some(playhead) = turn.playhead {
            out.push_str(&format!("\nAsked at {playhead}.\n"));
        }
        if !turn.answer.trim().is_empty() {
            out.push_str(&format!("\n{}\n", text(&turn.answer)));
        }
        if let Some(remark) = remark(turn, matter) {
            out.push_str(&format!("\n*{remark}*\n"));
        }
        if !turn.citations.is_empty() {
            out.push('\n');
        }
        for citation in &turn.citations {
            out.push_str(&cited(citation));
        }
    }
    out
}

/// What a reader should know of an answer beyond its words.
fn remark(turn: &Turn, matter: Matter) -> Option<String> {
    match turn.state {
        TurnState::Cancelled => Some("This answer was stopped.".to_owned()),
        TurnState::Failed => Some("This answer could not be finished.".to_owned()),
        TurnState::Done if !turn.found => Some(format!("The {} does not answer this.", matter.noun())),
        TurnState::Done if turn.generated && turn.citations.is_empty() => {
            Some(format!("No place in the {} was found that holds this.", matter.noun()))
        }
        TurnState::Done if !turn.generated => Some(format!("In the {}'s own sentences.", matter.noun())),
        _ => None,
    }
}

fn cited(citation: &Citation) -> String {
    format!("- [{}] {}: “{}”\n", citation.number, citation.spot, line(&citation.excerpt))
}

/// Text on one line whose characters mean nothing to Markdown.
fn line(text: &str) -> String {
    escaped(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Text whose lines stay, and mean nothing to Markdown.
fn text(text: &str) -> String {
    text.trim().lines().map(|line| escaped(line.trim_end())).collect::<Vec<_>>().join("\n")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        // What begins a heading, a quotation or a list does so only at the beginning of a line.
        let begins = at == 0 && matches!(c, '#' | '>' | '-' | '+' | '=');
        if begins || matches!(c, '*' | '_' | '`' | '[' | ']' | '<' | '\\' | '|') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{LectureId, PassageId, PersonId, QueryId, SessionId};
    use crate::passage::Spot;
    use crate::session::Session;
    use crate::time::{Millis, Span, Timestamp};
    use crate::turn::{Question, TurnMachine};

    fn turn(question: &str) -> Turn {
        let (query, session) = (QueryId::parse("q").unwrap(), SessionId::parse("s").unwrap());
        let asked = Question::Text(question.into());
        let machine = TurnMachine::begin(query, session, lecture(), Timestamp(0), Some(Millis(61_000)), &asked);
        machine.turn().clone()
    }

    fn lecture() -> LectureId {
        LectureId::parse("l").unwrap()
    }

    #[test]
    fn an_answer_of_a_model_that_nothing_stands_behind_says_so() {
        let answered = Turn { state: TurnState::Done, found: true, ..turn("Why?") };
        let of = |generated| remark(&Turn { generated, ..answered.clone() }, Matter::Lecture);
        assert_eq!(of(true).as_deref(), Some("No place in the lecture was found that holds this."));
        assert_eq!(of(false).as_deref(), Some("In the lecture's own sentences."));
    }

    #[test]
    fn a_session_is_written_down_with_the_times_of_its_citations() {
        let citation = Citation {
            number: 1,
            source: lecture().into(),
            passage: PassageId::of(&lecture(), 0),
            spot: Spot::Said(Span::new(Millis(65_000), Millis(3_700_000))),
            excerpt: "slopes\nmultiply".into(),
            score: 1.0,
        };
        let answered = Turn {
            answer: "They *multiply*.\n# Not a heading".into(),
            citations: vec![citation],
            found: true,
            state: TurnState::Done,
            ..turn("What is the <chain> rule?")
        };
        let turns = [answered, Turn { state: TurnState::Cancelled, playhead: None, ..turn("And why?") }, turn("")];
        let session = Session::begin(SessionId::parse("s").unwrap(), PersonId::parse("p").unwrap(), lecture(), Timestamp(0));
        let written = markdown(Some("Week_3"), &SessionSummary::of(session, &turns), &turns);
        let expected = "# What is the \\<chain> rule?\n\nAbout the lecture *Week\\_3*.\n\n## What is the \\<chain> rule?\n\n\
            Asked at 1:01.\n\nThey \\*multiply\\*.\n\\# Not a heading\n\n*In the lecture's own sentences.*\n\n\
            - [1] 1:05–1:01:40: “slopes multiply”\n\n## And why?\n\n*This answer was stopped.*\n";
        assert_eq!(written, expected);
    }
}
