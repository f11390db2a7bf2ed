//! What a question wants: its kind, and the words an answer must hold. Knows nothing of passages.

use synapscribe_domain::terms;

use super::deed::Deed;
use super::lexicon;

/// The kinds of question that are answered in different words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What something is or means.
    Definition,
    /// The reason for something.
    Why,
    /// The way something is done or works.
    How,
    /// A number or an amount.
    HowMany,
    /// How much of a quality something has; a number answers best, and other words may.
    Degree,
    /// What is to be done against something.
    Remedy,
    /// Several things of a kind.
    List,
    /// More of what was told before.
    More,
    /// What comes out of something.
    Product,
    /// A time.
    When,
    /// A person.
    Who,
    /// A place.
    Where,
    /// Whether something holds.
    YesNo,
    /// A case of something.
    Example,
    /// How something is reckoned.
    Formula,
    /// What is advised.
    Advice,
    /// What comes after something.
    After,
    /// What comes before something.
    Before,
    /// What sets two things apart.
    Difference,
    /// Anything else.
    Fact,
}

/// A question taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// What kind of answer is wanted.
    pub kind: Kind,
    /// The stems it is about, each with its weight: 1 for what it names, less for words that turn on the asking, for where and
    /// when it is, and for those carried from earlier turns.
    pub terms: Vec<(String, f32)>,
    /// The question's own stems in order, for phrases.
    pub sequence: Vec<String>,
    /// Whether all that it is about was said in the turn before.
    pub leans: bool,
    /// Whether it only asks for the reason, the time or the person of what was said in the turn before: "when?", "why does it help?".
    pub points: bool,
    /// Whether it is about nothing that was named, now or before.
    pub bare: bool,
    /// Whether a date in the past is asked for.
    pub dated: bool,
    /// The stems of what is to be defined.
    pub focus: Vec<String>,
    /// What is asked of a name, where there is one.
    pub deed: Option<Deed>,
}

/// Opens the words carried over from earlier turns; its only word is one that no search looks for.
pub(super) const CARRIED: &str = "(about: ";
/// Opens words from earlier turns that the question can do without.
pub(super) const PERHAPS: &str = "(or about: ";
/// What a carried word weighs beside the question's own words.
const CARRIED_WEIGHT: f32 = 0.35;
/// What a word weighs that only tells where or when, as in "what is a weight in a neural network".
const ASIDE_WEIGHT: f32 = 0.6;
/// What a word weighs that an answer may well say otherwise.
const LIGHT_WEIGHT: f32 = 0.3;
/// What a word weighs that turns on the asking; below [`COUNTED`], so that an answer may lack it.
const ASKING_WEIGHT: f32 = 0.2;
/// From this weight on, an answer must account for a word.
pub(super) const COUNTED: f32 = 0.3;

impl Asked {
    /// Takes a question apart, with or without words carried from earlier turns.
    pub fn parse(question: &str) -> Self {
        let (own, carried) = apart(question);
        let kind = kind(own);
        let category = category(own);
        let sequence = terms::content_terms(own);
        let of_a_name = Deed::of(own);
        let deed = |term: &str| {
            (matches!(kind, Kind::Who | Kind::When) && lexicon::is_deed(term))
                || (kind == Kind::Remedy && lexicon::is_remedy(term))
        };
        let quality = degree(own).filter(|_| kind == Kind::Degree);
        // What kind of thing the answer is, and what was done, an answer may well say otherwise.
        let named: Vec<String> = subject(own).into_iter().filter(|term| category.as_ref() != Some(term) && !deed(term)).collect();
        let focus = if matches!(kind, Kind::Definition | Kind::Fact | Kind::List) { subject(head(own)) } else { named.clone() };
        let focus: Vec<String> = focus.into_iter().filter(|term| named.contains(term)).collect();
        let mut found: Vec<(String, f32)> = Vec::new();
        let weigh = |term: &String| match (named.contains(term), focus.contains(term)) {
            (false, _) => ASKING_WEIGHT,
            (true, _) if quality.as_ref() == Some(term) => 1.0,
            (true, _) if lexicon::is_light(term) => LIGHT_WEIGHT,
            (true, false) if !focus.is_empty() => ASIDE_WEIGHT,
            (true, _) => 1.0,
        };
        // Where a question has no other words of its own, the light ones tell what it is about.
        let only_light = named.iter().all(|term| lexicon::is_light(term));
        let weigh = |term: &String| match weigh(term) {
            weight if only_light && weight == LIGHT_WEIGHT => 1.0,
            weight => weight,
        };
        let weight_of_carried = if named.is_empty() {
            1.0
        } else if only_light {
            ASIDE_WEIGHT
        } else {
            CARRIED_WEIGHT
        };
        let own = sequence.iter().map(|t| (t.clone(), weigh(t)));
        for (term, weight) in own.chain(subject(carried).into_iter().map(|t| (t, weight_of_carried))) {
            if !found.iter().any(|(t, _)| *t == term) {
                found.push((term, weight));
            }
        }
        if found.iter().all(|(_, weight)| *weight < COUNTED) {
            found.iter_mut().for_each(|(_, weight)| *weight = 1.0);
        }
        let past = terms::words(question).any(|word| matches!(word.as_str(), "was" | "were" | "did"));
        let leans = question.contains(CARRIED) && named.is_empty();
        let bare = named.is_empty() && carried.is_empty();
        let only_asks = |term: &String| lexicon::is_about_asking(term) || (kind == Kind::Why && lexicon::is_light(term));
        let points = question.contains(CARRIED) && sequence.iter().all(only_asks);
        Self { kind, terms: found, sequence, leans, points, bare, dated: kind == Kind::When && past, focus, deed: of_a_name }
    }
}

/// A question and the words carried from earlier turns.
pub(super) fn apart(question: &str) -> (&str, &str) {
    let at = question.split_once(CARRIED).or_else(|| question.split_once(PERHAPS));
    at.map_or((question, ""), |(own, carried)| (own, carried.trim_end_matches(')')))
}

/// Whether nothing is named, and nothing is carried: "hello", "thank you".
pub(super) fn says_nothing(question: &str) -> bool {
    let (own, carried) = apart(question);
    carried.is_empty() && subject(own).is_empty() && !matches!(kind(own), Kind::More | Kind::Example)
}

/// A question without words that it may, but need not, have carried over; none where it has no such words.
pub(super) fn alone(question: &str) -> Option<&str> {
    question.split_once(PERHAPS).map(|(own, _)| own.trim_end())
}

/// The noun that says what kind of thing the answer is, as in "which colours does it absorb" or "what are the steps of …"; the answer
/// names the thing and not its kind.
fn category(question: &str) -> Option<String> {
    let words: Vec<String> = terms::words(question).collect();
    let at = words.iter().position(|w| matches!(&**w, "what" | "which"))?;
    if words.get(at + 1).is_some_and(|w| is_auxiliary(w)) {
        let listed = words[at + 1..].iter().find(|w| lexicon::is_listed(w))?;
        return (kind(question) == Kind::List).then(|| terms::stem(listed));
    }
    let verb = words[at + 1..].iter().take(4).position(|w| is_auxiliary(w))?;
    let noun = terms::stem(&words[at + verb]);
    // "What causes …" and a noun that is all there is are the subject themselves.
    (verb > 0 && terms::content_terms(question).iter().any(|term| *term != noun && !lexicon::is_light(term))).then_some(noun)
}

fn is_auxiliary(word: &str) -> bool {
    matches!(
        word,
        "is" | "are"
            | "was"
            | "were"
            | "do"
            | "does"
            | "did"
            | "can"
            | "could"
            | "will"
            | "would"
            | "should"
            | "must"
            | "has"
            | "have"
            | "had"
            | "may"
            | "might"
    )
}

/// The quality of "how efficient is it".
fn degree(question: &str) -> Option<String> {
    let words: Vec<String> = terms::words(question).collect();
    let at = words.iter().position(|w| w == "how")?;
    let (quality, verb) = (words.get(at + 1)?, words.get(at + 2)?);
    let is = matches!(&**verb, "is" | "are" | "was" | "were");
    (is && !is_auxiliary(quality) && !terms::content_terms(quality).is_empty()).then(|| terms::stem(quality))
}

/// The stems that name the subject.
pub(super) fn subject(text: &str) -> Vec<String> {
    let measure = measure(text);
    terms::content_terms(text).into_iter().filter(|t| !lexicon::is_about_asking(t) && measure.as_ref() != Some(t)).collect()
}

/// The adjective of "how hot" and the noun of "what share", which the answer gives as a number.
fn measure(text: &str) -> Option<String> {
    let words: Vec<String> = terms::words(text).collect();
    let of_what = words.windows(2).find(|w| {
        matches!(&*w[0], "what" | "which")
            && matches!(&*w[1], "share" | "percentage" | "percent" | "proportion" | "fraction" | "amount" | "size" | "value")
    });
    if let Some(pair) = of_what {
        return Some(terms::stem(&pair[1]));
    }
    let at = words.iter().position(|w| w == "how")?;
    words.get(at + 1).filter(|w| lexicon::is_measure(w)).map(|w| terms::stem(w))
}

/// A question without what tells only where or when.
fn head(question: &str) -> &str {
    let lower = question.to_ascii_lowercase();
    let cut = [" in ", " on ", " for ", " when ", " if ", " at ", " within ", " during ", " here", " there", " inside "]
        .iter()
        .filter_map(|aside| lower.find(aside))
        .filter(|at| !subject(&question[..*at]).is_empty())
        .min();
    cut.map_or(question, |at| &question[..at])
}

/// The kind of a question by its words.
pub(super) fn kind(question: &str) -> Kind {
    let lower = format!(" {} ", terms::words(question).collect::<Vec<_>>().join(" "));
    let has = |phrase: &str| lower.contains(&format!(" {phrase} "));
    let any = |phrases: &[&str]| phrases.iter().any(|p| has(p));
    let case = [
        "an example",
        "examples of",
        "example of",
        "for instance",
        "another example",
        "some examples",
        "any examples",
        "for example",
    ];
    if any(&case) || lower.starts_with(" example") {
        return Kind::Example;
    }
    if any(&[
        "tell me more",
        "say more",
        "more about it",
        "more about that",
        "what else",
        "anything else",
        "go on",
        "continue",
        "more please",
    ]) || lower == " more "
    {
        return Kind::More;
    }
    if any(&[
        "difference between",
        "differ",
        "differs",
        "differ from",
        "different from",
        "compare",
        "compared to",
        "compared with",
        "versus",
        "vs",
        "distinguish",
    ]) {
        return Kind::Difference;
    }
    if let Some(order) = order(&lower) {
        return order;
    }
    if any(&["formula", "equation"]) {
        return Kind::Formula;
    }
    if any(&["why", "how come", "the reason", "what causes", "what caused", "what makes", "what reason", "why's"]) {
        return Kind::Why;
    }
    let made = ["made", "produced", "formed", "released", "created", "built", "generated"];
    let is_made = (lower.starts_with(" how is ") || lower.starts_with(" how are ")) && any(&made);
    let makes = ["make", "produce", "form", "release", "give off", "create", "build", "generate", "yield"];
    if is_made
        || lower.starts_with(" what ") && any(&["is", "are", "was", "gets"]) && any(&made) && !any(&["by", "of", "from"])
        || (lower.starts_with(" what ") || lower.starts_with(" and what ")) && any(&["does", "do", "did"]) && any(&makes)
    {
        return Kind::Product;
    }
    if remedy(&lower) {
        return Kind::Remedy;
    }
    if lists(&lower) {
        return Kind::List;
    }
    // "What is a good learning rate" knows what a learning rate is.
    if lower.starts_with(" what") && lower.split_whitespace().take(4).any(|word| lexicon::ADVISED.contains(&word)) {
        return Kind::Advice;
    }
    if measure(question).is_some() || any(&["how many", "how much", "how often", "what number"]) {
        return Kind::HowMany;
    }
    if any(&["what year", "which year", "what date", "what day", "what century"]) {
        return Kind::When;
    }
    // The first word that asks decides; "tell me when …" and "so who …" are questions too.
    for (at, word) in lower.split_whitespace().enumerate() {
        match word {
            "who" | "whose" | "whom" | "who's" => return Kind::Who,
            "where" | "where's" => return Kind::Where,
            "when" if at <= 3 => return Kind::When,
            "how" | "how's" => return if degree(question).is_some() { Kind::Degree } else { Kind::How },
            "what" | "what's" | "whats" => {
                return if defines(&lower) { Kind::Definition } else { Kind::Fact };
            }
            "which" => return Kind::Fact,
            "define" | "explain" | "describe" | "summarize" | "summarise" => return Kind::Definition,
            "is" | "are" | "was" | "were" | "does" | "do" | "did" | "can" | "could" | "will" | "would" | "should" | "has"
            | "have" | "must" | "isn't" | "doesn't" | "don't" | "can't"
                if at <= 1 && !any(&["you explain", "you tell", "you say", "you define", "you describe", "you give"]) =>
            {
                return Kind::YesNo;
            }
            _ => {}
        }
    }
    // "Chain rule" and "tell me about the chain rule" ask what it is.
    let names_only = lower.split_whitespace().count() <= 4 && !question.trim_end().ends_with('.');
    if names_only || has("tell me about") { Kind::Definition } else { Kind::Fact }
}

/// Whether a question asks what comes after something, or before it: "what comes after the offer", "what follows the forward pass".
fn order(lower: &str) -> Option<Kind> {
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(&format!(" {word} ")));
    if !has(&["what", "what's", "whats", "which"]) {
        return None;
    }
    let happens =
        ["comes", "come", "came", "happens", "happen", "happened", "is", "was", "do", "does", "did", "done", "what's", "whats"];
    match () {
        () if has(&["follows", "followed"]) => Some(Kind::After),
        () if has(&["precedes", "preceded"]) => Some(Kind::Before),
        () if has(&["after"]) && has(&happens) => Some(Kind::After),
        () if has(&["before"]) && has(&happens) => Some(Kind::Before),
        () => None,
    }
}

/// Whether a question asks what can be done against something.
fn remedy(lower: &str) -> bool {
    let asks = [" how ", " what ", " which ", " list ", " name ", " ways ", " tell "].iter().any(|word| lower.contains(word));
    let nouns = [
        " cure for ",
        " cures for ",
        " remedy for ",
        " remedies for ",
        " solution to ",
        " solutions to ",
        " done against ",
        " do against ",
        " done about ",
        " do about ",
        " cure of ",
        " cures of ",
        " remedies against ",
        " remedy against ",
    ];
    let verb =
        |word: &str| matches!(word, "prevent" | "avoid" | "fix" | "solve" | "cure" | "combat" | "counter" | "overcome" | "fight");
    let does = lower.starts_with(" how ") && lower.split_whitespace().any(verb);
    does || (asks && nouns.iter().any(|noun| lower.contains(noun)))
}

/// Whether a question asks for several things.
fn lists(lower: &str) -> bool {
    let words: Vec<&str> = lower.split_whitespace().collect();
    let named = |word: &&str| word.len() > 3 && word.ends_with('s') && !word.ends_with("ss");
    // "Name the cures", "list all three estates".
    if matches!(words.first(), Some(&("list" | "name" | "enumerate"))) && words.iter().skip(1).any(named) {
        return true;
    }
    // "What are the elements of a contract".
    if let ["what", "are", "the", rest @ ..] = words.as_slice()
        && rest.iter().take(3).zip(rest.iter().skip(1)).any(|(word, next)| named(word) && matches!(*next, "of" | "for" | "that"))
    {
        return true;
    }
    let Some(at) = words.iter().position(|word| lexicon::is_listed(word)) else { return false };
    let opens = words[0] == "give";
    // "What steps", "what are the steps", "which three steps".
    let which = matches!(words[0], "what" | "which");
    opens || (which && (at <= 2 || (at <= 5 && matches!(words[1], "are" | "were"))))
}

/// Whether a question that begins with "what" asks for a meaning: "what is a gradient", "what does X mean", "what did she mean by X".
fn defines(lower: &str) -> bool {
    let has = |phrase: &str| lower.contains(&format!(" {phrase} "));
    if has("mean") || has("means") || has("meant") || has("meaning") || has("stand for") || has("definition") {
        return true;
    }
    let words: Vec<&str> = lower.split_whitespace().collect();
    let Some(at) = words.iter().position(|w| matches!(*w, "what" | "what's" | "whats")) else { return false };
    let copula = words[at] != "what" || matches!(words.get(at + 1), Some(&("is" | "are" | "was" | "were")));
    // "What is a gradient" is short and has no further verb; "what is the best way to choose it" is a fact asked for.
    copula
        && words.len() - at <= 8
        && !["best", "to", "used", "when", "if", "called", "happens", "bad", "wrong"].iter().any(|w| has(w))
}
