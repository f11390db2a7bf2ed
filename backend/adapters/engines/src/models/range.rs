//! Where a part of a file begins, as a server writes it. Knows no file.

/// The first byte that a `Content-Range` of `bytes FIRST-LAST/ALL` names; nothing where it makes no sense.
pub fn content_range(value: &str) -> Option<u64> {
    let (range, all) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    let (first, last) = (number(first)?, number(last)?);
    let fits = all == "*" || number(all)? > last;
    (first <= last && fits).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_only_where_it_makes_sense() {
        for (value, first) in [
            ("bytes 0-9/10", Some(0)),
            ("bytes 100-299999/300000", Some(100)),
            ("bytes 5-5/*", Some(5)),
            ("bytes 5", None),
            ("bytes */10", None),
            ("bytes 9-5/10", None),
            ("bytes 5-10/10", None),
            ("bytes +5-9/10", None),
            ("bytes 5-99999999999999999999/*", None),
            ("items 0-9/10", None),
            ("", None),
        ] {
            assert_eq!(content_range(value), first, "{value}");
        }
    }
}
