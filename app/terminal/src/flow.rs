//! Breaks words that arrive piece by piece into lines. Knows no terminal.

use unicode_width::UnicodeWidthStr as _;

/// A text on its way; a word is held back until it is whole.
#[derive(Debug)]
pub struct Flow {
    /// Columns of a line; a text without a width is not broken.
    width: Option<usize>,
    column: usize,
    /// Whether something stands between the line and the word.
    gap: bool,
    word: String,
}

impl Flow {
    /// Lines of this width.
    pub fn new(width: Option<usize>) -> Self {
        Self { width, column: 0, gap: false, word: String::new() }
    }

    /// What can be shown once this has come too.
    pub fn take(&mut self, piece: &str) -> String {
        if self.width.is_none() {
            return piece.to_owned();
        }
        let mut out = String::new();
        for c in piece.chars() {
            if !c.is_whitespace() {
                self.word.push(c);
                continue;
            }
            out += &self.end();
            if c == '\n' {
                out.push('\n');
                self.line();
            } else {
                self.gap = self.column > 0;
            }
        }
        out
    }

    /// The rest, when nothing more comes for now.
    pub fn end(&mut self) -> String {
        let word = std::mem::take(&mut self.word);
        if word.is_empty() {
            return word;
        }
        let (gap, wide) = (usize::from(std::mem::take(&mut self.gap)), word.width());
        if self.width.is_some_and(|width| self.column > 0 && self.column + gap + wide > width) {
            self.column = wide;
            return format!("\n{word}");
        }
        self.column += gap + wide;
        format!("{}{word}", &" "[..gap])
    }

    /// The next text begins a line.
    pub fn line(&mut self) {
        self.column = 0;
        self.gap = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: Option<usize>, pieces: &[&str]) -> String {
        let mut flow = Flow::new(width);
        let mut out: String = pieces.iter().map(|piece| flow.take(piece)).collect();
        out += &flow.end();
        out
    }

    #[test]
    fn no_word_is_broken_however_it_arrives() {
        let text = "We want to go down, so we step\nthe opposite way.";
        let letters: Vec<String> = text.chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        // The first line of 13 is full to its last column.
        for width in [13, 14] {
            let whole = shown(Some(width), &[text]);
            assert_eq!(whole, "We want to go\ndown, so we\nstep\nthe opposite\nway.");
            assert_eq!(shown(Some(width), &letters), whole);
        }
    }

    #[test]
    fn a_text_for_programs_and_a_word_wider_than_the_line_stay_as_they_are() {
        assert_eq!(shown(None, &["a  b", "\nc "]), "a  b\nc ");
        assert_eq!(shown(Some(4), &["incomprehensible"]), "incomprehensible");
    }
}
