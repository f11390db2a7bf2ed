//! Numbers, amounts and dates in the words of a sentence, in digits or spelt out. Knows nothing of what is asked.

use std::ops::Range;

use synapscribe_domain::terms;

use super::lexicon;

/// A word of a sentence.
#[derive(Debug)]
pub(super) struct Word<'a> {
    /// As it is written, without the marks around it.
    pub written: &'a str,
    /// The same in small letters.
    pub low: String,
    /// Where in the sentence it begins.
    pub from: usize,
    /// The marks behind it.
    pub behind: &'a str,
}

impl Word<'_> {
    /// Where in the sentence it ends.
    pub fn to(&self) -> usize {
        self.from + self.written.len()
    }

    /// Whether the next word goes on with what this one begins.
    fn goes_on(&self) -> bool {
        self.behind.is_empty()
    }
}

/// What an amount is an amount of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// Per cent, or a fraction.
    Share,
    /// Money.
    Money,
    /// How long something takes.
    Time,
    /// How long something is.
    Length,
    /// A temperature.
    Heat,
    /// So many times.
    Times,
    /// Anything else that has a unit.
    Other,
}

/// A number with what belongs to it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Amount {
    /// All its words: "about thirty metres a second".
    pub span: Range<usize>,
    /// What it measures, where a unit says so.
    pub measure: Option<Measure>,
    /// The place of that unit.
    pub unit: Option<usize>,
    /// The place of the word behind it, where that is no unit.
    pub noun: Option<usize>,
    /// Whether it is so much in a time.
    pub rate: bool,
    /// Whether it is one of several or of the like: "every ten years", "the next four".
    pub picks: bool,
}

const UNITS: &[&str] = &["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const TEENS: &[&str] =
    &["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];
const TENS: &[&str] = &["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const DECADES: &[&str] = &["twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties"];
const POWERS: &[&str] = &["hundred", "thousand", "million", "billion", "trillion", "dozen"];
/// So many that nobody counts them.
const MANY: &[&str] = &["hundreds", "thousands", "millions", "billions", "trillions"];
const FRACTIONS: &[&str] = &[
    "half",
    "third",
    "thirds",
    "quarter",
    "quarters",
    "fifth",
    "fifths",
    "sixth",
    "sixths",
    "eighth",
    "eighths",
    "tenth",
    "tenths",
    "hundredth",
    "thousandth",
];
const MONTHS: &[&str] =
    &["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
/// Words that say how exact a number is.
const HEDGES: &[&str] = &[
    "about",
    "around",
    "roughly",
    "nearly",
    "almost",
    "approximately",
    "over",
    "under",
    "only",
    "just",
    "exactly",
    "perhaps",
    "maybe",
    "minus",
];
/// Words for a place in a row, or for so many.
const PLACES: &[&str] = &["first", "second", "ninth", "twelfth", "twentieth", "thirtieth", "both", "pair", "couple", "dozens"];

/// The words of a sentence.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut out: Vec<Word<'_>> = Vec::new();
    for raw in text.split_whitespace() {
        let at = raw.as_ptr() as usize - text.as_ptr() as usize;
        let written = raw.trim_matches(is_mark);
        if written.is_empty() {
            if let Some(last) = out.last_mut() {
                last.behind = raw;
            }
            continue;
        }
        let lead = raw.len() - raw.trim_start_matches(is_mark).len();
        let low = written.to_lowercase().replace('’', "'");
        out.push(Word { written, low, from: at + lead, behind: &raw[lead + written.len()..] });
    }
    out
}

fn is_mark(c: char) -> bool {
    ".,:;!?\"'“”‘’()[]—–…".contains(c)
}

/// Whether a word is the name of a month.
pub(super) fn is_month(word: &str) -> bool {
    MONTHS.contains(&word)
}

/// The word for one of several.
pub(super) fn singular(word: &str) -> &str {
    match word {
        "centuries" => "century",
        "feet" => "foot",
        "inches" => "inch",
        _ if word.len() > 2 => word.strip_suffix('s').unwrap_or(word),
        _ => word,
    }
}

/// What a word is a unit of.
pub(super) fn measure(word: &str) -> Option<Measure> {
    Some(match singular(word) {
        "percent" | "%" => Measure::Share,
        "second" | "minute" | "hour" | "day" | "week" | "month" | "year" | "decade" | "century" | "night" | "generation" => {
            Measure::Time
        }
        "millimetre" | "centimetre" | "metre" | "kilometre" | "millimeter" | "centimeter" | "meter" | "kilometer" | "mm"
        | "cm" | "m" | "km" | "mile" | "inch" | "foot" | "yard" | "micrometre" | "nanometre" => Measure::Length,
        "degree" | "°c" | "°f" | "kelvin" => Measure::Heat,
        "dollar" | "euro" | "pound" | "cent" => Measure::Money,
        "time" if word == "times" => Measure::Times,
        "litre" | "liter" | "gram" | "kilogram" | "kilo" | "kg" | "tonne" | "ton" | "volt" | "watt" | "kilowatt" | "joule"
        | "hertz" | "decibel" | "calorie" | "bit" | "byte" | "atmosphere" => Measure::Other,
        _ => return None,
    })
}

/// A number in digits, with its sign of a currency or of per cent.
fn is_in_digits(word: &str) -> bool {
    let bare = word.trim_start_matches(['£', '$', '€']);
    let bare = bare.strip_suffix('%').unwrap_or(bare);
    bare.starts_with(|c: char| c.is_ascii_digit()) && bare.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'))
}

/// A number below a hundred in words.
fn is_small(word: &str) -> bool {
    word.split('-').all(|part| UNITS.contains(&part) || TEENS.contains(&part) || TENS.contains(&part))
}

/// The word at a place.
fn low<'a>(words: &'a [Word<'_>], at: usize) -> Option<&'a str> {
    words.get(at).map(|word| word.low.as_str())
}

/// The word at a place that goes on with the one before it.
fn joined<'a>(words: &'a [Word<'_>], at: usize) -> Option<&'a str> {
    low(words, at).filter(|_| at > 0 && words[at - 1].goes_on())
}

/// The word before a place that this one goes on with.
fn before<'a>(words: &'a [Word<'_>], at: usize) -> Option<&'a str> {
    at.checked_sub(1).and_then(|before| words.get(before)).filter(|word| word.goes_on()).map(|word| word.low.as_str())
}

/// Whether a word says a number of any kind, or a month.
pub(super) fn is_numeral(word: &Word<'_>) -> bool {
    let says = |part: &str| {
        lexicon::is_number(part)
            || part.strip_suffix("th").is_some_and(lexicon::is_number)
            || [PLACES, DECADES, POWERS, MANY, FRACTIONS].iter().any(|list| list.contains(&part))
    };
    let month = is_month(&word.low) && word.written != word.low;
    month || word.low.contains(char::is_numeric) || word.low.split('-').any(says)
}

fn is_era(word: &str) -> bool {
    matches!(word, "bc" | "ad" | "bce" | "ce")
}

/// Where a year ends that begins at a place; one that nothing leads to may count something.
fn year(words: &[Word<'_>], at: usize) -> Option<usize> {
    let first = low(words, at)?;
    let next = joined(words, at + 1);
    let led = match before(words, at)? {
        "of" => before(words, at - 1).is_some_and(is_month),
        word => word == "in" || is_month(word),
    };
    let digits = first.len() < 5 && first.bytes().all(|b| b.is_ascii_digit());
    let four = digits && first.len() == 4 && ("1000".."2100").contains(&first);
    let counts = |at: usize| joined(words, at).is_some_and(|word| UNITS.contains(&word));
    let spoken = TEENS.contains(&first) || first == "twenty";
    let end = match next {
        Some(next) if digits && is_era(next) => return Some(at + 2),
        _ if led && four => at + 1,
        Some(next) if led && spoken && TENS.contains(&next) => at + 2 + usize::from(counts(at + 2)),
        Some(next) if led && spoken && TEENS.contains(&next) => at + 2,
        _ => return None,
    };
    match (joined(words, end), joined(words, end + 1)) {
        (Some(word), _) if is_era(word) => Some(end + 1),
        (Some("before"), Some("christ")) => Some(end + 2),
        // "In 1200 steps", "in 1200 of them".
        (Some(word), _) if !terms::is_stop_word(word) || matches!(word, "of" | "or" | "to") => None,
        _ => Some(end),
    }
}

/// Where a century ends whose number stands at a place.
fn century(words: &[Word<'_>], at: usize) -> Option<usize> {
    let first = low(words, at)?;
    let ordinal = ["st", "nd", "rd", "th"].iter().any(|ending| first.ends_with(ending)) && !matches!(first, "last" | "past");
    let era = usize::from(joined(words, at + 2).is_some_and(is_era));
    (ordinal && joined(words, at + 1) == Some("century")).then_some(at + 2 + era)
}

fn is_power(word: &str) -> bool {
    POWERS.contains(&word)
}

/// Where a number ends that begins at a place.
fn number(words: &[Word<'_>], at: usize) -> Option<usize> {
    let first = low(words, at)?;
    let scales = |word: &str| is_power(word) || FRACTIONS.contains(&word);
    let mut end = if matches!(first, "a" | "an" | "one") && joined(words, at + 1).is_some_and(scales) {
        at + 2
    } else if is_in_digits(first) || is_small(first) || MANY.contains(&first) || first == "half" {
        at + 1
    } else {
        return None;
    };
    while let Some(word) = joined(words, end) {
        let next = joined(words, end + 1);
        let last = words[end - 1].low.as_str();
        if is_small(word) || is_power(word) || (FRACTIONS.contains(&word) && (UNITS.contains(&last) || last == "a")) {
            end += 1;
        } else if word == "point" && next.is_some_and(|next| is_small(next) || matches!(next, "zero" | "oh"))
            || word == "and" && is_power(last) && next.is_some_and(is_small)
        {
            end += 2;
        } else if word == "and"
            && next == Some("a")
            && joined(words, end + 2).is_some_and(|part| matches!(part, "half" | "quarter"))
        {
            end += 3;
        } else {
            break;
        }
    }
    Some(end)
}

/// All amounts of a sentence; no years.
pub(super) fn amounts(words: &[Word<'_>]) -> Vec<Amount> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if let Some(end) = year(words, at) {
            at = end;
            continue;
        }
        let Some(end) = number(words, at) else {
            at += 1;
            continue;
        };
        let amount = amount(words, at..end);
        at = amount.span.end;
        out.push(amount);
    }
    out
}

/// A number with its hedges, its unit, and the other end of its range.
fn amount(words: &[Word<'_>], number_at: Range<usize>) -> Amount {
    let mut end = range_end(words, &number_at);
    let (mut unit, mut noun) = (None, None);
    let last = words[end - 1].low.as_str();
    let mut measured = match words[number_at.start].low.as_str() {
        _ if last.ends_with('%') => Some(Measure::Share),
        first if first.starts_with(['£', '$', '€']) => Some(Measure::Money),
        _ => None,
    };
    if measured.is_none()
        && let Some(next) = joined(words, end)
    {
        if next == "per" && joined(words, end + 1) == Some("cent") {
            (measured, unit, end) = (Some(Measure::Share), Some(end + 1), end + 2);
        } else if let Some(found) = measure(next) {
            (measured, unit, end) = (Some(found), Some(end), end + 1);
            if joined(words, end).is_some_and(|scale| matches!(scale, "celsius" | "fahrenheit")) {
                end += 1;
            }
        } else {
            noun = Some(end);
        }
    }
    if measured.is_none() && FRACTIONS.contains(&words[number_at.end - 1].low.as_str()) {
        measured = Some(Measure::Share);
    }
    // "Twelve hours and twenty five minutes".
    if measured == Some(Measure::Time)
        && joined(words, end) == Some("and")
        && let Some(second) = number(words, end + 1).filter(|_| words[end].goes_on())
        && joined(words, second).and_then(measure) == Some(Measure::Time)
    {
        end = second + 1;
    }
    // "Four centimetres a year".
    let each = joined(words, end).is_some_and(|word| matches!(word, "a" | "an" | "per" | "each" | "every"));
    let rate = measured.is_some() && each && joined(words, end + 1).and_then(measure) == Some(Measure::Time);
    if rate {
        end += 2;
    }
    let (start, picks) = hedged(words, &number_at, end);
    Amount { span: start..end, measure: measured, unit, noun, rate, picks }
}

/// Where the range ends that a number begins: "sixty to seventy", "one or two", "between a third and a half".
fn range_end(words: &[Word<'_>], number_at: &Range<usize>) -> usize {
    let end = number_at.end;
    let joins = match joined(words, end) {
        Some("to" | "or") => true,
        Some("and") => before(words, number_at.start) == Some("between"),
        _ => false,
    };
    let next = (end + 1..words.len()).find(|&at| !HEDGES.contains(&words[at].low.as_str()));
    let other = next.filter(|&at| joins && (end..at).all(|n| words[n].goes_on())).and_then(|at| number(words, at));
    other.unwrap_or(end)
}

/// Where the words begin that say how exact a number is, and whether others say that it is one of several.
fn hedged(words: &[Word<'_>], number_at: &Range<usize>, end: usize) -> (usize, bool) {
    let mut start = number_at.start;
    while let Some(word) = before(words, start) {
        let second = before(words, start - 1).unwrap_or_default();
        let range = (number_at.end..end).any(|at| words[at].low == "to");
        start -= match (second, word) {
            _ if HEDGES.contains(&word) => 1,
            ("more" | "less" | "fewer", "than") | ("at", "least" | "most") | ("up", "to") => 2,
            (_, "between") => 1,
            (_, "from") if range => 1,
            (_, "every" | "each" | "another" | "other" | "first" | "last" | "next" | "least" | "most") => return (start, true),
            _ => break,
        };
    }
    (start, false)
}

/// The years, days and centuries of a sentence.
pub(super) fn dates(words: &[Word<'_>]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some(end) = year(words, at).or_else(|| century(words, at)) else {
            at += 1;
            continue;
        };
        let month = at - usize::from(before(words, at) == Some("of"));
        let mut start = at;
        if before(words, month).is_some_and(is_month) {
            start = month - 1;
            let day = |word: &str| word.len() < 5 && word.starts_with(|c: char| c.is_ascii_digit());
            start -= usize::from(before(words, start).is_some_and(day));
        } else if before(words, at) == Some("the") {
            start = at - 1;
        }
        out.push(start..end);
        at = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(text: &str, spans: impl Iterator<Item = Range<usize>>) -> String {
        let words = words(text);
        spans.map(|span| &text[words[span.start].from..words[span.end - 1].to()]).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn an_amount_has_its_hedge_its_range_and_its_unit() {
        for (text, expected) in [
            ("The answer is 23, for which the probability is 50.7 per cent.", "23 | 50.7 per cent"),
            ("It moves away by nearly four centimetres a year.", "nearly four centimetres a year"),
            ("About one point two million people had it.", "About one point two million"),
            ("He had six hundred and fifty seven of them on twenty horses.", "six hundred and fifty seven | twenty"),
            ("Half of that is twelve hours and twenty five minutes.", "Half | twelve hours and twenty five minutes"),
            ("Somewhere between a third and a half of them died.", "between a third and a half"),
            ("It lies at minus 80 °C, or at least 5%.", "minus 80 °C | at least 5%"),
            ("It carries sixty to seventy-two of them.", "sixty to seventy-two"),
            ("It cost $1,000, and the state paid two and a half million.", "$1,000 | two and a half million"),
            ("In 1654 and in nineteen ninety one they were not counted.", ""),
            ("A first, a second and a ten-year bond.", ""),
        ] {
            let told = amounts(&words(text)).into_iter().map(|amount| amount.span);
            assert_eq!(text_of(text, told), expected, "{text}");
        }
        for text in ["Apollo 11", "COVID-19", "10^23", "the twenty-first", "½", "on May Day", "the eighties", "the ninth"] {
            assert!(words(text).iter().any(is_numeral), "{text}");
        }
        assert!(!words("It may weigh tons.").iter().any(is_numeral));
        assert!(amounts(&words("Prices doubled every fifteen hours."))[0].picks);
    }

    #[test]
    fn a_date_is_told_as_exactly_as_the_sentence_has_it() {
        for (text, expected) in [
            ("It struck Chile on 22 May 1960 and had a moment magnitude of 9.5.", "22 May 1960"),
            ("It was caught in September twenty fifteen.", "September twenty fifteen"),
            ("One was sold in nineteen ninety one, and others later.", "nineteen ninety one"),
            ("In 494 BC they walked out.", "494 BC"),
            ("It is from the eighteenth century.", "the eighteenth century"),
            ("It is from the fifth century BC.", "the fifth century BC"),
            ("There were 1500 people and twenty five dogs.", ""),
            ("With about 1500 people it sank, dug by 1200 workers in 1300 days.", ""),
        ] {
            assert_eq!(text_of(text, dates(&words(text)).into_iter()), expected, "{text}");
        }
    }
}
