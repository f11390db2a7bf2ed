//! Codes that are sent to an address to show that whoever types them reads there: used once, soon over, few attempts.

use serde::{Deserialize, Serialize};

use super::Digest;
use crate::time::{DAY_MS, Timestamp};

/// Wrong answers after which a code is worth nothing.
pub const ATTEMPTS: u32 = 5;
/// Letters and digits of a code: forty bits, of which five guesses find nothing.
pub const LENGTH: usize = 8;
/// Digits and letters without those that are read for another (Crockford's base 32).
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What a code opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Shows that an address is one's own.
    Verify,
    /// Sets another password.
    Reset,
}

impl Purpose {
    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
        }
    }

    /// How long such a code is good for.
    pub fn lifetime_ms(self) -> i64 {
        match self {
            Self::Verify => DAY_MS,
            Self::Reset => DAY_MS / 48,
        }
    }
}

/// A code as somebody wrote it, in the form in which it was sent.
#[derive(Clone, PartialEq, Eq)]
pub struct WrittenCode(String);

impl WrittenCode {
    /// Reads a code as people type it: in small letters, with spaces or a dash, O for 0 and I or L for 1. A text that no code
    /// can be is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut code = String::with_capacity(LENGTH);
        for c in text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(LENGTH + 1) {
            code.push(match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c if u8::try_from(c).is_ok_and(|c| ALPHABET.contains(&c)) => c,
                _ => return None,
            });
        }
        (code.len() == LENGTH).then_some(Self(code))
    }

    /// A code of these random bytes.
    pub fn of(random: [u8; LENGTH]) -> Self {
        Self(random.map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).iter().collect())
    }

    /// What is sent and digested.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In two groups, as it is easiest to type.
    pub fn grouped(&self) -> String {
        let (first, second) = self.0.split_at(LENGTH / 2);
        format!("{first}-{second}")
    }
}

impl std::fmt::Debug for WrittenCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WrittenCode(…)")
    }
}

/// A code that was sent, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailedCode {
    /// What it opens.
    pub purpose: Purpose,
    /// Its digest.
    pub digest: Digest,
    /// When it is over.
    pub expires: Timestamp,
    /// Answers that may still be wrong.
    pub attempts: u32,
}

/// What came of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// It is right; the code is used up.
    Right,
    /// It is wrong; one attempt fewer is left.
    Wrong,
    /// The code is over: its time, its attempts, or its one use.
    Over,
}

impl MailedCode {
    /// A code that was made now.
    pub fn new(purpose: Purpose, digest: Digest, now: Timestamp) -> Self {
        Self { purpose, digest, expires: now.plus(purpose.lifetime_ms()), attempts: ATTEMPTS }
    }

    /// Compares an answer. Whatever comes of it, one attempt fewer is left, and after the right one none is.
    pub fn answer(&mut self, digest: &Digest, now: Timestamp) -> Checked {
        if now >= self.expires || self.attempts == 0 {
            return Checked::Over;
        }
        if *digest == self.digest {
            self.attempts = 0;
            return Checked::Right;
        }
        self.attempts -= 1;
        Checked::Wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);
    const RIGHT: Digest = Digest([1; 32]);
    const WRONG: Digest = Digest([2; 32]);

    #[test]
    fn a_code_is_used_once_and_only_in_time() {
        let code = MailedCode::new(Purpose::Reset, RIGHT, NOW);
        let (mut once, mut late) = (code.clone(), code.clone());
        assert_eq!(once.answer(&RIGHT, NOW), Checked::Right);
        assert_eq!(once.answer(&RIGHT, NOW), Checked::Over);
        assert_eq!(late.answer(&RIGHT, code.expires.plus(-1)), Checked::Right);
        assert_eq!(code.clone().answer(&RIGHT, code.expires), Checked::Over);
    }

    #[test]
    fn guessing_ends_the_code() {
        let mut code = MailedCode::new(Purpose::Verify, RIGHT, NOW);
        for _ in 0..ATTEMPTS {
            assert_eq!(code.answer(&WRONG, NOW), Checked::Wrong);
        }
        assert_eq!(code.answer(&RIGHT, NOW), Checked::Over, "the right one comes too late");
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = WrittenCode::of([0, 1, 31, 10, 64, 33, 7, 18]);
        assert_eq!(code.as_str(), "01ZA017J");
        assert_eq!(code.grouped(), "01ZA-017J");
        for typed in ["01ZA-017J", " o1za 0l7j ", "OIzA-Oi7J"] {
            assert_eq!(WrittenCode::parse(typed), Some(code.clone()), "{typed}");
        }
        for none in ["", "01ZA-017", "01ZA-017JJ", "01ZA-017U", "01ZA-017é"] {
            assert_eq!(WrittenCode::parse(none), None, "{none}");
        }
    }
}
