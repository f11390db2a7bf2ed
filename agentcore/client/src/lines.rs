//! The lines of an answer, however the network cuts them. It does not know what they say.

use bytes::{Buf, BytesMut};

/// A line is longer than any can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Puts lines together from what arrives.
pub(crate) struct Lines {
    longest: usize,
    held: BytesMut,
    /// So many bytes of what is held were looked at, and none of them ends a line.
    looked: usize,
}

impl Lines {
    /// Lines of so many bytes at most.
    pub(crate) fn up_to(longest: usize) -> Self {
        Self { longest, held: BytesMut::new(), looked: 0 }
    }

    /// Takes what arrived. Lines are to be asked for until there is none before more is taken, so that no more is held than the
    /// longest line and one arrival.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// The next line that is complete, without its end; empty ones are passed over.
    pub(crate) fn next(&mut self) -> Result<Option<BytesMut>, TooLong> {
        loop {
            let Some(further) = self.held[self.looked..].iter().position(|byte| *byte == b'\n') else {
                self.looked = self.held.len();
                return if self.looked > self.longest { Err(TooLong) } else { Ok(None) };
            };
            let end = self.looked + further;
            if end > self.longest {
                return Err(TooLong);
            }
            let line = self.held.split_to(end);
            self.held.advance(1);
            self.looked = 0;
            if !line.is_empty() {
                return Ok(Some(line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of a text that arrives in pieces of this size, and whether one was too long.
    fn read(text: &str, piece: usize) -> (Vec<String>, bool) {
        let (mut lines, mut found) = (Lines::up_to(5), Vec::new());
        for piece in text.as_bytes().chunks(piece) {
            lines.push(piece);
            loop {
                match lines.next() {
                    Ok(Some(line)) => found.push(String::from_utf8(line.to_vec()).unwrap()),
                    Ok(None) => break,
                    Err(TooLong) => return (found, true),
                }
            }
        }
        (found, false)
    }

    #[test]
    fn lines_are_the_same_however_they_are_cut() {
        for (text, lines, too_long) in [
            ("one\n\ntwo\nthr", vec!["one", "two"], false),
            ("12345\n12345\n", vec!["12345", "12345"], false),
            ("1\n123456\n2\n", vec!["1"], true),
            ("1\n123456", vec!["1"], true),
            ("", vec![], false),
        ] {
            let lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
            for piece in 1..=12 {
                assert_eq!(read(text, piece), (lines.clone(), too_long), "{text:?} by {piece}");
            }
        }
    }
}
