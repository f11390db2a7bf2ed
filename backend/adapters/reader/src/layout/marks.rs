//! The marks that lists, numbered paragraphs and captions begin with.

/// Whether a text is nothing but the mark of an entry.
pub fn is_mark(text: &str) -> bool {
    split(text).is_some_and(|(_, rest)| rest.is_empty()) || is_bullet(text) || is_number(text)
}

/// The mark of an entry and what it says.
pub fn split(text: &str) -> Option<(&str, &str)> {
    let (mark, rest) = text.split_once(char::is_whitespace)?;
    (is_bullet(mark) || is_number(mark)).then(|| (mark, rest.trim_start()))
}

/// Whether a mark says nothing by itself, unlike a number.
pub fn is_bullet(mark: &str) -> bool {
    let mut chars = mark.chars();
    let (Some(only), None) = (chars.next(), chars.next()) else { return false };
    "•◦▪▫■□●○‣⁃∙·–—-*»➢➤►▶✓✔❖◆◇".contains(only) || ('\u{F000}'..='\u{F0FF}').contains(&only) || only == 'o'
}

/// `3.`, `3)`, `(3)`, `b)`, `iv.`
fn is_number(mark: &str) -> bool {
    let (inner, closed) = match mark.strip_prefix('(') {
        Some(rest) => (rest.strip_suffix(')'), true),
        None => (mark.strip_suffix(['.', ')']), false),
    };
    let Some(inner) = inner.filter(|inner| !inner.is_empty() && inner.len() <= 4) else { return false };
    let digits = inner.chars().all(|c| c.is_ascii_digit()) && inner.len() <= 3;
    let letter = inner.len() == 1 && inner.chars().all(|c| c.is_ascii_alphabetic()) && (closed || mark.ends_with(')'));
    let roman = inner.chars().all(|c| "ivx".contains(c));
    digits || letter || roman
}

/// Whether a paragraph is what is said of a figure or a table.
pub fn is_caption(text: &str) -> bool {
    const WORDS: [&str; 16] = [
        "figure",
        "fig",
        "fig.",
        "table",
        "tab.",
        "abbildung",
        "abb.",
        "tabelle",
        "chart",
        "diagram",
        "plate",
        "scheme",
        "figura",
        "tableau",
        "listing",
        "exhibit",
    ];
    let mut words = text.split_whitespace();
    let (Some(first), Some(second)) = (words.next(), words.next()) else { return false };
    let first = first.to_lowercase();
    if !WORDS.contains(&first.as_str()) {
        return false;
    }
    let number = second.trim_end_matches([':', '.', ',', '–', '—', '-']);
    let starts = |c: char| c.is_ascii_digit() || c.is_uppercase();
    if number.is_empty()
        || number.len() > 8
        || !number.starts_with(starts)
        || !number.chars().any(|c| c.is_ascii_digit() || "IVXABC".contains(c))
    {
        return false;
    }
    // `Figure 3 shows …` is a sentence; `Figure 3: …`, `Figure 3. …` and `Figure 3 Tides …` are captions.
    number.len() < second.len() || words.next().is_none_or(|third| !third.starts_with(char::is_lowercase))
}

/// The depth of a numbered heading: 2 for `3.1 Spring tides`.
pub fn numbered_depth(text: &str) -> Option<u8> {
    let (number, rest) = text.split_once(char::is_whitespace)?;
    let number = number.strip_suffix('.').unwrap_or(number);
    let parts: Vec<&str> = number.split('.').collect();
    let letter = |part: &str| part.len() == 1 && part.chars().all(|c| c.is_ascii_uppercase());
    let digits = |part: &&str| !part.is_empty() && part.len() <= 3 && part.chars().all(|c| c.is_ascii_digit());
    let numbered = (digits(&parts[0]) || letter(parts[0]) && parts.len() > 1) && parts[1..].iter().all(digits);
    (numbered && parts.len() <= 6 && rest.trim_start().starts_with(char::is_uppercase)).then_some(parts.len() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_from_words() {
        for mark in ["•", "-", "3.", "12)", "(a)", "b)", "iv.", "(ii)"] {
            assert!(is_mark(mark), "{mark}");
            assert_eq!(split(&format!("{mark} text here")), Some((mark, "text here")));
        }
        for text in ["2024.", "a", "Dr.", "e.g.", "text here", "", "1.5"] {
            assert!(!is_mark(text), "{text}");
        }
        assert_eq!(split("A word"), None);
    }

    #[test]
    fn captions_are_told_from_sentences() {
        for text in ["Figure 3: Tides", "Fig. 2.1 Spring tide", "Table IV. Ports", "Abb. 7", "Figure A1: Moon"] {
            assert!(is_caption(text), "{text}");
        }
        for text in ["Figure 3 shows the tide", "Figure out what", "Tables are", "Fig", "The figure 3:", ""] {
            assert!(!is_caption(text), "{text}");
        }
    }

    #[test]
    fn numbered_headings_tell_their_depth() {
        assert_eq!(numbered_depth("3 Tides"), Some(1));
        assert_eq!(numbered_depth("3.1. Spring tides"), Some(2));
        assert_eq!(numbered_depth("A.2 Proofs"), Some(2));
        for text in ["3 tides a day", "A Tide", "1.5", "Tides", "2024 Was a year", "3..1 X"] {
            assert_eq!(numbered_depth(text), None, "{text}");
        }
    }
}
