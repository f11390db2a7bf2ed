//! Persons in a quotation, and other names. Knows nothing of numbers, nor of how a quotation is chosen.

use std::collections::HashSet;
use std::ops::Range;

use synapscribe_domain::terms;

use super::amounts::{self, Word};
use super::brief::{Clause, Found, only, stem, telling};

/// Words with a capital letter that are no part of a person's name.
const NO_PERSONS: &str = "\
    society university college laboratory prize war act institute company bank street church empire ocean sea river \
    kingdom states academy museum navy board council congress parliament revolution age ages school party court road north \
    south east west new great bay lake mount island city theory law nobel royal national first second world roman republic \
    system union house hall day monday tuesday wednesday thursday friday saturday sunday christmas easter army team group \
    american british english french german italian spanish greek russian chinese japanese indian dutch swiss european \
    scottish irish swedish danish polish jewish christian catholic protestant latin arab islamic today yesterday yet later \
    another perhaps although though since even finally many meanwhile eventually soon instead thus together earlier lord \
    lady sir king queen president pope saint general captain";
/// Small words inside a name.
const PARTICLES: &str = "de von van der den la le du da di al ibn";

fn is_one_of(words: &str, word: &str) -> bool {
    words.split(' ').any(|one| one == word)
}

/// The only person who is said to have done what is asked, with a first and a last name: "Marie Curie discovered", "discovered by
/// Marie Curie".
pub(super) fn person(told: &[Clause<'_>], asked: &HashSet<String>) -> Option<Found> {
    let mut all = Vec::new();
    for (clause, words) in telling(told).map(|(n, clause)| (n, &clause.words)) {
        let does = |at: usize| words.get(at).is_some_and(|word| asked.contains(&stem(word)));
        for name in names(words) {
            let opens = name.start == 0 || !words[name.start - 1].behind.is_empty() || is_year(&words[name.start - 1]);
            let acts = opens && words[name.end - 1].behind.is_empty() && does(name.end);
            let by = name.start > 1 && words[name.start - 1].low == "by" && does(name.start - 2);
            let further = words.get(name.end).is_some_and(|word| matches!(word.low.as_str(), "and" | "or" | "with"));
            let two = name.len() > 1 && words[name.clone()].iter().all(is_of_a_person);
            if two && !further && (acts || by) {
                all.push(Found { clause, words: name });
            }
        }
    }
    only(all)
}

/// Whether a clause names something beside these words that the question does not name.
pub(super) fn names_others(clause: &Clause<'_>, own: &Range<usize>, asked: &HashSet<String>) -> bool {
    let words = clause.words.iter().enumerate().skip(1);
    words.filter(|(at, _)| !own.contains(at)).any(|(_, word)| is_capital(word) && !asked.contains(&stem(word)))
}

/// The words of a clause that are written as names are.
fn names(words: &[Word<'_>]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if !is_capital(&words[at]) || (at == 0 && terms::is_stop_word(&words[at].low)) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while end < words.len() && words[end - 1].behind.is_empty() {
            let particle = is_one_of(PARTICLES, &words[end].low) && words[end].behind.is_empty();
            if is_capital(&words[end]) {
                end += 1;
            } else if particle && words.get(end + 1).is_some_and(is_capital) {
                end += 2;
            } else {
                break;
            }
        }
        out.push(at..end);
        at = end;
    }
    out
}

fn is_of_a_person(word: &Word<'_>) -> bool {
    let acronym = word.written.chars().all(|c| !c.is_lowercase());
    let owns = word.low.ends_with("'s") || word.behind.starts_with(['\'', '’']);
    !acronym && !owns && !amounts::is_month(&word.low) && !amounts::is_numeral(word) && !is_one_of(NO_PERSONS, &word.low)
}

fn is_year(word: &Word<'_>) -> bool {
    word.low.len() == 4 && word.low.bytes().all(|b| b.is_ascii_digit())
}

fn is_capital(word: &Word<'_>) -> bool {
    word.written.starts_with(char::is_uppercase) && !matches!(word.low.as_str(), "i" | "i'm" | "i've" | "i'll" | "i'd")
}
