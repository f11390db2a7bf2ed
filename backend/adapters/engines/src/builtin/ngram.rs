//! A small trigram language model counted from a text and written as ARPA; knows words, not where they come from.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

const START: u32 = 0;
const END: u32 = 1;

/// A back-off trigram model with absolute discounting. Every history's probabilities sum to one over the vocabulary
/// and the sentence end.
#[derive(Debug, Clone)]
pub struct Ngram {
    words: Vec<String>,
    ids: HashMap<String, u32>,
    /// Log-free probabilities and back-off weights, by n-gram; the sentence start has a weight and no probability.
    unigrams: BTreeMap<[u32; 1], Entry>,
    bigrams: BTreeMap<[u32; 2], Entry>,
    trigrams: BTreeMap<[u32; 3], Entry>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    probability: f64,
    backoff: f64,
}

impl Ngram {
    /// Counts sentences of words, each with how often it counts; words with spaces are the caller's mistake and are skipped.
    pub fn train<S: AsRef<str>>(sentences: impl IntoIterator<Item = (Vec<S>, u32)>) -> Self {
        let mut model = Self {
            words: vec!["<s>".into(), "</s>".into()],
            ids: HashMap::from([("<s>".into(), START), ("</s>".into(), END)]),
            unigrams: BTreeMap::new(),
            bigrams: BTreeMap::new(),
            trigrams: BTreeMap::new(),
        };
        let mut ones: BTreeMap<[u32; 1], u64> = BTreeMap::new();
        let mut twos: BTreeMap<[u32; 2], u64> = BTreeMap::new();
        let mut threes: BTreeMap<[u32; 3], u64> = BTreeMap::new();
        for (sentence, weight) in sentences {
            let weight = u64::from(weight);
            let mut line = vec![START];
            line.extend(
                sentence.iter().map(S::as_ref).filter(|w| !w.is_empty() && !w.contains(char::is_whitespace)).map(|w| model.id(w)),
            );
            if line.len() == 1 || weight == 0 {
                continue;
            }
            line.push(END);
            for word in &line[1..] {
                *ones.entry([*word]).or_default() += weight;
            }
            for pair in line.windows(2) {
                *twos.entry([pair[0], pair[1]]).or_default() += weight;
            }
            for triple in line.windows(3) {
                *threes.entry([triple[0], triple[1], triple[2]]).or_default() += weight;
            }
        }
        ones.entry([END]).or_insert(1);
        model.estimate(&ones, &twos, &threes);
        model
    }

    /// The words the model knows, without the sentence marks.
    pub fn vocabulary(&self) -> impl Iterator<Item = &str> {
        self.words.iter().skip(2).map(String::as_str)
    }

    /// The probability of a word after up to two words; 0 for a word that is not in the vocabulary.
    pub fn probability(&self, history: &[&str], word: &str) -> f64 {
        let Some(word) = self.ids.get(word).copied().filter(|id| *id != START) else {
            return 0.0;
        };
        // An unknown word in the history cuts everything before it off.
        let mut known: Vec<u32> = Vec::with_capacity(2);
        for past in &history[history.len().saturating_sub(2)..] {
            match self.ids.get(*past) {
                Some(id) => known.push(*id),
                None => known.clear(),
            }
        }
        self.after(&known, word)
    }

    fn after(&self, history: &[u32], word: u32) -> f64 {
        match *history {
            [a, b] => match self.trigrams.get(&[a, b, word]) {
                Some(entry) => entry.probability,
                None => self.bigrams.get(&[a, b]).map_or(1.0, |e| e.backoff) * self.after(&[b], word),
            },
            [b] => match self.bigrams.get(&[b, word]) {
                Some(entry) => entry.probability,
                None => self.unigrams.get(&[b]).map_or(1.0, |e| e.backoff) * self.after(&[], word),
            },
            _ => self.unigrams.get(&[word]).map_or(0.0, |e| e.probability),
        }
    }

    /// The model in the ARPA format that recognisers read.
    pub fn arpa(&self) -> String {
        let mut out = format!(
            "\\data\\\nngram 1={}\nngram 2={}\nngram 3={}\n",
            self.unigrams.len(),
            self.bigrams.len(),
            self.trigrams.len()
        );
        out.push_str("\n\\1-grams:\n");
        for (gram, entry) in &self.unigrams {
            self.line(&mut out, gram, *entry, true);
        }
        out.push_str("\n\\2-grams:\n");
        for (gram, entry) in &self.bigrams {
            self.line(&mut out, gram, *entry, true);
        }
        out.push_str("\n\\3-grams:\n");
        for (gram, entry) in &self.trigrams {
            self.line(&mut out, gram, *entry, false);
        }
        out.push_str("\n\\end\\\n");
        out
    }

    fn line(&self, out: &mut String, gram: &[u32], entry: Entry, with_backoff: bool) {
        // Writing to a String cannot fail.
        let _ = write!(out, "{:.5}", log10(entry.probability));
        for id in gram {
            let _ = write!(out, " {}", self.words[*id as usize]);
        }
        if with_backoff {
            let _ = write!(out, " {:.5}", log10(entry.backoff));
        }
        out.push('\n');
    }

    fn id(&mut self, word: &str) -> u32 {
        if let Some(id) = self.ids.get(word) {
            return *id;
        }
        let id = self.words.len() as u32;
        self.words.push(word.to_owned());
        self.ids.insert(word.to_owned(), id);
        id
    }

    fn estimate(&mut self, ones: &BTreeMap<[u32; 1], u64>, twos: &BTreeMap<[u32; 2], u64>, threes: &BTreeMap<[u32; 3], u64>) {
        // What discounting takes from the words is spread evenly over all of them, so that it is not lost.
        let total: u64 = ones.values().sum();
        let taken = discount(ones.values());
        let spread = taken / total as f64;
        for (gram, count) in ones {
            let probability = (*count as f64 - taken) / total as f64 + spread;
            self.unigrams.insert(*gram, Entry { probability, backoff: 1.0 });
        }
        self.unigrams.insert([START], Entry { probability: 0.0, backoff: 1.0 });

        let lower: HashMap<u32, f64> = self.unigrams.iter().map(|(gram, e)| (gram[0], e.probability)).collect();
        for (history, group) in grouped(twos, |gram| gram[0], |gram| gram[1]) {
            let (seen, backoff) = discounted(&group, discount(twos.values()), |word| lower[&word]);
            for (word, probability) in seen {
                self.bigrams.insert([history, word], Entry { probability, backoff: 1.0 });
            }
            if let Some(entry) = self.unigrams.get_mut(&[history]) {
                entry.backoff = backoff;
            }
        }
        let mut weights = Vec::new();
        for ((a, b), group) in grouped(threes, |gram| (gram[0], gram[1]), |gram| gram[2]) {
            let (seen, backoff) = discounted(&group, discount(threes.values()), |word| self.after(&[b], word));
            for (word, probability) in seen {
                self.trigrams.insert([a, b, word], Entry { probability, backoff: 1.0 });
            }
            weights.push(([a, b], backoff));
        }
        for (gram, backoff) in weights {
            if let Some(entry) = self.bigrams.get_mut(&gram) {
                entry.backoff = backoff;
            }
        }
    }
}

fn log10(p: f64) -> f64 {
    if p > 0.0 { p.log10().max(-99.0) } else { -99.0 }
}

/// The discount that leaves unseen events what the counts of one and two suggest (Ney, Essen and Kneser 1994).
fn discount<'a>(counts: impl Iterator<Item = &'a u64>) -> f64 {
    let (mut once, mut twice) = (0u64, 0u64);
    for count in counts {
        once += u64::from(*count == 1);
        twice += u64::from(*count == 2);
    }
    // A text without rare n-grams says nothing about unseen ones; a half is the usual middle.
    if once == 0 { 0.5 } else { (once as f64 / (once + 2 * twice) as f64).clamp(0.2, 0.9) }
}

fn grouped<const N: usize, K: Ord>(
    counts: &BTreeMap<[u32; N], u64>,
    key: impl Fn(&[u32; N]) -> K,
    word: impl Fn(&[u32; N]) -> u32,
) -> BTreeMap<K, Vec<(u32, u64)>> {
    let mut out: BTreeMap<K, Vec<(u32, u64)>> = BTreeMap::new();
    for (gram, count) in counts {
        out.entry(key(gram)).or_default().push((word(gram), *count));
    }
    out
}

/// The probabilities of the words seen after one history, and the weight by which the shorter history counts for the others.
fn discounted(group: &[(u32, u64)], discount: f64, lower: impl Fn(u32) -> f64) -> (Vec<(u32, f64)>, f64) {
    let total: u64 = group.iter().map(|(_, count)| count).sum();
    let seen: Vec<(u32, f64)> = group.iter().map(|(word, count)| (*word, (*count as f64 - discount) / total as f64)).collect();
    let left = 1.0 - seen.iter().map(|(_, p)| p).sum::<f64>();
    let unseen = 1.0 - group.iter().map(|(word, _)| lower(*word)).sum::<f64>();
    if unseen > 1e-9 {
        return (seen, left / unseen);
    }
    // Every word was seen here: what was taken goes back to them.
    let scale = 1.0 / (1.0 - left);
    (seen.into_iter().map(|(word, p)| (word, p * scale)).collect(), 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn model(text: &[&str]) -> Ngram {
        Ngram::train(text.iter().map(|line| (line.split(' ').collect::<Vec<_>>(), 1)))
    }

    #[test]
    fn what_was_said_is_likelier_than_what_was_not() {
        let m = model(&["the chain rule is a product", "the chain rule is simple", "the loss is a number"]);
        assert!(m.probability(&["the", "chain"], "rule") > 0.5);
        assert!(m.probability(&["the", "chain"], "rule") > 20.0 * m.probability(&["the", "chain"], "loss"));
        assert!(m.probability(&["the", "chain"], "loss") > 0.0);
        assert_eq!(m.probability(&["the"], "penguin"), 0.0);
    }

    #[test]
    fn an_unseen_history_backs_off_to_the_shorter_one() {
        let m = model(&["a b c", "a b d", "b c a"]);
        assert_eq!(m.probability(&["d", "b"], "c"), m.probability(&["b"], "c"));
        assert_eq!(m.probability(&["nowhere"], "a"), m.probability(&[], "a"));
        // A seen history with an unseen word: weight times the shorter history.
        let weight = m.bigrams[&[m.ids["a"], m.ids["b"]]].backoff;
        assert!((m.probability(&["a", "b"], "a") - weight * m.probability(&["b"], "a")).abs() < 1e-12);
    }

    #[test]
    fn an_empty_text_is_still_a_model() {
        let m = Ngram::train(Vec::<(Vec<String>, u32)>::new());
        assert_eq!(m.vocabulary().count(), 0);
        assert!(m.arpa().contains("ngram 1=2"));
    }

    proptest! {
        #[test]
        fn probabilities_sum_to_one_after_every_history(
            lines in prop::collection::vec((prop::collection::vec("[a-f]", 1..8), 1u32..4), 1..12)
        ) {
            let m = Ngram::train(lines);
            let vocabulary: Vec<String> = m.vocabulary().map(str::to_owned).chain(["</s>".to_owned()]).collect();
            let mut histories: Vec<Vec<&str>> = vec![vec![], vec!["<s>"]];
            for a in &vocabulary {
                histories.push(vec![a]);
                histories.push(vec!["<s>", a]);
                for b in &vocabulary {
                    histories.push(vec![a, b]);
                }
            }
            for history in histories {
                let sum: f64 = vocabulary.iter().map(|w| m.probability(&history, w)).sum();
                prop_assert!((sum - 1.0).abs() < 1e-6, "{history:?} sums to {sum}");
            }
        }

        #[test]
        fn the_arpa_text_holds_what_it_announces(lines in prop::collection::vec(prop::collection::vec("[a-z]{1,4}", 1..8), 0..12)) {
            let m = Ngram::train(lines.into_iter().map(|l| (l, 1)));
            let arpa = m.arpa();
            for (order, name) in [(1, "\\1-grams:"), (2, "\\2-grams:"), (3, "\\3-grams:")] {
                let announced: usize = arpa.lines().find_map(|l| l.strip_prefix(&format!("ngram {order}="))).unwrap().parse().unwrap();
                let listed: Vec<&str> = arpa.lines().skip_while(|l| *l != name).skip(1).take_while(|l| !l.is_empty()).collect();
                prop_assert_eq!(announced, listed.len());
                for line in listed {
                    let fields: Vec<&str> = line.split(' ').collect();
                    prop_assert_eq!(fields.len(), order + 1 + usize::from(order < 3));
                    prop_assert!(fields[0].parse::<f64>().unwrap() <= 0.0);
                }
            }
        }
    }
}
