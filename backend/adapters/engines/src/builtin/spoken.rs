//! Written English brought to the words that are said, for the voice and for the ear alike; knows no engine.

use super::numbers;

mod signs;

use signs::{PAIRS, SHORT_FORMS, sign, superscript};

/// Brings a text to plain letters, apostrophes and the punctuation a voice needs; everything else becomes
/// words or a space, so that no symbol is dropped in silence and nothing odd reaches the engine.
pub fn say(text: &str) -> String {
    let mut speaker = Speaker { text: text.chars().collect(), at: 0, out: String::with_capacity(text.len() + 16) };
    speaker.run();
    speaker.out
}

/// The words of a text as they are said, in lower case, without punctuation.
pub fn words(text: &str) -> Vec<String> {
    say(text)
        .split(|c: char| !c.is_ascii_alphabetic() && c != '\'')
        .map(|word| word.trim_matches('\'').to_ascii_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

/// A text that is already plain, cut where a speaker breathes: at sentence ends, and at clause ends or spaces
/// where a sentence is longer than `longest` bytes.
pub fn breaths(plain: &str, longest: usize) -> Vec<&str> {
    let mut out = Vec::new();
    for sentence in plain.split_inclusive(['.', '!', '?']) {
        let mut rest = sentence;
        while rest.len() > longest {
            let head = &rest[..longest];
            let cut = head
                .rfind([',', ';', ':'])
                .map(|at| at + 1)
                .or_else(|| head.rfind(' '))
                .filter(|at| *at > longest / 4)
                .unwrap_or(longest);
            out.push(&rest[..cut]);
            rest = &rest[cut..];
        }
        out.push(rest);
    }
    out.retain(|piece| piece.bytes().any(|b| b.is_ascii_alphabetic()));
    out.into_iter().map(str::trim).collect()
}

struct Speaker {
    text: Vec<char>,
    at: usize,
    out: String,
}

impl Speaker {
    fn run(&mut self) {
        while let Some(c) = self.peek(0) {
            if c.is_ascii_digit()
                || (c == '.' && self.peek(1).is_some_and(|n| n.is_ascii_digit()) && !self.before().is_alphanumeric())
            {
                self.number();
            } else if c.is_alphabetic() && sign(c).is_none() {
                self.word();
            } else {
                self.symbol(c);
            }
        }
        while self.out.ends_with(' ') {
            self.out.pop();
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    /// The character just read; a space at the start.
    fn before(&self) -> char {
        self.at.checked_sub(1).map_or(' ', |at| self.text[at])
    }

    fn starts_with(&self, pattern: &str) -> bool {
        pattern.chars().enumerate().all(|(n, c)| self.peek(n) == Some(c))
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> String {
        let from = self.at;
        while self.peek(0).is_some_and(&keep) {
            self.at += 1;
        }
        self.text[from..self.at].iter().collect()
    }

    /// Adds words with one space on either side.
    fn words(&mut self, words: &str) {
        self.space();
        self.out.push_str(words);
        self.out.push(' ');
    }

    fn space(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
    }

    /// Adds a pause; pauses do not pile up, and none opens a text.
    fn pause(&mut self, mark: char) {
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        match self.out.chars().last() {
            None => {}
            Some(last) if ".!?".contains(last) => {}
            Some(',' | ';' | ':') if ".!?".contains(mark) => {
                self.out.pop();
                self.out.push(mark);
            }
            Some(',' | ';' | ':') => {}
            Some(_) => self.out.push(mark),
        }
        self.space();
    }

    fn number(&mut self) {
        let before = self.before();
        let mut digits = self.take_while(|c| c.is_ascii_digit());
        while self.peek(0) == Some(',') && (1..=3).all(|n| self.peek(n).is_some_and(|c| c.is_ascii_digit())) {
            self.at += 1;
            digits.push_str(&self.take_while(|c| c.is_ascii_digit()));
        }
        let whole = digits.clone();
        let grouped = self.at.checked_sub(4).is_some_and(|at| self.text[at] == ',');
        if self.peek(0) == Some('.') && self.peek(1).is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            digits = format!("{whole}.{}", self.take_while(|c| c.is_ascii_digit()));
        }
        let value: u64 = whole.parse().unwrap_or(u64::MAX);
        let is_year =
            digits.len() == 4 && digits == whole && !grouped && (1900..=2099).contains(&value) && !"$€£".contains(before);
        let suffix: String = self.text[self.at..].iter().take(2).collect::<String>().to_lowercase();
        let ends_there = !self.peek(2).is_some_and(char::is_alphanumeric);
        if digits == whole && ends_there && ["st", "nd", "rd", "th"].contains(&suffix.as_str()) {
            self.at += 2;
            return self.words(&numbers::ordinal(value));
        }
        let mut said = if is_year { numbers::year(value) } else { numbers::number(&digits).unwrap_or_default() };
        if is_year && self.peek(0) == Some('s') && !self.peek(1).is_some_and(char::is_alphanumeric) {
            self.at += 1;
            said = said.strip_suffix('y').map_or_else(|| format!("{said}s"), |stem| format!("{stem}ies"));
        }
        self.words(&said);
        match before {
            '$' => self.words("dollars"),
            '€' => self.words("euros"),
            '£' => self.words("pounds"),
            _ => {}
        }
        self.after_number();
    }

    /// What may follow a number without a space: a power of ten, a range, a fraction, a time.
    fn after_number(&mut self) {
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        match self.peek(0) {
            Some('e' | 'E') if digit(self.peek(1)) || (matches!(self.peek(1), Some('-' | '+')) && digit(self.peek(2))) => {
                self.at += 1;
                let minus = self.peek(0) == Some('-');
                self.at += usize::from(!digit(self.peek(0)));
                self.words(if minus { "times ten to the minus" } else { "times ten to the" });
            }
            Some('-' | '–') if digit(self.peek(1)) => {
                self.at += 1;
                self.words("to");
            }
            Some('/') if digit(self.peek(1)) => {
                self.at += 1;
                self.words("over");
            }
            Some(':') if digit(self.peek(1)) => self.at += 1,
            _ => {}
        }
    }

    fn word(&mut self) {
        for scheme in ["http://", "https://", "www."] {
            if self.starts_with(scheme) {
                self.take_while(|c| !c.is_whitespace());
                return self.words("a link");
            }
        }
        let from = self.at;
        let token: String =
            self.text[from..].iter().take(12).take_while(|c| c.is_alphabetic() || **c == '.').collect::<String>().to_lowercase();
        if !self.before().is_alphanumeric()
            && let Some((short, long)) = SHORT_FORMS.iter().find(|(short, _)| token == *short)
        {
            self.at += short.chars().count();
            return self.words(long);
        }
        let word = self.take_while(|c| (c.is_alphabetic() && sign(c).is_none()) || c == '\'' || c == '’');
        let plain = deunicode::deunicode(&word.replace('’', "'"));
        let clean: String = plain.chars().filter(|c| c.is_ascii_alphabetic() || "' ".contains(*c)).collect();
        // A letter run straight after a number ("10ms") or a sign is a word of its own.
        if !clean.is_empty() {
            if self.out.ends_with(|c: char| !c.is_whitespace()) {
                self.space();
            }
            // No English word is this long; an endless one would keep the voice busy for minutes.
            self.out.push_str(&clean[..clean.len().min(60)]);
        }
    }

    fn symbol(&mut self, c: char) {
        for (pair, name) in PAIRS {
            if self.starts_with(pair) {
                self.at += pair.chars().count();
                return self.words(name);
            }
        }
        let before = self.before();
        let next = self.peek(1).unwrap_or(' ');
        self.at += 1;
        match c {
            c if c == '\n' && self.peek(0) == Some('\n') => self.pause('.'),
            c if c.is_whitespace() => self.space(),
            // Inside a name or an address a full stop is no pause.
            '.' if before.is_alphabetic() && next.is_alphabetic() => self.space(),
            '.' | '!' | '?' => self.pause(c),
            '…' => self.pause('.'),
            ',' | ';' => self.pause(','),
            ':' => self.pause(','),
            '—' | '–' if !(before.is_ascii_digit() && next.is_ascii_digit()) => self.pause(','),
            '(' | ')' | '[' | ']' | '{' | '}' => self.bracket(c, next),
            '-' if next.is_ascii_digit() && !before.is_alphanumeric() => self.words("minus"),
            '-' if before == ' ' && next == ' ' => self.dash(),
            '^' => self.power(),
            '*' if (before == ' ' && next == ' ') || (before.is_ascii_digit() && next.is_ascii_digit()) => self.words("times"),
            '/' if before.is_alphanumeric() && next.is_alphanumeric() && self.short_on_both_sides() => self.words("over"),
            '#' if next.is_ascii_digit() => self.words("number"),
            // Read with the amount that follows.
            '$' | '€' | '£' if next.is_ascii_digit() => self.space(),
            '\'' | '’' | '"' | '“' | '”' | '‘' | '`' | '*' | '#' | '$' | '€' | '£' => {}
            c => match (sign(c), superscript(c)) {
                (Some(name), _) => self.words(name),
                (None, Some(digit)) => self.words(&format!("to the power of {}", numbers::cardinal(digit))),
                (None, None) => self.unknown(c),
            },
        }
    }

    /// A bracket is a short pause; a bracketed number is a reference mark and is not read.
    fn bracket(&mut self, c: char, next: char) {
        if c == '[' && next.is_ascii_digit() {
            let from = self.at;
            self.take_while(|c| c.is_ascii_digit() || ", –-".contains(c));
            if self.peek(0) == Some(']') {
                self.at += 1;
                return;
            }
            self.at = from;
        }
        self.pause(',');
    }

    /// A dash between spaces: a minus between numbers, a pause elsewhere.
    fn dash(&mut self) {
        let between_numbers =
            self.peek(1).is_some_and(|c| c.is_ascii_digit()) && self.at >= 3 && self.text[self.at - 3].is_ascii_digit();
        if between_numbers { self.words("minus") } else { self.pause(',') }
    }

    fn power(&mut self) {
        let alone = !self.peek(1).is_some_and(char::is_alphanumeric);
        match self.peek(0) {
            Some('2') if alone => self.raised("squared"),
            Some('3') if alone => self.raised("cubed"),
            Some(c) if c.is_alphanumeric() || c == '-' || c == '(' || c == '{' => self.words("to the power of"),
            _ => {}
        }
    }

    fn raised(&mut self, name: &str) {
        self.at += 1;
        self.words(name);
    }

    /// Whether the slash just read stands between names of one or two letters or numbers, as in dy/dx or n/2.
    fn short_on_both_sides(&self) -> bool {
        let left = self.text[..self.at - 1].iter().rev().take_while(|c| c.is_alphanumeric()).count();
        let right = self.text[self.at..].iter().take_while(|c| c.is_alphanumeric()).count();
        left <= 2 && right <= 2
    }

    /// A letter or digit of another script is brought to Latin ones; pictures and other marks are not read.
    fn unknown(&mut self, c: char) {
        if !c.is_alphanumeric() {
            return self.space();
        }
        let plain: String = deunicode::deunicode_char(c).unwrap_or("").chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        match numbers::number(&plain) {
            Some(said) => self.words(&said),
            None if plain.bytes().all(|b| b.is_ascii_alphabetic()) && !plain.is_empty() => self.words(&plain),
            None => self.space(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn symbols_numbers_and_short_forms_become_words() {
        for (written, said) in [
            ("y = x² + 3", "y equals x squared plus three"),
            ("about 95 % of it", "about ninety five percent of it"),
            ("a rate of 0.01, e.g. for Adam", "a rate of zero point zero one, for example for Adam"),
            ("η → 0", "eta to zero"),
            ("∂L/∂w", "partial L partial w"),
            ("dy/dx and/or n/2", "dy over dx and or n over two"),
            ("In 1986, the 3rd paper [12] said so.", "In nineteen eighty six, the third paper said so."),
            ("the 1990s", "the nineteen nineties"),
            ("$5 or 3-5 or -2", "five dollars or three to five or minus two"),
            ("1e-3 and 2^10 and x^2.", "one times ten to the minus three and two to the power of ten and x squared."),
            ("a **bold** `word` — and (more)", "a bold word, and, more,"),
            ("Erdős & Gauß", "Erdos and Gauss"),
            ("10:30, 1,500 m", "ten thirty, one thousand five hundred m"),
            ("see https://example.org/x?y for more", "see a link for more"),
            ("back-propagation doesn’t", "back propagation doesn't"),
            ("7 - 4 x ≤ 5", "seven minus four x is less than or equal to five"),
            ("What?! Really...", "What? Really."),
            ("", ""),
            ("...", ""),
        ] {
            assert_eq!(say(written), said, "{written}");
        }
    }

    #[test]
    fn words_are_what_is_said() {
        assert_eq!(words("The rate is 0.1, isn't it?"), ["the", "rate", "is", "zero", "point", "one", "isn't", "it"]);
    }

    #[test]
    fn a_long_text_is_cut_where_one_breathes() {
        let long = format!("One. {} two? Three", "clause after clause, ".repeat(20));
        let cut = breaths(&long, 120);
        assert_eq!(cut[0], "One.");
        assert_eq!(*cut.last().unwrap(), "Three");
        assert!(cut.iter().all(|piece| piece.len() <= 120));
    }

    proptest! {
        #[test]
        fn any_text_becomes_plain(text in "\\PC{0,200}") {
            let plain = say(&text);
            prop_assert!(plain.bytes().all(|b| b.is_ascii_alphabetic() || b" .,!?'".contains(&b)), "{:?}", plain);
            for piece in breaths(&plain, 80) {
                prop_assert!(piece.len() <= 80);
            }
        }

        #[test]
        fn saying_a_plain_text_again_changes_no_word(text in "[A-Za-z', 0-9]{0,80}") {
            prop_assert_eq!(words(&say(&text)), words(&text));
        }
    }
}
