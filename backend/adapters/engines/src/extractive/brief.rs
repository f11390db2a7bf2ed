//! The few words of a quotation that answer by themselves: a number, a date, a person, a place, a name. Where there is any doubt
//! which they are it tells none. Knows nothing of how a quotation is chosen.

use std::collections::HashSet;
use std::ops::Range;

use synapscribe_domain::{sentences, terms};

use super::amounts::{self, Amount, Measure, Word};
use super::lexicon;
use super::named::{self, is_person};
use super::question::{self, Kind};

/// A quotation that is no longer than this is the short answer itself.
const SHORT: usize = 6;

/// The short answer to a question that this quotation answers, as a sentence; nothing where it is in doubt, or opens the quotation.
pub(super) fn of(kind: Kind, question: &str, quote: &str) -> Option<String> {
    let (own, _) = question::apart(question);
    let put: Vec<String> = terms::words(own).collect();
    if terms::words(quote).count() <= SHORT || asks_twice(&put) {
        return None;
    }
    let looked_for = Sought::of(kind, &put)?;
    let asked: HashSet<String> = terms::content_terms(question).into_iter().collect();
    let told = clauses(quote, &asked);
    let found = match &looked_for {
        Sought::Amount(sort) => amount(sort, &told),
        Sought::Date => date(&told),
        Sought::Person => named::person(&told, &asked),
        Sought::Place => named::place(&told, &asked),
        Sought::Name => named::name(&told, &asked),
    }?;
    let clause = &told[found.clause];
    let led = found.clause > 0 && told[found.clause - 1].asks;
    if !is_about(question, &asked, &told[found.clause - usize::from(led)..=found.clause]) {
        return None;
    }
    // What is nearer to the question answers it, unless the lecturer asked it first.
    if (!led && told.iter().any(|other| other.held > clause.held)) || !does_the_same(&looked_for, &put, clause, found.by) {
        return None;
    }
    // "In 1833" opens the quotation as "1833" does.
    let leads =
        |word: &str| lexicon::goes_on(word, "") || matches!(word, "in" | "at" | "on" | "by" | "for" | "after" | "off" | "near");
    let opens = found.clause == 0 && clause.words[..found.words.start].iter().all(|word| leads(&word.low));
    let text = clause.text_of(&found.words);
    let mut letters = text.chars();
    let first = letters.next()?;
    (!opens).then(|| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// An answer of an earlier turn without the short one that opens it.
pub(super) fn without(answer: &str) -> &str {
    match answer.split_once(". ") {
        Some((brief, rest)) if brief.len() < 80 && rest.to_lowercase().contains(&brief.to_lowercase()) => rest,
        _ => answer,
    }
}

/// What a short answer is.
#[derive(Debug, PartialEq, Eq)]
enum Sought {
    Amount(Sort),
    Date,
    Person,
    Place,
    Name,
}

/// What is counted or measured.
#[derive(Debug, PartialEq, Eq)]
enum Sort {
    /// How many of what these words begin with.
    Many(Vec<String>),
    /// How much, of whatever it is.
    Much,
    /// What part of something.
    Share,
    /// How many times as much.
    Ratio,
    /// How often in a time.
    Often,
    /// How fast.
    Rate,
    /// How old.
    Age,
    /// So much in one of these, said of one of these words where there are any.
    Unit(&'static [Measure], &'static [&'static str]),
}

impl Sought {
    /// What is looked for; nothing for a question that takes more than a few words to answer.
    fn of(kind: Kind, put: &[String]) -> Option<Self> {
        let has = |words: &[&str]| put.iter().any(|word| words.contains(&word.as_str()));
        let at = |n: usize| put.get(n).map_or("", String::as_str);
        match kind {
            Kind::HowMany | Kind::Degree | Kind::How | Kind::Fact => {
                Sort::of(put).map(Self::Amount).or_else(|| (kind == Kind::Fact).then(|| Self::named(put)).flatten())
            }
            Kind::When => {
                let asks = put.iter().take(2).position(|word| word == "when");
                let dated = asks.is_some_and(|asks| matches!(at(asks + 1), "was" | "were" | "did" | "had"));
                (dated || has(&["year", "date", "century"])).then_some(Self::Date)
            }
            Kind::Who => {
                let asks = put.iter().take(4).position(|word| matches!(word.as_str(), "who" | "whom"))?;
                // "Who was Robespierre?" asks what he did.
                let tells_of =
                    matches!(at(asks + 1), "" | "is" | "was" | "are" | "were") && !matches!(at(asks + 2), "the" | "it");
                (!tells_of).then_some(Self::Person)
            }
            Kind::Where => (put.iter().take(3).any(|word| word == "where") && put.last()? != "from").then_some(Self::Place),
            Kind::Definition => Self::named(put),
            _ => None,
        }
    }

    /// A person of a kind, or what something is called.
    fn named(put: &[String]) -> Option<Self> {
        if put.windows(2).take(4).any(|pair| matches!(pair[0].as_str(), "which" | "what") && is_person(&pair[1])) {
            return Some(Self::Person);
        }
        let asks = matches!(put.first()?.as_str(), "what" | "what's" | "whats");
        let called = |word: &String| matches!(word.as_str(), "called" | "call" | "named");
        (asks && put.iter().any(called)).then_some(Self::Name)
    }
}

impl Sort {
    fn of(put: &[String]) -> Option<Self> {
        const LASTS: &[Measure] = &[Measure::Time];
        const EXTENDS: &[Measure] = &[Measure::Length];
        let at = |n: usize| put.get(n).map_or("", String::as_str);
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
            ("much", _) if put.iter().any(|word| word == "than") => Self::Ratio,
            ("much", _) => Self::Much,
            ("often", _) => Self::Often,
            ("fast" | "quickly", _) => Self::Rate,
            ("old", _) => Self::Age,
            ("long", _) if put.iter().any(|word| amounts::measure(word) == Some(Measure::Length)) => Self::Unit(EXTENDS, &[]),
            ("long", "is" | "are" | "was" | "were") => Self::Unit(&[Measure::Time, Measure::Length], &[]),
            ("long", _) | ("far", "back") => Self::Unit(LASTS, &[]),
            ("hot" | "cold" | "warm", _) => Self::Unit(&[Measure::Heat], &[]),
            ("far" | "small" | "large" | "big", _) => Self::Unit(EXTENDS, &[]),
            ("tall" | "high", _) => Self::Unit(EXTENDS, &["tall", "high", "height"]),
            ("deep", _) => Self::Unit(EXTENDS, &["deep", "depth", "down", "below"]),
            ("wide", _) => Self::Unit(EXTENDS, &["wide", "width", "broad", "across"]),
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
    pub held: usize,
}

impl Clause<'_> {
    fn text_of(&self, words: &Range<usize>) -> &str {
        &self.text[self.words[words.start].from..self.words[words.end - 1].to()]
    }

    /// Some of its words, in small letters.
    pub fn lows(&self, words: &Range<usize>) -> Vec<&str> {
        self.words[words.clone()].iter().map(|word| word.low.as_str()).collect()
    }

    fn says(&self, any: &[&str]) -> bool {
        self.words.iter().any(|word| any.contains(&word.low.as_str()))
    }

    /// Whether one of these words is one of the question.
    pub fn repeats(&self, words: &Range<usize>, asked: &HashSet<String>) -> bool {
        self.words[words.clone()].iter().any(|word| asked.contains(&stem(word)))
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

fn stem(word: &Word<'_>) -> String {
    terms::stem(word.low.strip_suffix("'s").unwrap_or(&word.low))
}

/// Words that may answer.
pub(super) struct Found {
    /// The clause they stand in.
    pub clause: usize,
    /// Where.
    pub words: Range<usize>,
    /// Whether "by" leads to them.
    pub by: bool,
}

/// Those of the clauses that tell, with the place of each.
pub(super) fn telling<'a, 'b>(told: &'b [Clause<'a>]) -> impl Iterator<Item = (usize, &'b Clause<'a>)> {
    told.iter().enumerate().filter(|(_, clause)| !clause.asks)
}

/// The only one there is.
pub(super) fn only<T>(mut all: Vec<T>) -> Option<T> {
    if all.len() == 1 { all.pop() } else { None }
}

/// Whether clauses tell of what is asked, and not of its neighbour: they say its names and more than half of its words. Where the lecturer
/// asks first, one third is enough.
fn is_about(question: &str, asked: &HashSet<String>, clauses: &[Clause<'_>]) -> bool {
    let said: HashSet<String> = clauses.iter().flat_map(|clause| terms::content_terms(clause.text)).collect();
    let named = |word: &Word<'_>| question[word.from..].starts_with(char::is_uppercase) && asked.contains(&stem(word));
    let names = amounts::words(question).into_iter().skip(1).filter(named).all(|name| said.contains(&stem(&name)));
    let about: Vec<&String> = asked.iter().filter(|term| !FRAME.contains(&term.as_str()) && !is_person(term)).collect();
    let share = about.iter().filter(|term| said.contains(**term)).count();
    names && if clauses.len() > 1 { 3 * share >= about.len() } else { 2 * share > about.len() }
}

/// What a question says of its answer, not of what it is about.
const FRAME: &[&str] = &[
    "many",
    "much",
    "long",
    "fast",
    "often",
    "old",
    "tall",
    "high",
    "deep",
    "wide",
    "far",
    "share",
    "percent",
    "percentage",
    "proportion",
    "fraction",
    "number",
    "year",
    "date",
    "century",
    "time",
    "place",
    "name",
    "call",
];

/// Words without which a question, or a sentence, says the opposite.
const NOT: &[&str] = &[
    "not", "no", "never", "without", "isn't", "aren't", "wasn't", "weren't", "don't", "doesn't", "didn't", "isnt", "arent",
    "wasnt", "dont", "doesnt", "didnt",
];

/// Whether a sentence tells of what the question is about, and of nothing that merely stands beside it.
fn does_the_same(looked_for: &Sought, put: &[String], clause: &Clause<'_>, by: bool) -> bool {
    let opens = |word: &String| matches!(word.as_str(), "if" | "that" | "when" | "who" | "which" | "because");
    let main = put.iter().skip(2).position(opens).map_or(put, |at| &put[..at + 2]);
    if main.iter().any(|word| NOT.contains(&word.as_str())) && !clause.says(NOT) {
        return false;
    }
    let lives = ["born", "birth", "die", "died", "death"];
    let of_a_life = put.iter().any(|word| lives.contains(&word.as_str()));
    let deed = put.iter().any(|word| !terms::is_stop_word(word) && lexicon::is_deed(&terms::stem(word)));
    match looked_for {
        // Who was named beside an invention did not invent it.
        Sought::Date | Sought::Person => {
            (!deed || by || clause.words.iter().any(|word| lexicon::is_deed(&stem(word)))) && (!of_a_life || clause.says(&lives))
        }
        Sought::Amount(Sort::Unit(_, said_of)) => said_of.is_empty() || clause.says(said_of),
        Sought::Amount(_) | Sought::Place | Sought::Name => true,
    }
}

/// The only amount that can be meant.
fn amount(sort: &Sort, told: &[Clause<'_>]) -> Option<Found> {
    let all: Vec<(usize, Amount)> = telling(told)
        .flat_map(|(n, clause)| amounts::amounts(&clause.words).into_iter().map(move |amount| (n, amount)))
        .collect();
    let count = all.len();
    let (clause, amount) = match sort {
        Sort::Many(of) => counted(of, told, all)?,
        _ => only(all.into_iter().filter(|(_, amount)| sort.fits(amount)).collect())?,
    };
    let doubtful = amount.picks || (*sort == Sort::Much && count > 1);
    (!doubtful).then_some(Found { clause, words: amount.span, by: false })
}

impl Sort {
    fn fits(&self, amount: &Amount) -> bool {
        match self {
            Self::Many(_) => false,
            Self::Much => amount.measure.is_some_and(|measure| measure != Measure::Time && measure != Measure::Heat),
            Self::Share => amount.measure == Some(Measure::Share),
            Self::Ratio => matches!(amount.measure, Some(Measure::Times | Measure::Share)),
            Self::Often => amount.measure == Some(Measure::Times) && amount.rate,
            Self::Rate => amount.rate && matches!(amount.measure, Some(Measure::Length | Measure::Time | Measure::Other)),
            Self::Age => {
                (amount.measure == Some(Measure::Time) && !amount.rate) || (amount.measure.is_none() && amount.noun.is_none())
            }
            Self::Unit(measures, _) => amount.measure.is_some_and(|measure| measures.contains(&measure)) && !amount.rate,
        }
    }
}

/// How surely an amount counts what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Counts {
    Others,
    Perhaps,
    Surely,
}

/// The only amount that counts what these words name, or that may.
fn counted(of: &[String], told: &[Clause<'_>], all: Vec<(usize, Amount)>) -> Option<(usize, Amount)> {
    let plural = |word: &&String| {
        (word.len() > 3 && word.ends_with('s') && !word.ends_with("is") && !word.ends_with("ss"))
            || matches!(word.as_str(), "people" | "men" | "women" | "children")
    };
    let named = of.iter().take(3).find(plural).or(of.first())?;
    let how = |clause: &Clause<'_>, amount: &Amount| -> Option<Counts> {
        let words = &clause.words;
        // "One of them" counts nothing.
        if amount.number.len() == 1 && words[amount.number.start].low == "one" {
            return None;
        }
        Some(match (amount.measure, amount.unit, amount.noun) {
            (Some(Measure::Share), ..) => return None,
            (Some(_), Some(unit), _) => {
                (amounts::singular(&words[unit].low) == amounts::singular(named)).then_some(Counts::Surely)?
            }
            (Some(_), None, _) => return None,
            (None, _, None) => Counts::Perhaps,
            (None, _, Some(noun)) => {
                let goes_on = |at: &usize| *at == noun || words[noun..*at].iter().all(|word| word.behind.is_empty());
                let mut near = (noun..words.len().min(noun + 3)).take_while(goes_on);
                let next = words[noun].low.as_str();
                // Percentage points are no basis points.
                let like = |at: usize| at == noun || of.first() == Some(named) || of.contains(&words[at - 1].low);
                if near.any(|at| stem(&words[at]) == terms::stem(named) && like(at)) {
                    Counts::Surely
                } else if next == "people" || terms::is_stop_word(next) {
                    Counts::Perhaps
                } else {
                    Counts::Others
                }
            }
        })
    };
    let rated: Vec<(Counts, (usize, Amount))> =
        all.into_iter().filter_map(|(n, amount)| how(&told[n], &amount).map(|counts| (counts, (n, amount)))).collect();
    let best = rated.iter().map(|(counts, _)| *counts).max()?;
    // What counts something else stands aside only where the thing itself is named.
    let others = rated.iter().any(|(counts, _)| *counts < best);
    if best == Counts::Others || (best == Counts::Perhaps && others) {
        return None;
    }
    only(rated.into_iter().filter(|(counts, _)| *counts == best).map(|(_, amount)| amount).collect())
}

/// The only date.
fn date(told: &[Clause<'_>]) -> Option<Found> {
    let all = telling(told).flat_map(|(n, clause)| {
        amounts::dates(&clause.words).into_iter().map(move |words| Found { clause: n, words, by: false })
    });
    let date = only(all.collect())?;
    let words = &told[date.clause].words;
    let before = date.words.start.checked_sub(1).map_or("", |at| words[at].low.as_str());
    let beside = words.windows(2).any(|pair| {
        let time = amounts::measure(&pair[0].low) == Some(Measure::Time);
        time && matches!(pair[1].low.as_str(), "before" | "after" | "later" | "earlier" | "ago")
    });
    // "In 1763, two years after he had died".
    (!beside && !matches!(before, "since" | "until" | "till" | "before" | "after")).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::super::question::Asked;
    use super::*;

    /// What is told first of a quotation; nothing where it speaks for itself.
    fn brief(question: &str, quote: &str) -> String {
        of(Asked::parse(question).kind, question, quote).unwrap_or_default()
    }

    #[test]
    fn a_number_is_told_where_it_counts_what_is_asked_for() {
        for (question, quote, expected) in [
            (
                "How many guests must be in the room?",
                "How many people must be in a room? The answer is 23, for which the probability is 50.7 per cent.",
                "23.",
            ),
            ("How many horses did he have?", "He came with six hundred and fifty seven books, on twenty horses.", "Twenty."),
            (
                "How many basis points make a percent?",
                "The spread is measured in basis points, of which a hundred make one percentage point.",
                "A hundred.",
            ),
            ("How many scrolls did he bring?", "He came with six hundred and fifty seven books, on twenty horses.", ""),
            (
                "How many days did they wait?",
                "In thirteen seventy seven whoever came had to wait thirty days on an island.",
                "Thirty days.",
            ),
            (
                "How long did the work last?",
                "It came out in nineteen fifty seven, and the work lasted three years.",
                "Three years.",
            ),
            ("How long did the work last?", "They thought of six months at first, but the work lasted three years.", ""),
            (
                "How fast does the moon move away?",
                "The moon moves away from us, by nearly four centimetres a year.",
                "Nearly four centimetres a year.",
            ),
            (
                "What share of the people died?",
                "Some say between a third and a half of the people of Europe died.",
                "Between a third and a half.",
            ),
            ("How much of it is not salty?", "About ninety seven percent of all the water is salty.", ""),
            ("How tall is the fall?", "The fall has moved back about eleven kilometres since then.", ""),
            (
                "How often is blood cleaned?",
                "Blood is cleaned, usually three times a week for about four hours.",
                "Three times a week.",
            ),
            (
                "How old was he when he could travel?",
                "That is when he could travel, at seventeen, with his father.",
                "Seventeen.",
            ),
            ("How many died and when was it?", "The bridge fell in 1967, and forty six people died.", ""),
            ("How many people died?", "Forty six people died.", ""),
        ] {
            assert_eq!(brief(question, quote), expected, "{question} {quote}");
        }
    }

    #[test]
    fn a_date_is_told_where_there_is_one_and_nothing_happened_beside_it() {
        for (question, quote, expected) in [
            (
                "When was the quake in Chile?",
                "The quake that struck Chile came on 22 May 1960 and lasted for minutes.",
                "22 May 1960.",
            ),
            (
                "What year did the method become famous?",
                "The method became famous in nineteen eighty six, through a paper.",
                "Nineteen eighty six.",
            ),
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
        ] {
            assert_eq!(brief(question, quote), expected, "{question} {quote}");
        }
    }

    #[test]
    fn a_person_is_told_who_did_it_and_stands_there_alone() {
        for (question, quote, expected) in [
            (
                "Who founded the subject in letters?",
                "In 1654 the subject was founded in letters between Blaise Pascal and Pierre de Fermat.",
                "Blaise Pascal and Pierre de Fermat.",
            ),
            ("Who had it printed?", "His friend Richard Price had it printed by the Royal Society in 1763.", "Richard Price."),
            (
                "Who made it famous?",
                "It was made famous through a paper by Rumelhart, Hinton and Williams.",
                "Rumelhart, Hinton and Williams.",
            ),
            (
                "which woman took over after that?",
                "So in the end it was his wife, Emily Roebling, who took over.",
                "Emily Roebling.",
            ),
            ("Who discovered fluorine?", "So then Linus Pauling gave it a scale on which it has 4.0.", ""),
            ("Who got the prize?", "Half of it went to Andrea Ghez, and the other half to Roger Penrose.", ""),
            ("Who was Robespierre?", "The Committee of Public Safety was led by Maximilien Robespierre.", ""),
            ("Who proved it?", "Robert Boyle showed it in sixteen sixty, when he pumped the air out.", ""),
        ] {
            assert_eq!(brief(question, quote), expected, "{question} {quote}");
        }
    }

    #[test]
    fn a_place_and_a_name_are_told_where_no_other_is_there() {
        for (question, quote, expected) in [
            (
                "Where was the first factory?",
                "The mill at Cromford in Derbyshire is often called the first factory.",
                "At Cromford in Derbyshire.",
            ),
            ("Where did the galleys put in?", "In October twelve galleys put in at Messina, with dying men.", "At Messina."),
            ("Where does the word come from?", "Slips were cut off in the United States, and handed in for cash.", ""),
            ("Where is it stored?", "It is stored in Spain, and a part of it at Genoa.", ""),
            (
                "What is a selection called in which order does not matter?",
                "A selection in which order does not matter is called a combination.",
                "A combination.",
            ),
            (
                "What is the belief called that you begin with?",
                "If you know nothing, all are alike, which is called a flat prior.",
                "",
            ),
        ] {
            assert_eq!(brief(question, quote), expected, "{question} {quote}");
        }
    }

    #[test]
    fn an_earlier_answer_is_read_without_its_short_one() {
        assert_eq!(without("23. The answer is 23, for which it is more."), "The answer is 23, for which it is more.");
        assert_eq!(without("It rises. Then it falls."), "It rises. Then it falls.");
    }
}
