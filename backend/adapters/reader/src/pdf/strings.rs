//! The text strings of a PDF: UTF-16 or UTF-8 where a mark says so, otherwise an encoding of their own.

/// What the bytes say, without control characters.
pub(super) fn text(bytes: &[u8]) -> String {
    let units = |pair: fn([u8; 2]) -> u16, bytes: &[u8]| -> String {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|b| pair([b[0], b[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    let text = match bytes {
        [0xFE, 0xFF, rest @ ..] => units(u16::from_be_bytes, rest),
        [0xFF, 0xFE, rest @ ..] => units(u16::from_le_bytes, rest),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        // Many makers write UTF-8 without a mark; text in the other encoding hardly ever happens to be valid.
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|byte| own(*byte)).collect(),
        },
    };
    text.chars().filter(|c| !c.is_control() && *c != '\u{FEFF}').collect::<String>().trim().to_owned()
}

/// A title or an author; nothing where a maker wrote something because nobody had.
pub(super) fn name(bytes: &[u8]) -> Option<String> {
    let text = text(bytes);
    let text = text.strip_prefix("Microsoft Word - ").or(text.strip_prefix("Microsoft PowerPoint - ")).unwrap_or(&text).trim();
    let nobody = ["untitled", "anonymous", "(anonymous)", "unspecified", "unknown", "none", "about:blank"];
    (!text.is_empty() && !nobody.contains(&text.to_lowercase().as_str())).then(|| text.to_owned())
}

/// The signs of the format's own encoding where it is not Latin-1.
fn own(byte: u8) -> char {
    const FROM_24: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
    const FROM_128: [char; 33] = [
        '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ', 'ﬂ', 'Ł', 'Œ', 'Š',
        'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{FFFD}', '€',
    ];
    match byte {
        24..=31 => FROM_24[usize::from(byte) - 24],
        128..=160 => FROM_128[usize::from(byte) - 128],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_is_told_by_its_mark() {
        assert_eq!(text(b"\xFE\xFF\0U\0b\0e\0r"), "Uber");
        assert_eq!(text(b"\xFF\xFEU\0b\0"), "Ub");
        assert_eq!(text("Über".as_bytes()), "Über");
        assert_eq!(text(b"\xDCber \x84 \xA0"), "Über — €");
        assert_eq!(text(b" a\0b\n "), "ab");
        assert_eq!(text(b""), "");
    }

    #[test]
    fn names_that_nobody_gave_are_none() {
        assert_eq!(name(b"Microsoft Word - Tides.doc").as_deref(), Some("Tides.doc"));
        assert_eq!(name(b"On Tides").as_deref(), Some("On Tides"));
        for none in [&b"untitled"[..], b"(anonymous)", b"", b"  "] {
            assert_eq!(name(none), None);
        }
    }
}
