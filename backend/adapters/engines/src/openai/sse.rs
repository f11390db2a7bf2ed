//! Server-sent events out of bytes that arrive cut anywhere; knows nothing of what the events say.

/// An event may not be larger than this.
const MOST_BYTES: usize = 1 << 20;

/// Gathers bytes and hands out the data of each event (the format of the HTML standard, chapter 9.2).
#[derive(Debug, Default)]
pub struct Events {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    after_cr: bool,
    begun: bool,
}

/// An event without an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event is larger than any should be")]
pub struct TooLarge;

/// What the first line of a stream begins with: a comment, or a field of the standard.
const BEGINNINGS: [&[u8]; 5] = [b":", b"data:", b"event:", b"id:", b"retry:"];

/// Whether bytes begin as a stream of events does, after blank space; nothing while there are too few of them to tell.
pub fn begins(bytes: &[u8]) -> Option<bool> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    if BEGINNINGS.iter().any(|beginning| bytes.starts_with(beginning)) {
        return Some(true);
    }
    (!BEGINNINGS.iter().any(|beginning| beginning.starts_with(bytes))).then_some(false)
}

impl Events {
    /// Adds bytes and returns the data of the events they complete; a character cut in two is whole again in the event.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, TooLarge> {
        let mut out = Vec::new();
        for &byte in bytes {
            let after_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if after_cr => {}
                b'\n' | b'\r' => out.extend(self.end_of_line()),
                _ => self.line.push(byte),
            }
            if self.line.len() + self.data.len() > MOST_BYTES {
                return Err(TooLarge);
            }
        }
        Ok(out)
    }

    /// The stream has ended: an event whose last blank line is missing is given out, as lenient servers need.
    pub fn finish(&mut self) -> Option<String> {
        if !self.line.is_empty() {
            self.end_of_line();
        }
        self.dispatch()
    }

    fn end_of_line(&mut self) -> Option<String> {
        let mut line = std::mem::take(&mut self.line);
        if !std::mem::replace(&mut self.begun, true) && line.starts_with(b"\xEF\xBB\xBF") {
            line.drain(..3);
        }
        if line.is_empty() {
            return self.dispatch();
        }
        let (name, value) = match line.iter().position(|&b| b == b':') {
            Some(at) => (&line[..at], line[at + 1..].strip_prefix(b" ").unwrap_or(&line[at + 1..])),
            None => (&line[..], &line[..0]),
        };
        // A line that begins with a colon is a comment, sent to keep the connection open; other fields are not needed.
        if name == b"data" {
            if self.has_data {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(value);
            self.has_data = true;
        }
        None
    }

    fn dispatch(&mut self) -> Option<String> {
        let data = std::mem::take(&mut self.data);
        std::mem::take(&mut self.has_data).then(|| String::from_utf8_lossy(&data).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STREAM: &str = "\u{feff}: hello\n\ndata: {\"a\":\r\ndata: \"ä\"}\r\n\r\nevent: x\nid: 1\ndata:b\n\ndata\n\nretry: 5\r\rdata: [DONE]\r\n\r\n";

    #[test]
    fn the_standards_forms_are_understood() {
        assert_eq!(Events::default().push(STREAM.as_bytes()).unwrap(), ["{\"a\":\n\"ä\"}", "b", "", "[DONE]"]);
        let mut open = Events::default();
        assert!(open.push(b"data: last").unwrap().is_empty());
        assert_eq!(open.finish().as_deref(), Some("last"));
        assert_eq!(open.finish(), None);
    }

    #[test]
    fn a_stream_is_told_by_how_it_begins() {
        for (bytes, told) in [
            ("", None),
            (" \r\n", None),
            ("dat", None),
            ("\n data: {}", Some(true)),
            ("\u{feff}: hello", Some(true)),
            ("event: message", Some(true)),
            ("retry: 5", Some(true)),
            ("{\"data\": 1}", Some(false)),
            ("<html>", Some(false)),
            ("dates", Some(false)),
        ] {
            assert_eq!(begins(bytes.as_bytes()), told, "{bytes:?}");
        }
    }

    #[test]
    fn an_endless_line_is_given_up() {
        let mut events = Events::default();
        assert!((0..40).any(|_| events.push(&[b'x'; 64 << 10]).is_err()));
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_bytes_are_cut(cuts in prop::collection::vec(1usize..9, 1..60)) {
            let mut events = Events::default();
            let mut found = Vec::new();
            let mut rest = STREAM.as_bytes();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break }
                let (head, tail) = rest.split_at((*cut).min(rest.len()));
                found.extend(events.push(head).unwrap());
                rest = tail;
            }
            prop_assert_eq!(found, ["{\"a\":\n\"ä\"}", "b", "", "[DONE]"]);
        }

        #[test]
        fn any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut events = Events::default();
            let _ = events.push(&bytes);
            let _ = events.finish();
        }
    }
}
