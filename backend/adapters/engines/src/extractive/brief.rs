//! The few words of a quotation that answer by themselves: a date, a count, a measure. Where there is any doubt which they are it tells
//! none: a wrong short answer is worse than none. Knows nothing of how a quotation is chosen.

use std::collections::HashSet;
use std::ops::Range;

use synapscribe_domain::{sentences, terms};

use super::lexicon;
use super::question::{self, Kind};

/// A quotation that is no longer than this is the short answer itself.
const SHORT: usize = 6;

/// The short answer to a question that the first of these quotations answers, as a sentence; nothing where it is in doubt, where
/// another of them may tell otherwise, or where it opens the quotation.
pub(super) fn of(kind: Kind, question: &str, quotes: &[&str]) -> Option<String> {
    let put = Put::of(question);
    let sought = put.sought(kind)?;
    let told: Vec<Vec<Clause<'_>>> = quotes.iter().map(|quote| clauses(quote)).collect();
    let quote = told.first().filter(|_| terms::words(quotes[0]).count() > SHORT)?;
    let all = quote.iter().flat_map(|clause| numbers(clause).into_iter().map(move |number| (clause, number)));
    let mut answers = all.filter_map(|(clause, number)| match &sought {
        Sought::Date => Some((clause, put.date(clause, number)?)),
        Sought::Amount(behind, said_of) => Some((clause, amount(behind, said_of, clause, number)?)),
    });
    let (clause, own) = answers.next()?;
    // Another number, in whatever tells of what is asked, may be the one.
    let elsewhere = |other: &Clause<'_>| {
        let is_own = |number: &Range<usize>| std::ptr::eq(other, clause) && own.start <= number.start && number.end <= own.end;
        let shared = held(&put.asked, other);
        shared > held(&put.asked, clause) || (shared > 0 && !numbers(other).iter().all(is_own))
    };
    // "In 1833" opens the quotation as "1833" does.
    let opens = std::ptr::eq(clause, &quote[0]) && own.start < 2;
    if opens || told.iter().flatten().any(elsewhere) || put.doubts(clause, &own) {
        return None;
    }
    let text = clause[own].iter().map(|word| word.written).collect::<Vec<_>>().join(" ");
    let mut letters = text.chars();
    letters.next().map(|capital| format!("{}{}.", capital.to_uppercase(), letters.as_str()))
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

const UNITS: &str = "one two three four five six seven eight nine";
const TENS: &str = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen \
    twenty thirty forty fifty sixty seventy eighty ninety";
const POWERS: &str = "dozen hundred thousand million billion";
/// Numbers, beside these and those of the lexicon, that are no count.
const OTHER_NUMBERS: &str = "first second fifth eighth ninth twelfth both pair couple trillion";
const MONTHS: &str = "january february march april may june july august september october november december";
const ERAS: &str = "bc bce ad ce";
const TIMES: &str = "second minute hour day week month year decade century";
const LENGTHS: &str =
    "millimetre centimetre metre kilometre millimeter centimeter meter kilometer mm cm m km mile inch foot feet yard";

/// Words that say how exact a number is.
const HEDGES: &str = "about around roughly nearly almost approximately";
/// Words that make it a bound, or a part or all of something known.
const BEFORE_A_NUMBER: &str =
    "the these those all every each its his her their our my over above below under up to from plus minus and of";
/// Words that make it a bound or a rate, or reckon something else from it.
const BEHIND_A_NUMBER: &str = "a an per each every old back so and to plus times more less";

/// Words without which a sentence says the opposite.
const NOT: &str = "not no never nor neither nobody nothing none cannot without isnt arent wasnt werent dont doesnt didnt cant couldnt wont \
    wouldnt hadnt hasnt havent hardly false falsely wrong wrongly";

/// Words of contrast, of wishes, of hearsay and of other times: what stands beside them may be another thing, or none.
const DOUBTS: &str = "but although though while whereas unlike instead rather except only however yet if unless or other others another \
    rest remaining remainder some certain model part parts should would could might may must planned plans plan hoped proposed designed \
    intended meant expected thought believed supposed claimed said says say perhaps maybe probably possibly likely allegedly legend myth \
    again least most latest earliest early late than between until till since before after around about mid later earlier afterwards ago \
    following next same";

/// Past forms that do not end in "-ed", each with the one it is of.
const PAST: &str = "began:begin begun:begin born:bear built:build came:come died:die fell:fall found:find gave:give given:give held:hold \
    lost:lose became:become broke:break brought:bring got:get grew:grow left:leave made:make ran:run saw:see sent:send stood:stand \
    went:go rose:rise sank:sink sunk:sink sold:sell taken:take took:take won:win written:write wrote:write";

fn is_one_of(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|one| one == word)
}

fn present(low: &str) -> Option<&'static str> {
    PAST.split_whitespace().filter_map(|form| form.split_once(':')).find(|(past, _)| *past == low).map(|(_, present)| present)
}

/// The stem of a word in small letters, of a past form that of the present.
pub(super) fn stem(low: &str) -> String {
    let low = low.strip_suffix("'s").unwrap_or(low);
    // "Studied" and "study" meet.
    let carried = low.strip_suffix("ied").map(|cut| format!("{cut}y"));
    terms::stem(present(low).or(carried.as_deref()).unwrap_or(low))
}

/// A word, or the marks beside one.
struct Word<'a> {
    written: &'a str,
    /// The same in small letters.
    low: String,
    stem: String,
}

impl Word<'_> {
    fn is_mark(&self) -> bool {
        !self.low.contains(char::is_alphanumeric)
    }

    fn is_not(&self) -> bool {
        is_one_of(NOT, &self.low) || self.low.ends_with("n't")
    }

    /// Whether it tells, as it is written, of what happened.
    fn is_past(&self) -> bool {
        self.low.ends_with("ed") || present(&self.low).is_some()
    }

    /// Whether it says a number of any kind, or a month.
    fn is_number(&self) -> bool {
        let counts = |word: &str| lexicon::is_number(word) || is_one_of(OTHER_NUMBERS, word);
        let ends = [("", ""), ("s", ""), ("th", ""), ("ths", ""), ("ies", "y"), ("ieth", "y")];
        let says =
            |part: &str| ends.iter().any(|(end, root)| part.strip_suffix(end).is_some_and(|cut| counts(&format!("{cut}{root}"))));
        let month = is_one_of(MONTHS, &self.low) && self.written != self.low;
        month || self.low.contains(char::is_numeric) || self.low.split('-').any(says)
    }
}

fn words(text: &str) -> Vec<Word<'_>> {
    let parts = text.split_whitespace().flat_map(|raw| {
        let word = raw.trim_matches(|c| ".,:;!?\"'“”‘’()[]—–…".contains(c));
        let from = raw.find(word).unwrap_or_default();
        [&raw[..from], word, &raw[from + word.len()..]]
    });
    let low = |written: &str| written.to_lowercase().replace('’', "'");
    parts.filter(|part| !part.is_empty()).map(|written| Word { written, low: low(written), stem: stem(&low(written)) }).collect()
}

/// A part of the quotation, up to a full stop or a semicolon.
type Clause<'a> = Vec<Word<'a>>;

fn clauses(quote: &str) -> Vec<Clause<'_>> {
    sentences::of(quote).into_iter().flat_map(|sentence| quote[sentence].split_inclusive("; ")).map(words).collect()
}

fn low<'a>(words: &'a [Word<'_>], at: usize) -> &'a str {
    words.get(at).map_or("", |word| &word.low)
}

fn before<'a>(words: &'a [Word<'_>], at: usize) -> &'a str {
    at.checked_sub(1).map_or("", |at| low(words, at))
}

/// The numbers of a clause, each as far as it goes.
fn numbers(clause: &[Word<'_>]) -> Vec<Range<usize>> {
    let is_number = |at: usize| clause.get(at).is_some_and(Word::is_number);
    // "Two hundred and thirty".
    let joins = |at: usize| low(clause, at) == "and" && is_one_of(POWERS, before(clause, at)) && is_number(at + 1);
    let mut out: Vec<Range<usize>> = Vec::new();
    for at in (0..clause.len()).filter(|&at| is_number(at) || joins(at)) {
        match out.last_mut().filter(|last| last.end == at) {
            Some(last) => last.end += 1,
            None => out.push(at..at + 1),
        }
    }
    out
}

/// Some words of a clause with those around them, up to a mark or an "and".
fn around<'a, 'b>(clause: &'b [Word<'a>], own: &Range<usize>) -> &'b [Word<'a>] {
    let ends = |word: &Word<'_>| word.is_mark() || word.low == "and";
    let start = clause[..own.start].iter().rposition(ends).map_or(0, |at| at + 1);
    let end = clause[own.end..].iter().position(ends).map_or(clause.len(), |at| own.end + at);
    &clause[start..end]
}

/// How many of these stems some words have.
fn held(stems: &HashSet<String>, words: &[Word<'_>]) -> usize {
    stems.iter().filter(|stem| words.iter().any(|word| word.stem == **stem)).count()
}

/// What a short answer is.
enum Sought<'a> {
    Date,
    /// A number, with a word of each of these lists behind it, in a clause with one of these words where there are any.
    Amount(Vec<&'a str>, &'static str),
}

/// What is asked.
struct Put<'a> {
    words: Vec<Word<'a>>,
    /// The stems of the words that carry meaning.
    asked: HashSet<String>,
}

impl<'a> Put<'a> {
    fn of(question: &'a str) -> Self {
        let names = |word: &Word<'_>| !word.is_mark() && word.low.len() > 1 && !terms::is_stop_word(&word.low);
        let asked = words(question).into_iter().filter(names).map(|word| word.stem).collect();
        Self { words: words(question::apart(question).0), asked }
    }

    fn says(&self, low: &str) -> bool {
        self.words.iter().any(|word| word.low == low)
    }

    /// What is looked for; nothing for a question that takes more than a few words to answer.
    fn sought(&self, kind: Kind) -> Option<Sought<'_>> {
        let put = |at: usize| low(&self.words, at);
        let asks = self.words.iter().filter(|word| is_one_of("how what when where who why which", &word.low)).count();
        if asks > 1 || self.words.iter().any(Word::is_not) {
            return None;
        }
        if kind == Kind::When {
            let past = ["was", "were", "did", "had"].iter().any(|word| self.says(word));
            return (past && (put(0) == "when" || put(1) == "when" || self.says("year"))).then_some(Sought::Date);
        }
        let how = (0..4)
            .find(|&at| put(at) == "how")
            .filter(|_| matches!(kind, Kind::HowMany | Kind::Degree | Kind::How | Kind::Fact))?;
        let (behind, said_of) = match (put(how + 1), put(how + 2)) {
            ("many", of) if of != "times" => {
                let of: Vec<&str> = self.words[how + 2..].iter().take(3).map(|word| &*word.low).collect();
                let plural =
                    |word: &&str| (word.ends_with('s') && !word.ends_with("ss")) || is_one_of("people men women children", word);
                return Some(Sought::Amount(of[..=of.iter().position(plural)?].to_vec(), ""));
            }
            ("long", "is" | "are" | "was" | "were") => (LENGTHS, "long length"),
            ("long", _) | ("much", "time") => (TIMES, ""),
            ("old", _) => (TIMES, "old"),
            ("far", next) if next != "back" => (LENGTHS, ""),
            ("tall" | "high", _) => (LENGTHS, "tall high height"),
            ("deep", _) => (LENGTHS, "deep depth"),
            ("wide", _) => (LENGTHS, "wide width broad"),
            ("hot" | "cold" | "warm", _) => ("degree", ""),
            ("fast", _) => return Some(Sought::Amount(vec![LENGTHS, "a an per", TIMES], "")),
            _ => return None,
        };
        Some(Sought::Amount(vec![behind], said_of))
    }

    /// A number as a date, with "in" or "on" before it, where nothing but what is asked happened then.
    fn date(&self, clause: &[Word<'_>], number: Range<usize>) -> Option<Range<usize>> {
        let digits = |word: &str, most: usize| word.len() <= most && word.bytes().all(|b| b.is_ascii_digit());
        let is_year = |word: &str| digits(word, 4) && ("1000".."2100").contains(&word);
        let is_day = |word: &&str| digits(word, 2) || is_one_of(MONTHS, word);
        let is_nth = |word: &str| ["st", "nd", "rd", "th"].iter().any(|end| word.ends_with(end));
        let era = |at: usize| usize::from(is_one_of(ERAS, low(clause, at)));
        let said: Vec<&str> = clause[number.clone()].iter().flat_map(|word| word.low.split('-')).collect();
        let Range { mut start, mut end } = number;
        match said[..] {
            [year] if digits(year, 4) && era(end) > 0 => {}
            [nth] if is_nth(nth) && low(clause, end) == "century" && before(clause, start) == "the" => {
                (start, end) = (start - 1, end + 1)
            }
            [ref day @ .., year] if is_year(year) && day.len() < 3 && day.iter().all(is_day) => {}
            // "Nineteen eighty six".
            [_, _, ref one @ ..]
                if one.len() < 2 && said.iter().zip([TENS, TENS, UNITS]).all(|(part, list)| is_one_of(list, part)) => {}
            _ => return None,
        }
        end += era(end);
        // "In 1200 steps", "in 1200 of them".
        let counts = |next: &Word<'_>| !next.is_mark() && (is_one_of("of or to", &next.low) || !terms::is_stop_word(&next.low));
        let mut deeds = around(clause, &(start..end)).iter().filter(|word| word.is_past()).peekable();
        let happened = deeds.peek().is_some() && deeds.all(|deed| self.asked.contains(&deed.stem));
        // "The church founded by monks was a ruin in 1666."
        let last = clause[..start].iter().rposition(Word::is_past).map_or(0, |at| at + 1);
        let another = clause[last..start].iter().any(|word| is_one_of("is are was were has had", &word.low));
        (is_one_of("in on", before(clause, start)) && !clause.get(end).is_some_and(counts) && happened && !another)
            .then_some(start..end)
    }

    /// Whether a clause may tell of something else than what is asked, or otherwise than it seems.
    fn doubts(&self, clause: &[Word<'_>], own: &Range<usize>) -> bool {
        // "How many", "how much time", "which year" say what the answer is, and not what it is about.
        let asks = |pair: &&[Word<'_>]| is_one_of("how what which much", &pair[0].low);
        let frame = self.words.windows(2).filter(asks).map(|pair| pair[1].stem.clone()).collect();
        let about = self.asked.difference(&frame).cloned().collect();
        let held = held(&about, around(clause, own));
        // "The tower by the bridge".
        let leads =
            |word: &Word<'_>| is_one_of("of by near beside behind under for with to from", &word.low) && !self.says(&word.low);
        let beside = |at: usize| !self.says("many") && clause[at.saturating_sub(3)..at].iter().any(leads);
        // "The tower on the bridge", "the bridge tower".
        let on = |at: usize| {
            at > 1
                && is_one_of("the a an", &clause[at - 1].low)
                && is_one_of("on at in over across above below inside", &clause[at - 2].low)
        };
        let modifies = |at: usize| {
            let other = |next: &Word<'_>| {
                !next.is_mark()
                    && !next.is_number()
                    && !next.is_past()
                    && !terms::is_stop_word(&next.low)
                    && !self.asked.contains(&next.stem)
            };
            !clause[at].is_past() && !clause[at].low.ends_with('s') && clause.get(at + 1).is_some_and(other)
        };
        let turns = |at: usize| {
            let word = &clause[at];
            let plain = |c: char| c.is_alphanumeric() || ".,:;!\"'“”‘’()-".contains(c);
            let is_name = at > 0 && word.written.starts_with(char::is_uppercase) && !is_one_of("i i'm i've i'll i'd", &word.low);
            let asked = self.asked.contains(&word.stem);
            let turned = word.is_not() || (is_one_of(DOUBTS, &word.low) && !self.says(&word.low));
            turned || !word.written.chars().all(plain) || (is_name && !asked) || (asked && (beside(at) || on(at) || modifies(at)))
        };
        let known = clause[own.clone()].iter().any(|word| word.is_number() && self.says(&word.low));
        // "On the moon they drove twenty kilometres" says nothing of the moon itself.
        let copula = |word: &Word<'_>| is_one_of("is are was were", &word.low);
        let said = |pair: &[Word<'_>]| self.asked.contains(&pair[0].stem) && copula(&pair[1]);
        let measured = low(&self.words, 0) == "how" && self.words.get(2).is_some_and(copula);
        let of_another = measured && !clause.windows(2).any(said);
        held == 0 || held < about.len() || known || of_another || (0..clause.len()).any(|at| !own.contains(&at) && turns(at))
    }
}

/// A number as what is counted or measured.
fn amount(behind: &[&str], said_of: &str, clause: &[Word<'_>], number: Range<usize>) -> Option<Range<usize>> {
    let is = |list: &str, at: usize| clause.get(at).is_some_and(|word| list.split_whitespace().any(|one| stem(one) == word.stem));
    let fits = behind.iter().enumerate().all(|(n, list)| is(list, number.end + n));
    let said = said_of.is_empty() || clause.iter().any(|word| is_one_of(said_of, &word.low));
    let digits =
        |low: &str| low.starts_with(|c: char| c.is_ascii_digit()) && low.chars().all(|c| c.is_ascii_digit() || ",.".contains(c));
    let spelt = |low: &str| low.split('-').all(|part| [UNITS, TENS, POWERS, "and"].iter().any(|list| is_one_of(list, part)));
    let counts = number.clone().all(|at| spelt(&clause[at].low) || (at == number.start && digits(&clause[at].low)));
    // "A hundred", "about a hundred".
    let hundred = before(clause, number.start) == "a" && is_one_of(POWERS, low(clause, number.start));
    let (mut start, end) = (number.start - usize::from(hundred), number.end + behind.len());
    while is_one_of(HEDGES, before(clause, start)) {
        start -= 1;
    }
    let next = low(clause, end);
    let bound = is_one_of(BEFORE_A_NUMBER, before(clause, start))
        || (is_one_of(BEHIND_A_NUMBER, next) && (next != "old" || said_of != "old"));
    (fits && said && counts && !bound).then_some(start..end)
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
    fn a_date_a_count_and_a_measure_are_told_as_the_sentence_has_them() {
        for (question, quote, expected) in [
            ("When was the bridge opened?", "The long bridge was opened on 22 May 1960 with a great feast.", "22 May 1960."),
            (
                "What year did the method appear?",
                "The method appeared in nineteen eighty six, through a paper.",
                "Nineteen eighty six.",
            ),
            ("When did Newton die?", "The great Newton died in 1727 and was buried with honours.", "1727."),
            ("When was the bridge built?", "The old bridge was built in the fifth century BC there.", "The fifth century BC."),
            ("When was Crassus killed?", "The rich Crassus was killed in 53 BC when he fought there.", "53 BC."),
            ("How many horses did he bring?", "In the end he did bring twenty horses home with him.", "Twenty horses."),
            ("How many days did they wait?", "Whoever came by ship had to wait about thirty days there.", "About thirty days."),
            ("How long did the work last?", "It came out well, and the work lasted three years in all.", "Three years."),
            (
                "How fast does the moon move away?",
                "The moon moves away by nearly four centimetres a year.",
                "Nearly four centimetres a year.",
            ),
            ("How deep is the lake?", "In the north the lake is 1,600 metres deep.", "1,600 metres."),
            ("How hot is the oven?", "So then the oven is two hundred and thirty degrees.", "Two hundred and thirty degrees."),
        ] {
            assert_eq!(brief(question, quote), expected, "{question} {quote}");
        }
    }

    #[test]
    fn nothing_is_told_where_there_is_any_doubt() {
        for (question, quote) in [
            // Another number of any kind stands beside it.
            ("How many horses did he have?", "He came with six hundred and fifty seven books, on twenty horses."),
            ("How long did the work last?", "They thought of six months at first, but the work lasted three years."),
            ("How long did the work last?", "It came out in nineteen fifty seven, and the work lasted three years."),
            ("How many atoms are in a mole?", "A mole holds about 6.022 × 10^23 atoms, which is called Avogadro's number."),
            ("How long did the ice last?", "The ice lasted for 12 000 years in all of the north."),
            ("How many astronauts were women?", "Three of the seven astronauts on board were women."),
            // It is a part of a name, of a date or of the question, or has a sign.
            ("How cold is it at night?", "In the desert at night it falls to –40 degrees and more."),
            ("How many people were on board of Apollo 11?", "Apollo 11 was the flight that brought people on board to the Moon."),
            ("How many people died?", "On May 22 the quake struck the coast, where many people died."),
            // It counts something else, or says it of something else.
            ("How many were on board?", "With about 1500 people still on board it went down."),
            ("How many moons does Venus have?", "Venus is seen from here, and Mars has two moons."),
            ("How many times greater is it?", "The pressure there becomes about twenty times greater."),
            ("How long did the war last?", "The war ended ten years after the king had died."),
            ("How often is blood cleaned?", "Blood is cleaned, usually three times a week for about four hours."),
            ("How much of it is not salty?", "About ninety seven percent of all the water is salty."),
            ("How old was he when he could travel?", "That is when he could travel, at seventeen, with his father."),
            // Two things are asked, or the quotation is as short.
            ("How many died and when was it?", "The bridge fell in 1967, and forty six people died."),
            ("How many people died?", "Forty six people died."),
            // Something else happened then, or to another.
            ("when was caesar killed?", "Caesar obtained a command in Gaul. Crassus was killed in 53 BC at Carrhae."),
            ("When was the method invented?", "The method became famous in nineteen eighty six, through a paper."),
            ("When was the old stone bridge opened?", "The old stone bridge was painted in 1910 by the town."),
            ("When did he get the prize?", "He worked this out in the fifties of 1900, and got the prize in 1961."),
            ("When is it high water?", "It was high water in 1961 and will be again."),
            ("When was the bridge built?", "The bridge was designed in 1883 but never built."),
            ("When was the bridge built?", "The tower by the bridge was built in 1910 for the town."),
            ("When did Franklin die?", "The great Franklin was born in 1706 and died there as an old man."),
            ("When was the old bridge built?", "The new bridge was built in 1910 by the town."),
            ("When was the university founded?", "The university library was founded in 1911 by the town."),
            ("When was the bridge built?", "The tower on the bridge was built in 1910 by the town."),
            ("When was the vaccine developed?", "The vaccine developed at home went on sale in 1955."),
            ("When was the church founded?", "The church founded by monks was a ruin in 1666."),
            ("How many workers died in the fire?", "In the great flood forty workers died there."),
            ("How far is the moon?", "On the moon they drove twenty kilometres in a car."),
            ("How tall is the tower?", "The tower stands on a hill three hundred metres high."),
            // It is a bound, or one of two.
            ("When was the bridge built?", "The bridge was built between 1904 and 1907 by the town."),
            ("When was the bridge built?", "The bridge was built around 1200 BC by those of the town."),
            ("When was the bridge built?", "The old bridge was built in the late eighteenth century there."),
            ("When was the war?", "The war (1914–1918) was ended by the Treaty of Versailles in 1919."),
            ("When was the canal dug?", "The whole canal was dug by 1200 workers from the town."),
            // A person, a place, a share or a price is left to the quotation.
            ("Who founded the subject?", "In the end Blaise Pascal founded the subject in his letters."),
            ("Where was it written?", "The book was written in Latin for students of law."),
            ("What share of the people died?", "In the end a third of the people died of it."),
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
