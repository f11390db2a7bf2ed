//! Passwords as they may be chosen: long enough, not among those that are guessed first, of any characters. It knows no hash.

use std::fmt;
use std::sync::LazyLock;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// Fewer characters can be tried out.
pub const SHORTEST: usize = 8;
/// More than anybody types, and little enough to be hashed.
pub const LONGEST: usize = 128;

static COMMON: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with('#')).collect());

/// Why a password may not be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordRefused {
    /// It has fewer than [`SHORTEST`] characters.
    #[error("the password is too short; take 8 characters or more")]
    Short,
    /// It has more than [`LONGEST`] characters.
    #[error("the password is too long; take at most 128 characters")]
    Long,
    /// It is one that is guessed first.
    #[error("this password is one of those that are guessed first; take one that nobody would think of")]
    Common,
    /// Whoever keeps passwords cannot keep this one, and says why.
    #[error("{0}")]
    Unkeepable(&'static str),
}

/// A password, in the one form in which the same keys on two keyboards are equal (NFKC, as RFC 8265 and NIST SP 800-63B say).
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// A password somebody chooses.
    pub fn chosen(text: &str) -> Result<Self, PasswordRefused> {
        let password = Self::typed(text).ok_or(PasswordRefused::Long)?;
        match password.0.chars().count() {
            count if count < SHORTEST => Err(PasswordRefused::Short),
            _ if is_common(&password.0) => Err(PasswordRefused::Common),
            _ => Ok(password),
        }
    }

    /// A password somebody types to show who they are: whatever it is, unless nobody could have chosen it.
    pub fn typed(text: &str) -> Option<Self> {
        // Folding can make a text longer; it is not gone on with beyond the limit.
        let folded: String = text.nfkc().take(LONGEST + 1).collect();
        (folded.chars().count() <= LONGEST).then_some(Self(folded))
    }

    /// What is hashed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

fn is_common(text: &str) -> bool {
    COMMON.binary_search(&text.to_lowercase().as_str()).is_ok()
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(), PasswordRefused>) {
        assert_eq!(Password::chosen(text).map(drop), expected, "{text:?}");
    }

    #[test]
    fn length_counts_characters_and_nothing_else_is_asked_for() {
        check("1234abc", Err(PasswordRefused::Short));
        check("", Err(PasswordRefused::Short));
        check("tidepool", Ok(()));
        check("       q", Ok(()));
        check("пароль-для-лекций", Ok(()));
        check("🎓🎓🎓🎓🎓🎓🎓🎓", Ok(()));
        check("🎓🎓🎓🎓🎓🎓🎓", Err(PasswordRefused::Short));
        check(&"x7".repeat(64), Ok(()));
        check(&"x".repeat(129), Err(PasswordRefused::Long));
        // One character that folds to eighteen.
        check(&"\u{fdfa}".repeat(8), Err(PasswordRefused::Long));
    }

    #[test]
    fn those_that_are_guessed_first_are_refused_however_they_are_written() {
        for common in ["password", "PassWord", "12345678", "iloveyou", "ｐａｓｓｗｏｒｄ", "trustno1"] {
            check(common, Err(PasswordRefused::Common));
        }
        assert!(COMMON.len() >= 3_000, "{}", COMMON.len());
        assert!(COMMON.is_sorted(), "the list has to be sorted to be searched");
        assert!(COMMON.iter().all(|word| word.chars().count() >= SHORTEST), "shorter ones are refused for their length");
    }

    #[test]
    fn the_same_keys_give_the_same_password() {
        assert_eq!(Password::typed("caf\u{e9} noir"), Password::typed("cafe\u{301} noir"));
        assert_ne!(Password::typed("Tidepool"), Password::typed("tidepool"));
        assert!(Password::typed("short").is_some(), "what is typed may be wrong");
    }
}
