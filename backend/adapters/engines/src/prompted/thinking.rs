//! What a reasoning model thinks before it answers — `<think>…</think>` — taken out of text that arrives in pieces.

/// The tags around thoughts, as models write them.
const OPENING: [&str; 2] = ["<think>", "<thinking>"];
const CLOSING: [&str; 2] = ["</think>", "</thinking>"];

/// Leaves thoughts out of a growing text.
#[derive(Debug, Default)]
pub struct Thinking {
    inside: bool,
    /// The beginning of what may become a tag.
    open: String,
}

impl Thinking {
    /// Adds text and returns what of it, and of what was held back, is no thought.
    pub fn push(&mut self, delta: &str) -> String {
        let mut out = String::with_capacity(delta.len());
        for c in delta.chars() {
            self.take(c, &mut out);
        }
        out
    }

    /// The text has ended: what was held back is given out. A thought that has no end is dropped.
    pub fn finish(&mut self) -> String {
        let rest = std::mem::take(&mut self.open);
        if self.inside { String::new() } else { rest }
    }

    fn take(&mut self, c: char, out: &mut String) {
        self.open.push(c);
        let is = |tags: &[&str]| tags.iter().any(|tag| tag.eq_ignore_ascii_case(&self.open));
        if is(&OPENING) || is(&CLOSING) {
            // A closing tag alone ends thoughts that the server opened in its prompt.
            self.inside = is(&OPENING);
            self.open.clear();
        } else if !self.may_become_a_tag() {
            let held = std::mem::take(&mut self.open);
            // The character that broke a tag may begin another one.
            let again = held.len() > c.len_utf8() && c == '<';
            let passed = if again { &held[..held.len() - c.len_utf8()] } else { held.as_str() };
            if !self.inside {
                out.push_str(passed);
            }
            if again {
                self.open.push(c);
            }
        }
    }

    fn may_become_a_tag(&self) -> bool {
        let begins = |tag: &&str| tag.get(..self.open.len()).is_some_and(|start| start.eq_ignore_ascii_case(&self.open));
        OPENING.iter().any(&begins) || CLOSING.iter().any(begins)
    }
}

/// A whole text without its thoughts.
pub fn without_thoughts(text: &str) -> String {
    let mut thinking = Thinking::default();
    let mut out = thinking.push(text);
    out.push_str(&thinking.finish());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn thoughts_are_left_out_and_everything_else_stays() {
        for (text, rest) in [
            ("<think>Hm, passage 2.</think>The rate is small.", "The rate is small."),
            ("<think>a < b, and <b>bold</b></think>x < y < z", "x < y < z"),
            ("before <THINKING>so</Thinking> after", "before  after"),
            ("One </think>two", "One two"),
            ("<thin ice> <<think>no</think>>", "<thin ice> <>"),
            ("<think>never ends", ""),
            ("ends with <thin", "ends with <thin"),
            ("ü<think>ö</think>ä", "üä"),
        ] {
            assert_eq!(without_thoughts(text), rest, "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_text_is_cut(pieces in prop::collection::vec("(<think>|</think>|<|>|/|think|[a-zü ]{0,3})", 0..12), at in 0usize..40) {
            let text = pieces.concat();
            let cut = text.char_indices().map(|(i, _)| i).nth(at).unwrap_or(text.len());
            let mut thinking = Thinking::default();
            let mut out = thinking.push(&text[..cut]);
            out.push_str(&thinking.push(&text[cut..]));
            out.push_str(&thinking.finish());
            prop_assert_eq!(out, without_thoughts(&text));
        }
    }
}
