//! Addresses of e-mail, in the one form in which two ways to write the same address are equal. Whether anybody reads there is
//! found out by writing.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// The longest address that servers take (RFC 5321, 4.5.3.1.3), and the longest part before the sign.
const LONGEST: usize = 254;
const LONGEST_LOCAL: usize = 64;

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is not an e-mail address; write it as name@example.org")]
pub struct InvalidEmail;

/// An address, normalised: compatible characters are folded, letters are small, the domain is in its ASCII form.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address as people write it.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        // What cannot fit is not worth folding.
        if text.len() > 4 * LONGEST {
            return Err(InvalidEmail);
        }
        // Small letters may be composed anew, so it is folded once more afterwards.
        let folded: String = text.trim().nfkc().collect::<String>().to_lowercase().nfkc().collect();
        let (local, domain) = folded.rsplit_once('@').ok_or(InvalidEmail)?;
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| InvalidEmail)?;
        let labels = domain.split('.').count();
        let numeric = domain.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        if !fits(local) || labels < 2 || numeric {
            return Err(InvalidEmail);
        }
        let address = format!("{local}@{domain}");
        if address.len() > LONGEST { Err(InvalidEmail) } else { Ok(Self(address)) }
    }

    /// The normalised text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Dots separate words; quoted texts are legal and in nobody's address.
fn fits(local: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || is_sign(c) || is_mark(c));
    local.len() <= LONGEST_LOCAL && local.split('.').all(word)
}

/// The signs of RFC 5322's atoms.
fn is_sign(c: char) -> bool {
    "!#$%&'*+-/=?^_`{|}~".contains(c)
}

/// Marks that letters of many scripts carry are no letters by themselves.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

impl TryFrom<String> for EmailAddress {
    type Error = InvalidEmail;
    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> String {
        address.0
    }
}

/// Addresses must not reach a log by accident; [`EmailAddress::as_str`] says one on purpose.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ways_to_write_one_address_are_one_address() {
        for (written, known) in [
            ("ada@example.org", "ada@example.org"),
            ("  Ada.Byron+lectures@EXAMPLE.org\n", "ada.byron+lectures@example.org"),
            ("ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
            ("ａｄａ@example.org", "ada@example.org"),
            ("zo\u{65}\u{308}@example.org", "zoë@example.org"),
            ("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
        ] {
            assert_eq!(EmailAddress::parse(written).unwrap().as_str(), known);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.org", "a".repeat(65));
        let longer = format!("a@{}.org", "example.".repeat(40));
        for text in [
            "",
            "@",
            "ada",
            "ada@",
            "@example.org",
            "ada@localhost",
            "ada@10.0.0.1",
            "a b@example.org",
            "a@@example.org",
            ".ada@example.org",
            "ada..b@example.org",
            "ada@exa mple.org",
            "ada@-a.example",
            "ada@example.org\r\nBcc: b@c.de",
            "\"a b\"@example.org",
            "a\u{0}@example.org",
            "<ada@example.org>",
            &long,
            &longer,
        ] {
            assert_eq!(EmailAddress::parse(text), Err(InvalidEmail), "{text:?}");
        }
    }

    #[test]
    fn an_address_does_not_get_into_a_log_by_accident() {
        assert!(!format!("{:?}", EmailAddress::parse("ada@example.org").unwrap()).contains("ada"));
    }

    proptest! {
        #[test]
        fn normalising_again_changes_nothing(text in "\\PC{0,20}@\\PC{0,12}\\.[a-z]{2,5}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
                prop_assert!(!address.as_str().contains(char::is_whitespace));
            }
        }
    }
}
