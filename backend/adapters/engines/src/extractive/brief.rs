//! The few words of a quotation that answer by themselves: a number, a date, a person. Where there is any doubt which they are it
//! tells none: a wrong short answer is worse than none. Knows nothing of how a quotation is chosen.

use std::collections::HashSet;
use std::ops::Range;

use synapscribe_domain::{sentences, terms};

use super::amounts::{self, Amount, Measure, Word};
use super::lexicon;
use super::named;
use super::question::{self, Kind};

/// A quotation that is no longer than this is the short answer itself.
const SHORT: usize = 6;

/// The short answer to a question that the first of these quotations answers, as a sentence; nothing where it is in doubt, where
/// another of them may tell otherwise, or where it opens the quotation.
pub(super) fn of(kind: Kind, question: &str, quotes: &[&str]) -> Option<String> {
    let (own, _) = question::apart(question);
    let put: Vec<String> = terms::words(own).collect();
    let quote = *quotes.first()?;
    if terms::words(quote).count() <= SHORT || asks_twice(&put) || put.iter().any(|word| is_not(word)) {
        return None;
    }
    let looked_for = Sought::of(kind, &put)?;
    let asked: HashSet<String> = terms::content_terms(question).into_iter().collect();
    let first = clauses(quote, &asked).len();
    let told: Vec<Clause<'_>> = quotes.iter().flat_map(|quote| clauses(quote, &asked)).collect();
    let found = match &looked_for {
        Sought::Amount(sort) => amount(sort, &told, &asked),
        Sought::Date => date(&told, &put),
        Sought::Person => named::person(&told, &asked),
    }?;
    let clause = told.get(found.clause).filter(|_| found.clause < first)?;
    let sure = is_about(&looked_for, &asked, clause, &found.words)
        && (looked_for == Sought::Person || is_the_only_number(&put, &told, &found))
        && (matches!(looked_for, Sought::Amount(Sort::Many(_) | Sort::Share)) || !is_beside(&put, clause, &asked))
        && !is_doubtful(&put, clause, &found.words)
        && !named::names_others(clause, &found.words, &asked)
        && told.iter().all(|other| other.held <= clause.held);
    // "In 1833" opens the quotation as "1833" does.
    let leads = |word: &str| lexicon::goes_on(word, "") || matches!(word, "in" | "at" | "on" | "by" | "for" | "after");
    let opens = found.clause == 0 && clause.words[..found.words.start].iter().all(|word| leads(&word.low));
    let text = clause.text_of(&found.words);
    let mut letters = text.chars();
    let capital = letters.next()?;
    // [`without`] cuts it off again at its full stop.
    (sure && !opens && !text.contains(". ")).then(|| format!("{}{}.", capital.to_uppercase(), letters.as_str()))
}

/// An answer of an earlier turn without the short one that opens it: a first sentence whose words the second says again.
pub(super) fn without(answer: &str) -> &str {
    let Some((brief, rest)) = answer.split_once(". ") else { return answer };
    let words: Vec<String> = terms::words(brief).collect();
    let next: Vec<String> = sentences::of(rest).first().map(|to| terms::words(&rest[to.clone()]).collect()).unwrap_or_default();
    let again = !words.is_empty() && next.windows(words.len()).any(|part| part == words);
    // "J." is no answer.
    let initial = brief.len() == 1 && brief.chars().all(char::is_alphabetic);
    if again && !initial && brief.len() < 80 { rest } else { answer }
}

/// What a short answer is.
#[derive(Debug, PartialEq, Eq)]
enum Sought {
    Amount(Sort),
    Date,
    Person,
}

/// What is counted or measured.
#[derive(Debug, PartialEq, Eq)]
enum Sort {
    /// How many of what these words begin with.
    Many(Vec<String>),
    /// What part of something.
    Share,
    /// How fast.
    Rate,
    /// So much in one of these, said of one of these words where there are any.
    Unit(&'static [Measure], &'static [&'static str]),
}

impl Sought {
    /// What is looked for; nothing for a question that takes more than a few words to answer.
    fn of(kind: Kind, put: &[String]) -> Option<Self> {
        let has = |words: &[&str]| put.iter().any(|word| words.contains(&word.as_str()));
        match kind {
            Kind::HowMany | Kind::Degree | Kind::How | Kind::Fact => Sort::of(put).map(Self::Amount),
            Kind::When => {
                let dates = put.iter().take(2).any(|word| word == "when") && has(&["was", "were", "did", "had"]);
                // "When was the war?" has several dates.
                let happens = has(HAPPENS) || put.iter().any(|word| word.ends_with("ed"));
                (happens && (dates || has(&["year", "date", "century"]))).then_some(Self::Date)
            }
            Kind::Who => {
                let who = put.first().is_some_and(|word| word == "who");
                // "Who was Robespierre?" asks what he did; "by" asks who it was done to.
                let does = put.get(1).is_some_and(|word| !terms::is_stop_word(word)) && !has(&["by"]);
                (who && does).then_some(Self::Person)
            }
            _ => None,
        }
    }
}

impl Sort {
    fn of(put: &[String]) -> Option<Self> {
        const LASTS: &[Measure] = &[Measure::Time];
        const EXTENDS: &[Measure] = &[Measure::Length];
        let at = |n: usize| put.get(n).map_or("", String::as_str);
        let has = |words: &[&str]| put.iter().any(|word| words.contains(&word.as_str()));
        let which = put.iter().position(|word| matches!(word.as_str(), "what" | "which"));
        match which.map(|which| at(which + 1)) {
            Some("share" | "percentage" | "percent" | "proportion" | "fraction") => return Some(Self::Share),
            Some("temperature") => return Some(Self::Unit(&[Measure::Heat], &[])),
            _ => {}
        }
        let how = put.iter().take(4).position(|word| word == "how")?;
        Some(match (at(how + 1), at(how + 2)) {
            ("many", _) => Self::Many(put[how + 2..].to_vec()),
            ("much", "of") => Self::Share,
            ("much", "time") => Self::Unit(LASTS, &[]),
            ("much", _) if has(&["cost", "costs", "price", "pay", "paid"]) => Self::Unit(&[Measure::Money], &[]),
            ("much", _) if has(&["weigh", "weighs"]) => Self::Unit(&[Measure::Other], &["weigh", "weighs", "weighed"]),
            ("fast" | "quickly", _) => Self::Rate,
            ("old", _) => Self::Unit(LASTS, &["old"]),
            ("long", "is" | "are" | "was" | "were") => Self::Unit(EXTENDS, &["long", "length"]),
            ("long", _) => Self::Unit(LASTS, &[]),
            ("hot" | "cold" | "warm", _) => Self::Unit(&[Measure::Heat], &[]),
            ("far", next) if next != "back" => Self::Unit(EXTENDS, &[]),
            ("tall" | "high", _) => Self::Unit(EXTENDS, &["tall", "high", "height"]),
            ("deep", _) => Self::Unit(EXTENDS, &["deep", "depth"]),
            ("wide", _) => Self::Unit(EXTENDS, &["wide", "width", "broad"]),
            ("thick", _) => Self::Unit(EXTENDS, &["thick", "thickness"]),
            _ => return None,
        })
    }
}

/// Whether more than one thing is asked.
fn asks_twice(put: &[String]) -> bool {
    let asks = |word: &str| matches!(word, "how" | "what" | "when" | "where" | "who" | "why" | "which");
    put.windows(2).any(|pair| pair[0] == "and" && asks(&pair[1]))
        || put.windows(3).any(|w| w[0] == "and" && w[1] == "in" && asks(&w[2]))
}

/// A part of the quotation, up to a full stop or a semicolon.
pub(super) struct Clause<'a> {
    text: &'a str,
    /// Its words.
    pub words: Vec<Word<'a>>,
    /// Whether it asks.
    asks: bool,
    /// How many words of the question it has.
    held: usize,
}

impl Clause<'_> {
    fn text_of(&self, words: &Range<usize>) -> &str {
        &self.text[self.words[words.start].from..self.words[words.end - 1].to()]
    }

    fn says(&self, any: &[&str]) -> bool {
        self.words.iter().any(|word| any.contains(&word.low.as_str()))
    }

    /// The word before some, and the one behind them.
    fn beside(&self, words: &Range<usize>) -> (&str, &str) {
        let low = |at: usize| self.words.get(at).map_or("", |word| word.low.as_str());
        (words.start.checked_sub(1).map_or("", low), low(words.end))
    }

    /// Some words with those around them, up to a mark or an "and".
    fn around(&self, own: &Range<usize>) -> &[Word<'_>] {
        let (mut start, mut end) = (own.start, own.end);
        while start > 0 && self.words[start - 1].behind.is_empty() && self.words[start - 1].low != "and" {
            start -= 1;
        }
        while end < self.words.len() && self.words[end - 1].behind.is_empty() && self.words[end].low != "and" {
            end += 1;
        }
        &self.words[start..end]
    }
}

fn clauses<'a>(quote: &'a str, asked: &HashSet<String>) -> Vec<Clause<'a>> {
    let parts = sentences::of(quote).into_iter().flat_map(|sentence| quote[sentence].split_inclusive("; "));
    let clause = |text: &'a str| {
        let held: HashSet<String> = terms::content_terms(text).into_iter().collect();
        Clause { text, words: amounts::words(text), asks: text.ends_with('?'), held: held.intersection(asked).count() }
    };
    parts.map(clause).filter(|clause| !clause.words.is_empty()).collect()
}

pub(super) fn stem(word: &Word<'_>) -> String {
    terms::stem(word.low.strip_suffix("'s").unwrap_or(&word.low))
}

/// Words that may answer.
pub(super) struct Found {
    /// The clause they stand in.
    pub clause: usize,
    /// Where.
    pub words: Range<usize>,
}

/// Those of the clauses that tell, with the place of each.
pub(super) fn telling<'a, 'b>(told: &'b [Clause<'a>]) -> impl Iterator<Item = (usize, &'b Clause<'a>)> {
    told.iter().enumerate().filter(|(_, clause)| !clause.asks)
}

/// The only one there is.
pub(super) fn only<T>(mut all: Vec<T>) -> Option<T> {
    if all.len() == 1 { all.pop() } else { None }
}

/// Whether a clause tells of what is asked, and not of its neighbour: it says two thirds of the question's words, and more than half of
/// them beside what is found.
fn is_about(looked_for: &Sought, asked: &HashSet<String>, clause: &Clause<'_>, own: &Range<usize>) -> bool {
    let deeds = || DEEDS.iter().flat_map(|deed| deed.iter()).map(|word| terms::stem(word));
    let dated = |term: &&String| *looked_for == Sought::Date && deeds().any(|deed| deed == **term);
    let about: Vec<&String> =
        asked.iter().filter(|term| !FRAME.iter().any(|word| terms::stem(word) == **term) && !dated(term)).collect();
    let said: HashSet<String> = terms::content_terms(clause.text).into_iter().collect();
    let near: HashSet<String> = clause.around(own).iter().map(stem).collect();
    let share = about.iter().filter(|term| near.contains(**term)).count();
    let whole = about.iter().filter(|term| said.contains(**term)).count();
    3 * whole >= 2 * about.len() && 2 * share > about.len()
}

/// What a question says of its answer, not of what it is about.
const FRAME: &[&str] = &[
    "many",
    "much",
    "long",
    "fast",
    "quickly",
    "often",
    "old",
    "tall",
    "high",
    "deep",
    "wide",
    "thick",
    "far",
    "hot",
    "cold",
    "warm",
    "share",
    "percent",
    "percentage",
    "proportion",
    "fraction",
    "temperature",
    "number",
    "year",
    "date",
    "century",
    "time",
];

/// Words of beginning and of end; one of them is none of the others.
const DEEDS: &[&[&str]] = &[
    &["born", "birth"],
    &["die", "dies", "died", "dead", "death", "killed"],
    &["begin", "begins", "began", "begun", "start", "starts", "started"],
    &["end", "ends", "ended", "finish", "finished", "stop", "stopped"],
];

/// Words, beside those in "-ed", that say that something happened.
const HAPPENS: &[&str] =
    &["did", "built", "born", "made", "found", "written", "held", "sold", "begun", "sunk", "won", "lost", "shown", "given"];

/// Words without which a sentence says the opposite.
const NOT: &str = "\
    not no never nor neither nobody nothing none cannot without isnt arent wasnt werent dont doesnt didnt cant couldnt wont \
    wouldnt hadnt hasnt havent hardly false falsely wrong wrongly";

/// Words of contrast, of wishes and of hearsay: what stands beside them may be another thing, or none.
const DOUBTS: &str = "\
    but although though while whereas unlike instead rather except only however yet if unless or other others another rest \
    remaining remainder some certain model part parts should would could might may must planned plans plan hoped proposed \
    designed intended meant expected thought believed supposed claimed said says say perhaps maybe probably possibly likely \
    allegedly legend myth again least most latest earliest early late than";

/// Words that make a date one of several, a bound, or one from which others are reckoned.
const BESIDE_A_DATE: &[&str] = &[
    "between",
    "until",
    "till",
    "since",
    "before",
    "after",
    "around",
    "about",
    "mid",
    "later",
    "earlier",
    "afterwards",
    "ago",
    "following",
    "next",
    "same",
];

/// Words before a number that make it a bound, or a part or all of something known.
const BEFORE_A_NUMBER: &str = "the these those of all some over above below under every each its his her their our and plus";

/// Words behind a number that make it a bound, or reckon it from something else.
const BEHIND_A_NUMBER: &str = "ago later after before earlier afterwards old back or so each plus and to times";

fn is_one_of(words: &str, word: &str) -> bool {
    words.split(' ').any(|one| one == word)
}

fn is_not(word: &str) -> bool {
    is_one_of(NOT, word) || word.ends_with("n't")
}

/// Whether a clause may tell of a neighbour of what is asked: "the tower by the bridge".
fn is_beside(put: &[String], clause: &Clause<'_>, asked: &HashSet<String>) -> bool {
    let leads =
        |word: &Word<'_>| is_one_of("of by near beside behind under for with to from", &word.low) && !put.contains(&word.low);
    let asks = |at: &usize| asked.contains(&stem(&clause.words[*at]));
    (0..clause.words.len()).filter(asks).any(|at| clause.words[at.saturating_sub(3)..at].iter().any(leads))
}

/// Whether words beside those found may turn what the clause says: what the question says itself turns nothing.
fn is_doubtful(put: &[String], clause: &Clause<'_>, own: &Range<usize>) -> bool {
    let turns = |word: &Word<'_>| {
        is_not(&word.low)
            || (is_one_of(DOUBTS, &word.low) && !put.contains(&word.low))
            || !word.low.contains(char::is_alphanumeric)
    };
    (0..clause.words.len()).any(|at| !own.contains(&at) && turns(&clause.words[at]))
}

/// Whether no other number of any kind stands beside the one that is found, nor in another clause that tells of what is asked, nor
/// is it one of the question's, or a part of something that is no number.
fn is_the_only_number(put: &[String], told: &[Clause<'_>], found: &Found) -> bool {
    let clause = &told[found.clause];
    let own = &clause.words[found.words.clone()];
    let before = &clause.text[..own[0].from];
    let apart = before.chars().next_back().is_none_or(|c| c.is_whitespace() || c == '(')
        && !before.trim_end().ends_with(['–', '—', '…'])
        && !own[own.len() - 1].behind.contains(['–', '—', '…']);
    let alone = told.iter().enumerate().filter(|(n, other)| *n == found.clause || other.held > 0).all(|(n, other)| {
        let mut others = (0..other.words.len()).filter(|at| n != found.clause || !found.words.contains(at));
        !others.any(|at| amounts::is_numeral(&other.words[at]))
    });
    apart
        && alone
        && !own.iter().any(|word| amounts::is_numeral(word) && put.contains(&word.low))
        && !has_signs(clause, &found.words)
}

/// Whether a clause has signs that no plain sentence has, as a formula or a tolerance does.
fn has_signs(clause: &Clause<'_>, own: &Range<usize>) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\'' | '’');
    (0..clause.words.len()).any(|at| !own.contains(&at) && !clause.words[at].written.chars().all(plain))
}

/// The only amount that can be meant.
fn amount(sort: &Sort, told: &[Clause<'_>], asked: &HashSet<String>) -> Option<Found> {
    let all = telling(told).flat_map(|(n, clause)| amounts::amounts(&clause.words).into_iter().map(move |amount| (n, amount)));
    let (n, amount) = only(all.filter(|(n, amount)| sort.fits(amount, &told[*n], asked)).collect())?;
    let (before, behind) = told[n].beside(&amount.span);
    let old = behind == "old" && matches!(sort, Sort::Unit(_, said_of) if said_of.contains(&"old"));
    let bound = is_one_of(BEFORE_A_NUMBER, before) || (is_one_of(BEHIND_A_NUMBER, behind) && !old);
    (!amount.picks && !bound).then_some(Found { clause: n, words: amount.span })
}

impl Sort {
    fn fits(&self, amount: &Amount, clause: &Clause<'_>, asked: &HashSet<String>) -> bool {
        let words = &clause.words;
        match self {
            Self::Many(of) => counts(of, amount, words),
            // "A third of the people"; of whom else is another share.
            Self::Share => {
                let mut of = words[amount.span.end..].iter().skip_while(|word| matches!(word.low.as_str(), "of" | "the" | "all"));
                let led = words.get(amount.span.end).is_some_and(|word| word.low == "of");
                amount.measure == Some(Measure::Share) && led && of.next().is_some_and(|noun| asked.contains(&stem(noun)))
            }
            Self::Rate => amount.rate && matches!(amount.measure, Some(Measure::Length | Measure::Time | Measure::Other)),
            Self::Unit(measures, said_of) => {
                amount.measure.is_some_and(|measure| measures.contains(&measure))
                    && !amount.rate
                    && (said_of.is_empty() || clause.says(said_of))
            }
        }
    }
}

/// Whether an amount counts what these words name: that stands behind it as it stands in the question.
fn counts(of: &[String], amount: &Amount, words: &[Word<'_>]) -> bool {
    let plural = |word: &&String| {
        (word.len() > 3 && word.ends_with('s') && !word.ends_with("is") && !word.ends_with("ss"))
            || matches!(word.as_str(), "people" | "men" | "women" | "children")
    };
    let Some(last) = of.iter().take(3).position(|word| plural(&word)) else { return false };
    match (amount.measure, amount.unit, amount.noun) {
        (Some(Measure::Time | Measure::Length | Measure::Heat | Measure::Money | Measure::Other), Some(unit), _) => {
            last == 0 && !amount.rate && amounts::singular(&words[unit].low) == amounts::singular(&of[0])
        }
        (None, _, Some(noun)) => {
            let counted = words.get(noun..=noun + last).unwrap_or_default();
            counted.len() == last + 1
                && counted[..last].iter().all(|word| word.behind.is_empty())
                && counted.iter().zip(of).all(|(word, named)| stem(word) == terms::stem(named))
        }
        _ => false,
    }
}

/// The only date, with "in" or "on" before it.
fn date(told: &[Clause<'_>], put: &[String]) -> Option<Found> {
    let all = telling(told).flat_map(|(n, clause)| amounts::dates(&clause.words).into_iter().map(move |words| (n, words)));
    let (n, words) = only(all.collect())?;
    let clause = &told[n];
    let near = clause.around(&words);
    let same = DEEDS.iter().all(|deed| {
        let does = |word: &str| deed.contains(&word);
        let said = if put.iter().any(|word| does(word)) { near } else { &clause.words[..] };
        put.iter().any(|word| does(word)) == said.iter().any(|word| does(&word.low))
    });
    let led = matches!(clause.beside(&words).0, "in" | "on");
    (led && same && !clause.says(BESIDE_A_DATE)).then_some(Found { clause: n, words })
}

#[cfg(test)]
mod tests {
    use super::super::question::Asked;
    use super::*;

    /// What is told first of a quotation; nothing where it speaks for itself.
    fn brief(question: &str, quote: &str) -> String {
        of(Asked::parse(question).kind, question, &[quote]).unwrap_or_default()
    }

    #[test]
    fn a_number_is_told_where_it_counts_what_is_asked_for() {
        for (question, quote, expected) in [
            ("How many horses did he have?", "He came back with many old books on twenty horses.", "Twenty."),
            ("How many days did they wait?", "Whoever came by ship had to wait thirty days on an island.", "Thirty days."),
            ("How long did the work last?", "It came out well, and the work lasted three years in all.", "Three years."),
            (
                "How fast does the moon move away?",
                "The moon moves away from us by nearly four centimetres a year.",
                "Nearly four centimetres a year.",
            ),
            (
                "What share of the people died?",
                "In those years between a third and a half of the people died of it.",
                "Between a third and a half.",
            ),
            ("How much did the bridge cost?", "In the end the bridge cost about $1,000 in those days.", "About $1,000."),
        ] {
            assert_eq!(brief(question, quote), expected, "{question} {quote}");
        }
    }

    #[test]
    fn a_number_is_not_told_where_there_is_any_doubt() {
        for (question, quote) in [
            // Another number of any kind stands beside it.
            ("How many horses did he have?", "He came with six hundred and fifty seven books, on twenty horses."),
            ("How many scrolls did he bring?", "He came with six hundred and fifty seven books, on twenty horses."),
            ("How long did the work last?", "They thought of six months at first, but the work lasted three years."),
            ("How long did the work last?", "It came out in nineteen fifty seven, and the work lasted three years."),
            ("How many atoms are in a mole?", "A mole holds about 6.022 × 10^23 atoms, which is called Avogadro's number."),
            ("How long did the ice last?", "The ice lasted for 12 000 years in all of the north."),
            ("How long does baking take?", "Baking does take 10–15 minutes, and then two hours to cool."),
            ("How many astronauts were women?", "Three of the seven astronauts on board were women."),
            // It is a part of a name, of a date or of the question, or has a sign.
            ("How cold is it at night?", "In the desert at night it falls to –40 degrees and more."),
            ("How cold is it at night?", "It is 20 degrees by day and -40 degrees at night there."),
            ("How many people were on board of Apollo 11?", "Apollo 11 was the flight that brought people on board to the Moon."),
            ("How many people died?", "On May 22 the quake struck the coast, where many people died."),
            ("How many people died?", "In AD 79 the mountain buried the town and many people died."),
            ("How many were on board?", "With about 1500 people still on board it went down."),
            // It counts something else, or says it of something else.
            ("How many moons does Venus have?", "Venus has no moons, while Mars has two of them."),
            ("How many moons does Venus have?", "Venus is seen from here, and Mars has two moons."),
            ("How much did the bridge cost?", "The bridge is 500 metres long and cost a fortune in its day."),
            ("How long did the war last?", "The war ended ten years after the king had died."),
            ("What share of the water is fresh?", "About 97 percent of the water is salty, and the rest is fresh."),
            ("What share of them died?", "In the autumn a third wave killed many, and they died."),
            ("How much of it is not salty?", "About ninety seven percent of all the water is salty."),
            ("How tall is the fall?", "The fall has moved back about eleven kilometres since then."),
            ("How often is blood cleaned?", "Blood is cleaned, usually three times a week for about four hours."),
            ("How old was he when he could travel?", "That is when he could travel, at seventeen, with his father."),
            // Two things are asked, or the quotation is as short.
            ("How many died and when was it?", "The bridge fell in 1967, and forty six people died."),
            ("How many people died?", "Forty six people died."),
        ] {
            assert_eq!(brief(question, quote), "", "{question} {quote}");
        }
    }

    #[test]
    fn a_date_is_told_where_there_is_one_and_nothing_happened_beside_it() {
        for (question, quote, expected) in [
            ("When was the bridge opened?", "The long bridge was opened on 22 May 1960 with a great feast.", "22 May 1960."),
            (
                "What year did the method appear?",
                "The new method appeared in nineteen eighty six, through a paper.",
                "Nineteen eighty six.",
            ),
            ("When did Newton die?", "The great Newton died in 1727 and was buried with honours.", "1727."),
            // It is another who was killed then.
            (
                "when was caesar killed?",
                "Caesar obtained a command in Gaul. Crassus was killed in 53 BC fighting the Parthians at Carrhae.",
                "",
            ),
            ("When was the method invented?", "The method became famous in nineteen eighty six, through a paper.", ""),
            ("When did he die?", "It was printed in 1763, two years after he had died.", ""),
            ("When did he get the prize?", "He worked this out in the fifties of 1900, and got the prize in 1961.", ""),
            ("When is it high water?", "It was high water in 1961 and will be again.", ""),
            ("When was the quake in Chile?", "The quake in Chile was explained in 1970 by two students.", ""),
            ("When was the bridge built?", "The bridge was designed in 1883 but never built.", ""),
            ("When was the bridge opened?", "The bridge was planned in 1883 and opened a decade afterwards.", ""),
            ("When was the bridge built?", "The bridge was built between 1904 and 1907 by the town.", ""),
            ("When was the bridge built?", "The bridge was built around 1200 BC by those of the town.", ""),
            ("When was the bridge built?", "The bridge was built before about 1910 by those of the town.", ""),
            ("When was the bridge built?", "The tower by the bridge was built in 1910 for the town.", ""),
            ("When was the bridge built?", "The bridge was built by 1910 at the latest in that town.", ""),
            ("When was the bridge built?", "The old bridge was built in the fifth century BC there.", "The fifth century BC."),
            ("When was the bridge built?", "The old bridge was built in the late eighteenth century there.", ""),
            ("When did the war end?", "The war lasted from 1914 to 1918, and nobody won it.", ""),
            (
                "When was the First World War?",
                "The First World War (1914–1918) was ended by the Treaty of Versailles in 1919.",
                "",
            ),
            ("When was the paper signed?", "The paper was signed on 4 July, and printed in 1777.", ""),
            ("When did Franklin die?", "Franklin was born in Boston in 1706 and died there at eighty four.", ""),
            ("When did Franklin die?", "The great Franklin was born in 1706 and died there as an old man.", ""),
            ("When did the ship sink?", "The ship did sink within hours, with about 1500 people still on board.", ""),
            ("When was the canal dug?", "The whole canal was dug by 1200 workers from the town.", ""),
        ] {
            assert_eq!(brief(question, quote), expected, "{question} {quote}");
        }
    }

    #[test]
    fn a_person_is_told_who_is_said_to_have_done_it() {
        for (question, quote, expected) in [
            ("Who founded the subject?", "In 1654 Blaise Pascal founded the subject in his letters.", "Blaise Pascal."),
            ("Who printed the essay?", "In the end the essay was printed by Richard Price in his house.", "Richard Price."),
            ("Who founded the subject?", "The subject was founded by Blaise Pascal and Pierre de Fermat.", ""),
            ("Who discovered oxygen?", "It was not Antoine Lavoisier who discovered oxygen, whatever is said.", ""),
            ("Who showed it first?", "The man who taught Louis Pasteur showed it first in those years.", ""),
            ("Who proved the law?", "So it went on; Meanwhile Robert Hooke proved the law.", ""),
            ("Who proved the law?", "In the end the law was proved by Monday or so.", ""),
            ("Who discovered fluorine?", "So then Linus Pauling gave it a scale on which it has 4.0.", ""),
            ("Who got the prize?", "Half of it went to Andrea Ghez, and the other half to Roger Penrose.", ""),
            ("Who was Robespierre?", "The Committee of Public Safety was led by Maximilien Robespierre.", ""),
            ("Who proved it?", "Robert Boyle showed it in sixteen sixty, when he pumped the air out.", ""),
        ] {
            assert_eq!(brief(question, quote), expected, "{question} {quote}");
        }
    }

    #[test]
    fn a_place_and_a_name_are_left_to_the_quotation() {
        for (question, quote) in [
            ("Where was the first factory?", "The mill at Cromford in Derbyshire is often called the first factory."),
            ("Where was it written?", "The book was written in Latin for students of law."),
            ("What is a tomato called?", "Whatever cooks say, a tomato is not called a fruit there."),
            ("What is the unit of temperature called?", "The unit of temperature is named after Lord Kelvin, who found it."),
        ] {
            assert_eq!(brief(question, quote), "", "{question} {quote}");
        }
    }

    #[test]
    fn nothing_is_told_where_another_quotation_tells_otherwise() {
        let question = "When was the bridge opened?";
        let told = |other: &str| of(Kind::When, question, &["The long bridge was opened in 1960 with a great feast.", other]);
        assert_eq!(told("Others tell that the bridge was opened in 1961."), None);
        assert_eq!(told("Painting it takes long.").as_deref(), Some("1960."));
    }

    #[test]
    fn an_earlier_answer_is_read_without_its_short_one() {
        assert_eq!(without("23. The answer is 23, for which it is more."), "The answer is 23, for which it is more.");
        for whole in ["It rises. Then it falls.", "J. R. R. Tolkien wrote it. He taught.", "R. R. Tolkien wrote it."] {
            assert_eq!(without(whole), whole);
        }
    }
}
