//! How near two words are to each other, and which words do what in a sentence; knows English and nothing of any lecture.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use synapscribe_domain::terms;

/// Words that lecturers and students use for the same thing.
const ALIKE: &[&str] = &[
    "large big huge high great",
    "small tiny little low",
    "fast quick rapid speed quickly",
    "slow slowly long",
    "start begin initial initially",
    "stop end finish halt",
    "problem wrong trouble drawback disadvantage danger fail bad risk difficulty",
    "advantage benefit good help useful",
    "cost loss error",
    "purpose aim goal objective",
    "choose chose chosen pick select decide",
    "calculate compute",
    "show demonstrate illustrate",
    "need require necessary",
    "change alter adjust update modify new",
    "find found locate discover",
    "kind type sort form",
    "way method technique approach",
    "bottom minimum minima lowest",
    "top maximum maxima highest peak",
    "slope gradient steep",
    "step move",
    "grow increase rise",
    "shrink decrease reduce fall drop lower",
    "invent create introduce discover propose develop",
    "hill mountain landscape",
    "recommend suggest advice advise",
    "analogy story picture imagine",
    "usual typical common normal often usually typically",
    "part piece component half",
    "formula equation recipe",
    "colour color",
    "worse worst",
    "notice see spot detect recognise recognize",
    "stuck trap trapped",
    "become became turn",
    "begin began begun",
    "break broke broken",
    "grow grew grown",
    "know knew known",
    "learn learnt taught teach",
    "lead led",
    "think thought",
    "write wrote written",
    "prevent avoid cure remedy fix solve",
    "matter matters important essential crucial care",
];

/// The groups of [`ALIKE`] that a stem belongs to.
static GROUPS: LazyLock<HashMap<String, Vec<usize>>> = LazyLock::new(|| {
    let mut groups: HashMap<String, Vec<usize>> = HashMap::new();
    for (number, group) in ALIKE.iter().enumerate() {
        for word in group.split_whitespace() {
            groups.entry(terms::stem(word)).or_default().push(number);
        }
    }
    groups
});

/// Words that ask, or turn on the asking, and say nothing of the subject.
const ASKING: &str = "example examples instance difference differ different distinguish compare reason many much number year date person people \
    happen call called name named define definition describe talk mention actual actually exact exactly really often long come know bit word \
    whats value amount list enumerate summarize summarise summary overview \
    kind type sort way want wonder understand term repeat basic main answer question point video whole ever else try something someone \
    somebody anything everything formula equation well take show yes okay ok thank thanks sorry hello hi doesn't don't isn't can't what's that's it's why's how's who's \
    where's i'm we're she's he's there's";

/// Words so common that an answer may well say it otherwise; a question's nouns are what it must hold.
const LIGHT: &str = "notice spot detect recognise recognize factor option choice go goes went come become became begin start pick choose select calculate compute find get keep cause change help prevent \
    avoid solve fix handle deal matter affect influence improve control represent need require want work happen occur wrong right good bad \
    better best worse important useful possible new big small use used turn put look see show tell give bring hold run add set need decide kept held made given taken told shown left \
    against toward towards without possible able please always never usually actually sometimes still instead main useful purpose role \
    idea concept meaning difficult easy hard simple complicated";

static LIGHT_STEMS: LazyLock<HashSet<String>> = LazyLock::new(|| LIGHT.split_whitespace().map(terms::stem).collect());

/// Whether an answer may well say this word otherwise.
pub fn is_light(stem: &str) -> bool {
    LIGHT_STEMS.contains(stem)
}

static ASKING_STEMS: LazyLock<HashSet<String>> = LazyLock::new(|| ASKING.split_whitespace().map(terms::stem).collect());

/// How far one stem stands for another: 1 the same, less for words alike, 0 for strangers.
pub fn closeness(a: &str, b: &str) -> f32 {
    if a == b {
        return 1.0;
    }
    if matches!(a, "colour" | "color") && COLOURS.contains(&b) {
        return 0.7;
    }
    if let (Some(one), Some(other)) = (GROUPS.get(a), GROUPS.get(b))
        && one.iter().any(|group| other.contains(group))
    {
        return 0.7;
    }
    // Endings the stemmer leaves: converge and convergence, descend and descent.
    let shared = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let longest = a.len().max(b.len());
    // And shown beside show: one is the other with a letter more.
    let one_more = shared >= 4 && longest == shared + 1 && a.len() != b.len();
    if (shared >= 5 && shared * 20 >= longest * 13) || one_more { 0.75 } else { 0.0 }
}

/// What a question about a colour is answered with.
const COLOURS: &[&str] =
    &["red", "orange", "yellow", "green", "blue", "violet", "purple", "brown", "black", "white", "grey", "gray", "pink"];

/// Words of which a question means one and not the other.
const OPPOSITES: &[(&str, &str)] = &[
    ("large", "small"),
    ("big", "small"),
    ("high", "low"),
    ("long", "short"),
    ("fast", "slow"),
    ("quick", "slow"),
    ("more", "less"),
    ("increase", "decrease"),
    ("positive", "negative"),
    ("forward", "backward"),
    ("training", "validation"),
    ("strong", "weak"),
    ("first", "last"),
    ("advantage", "disadvantage"),
    ("good", "bad"),
    ("uphill", "downhill"),
    ("hot", "cold"),
    ("before", "after"),
    ("same", "different"),
];

/// Whether two stems are opposites.
pub fn are_opposite(a: &str, b: &str) -> bool {
    OPPOSITES.iter().map(|(x, y)| (terms::stem(x), terms::stem(y))).any(|(x, y)| (x == a && y == b) || (x == b && y == a))
}

/// Nouns of which a student asks for several.
pub fn is_listed(word: &str) -> bool {
    matches!(
        word,
        "steps"
            | "stages"
            | "phases"
            | "parts"
            | "halves"
            | "kinds"
            | "types"
            | "sorts"
            | "factors"
            | "reasons"
            | "ways"
            | "methods"
            | "causes"
            | "effects"
            | "consequences"
            | "advantages"
            | "disadvantages"
            | "benefits"
            | "drawbacks"
            | "components"
            | "ingredients"
            | "examples"
            | "rules"
            | "products"
            | "uses"
            | "differences"
            | "properties"
            | "conditions"
            | "things"
    )
}

/// How many things a number word announces.
pub fn small_number(word: &str) -> Option<usize> {
    ["two", "three", "four", "five"].iter().position(|number| *number == word).map(|at| at + 2)
}

/// Words that open a further item of a list.
pub fn is_ordinal(word: &str) -> bool {
    matches!(
        word,
        "first"
            | "second"
            | "third"
            | "fourth"
            | "then"
            | "next"
            | "finally"
            | "lastly"
            | "another"
            | "last"
            | "also"
            | "secondly"
            | "firstly"
    )
}

/// Stems of what people do first; whoever did it may be told in other words.
pub fn is_deed(stem: &str) -> bool {
    matches!(
        stem,
        "invent"
            | "discover"
            | "develop"
            | "propos"
            | "creat"
            | "introduc"
            | "found"
            | "find"
            | "mad"
            | "make"
            | "mak"
            | "work"
            | "writ"
            | "wrot"
            | "come"
            | "com"
            | "cam"
            | "think"
            | "describ"
            | "win"
            | "won"
    )
}

/// Stems of doing something against something.
pub fn is_remedy(stem: &str) -> bool {
    matches!(
        stem,
        "prevent"
            | "avoid"
            | "fix"
            | "solv"
            | "solve"
            | "cur"
            | "cure"
            | "remedy"
            | "combat"
            | "counter"
            | "count"
            | "overcom"
            | "fight"
            | "solution"
            | "stop"
            | "reduc"
    )
}

/// Adjectives that, after "how", ask for a number.
pub fn is_measure(word: &str) -> bool {
    matches!(
        word,
        "large"
            | "big"
            | "small"
            | "long"
            | "short"
            | "far"
            | "near"
            | "fast"
            | "slow"
            | "high"
            | "low"
            | "old"
            | "young"
            | "deep"
            | "wide"
            | "tall"
            | "thick"
            | "heavy"
            | "light"
            | "hot"
            | "cold"
            | "warm"
            | "expensive"
            | "cheap"
            | "strong"
            | "likely"
    )
}

/// Numbers as words, which a lecturer says more often than digits.
pub fn is_number(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_digit())
        || matches!(
            word,
            "zero"
                | "one"
                | "two"
                | "three"
                | "four"
                | "five"
                | "six"
                | "seven"
                | "eight"
                | "nine"
                | "ten"
                | "eleven"
                | "twelve"
                | "thirteen"
                | "fourteen"
                | "fifteen"
                | "sixteen"
                | "seventeen"
                | "eighteen"
                | "nineteen"
                | "twenty"
                | "thirty"
                | "forty"
                | "fifty"
                | "sixty"
                | "seventy"
                | "eighty"
                | "ninety"
                | "hundred"
                | "hundreds"
                | "thousand"
                | "thousands"
                | "million"
                | "millions"
                | "billion"
                | "billions"
                | "half"
                | "third"
                | "quarter"
                | "tenth"
                | "hundredth"
                | "thousandth"
                | "percent"
                | "twice"
                | "dozen"
                | "once"
                | "double"
                | "single"
                | "few"
                | "several"
        )
}

/// Whether a number word is part of a year, as in "in nineteen eighty six".
pub fn is_in_a_year(words: &[String], at: usize) -> bool {
    let century = |at: usize| matches!(words[at].as_str(), "fifteen" | "sixteen" | "seventeen" | "eighteen" | "nineteen");
    let counts = |at: usize| {
        words.get(at).is_some_and(|w| is_number(w) && !matches!(w.as_str(), "hundred" | "thousand" | "million" | "percent"))
    };
    let opens = |first: usize| century(first) && counts(first + 1);
    opens(at) || (at >= 1 && opens(at - 1)) || (at >= 2 && opens(at - 2) && counts(at - 1))
}

/// Words that place something in time.
pub fn is_time(word: &str) -> bool {
    let year = word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
    year || matches!(
        word,
        "january"
            | "bc"
            | "bce"
            | "february"
            | "march"
            | "april"
            | "june"
            | "july"
            | "august"
            | "september"
            | "october"
            | "november"
            | "december"
            | "century"
            | "centuries"
            | "year"
            | "years"
            | "decade"
            | "decades"
            | "ago"
            | "nineteen"
            | "eighteen"
            | "seventeen"
            | "eighties"
            | "nineties"
            | "fifties"
            | "sixties"
            | "seventies"
            | "when"
            | "until"
            | "once"
            | "after"
            | "before"
            | "while"
            | "during"
            | "monday"
            | "tuesday"
            | "wednesday"
            | "thursday"
            | "friday"
            | "week"
            | "today"
            | "tomorrow"
    )
}

/// Words that place something beside something else, and not in a year.
pub fn is_relative(word: &str) -> bool {
    matches!(word, "when" | "until" | "once" | "after" | "before" | "while" | "during" | "week" | "today" | "tomorrow")
}

/// Words that open a sentence whose subject is in the one before.
pub fn leans_back(first: &str, second: &str) -> bool {
    match first {
        "it" | "its" | "it's" | "that" | "that's" | "they" | "they're" | "them" | "their" | "those" | "these" | "he" | "she"
        | "both" | "either" | "neither" | "because" | "otherwise" | "instead" | "which" => true,
        // "This is the loss" leans back; "this week" does not, but the two cannot be told apart cheaply.
        "this" => true,
        "remember" => matches!(second, "those" | "these" | "that" | "this"),
        "for" => second == "that",
        "in" => matches!(second, "that" | "this"),
        "the" => matches!(second, "result" | "reason" | "same" | "other" | "latter" | "former"),
        "one" => matches!(second, "is" | "reason"),
        _ => false,
    }
}

/// Words that open a sentence which goes on with a thought but may stand alone.
pub fn goes_on(first: &str, second: &str) -> bool {
    match first {
        "so" | "and" | "but" | "or" | "also" | "therefore" | "hence" | "however" | "similarly" | "likewise" | "then" => true,
        "for" => matches!(second, "example" | "instance"),
        "in" => second == "other",
        _ => false,
    }
}

/// Words with which something is reckoned.
pub const RECKONING: &[&str] = &[
    "minus",
    "plus",
    "times",
    "divide",
    "divided",
    "multiply",
    "multiplied",
    "subtract",
    "subtracted",
    "add",
    "added",
    "sum",
    "squared",
    "equals",
    "average",
    "percent of",
];

/// Words of one who asks for advice, or gives it.
pub const ADVISED: &[&str] = &[
    "good",
    "best",
    "ideal",
    "typical",
    "typically",
    "usual",
    "usually",
    "common",
    "commonly",
    "often",
    "recommend",
    "recommended",
    "reasonable",
    "sensible",
];

/// Words that give a reason and nothing else.
pub const REASON: &[&str] =
    &["because", "so that", "the reason", "reasons", "otherwise", "due to", "that is why", "that's why", "this is why"];

/// Words that open a case of something.
pub const CASE: &[&str] = &["for example", "example", "for instance", "imagine", "suppose", "such as", "think of", "picture"];

/// Words that put a sentence behind what was told before it.
pub const SEQUEL: &[&str] =
    &["came next", "comes next", "followed", "follows", "after that", "afterwards", "next came", "soon after"];

/// Lengths of time, which answer "how long" without a number.
pub fn is_unit(word: &str) -> bool {
    matches!(word, "second" | "minute" | "hour" | "day" | "week" | "month" | "year" | "decade" | "century")
}

/// Whether a stem only turns on the asking and says nothing of the subject.
pub fn is_about_asking(stem: &str) -> bool {
    ASKING_STEMS.contains(stem)
}
