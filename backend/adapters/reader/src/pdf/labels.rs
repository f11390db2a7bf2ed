//! What is printed on the pages of a PDF as their numbers.

use hayro::hayro_syntax::object::{Array, Dict, Name, Object, String as Bytes};

use super::strings;

/// From this page on (counted from 0), the numbers are made so.
#[derive(Debug, Clone, PartialEq)]
struct Range {
    from: u32,
    style: Option<u8>,
    prefix: String,
    first: u32,
}

/// The labels of a document.
#[derive(Debug, Default)]
pub(super) struct Labels(Vec<Range>);

impl Labels {
    pub fn of(catalog: &Dict<'_>) -> Self {
        let mut ranges = Vec::new();
        let mut waiting: Vec<Dict<'_>> = catalog.get::<Dict<'_>>("PageLabels").into_iter().collect();
        let mut nodes = 0;
        while let Some(node) = waiting.pop() {
            nodes += 1;
            if nodes > 1_000 || ranges.len() > 10_000 {
                break;
            }
            if let Some(kids) = node.get::<Array<'_>>("Kids") {
                waiting.extend(kids.iter::<Dict<'_>>());
            }
            let Some(pairs) = node.get::<Array<'_>>("Nums") else { continue };
            let mut pairs = pairs.iter::<Object<'_>>();
            while let (Some(from), Some(how)) = (pairs.next(), pairs.next()) {
                let (Some(from), Some(how)) = (from.into_i32().and_then(|n| u32::try_from(n).ok()), how.into_dict()) else {
                    continue;
                };
                ranges.push(Range {
                    from,
                    style: how.get::<Name<'_>>("S").and_then(|style| style.as_ref().first().copied()),
                    prefix: how.get::<Bytes<'_>>("P").map(|prefix| strings::text(prefix.as_bytes())).unwrap_or_default(),
                    first: how.get::<u32>("St").unwrap_or(1).max(1),
                });
            }
        }
        ranges.sort_by_key(|range| range.from);
        Self(ranges)
    }

    /// The label of a page counted from 1, where it says anything else than its place.
    pub fn label(&self, page: u32) -> Option<String> {
        let at = page - 1;
        let range = self.0.iter().rev().find(|range| range.from <= at)?;
        let number = range.first.saturating_add(at - range.from);
        let number = match range.style {
            Some(b'D') => number.to_string(),
            Some(b'r') => roman(number).to_lowercase(),
            Some(b'R') => roman(number),
            Some(b'a') => letters(number).to_lowercase(),
            Some(b'A') => letters(number),
            _ => String::new(),
        };
        let label = format!("{}{number}", range.prefix);
        (!label.is_empty() && label != page.to_string()).then_some(label)
    }
}

fn roman(number: u32) -> String {
    const PARTS: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let (mut left, mut text) = (number % 5_000, String::new());
    for (value, sign) in PARTS {
        while left >= value {
            text.push_str(sign);
            left -= value;
        }
    }
    text
}

/// A to Z, then AA to ZZ, and so on.
fn letters(number: u32) -> String {
    let at = (number - 1) % 26;
    let times = ((number - 1) / 26 + 1).min(16) as usize;
    char::from(b'A' + at as u8).to_string().repeat(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_range_says() {
        let range = |from, style: Option<u8>, prefix: &str, first| Range { from, style, prefix: prefix.into(), first };
        let labels = Labels(vec![
            range(0, Some(b'r'), "", 1),
            range(4, Some(b'D'), "", 1),
            range(10, Some(b'A'), "A-", 27),
            range(12, None, "", 1),
        ]);
        let all: Vec<_> = [1, 4, 5, 10, 11, 13].into_iter().map(|page| labels.label(page)).collect();
        assert_eq!(all, [Some("i"), Some("iv"), Some("1"), Some("6"), Some("A-AA"), None].map(|l| l.map(str::to_owned)));
        assert_eq!(roman(1994), "MCMXCIV");
        assert_eq!(Labels(vec![range(0, Some(b'D'), "", 1)]).label(3), None, "a label that says the place says nothing");
        assert_eq!(Labels::default().label(3), None);
    }
}
