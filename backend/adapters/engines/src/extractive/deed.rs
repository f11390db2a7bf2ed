//! Whether a sentence says of another what a question asks of somebody it names. Knows nothing of how a sentence is chosen.

use synapscribe_domain::terms;

use super::brief::stem;

const IS: [&str; 4] = ["is", "are", "was", "were"];
const DOES: [&str; 6] = ["do", "does", "did", "has", "have", "had"];
const MAY_MEAN_IT: [&str; 7] = ["he", "she", "it", "they", "him", "her", "them"];

/// What a question asks was done to somebody, or to something, that it names: "When was Caesar killed?" Who did it may well be called
/// otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// The stems of all that the question names.
    names: Vec<String>,
    /// That of the word behind the name that it asks of.
    done: String,
}

impl Deed {
    /// Nothing where no name with a capital letter stands behind "was" or the like: a transcript may have no capitals.
    pub fn of(question: &str) -> Option<Self> {
        let words = words(question);
        let does = words.iter().position(|word| is_auxiliary(word)).filter(|&at| IS.contains(&words[at]))?;
        let behind = &words[does + 1..];
        let behind = behind.strip_prefix(&["the"]).unwrap_or(behind);
        let name = behind.iter().take_while(|word| is_name(word)).count();
        let done = behind.get(name).filter(|word| name > 0 && !terms::is_stop_word(word))?;
        let names = words[1..].iter().filter(|word| is_name(word)).map(|word| stem_of(word)).collect();
        Some(Self { names, done: stem_of(done) })
    }

    /// The same, with other names of whoever is asked of: Napoleon is Bonaparte where a text says "Napoleon Bonaparte".
    pub fn among<'a>(&self, texts: impl Iterator<Item = &'a str>) -> Self {
        let mut names = self.names.clone();
        for text in texts {
            let raw: Vec<&str> = text.split_whitespace().collect();
            for pair in raw.windows(2).filter(|pair| pair[0].ends_with(char::is_alphanumeric)) {
                let both = [pair[0], bare(pair[1])];
                if both.iter().all(|word| is_name(word)) && both.iter().any(|word| self.names.contains(&stem_of(word))) {
                    names.extend(both.map(stem_of));
                }
            }
        }
        Self { names, ..self.clone() }
    }

    /// Whether a sentence says it of another name, and neither names whoever is asked of nor has a pronoun that may mean them.
    pub fn is_of_another(&self, sentence: &str) -> bool {
        let words = words(sentence);
        let is_done = |word: &&str| stem_of(word) == self.done;
        let Some(verb) = words.iter().position(|word| is_auxiliary(word) || is_done(word)) else { return false };
        let subject = words[..verb].iter().rposition(|word| !is_name(word)).map_or(0, |before| before + 1);
        // "The Emperor" may be who is asked of, and "after Crassus was killed" tells when something else was.
        let leans = subject > 0 && terms::is_stop_word(&words[subject - 1].to_lowercase());
        let says_it = words[verb..].iter().find(|word| !is_auxiliary(word)).is_some_and(is_done);
        let means_it = |stem: String| self.names.contains(&stem) || MAY_MEAN_IT.contains(&&*stem);
        let named = words.iter().any(|word| means_it(stem_of(word)));
        subject < verb && !leans && says_it && !named && IS.contains(&words[verb])
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect()
}

/// A word without the marks around it.
fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

fn stem_of(word: &str) -> String {
    stem(&word.to_lowercase().replace('’', "'"))
}

fn is_auxiliary(word: &str) -> bool {
    IS.contains(&word) || DOES.contains(&word)
}

/// Whether a word is written as a name is; what belongs to a name is none, nor are letters that stand for a longer one.
fn is_name(word: &str) -> bool {
    let plain = word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase);
    plain && !word.ends_with("'s") && !word.ends_with("’s") && !terms::is_stop_word(&word.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_of_another(question: &str, sentence: &str) -> bool {
        Deed::of(question).is_some_and(|deed| deed.is_of_another(sentence))
    }

    #[test]
    fn what_was_done_by_another_name_or_to_it_is_told_apart() {
        for (question, sentence) in [
            ("When was Caesar killed?", "Crassus was killed in 53 BC fighting the Parthians at Carrhae."),
            ("When was Caesar killed?", "In 53 BC Crassus was killed at Carrhae."),
        ] {
            assert!(is_of_another(question, sentence), "{question} {sentence}");
        }
        for (question, sentence) in [
            ("When was Crassus killed?", "Crassus was killed in 53 BC fighting the Parthians at Carrhae."),
            ("Where did Newton study?", "He studied at Cambridge."),
            ("What did Darwin find on the islands?", "The finches had different beaks."),
            // What somebody did may be told by another name.
            ("Where did the Vikings settle?", "Norwegians settled in Iceland."),
            // Others did it to him, or he is called otherwise.
            ("When was Caesar killed?", "Brutus killed the dictator in 44 BC."),
            ("When was Caesar killed?", "Brutus was told that they had killed him."),
            ("When did Augustus die?", "The Emperor died in 14."),
            ("When did the bridge fall?", "London fell in 1216."),
            ("When was the UN founded?", "Nations were founded in 1945."),
            ("Who killed Caesar?", "Brutus killed the dictator."),
            ("When was Napoleon's army beaten?", "Wellington was beaten in 1815."),
            // There are no capitals.
            ("when was caesar killed?", "Crassus was killed in 53 BC."),
            ("When was Caesar killed?", "crassus was killed in fifty three"),
        ] {
            assert!(!is_of_another(question, sentence), "{question} {sentence}");
        }
    }
    #[test]
    fn whoever_has_a_second_name_in_the_text_is_nobody_else() {
        let texts = ["Here Napoleon Bonaparte came.", "Then came Napoleon. Wellington was crowned nowhere."];
        let deed = Deed::of("When was Napoleon crowned?").unwrap().among(texts.into_iter());
        assert!(!deed.is_of_another("Bonaparte was crowned emperor in 1804."));
        assert!(deed.is_of_another("Wellington was crowned in 1804."));
    }
}
