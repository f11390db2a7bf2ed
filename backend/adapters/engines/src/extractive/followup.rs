//! Follow-up questions made whole by the words of the turns before; knows no passages.

use synapscribe_domain::source::Matter;
use synapscribe_domain::terms;
use synapscribe_ports::Exchange;

use super::brief;
use super::lexicon;
use super::question::{self, CARRIED, Kind, PERHAPS};

/// As many words of the question before are carried.
const CARRY_QUESTION: usize = 8;
/// A question with no more words of its own than these may lean on what went before without saying so.
const SHORT: usize = 2;
/// As many words of the answer before are carried.
const CARRY_ANSWER: usize = 6;

/// The question with the words it leans on, such as `and why is that? (about: learning rate large diverges)`.
pub fn standalone(asked: &str, history: &[Exchange]) -> String {
    let asked = asked.trim();
    let Some(before) = history.last() else { return asked.to_owned() };
    if asked.contains(CARRIED) || asked.contains(PERHAPS) {
        return asked.to_owned();
    }
    if wants_it_again(asked) {
        return before.question.trim().to_owned();
    }
    let named = question::subject(asked);
    // "What is a good value?" names nothing.
    let leans_on_it = leans(asked) || named.iter().all(|term| lexicon::is_light(term));
    // A short question may mean what was talked about, and a long one names what it means.
    if !leans_on_it && named.len() > SHORT {
        return asked.to_owned();
    }
    let own = question::subject(asked);
    let mut carried: Vec<String> = Vec::new();
    let mut carry = |text: &str, most: usize| {
        let mut room = most;
        for word in terms::content_words(text) {
            let stem = terms::stem(&word);
            if room == 0 {
                break;
            }
            // "And if it is small?" after a question about what is large means the other one.
            let opposed = own.iter().any(|o| lexicon::are_opposite(o, &stem));
            if opposed || lexicon::is_about_asking(&stem) || own.contains(&stem) || carried.iter().any(|w| terms::stem(w) == stem)
            {
                continue;
            }
            carried.push(word);
            room -= 1;
        }
    };
    // A chain of follow-ups leads back to the question that named the subject.
    let names = |e: &&Exchange| {
        let own = question::subject(&e.question);
        own.len() >= 2 || (!own.is_empty() && !leans(&e.question))
    };
    let named = history.iter().rev().find(names).unwrap_or(before);
    carry(&named.question, CARRY_QUESTION);
    // An example, or more, is wanted of the subject, and not of what was said of it.
    if own.is_empty() && !matches!(question::kind(asked), Kind::Example | Kind::More) {
        carry(without_lead_in(&before.answer), CARRY_ANSWER);
    }
    if carried.is_empty() {
        return asked.to_owned();
    }
    let opening = if leans_on_it { CARRIED } else { PERHAPS };
    let lead = if is_ellipsis(asked) { lead_of(&named.question) } else { "" };
    let asked = if lead.is_empty() { asked.to_owned() } else { format!("{lead} {}", after_ellipsis(asked)) };
    format!("{asked} {opening}{})", carried.join(" "))
}

/// Whether the last answer is wanted once more.
pub(super) fn wants_it_again(asked: &str) -> bool {
    let lower = format!(" {} ", terms::words(asked).collect::<Vec<_>>().join(" "));
    let again = [
        " repeat ",
        " say that again ",
        " say it again ",
        " once more ",
        " come again ",
        " what was that ",
        " again please ",
        " pardon ",
    ];
    question::subject(asked).is_empty() && again.iter().any(|words| lower.contains(words))
}

/// Whether a question cannot be understood by itself.
fn leans(asked: &str) -> bool {
    let words: Vec<String> = terms::words(asked).collect();
    if is_ellipsis(asked) || question::subject(asked).is_empty() {
        return true;
    }
    words.iter().enumerate().any(|(at, word)| {
        let next = words.get(at + 1).map(String::as_str);
        match word.as_str() {
            // "It is important that …" does not point back, but that is rare in a question.
            "it" | "its" | "it's" | "they" | "them" | "their" | "those" | "him" | "his" => true,
            // "This" and "that" point back when no name follows: "why does that help", not "the rate that works".
            "this" | "that" | "that's" | "these" => {
                next.is_none_or(|n| {
                    matches!(
                        n,
                        "is" | "was"
                            | "mean"
                            | "means"
                            | "work"
                            | "works"
                            | "happen"
                            | "happens"
                            | "help"
                            | "helps"
                            | "matter"
                            | "so"
                            | "do"
                            | "be"
                            | "then"
                            | "not"
                    )
                }) && !(at > 0 && next.is_some() && matches!(words[at - 1].as_str(), "rate" | "way" | "thing" | "number"))
            }
            _ => false,
        }
    })
}

/// Whether the question only names another subject: "what about momentum?", "and for the batch size?".
fn is_ellipsis(asked: &str) -> bool {
    let lower = asked.trim_start().to_lowercase();
    ELLIPSES.iter().any(|opening| lower.starts_with(opening))
        || (lower.starts_with("and ")
            && question::kind(asked) == Kind::Fact
            && !lower.contains("what")
            && !lower.contains("which"))
}

const ELLIPSES: &[&str] =
    &["what about ", "how about ", "and what about ", "and how about ", "and for ", "so what about ", "but what about "];

/// What follows the opening of an ellipsis.
fn after_ellipsis(asked: &str) -> &str {
    let trimmed = asked.trim_start();
    let lower = trimmed.to_lowercase();
    let opening =
        ELLIPSES.iter().find(|o| lower.starts_with(**o)).map_or(if lower.starts_with("and ") { 4 } else { 0 }, |o| o.len());
    // Lower case of the ASCII openings has the length of what was written.
    trimmed.get(opening..).unwrap_or(trimmed)
}

/// The words that make an ellipsis the kind of question that went before.
fn lead_of(before: &str) -> &'static str {
    match question::kind(before) {
        Kind::Why => "why",
        Kind::How | Kind::Degree => "how",
        Kind::HowMany => "how much",
        Kind::When => "when",
        Kind::Who => "who",
        Kind::Where => "where",
        Kind::Definition | Kind::More => "what is",
        Kind::Remedy => "how to avoid",
        Kind::List => "list",
        Kind::Example => "an example of",
        Kind::Formula => "how to compute",
        Kind::After => "what comes after",
        Kind::Before => "what comes before",
        Kind::Advice | Kind::YesNo | Kind::Difference | Kind::Product | Kind::Fact => "",
    }
}

/// What an answer's opening may name.
const MATTERS: [Matter; 3] = [Matter::Lecture, Matter::Document, Matter::Several];

/// An answer without the opening that says where it comes from, or that says the answer in short.
fn without_lead_in(answer: &str) -> &str {
    // A heading may have a colon of its own.
    match answer.split_once("”: ").or_else(|| answer.split_once(": ")) {
        Some((opening, rest)) if opening.len() < 140 && MATTERS.iter().any(|matter| opening.contains(matter.noun())) => rest,
        _ => brief::without(answer),
    }
}
