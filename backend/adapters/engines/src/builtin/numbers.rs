//! Numbers as they are said in English; knows nothing of the text around them.

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const GROUPS: [(u64, &str); 5] = [
    (1_000_000_000_000_000, "quadrillion"),
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];

/// Written digits as words: grouping commas and one decimal point are understood, a leading zero or a number
/// too long to have a name is read digit by digit. `None` when the text is not a number.
pub fn number(digits: &str) -> Option<String> {
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let whole = whole.replace(',', "");
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_none()) || !all_digits(&whole) || !fraction.is_none_or(|f| !f.is_empty() && all_digits(f))
    {
        return None;
    }
    let mut said = if whole.is_empty() {
        SMALL[0].to_owned()
    } else if whole.len() > 18 || (whole.len() > 1 && whole.starts_with('0')) {
        one_by_one(&whole)
    } else {
        cardinal(whole.parse().ok()?)
    };
    if let Some(fraction) = fraction {
        said.push_str(" point ");
        said.push_str(&one_by_one(fraction));
    }
    Some(said)
}

/// A whole number in words.
pub fn cardinal(n: u64) -> String {
    if n < 20 {
        return SMALL[n as usize].to_owned();
    }
    if n < 100 {
        let tens = TENS[(n / 10) as usize];
        return if n.is_multiple_of(10) { tens.to_owned() } else { format!("{tens} {}", SMALL[(n % 10) as usize]) };
    }
    if n < 1000 {
        let hundreds = format!("{} hundred", SMALL[(n / 100) as usize]);
        return if n.is_multiple_of(100) { hundreds } else { format!("{hundreds} and {}", cardinal(n % 100)) };
    }
    let (size, name) = GROUPS.into_iter().find(|(size, _)| n >= *size).unwrap_or((1000, "thousand"));
    let head = format!("{} {name}", cardinal(n / size));
    match n % size {
        0 => head,
        rest if rest < 100 => format!("{head} and {}", cardinal(rest)),
        rest => format!("{head} {}", cardinal(rest)),
    }
}

/// The place in a row: first, second, twenty third.
pub fn ordinal(n: u64) -> String {
    let said = cardinal(n);
    let (head, last) = match said.rsplit_once(' ') {
        Some((head, last)) => (format!("{head} "), last),
        None => (String::new(), said.as_str()),
    };
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        tens if tens.ends_with('y') => format!("{}ieth", &tens[..tens.len() - 1]),
        other => format!("{other}th"),
    };
    format!("{head}{last}")
}

/// A year from 1100 to 2099 as people say it: nineteen eighty six, two thousand and four, twenty twelve.
pub fn year(n: u64) -> String {
    match (n / 100, n % 100) {
        (20, 0..10) => cardinal(n),
        (century, 0) => format!("{} hundred", cardinal(century)),
        (century, rest @ 1..10) => format!("{} oh {}", cardinal(century), cardinal(rest)),
        (century, rest) => format!("{} {}", cardinal(century), cardinal(rest)),
    }
}

/// Every digit by itself.
fn one_by_one(digits: &str) -> String {
    let words: Vec<&str> = digits.bytes().map(|b| SMALL[usize::from(b - b'0')]).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_said_as_people_say_them() {
        for (written, said) in [
            ("0", "zero"),
            ("21", "twenty one"),
            ("105", "one hundred and five"),
            ("1,000", "one thousand"),
            ("1042", "one thousand and forty two"),
            ("2500000", "two million five hundred thousand"),
            ("0.01", "zero point zero one"),
            (".5", "zero point five"),
            ("3.14", "three point one four"),
            ("007", "zero zero seven"),
        ] {
            assert_eq!(number(written).as_deref(), Some(said), "{written}");
        }
        for odd in ["", ".", "1.", "a", "1.2.3", "-1"] {
            assert_eq!(number(odd), None, "{odd}");
        }
        assert_eq!(year(1986), "nineteen eighty six");
        assert_eq!(year(2004), "two thousand and four");
        assert_eq!(year(1905), "nineteen oh five");
        assert_eq!(ordinal(23), "twenty third");
        assert_eq!(ordinal(40), "fortieth");
    }

    proptest! {
        #[test]
        fn any_digits_become_letters_only(text in "[0-9.,]{0,40}") {
            if let Some(said) = number(&text) {
                prop_assert!(said.chars().all(|c| c.is_ascii_lowercase() || c == ' '), "{}", said);
            }
        }
    }
}
