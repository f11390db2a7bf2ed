//! The marks a model leaves in its answer — `[3]`, `[1, 2]`, `[NOT IN LECTURE]` — taken out of text that arrives in pieces.

/// A bracket that is still open after this many characters is no mark.
const MOST_CHARS: usize = 48;
/// The mark of an answer that the passages do not hold.
pub(crate) const REFUSAL: &str = "NOT IN LECTURE";

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// Words to show and to speak.
    Text(String),
    /// The words before rest on these passages, by their numbers.
    Cite(Vec<usize>),
    /// The passages do not hold the answer.
    Refusal,
}

/// Splits a growing answer into words and marks.
#[derive(Debug, Default)]
pub struct Markers {
    /// Spaces that are dropped when a mark follows.
    spaces: String,
    /// A bracket that may become a mark.
    open: Option<String>,
    /// Whether words were written since the beginning or a refusal, so that a space before the next is wanted.
    written: bool,
}

impl Markers {
    /// Adds text and returns what is now certain.
    pub fn push(&mut self, delta: &str) -> Vec<Token> {
        let mut out = Vec::new();
        for c in delta.chars() {
            self.take(c, &mut out);
        }
        out
    }

    /// The answer has ended: what was held back is given out.
    pub fn finish(&mut self) -> Vec<Token> {
        let mut out = Vec::new();
        if let Some(open) = self.open.take() {
            self.write(&open, &mut out);
        }
        self.spaces.clear();
        out
    }

    fn take(&mut self, c: char, out: &mut Vec<Token>) {
        if let Some(mut open) = self.open.take() {
            if matches!(c, ']' | '】') {
                match mark(&open) {
                    Some(token) => {
                        self.written &= token != Token::Refusal;
                        // Spaces before a mark go with it; those after it stay.
                        self.spaces.clear();
                        out.push(token);
                    }
                    None => {
                        open.push(c);
                        self.write(&open, out);
                    }
                }
            } else if matches!(c, '[' | '【') || open.chars().count() >= MOST_CHARS || c == '\n' {
                self.write(&open, out);
                self.take(c, out);
            } else {
                open.push(c);
                self.open = Some(open);
            }
        } else if matches!(c, '[' | '【') {
            self.open = Some(c.to_string());
        } else if c.is_whitespace() {
            self.spaces.push(c);
        } else {
            let mut utf8 = [0; 4];
            self.write(c.encode_utf8(&mut utf8), out);
        }
    }

    fn write(&mut self, text: &str, out: &mut Vec<Token>) {
        let mut spaces = std::mem::take(&mut self.spaces);
        if !std::mem::replace(&mut self.written, true) {
            spaces.clear();
        }
        match out.last_mut() {
            Some(Token::Text(before)) => {
                before.push_str(&spaces);
                before.push_str(text);
            }
            _ => out.push(Token::Text(spaces + text)),
        }
    }
}

/// What a bracket says, given with its opening and without its closing.
fn mark(open: &str) -> Option<Token> {
    let inner = open.trim_start_matches(['[', '【']).trim();
    if inner.eq_ignore_ascii_case(REFUSAL) || inner.eq_ignore_ascii_case("NOT_IN_LECTURE") {
        return Some(Token::Refusal);
    }
    let lower = inner.to_ascii_lowercase();
    let numbers = ["passages", "passage", "excerpt", "source"].iter().find_map(|p| lower.strip_prefix(p)).unwrap_or(&lower);
    let mut out = Vec::new();
    for part in numbers.split([',', ';', '&']) {
        let mut ends = part.split(['-', '–']).map(|n| n.trim().parse::<usize>().ok().filter(|n| *n < 100_000));
        let first = ends.next()??;
        let last = match ends.next() {
            Some(last) => last?,
            None => first,
        };
        if ends.next().is_some() || last < first || last - first > 20 {
            return None;
        }
        out.extend(first..=last);
    }
    Some(Token::Cite(out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(deltas: &[&str]) -> (String, Vec<Vec<usize>>, usize) {
        let mut markers = Markers::default();
        let mut tokens: Vec<Token> = deltas.iter().flat_map(|d| markers.push(d)).collect();
        tokens.extend(markers.finish());
        let mut all = (String::new(), Vec::new(), 0);
        for token in tokens {
            match token {
                Token::Text(text) => all.0.push_str(&text),
                Token::Cite(numbers) => all.1.push(numbers),
                Token::Refusal => all.2 += 1,
            }
        }
        all
    }

    #[test]
    fn marks_are_taken_out_of_the_words() {
        for (answer, text, cites) in [
            ("The rate is small [3]. So is the step. [1, 2]", "The rate is small. So is the step.", vec![vec![3], vec![1, 2]]),
            ("It falls.[2][4] Then it stops [5-7].", "It falls. Then it stops.", vec![vec![2], vec![4], vec![5, 6, 7]]),
            ("Slope 【1】 and [passage 2] too", "Slope and too", vec![vec![1], vec![2]]),
            ("A list [a, b] and x[i] and [1.5] and [", "A list [a, b] and x[i] and [1.5] and [", vec![]),
            (" One [[2]] two", "One [] two", vec![vec![2]]),
            ("[9-1] [1-2-3] []", "[9-1] [1-2-3] []", vec![]),
        ] {
            assert_eq!(read(&[answer]), (text.to_owned(), cites, 0), "{answer}");
        }
        assert_eq!(
            read(&["[NOT IN ", "LECTURE] The lecture is about bread. [", "1]"]),
            ("The lecture is about bread.".to_owned(), vec![vec![1]], 1)
        );
    }

    #[test]
    fn a_bracket_that_never_closes_is_only_text() {
        let long = format!("see [{} end", "x".repeat(200));
        assert_eq!(read(&[&long]).0, long);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_answer_is_cut(answer in "[a-c \\[\\]0-9,.é-]{0,60}", at in 0usize..60) {
            let cut = answer.char_indices().map(|(i, _)| i).nth(at).unwrap_or(answer.len());
            prop_assert_eq!(read(&[&answer[..cut], &answer[cut..]]), read(&[&answer]));
        }
    }
}
