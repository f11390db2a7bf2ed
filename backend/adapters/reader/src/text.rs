//! Plain text: its encoding, its paragraphs, and what of them are headings and entries of lists.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use synapscribe_domain::document::BlockKind;

use crate::flow::Flow;
use crate::layout::{Words, marks};

/// Lines that are longer on the average are paragraphs.
const LONG_LINE: usize = 130;
/// What is looked at to tell text from anything else.
const HEAD: usize = 64 << 10;

/// The text of a file, if it is text at all: by its mark, as UTF-8, as UTF-16 without a mark, or in the encoding of western Windows.
pub(crate) fn decode(bytes: &[u8]) -> Option<String> {
    let text = if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned()
    } else if let Ok(text) = std::str::from_utf8(bytes) {
        text.to_owned()
    } else {
        let head = &bytes[..bytes.len().min(HEAD)];
        let encoding = guess(head)?;
        encoding.decode_without_bom_handling(bytes).0.into_owned()
    };
    is_text(&text).then_some(text)
}

/// The text of markup, which says itself how it is encoded.
pub(crate) fn decode_markup(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    let stated = head.split("encoding=").nth(1).and_then(|rest| rest.get(1..)).and_then(|rest| rest.split(['"', '\'']).next());
    let encoding = stated.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(UTF_8);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// Whether these first bytes may be those of a text.
pub(crate) fn looks_like_text(head: &[u8]) -> bool {
    if Encoding::for_bom(head).is_some() {
        return true;
    }
    // The last character may be cut.
    let whole = match std::str::from_utf8(head) {
        Ok(text) => return is_text(text),
        Err(error) if error.error_len().is_none() => &head[..error.valid_up_to()],
        Err(_) => head,
    };
    match std::str::from_utf8(whole) {
        Ok(text) => is_text(text),
        Err(_) => guess(head).is_some(),
    }
}

fn guess(head: &[u8]) -> Option<&'static Encoding> {
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let half = head.len() / 2;
    if half > 8 && zeros(1) * 10 > half * 7 && zeros(0) * 10 < half {
        return Some(UTF_16LE);
    }
    if half > 8 && zeros(0) * 10 > half * 7 && zeros(1) * 10 < half {
        return Some(UTF_16BE);
    }
    let odd = head.iter().filter(|byte| byte.is_ascii_control() && !matches!(byte, 9 | 10 | 12 | 13 | 26 | 27)).count();
    let high = head.iter().filter(|byte| !byte.is_ascii()).count();
    // In the languages of this encoding most letters are ASCII.
    (odd == 0 && high * 3 < head.len()).then_some(WINDOWS_1252)
}

/// Text has hardly any control characters.
fn is_text(text: &str) -> bool {
    let odd = text.chars().filter(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1a}' | '\u{1b}')).count();
    odd * 1_000 <= text.len() && !text.contains('\0')
}

/// The paragraphs of a text. A form feed begins a page, as on paper.
pub(crate) fn read(text: &str) -> Flow {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut words = Words::default();
    text.lines().for_each(|line| words.learn(line));
    let mut flow = Flow::default();
    for (nth, page) in text.split('\u{c}').enumerate() {
        if nth > 0 {
            flow.break_page(true);
        }
        paragraphs(page, &words, &mut flow);
    }
    flow
}

fn paragraphs(page: &str, words: &Words, flow: &mut Flow) {
    let full: Vec<usize> = page.lines().map(|line| line.trim().chars().count()).filter(|length| *length > 0).collect();
    let wrapped = full.iter().sum::<usize>() <= LONG_LINE * full.len();
    let mut paragraph: Vec<&str> = Vec::new();
    for line in page.lines().chain([""]) {
        let begins = !wrapped || marks::split(line.trim_start()).is_some_and(|(mark, _)| marks::is_bullet(mark));
        if (line.trim().is_empty() || begins) && !paragraph.is_empty() {
            finish(&std::mem::take(&mut paragraph), words, flow);
        }
        if !line.trim().is_empty() {
            paragraph.push(line);
        }
    }
    finish(&paragraph, words, flow);
}

fn finish(lines: &[&str], words: &Words, flow: &mut Flow) {
    let Some(first) = lines.first() else { return };
    if is_table(lines) {
        let rows = lines.iter().map(|line| line.trim().split('\t').map(str::trim).collect::<Vec<_>>().join(" | "));
        flow.push(BlockKind::Table, &rows.collect::<Vec<_>>().join("\n"));
        return;
    }
    let mut text = String::new();
    lines.iter().for_each(|line| words.append(&mut text, line));
    if let Some((mark, rest)) = marks::split(first.trim())
        && marks::is_bullet(mark)
    {
        let rest = if lines.len() == 1 { rest } else { text.trim().strip_prefix(mark).unwrap_or(&text) };
        flow.push(BlockKind::ListItem, rest);
    } else if lines.len() == 1 && is_heading(first.trim()) {
        flow.push(BlockKind::Heading(1), &text);
    } else {
        flow.push(BlockKind::Paragraph, &text);
    }
}

fn is_table(lines: &[&str]) -> bool {
    let cells = |line: &&str| line.trim().matches('\t').count();
    lines.len() > 1 && cells(&lines[0]) > 0 && lines.iter().all(|line| cells(line) == cells(&lines[0]))
}

/// A short line by itself that says that it is one, or that shouts.
fn is_heading(line: &str) -> bool {
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let part = line.split_whitespace().next().unwrap_or_default().to_lowercase();
    let part = ["chapter", "part", "section", "appendix", "kapitel", "teil", "chapitre"].contains(&part.as_str());
    let capitals = letters > 3 && !line.chars().any(char::is_lowercase);
    line.chars().count() <= 70 && !line.ends_with(['.', ',', ';']) && (part || capitals || marks::numbered_depth(line).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use synapscribe_domain::document::DocumentKind;

    #[test]
    fn encodings_are_told_apart() {
        let text = "Größe — naïve";
        let (western, ..) = WINDOWS_1252.encode(text);
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
        let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        for bytes in [text.as_bytes(), &western, &little, &big, &marked] {
            assert_eq!(decode(bytes).as_deref(), Some(text), "{bytes:x?}");
            assert!(looks_like_text(bytes));
        }
        let noise: Vec<u8> = (0..4_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert_eq!(decode(&noise), None);
        assert!(!looks_like_text(&noise));
        assert_eq!(decode(b"a\0b"), None);
        assert_eq!(
            decode_markup(b"<?xml version='1.0' encoding='iso-8859-1'?>\xFC"),
            "<?xml version='1.0' encoding='iso-8859-1'?>ü"
        );
    }

    fn check(text: &str, expected: &[(BlockKind, &str)]) {
        let bound = read(text).bind(DocumentKind::Text);
        let blocks: Vec<_> = bound.pages.iter().flat_map(|page| &page.blocks).map(|b| (b.kind, b.text.as_str())).collect();
        assert_eq!(blocks, expected);
    }

    #[test]
    fn paragraphs_headings_and_lists_are_told_apart() {
        check(
            "CHAPTER I\r\n\r\nThe tide rises and falls twice a day, by the gravi-\r\ntation of the moon.\r\n\r\n- ebb\r\n- flow\r\n",
            &[
                (BlockKind::Heading(1), "CHAPTER I"),
                (BlockKind::Paragraph, "The tide rises and falls twice a day, by the gravitation of the moon."),
                (BlockKind::ListItem, "ebb"),
                (BlockKind::ListItem, "flow"),
            ],
        );
        check("Port\tHigh\nDover\t6.8\n", &[(BlockKind::Table, "Port | High\nDover | 6.8")]);
    }

    #[test]
    fn long_lines_are_paragraphs() {
        let line = "The tide rises and falls. ".repeat(10);
        assert_eq!(read(&format!("{line}\n{line}\n")).len(), 2);
    }

    #[test]
    fn a_form_feed_begins_a_page() {
        assert_eq!(read("one\u{c}two\u{c}three").bind(DocumentKind::Text).pages.len(), 3);
    }
}
