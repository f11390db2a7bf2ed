//! Breaks words that arrive piece by piece into lines. Knows no terminal.

use unicode_width::UnicodeWidthStr as _;

/// A text on its way; a word is held back until it is whole.
#[derive(Debug)]
pub struct Flow {
    /// Columns of a line; a text without a width is not broken.
    width: Option<usize>,
    column: usize,
    word: String,
}

impl Flow {
    /// Lines of this width.
    pub fn new(width: Option<usize>) -> Self {
        Self { width, column: 0, word: String::new() }
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
                self.column = 0;
            } else if self.column > 0 {
                out.push(' ');
                self.column += 1;
            }
        }
        out
    }

    /// The rest, when nothing more comes for now.
    pub fn end(&mut self) -> String {
        let word = std::mem::take(&mut self.word);
        let wide = word.width();
        let breaks = self.width.is_some_and(|width| self.column > 0 && self.column + wide > width);
        self.column = if breaks { wide } else { self.column + wide };
        if breaks { format!("\n{word}") } else { word }
    }

    /// The next text begins a line.
    pub fn line(&mut self) {
        self.column = 0;
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
        let whole = shown(Some(14), &[text]);
        assert_eq!(whole, "We want to go \ndown, so we \nstep\nthe opposite \nway.");
        let letters: Vec<String> = text.chars().map(String::from).collect();
        assert_eq!(shown(Some(14), &letters.iter().map(String::as_str).collect::<Vec<_>>()), whole);
    }

    #[test]
    fn a_text_for_programs_and_a_word_wider_than_the_line_stay_as_they_are() {
        assert_eq!(shown(None, &["a  b", "\nc "]), "a  b\nc ");
        assert_eq!(shown(Some(4), &["incomprehensible"]), "incomprehensible");
    }
}
