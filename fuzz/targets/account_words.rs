//! What people write into the forms of accounts: it is refused, or kept in one form that stays as it is when it is read again.
#![no_main]

use synapscribe_domain::PersonId;
use synapscribe_domain::account::password::{LONGEST, SHORTEST};
use synapscribe_domain::account::{EmailAddress, Password, RefreshToken, WrittenCode};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(address) = EmailAddress::parse(text) {
        let kept = address.as_str();
        // It stands in the head of a letter.
        assert!(kept.len() <= 254 && !kept.contains(|c: char| c.is_whitespace() || c.is_control()), "{kept:?}");
        assert!(kept.rsplit_once('@').is_some_and(|(_, domain)| domain.is_ascii() && domain.contains('.')), "{kept:?}");
        assert_eq!(EmailAddress::parse(kept), Ok(address.clone()), "{kept:?}");
    }
    if let Some(code) = WrittenCode::parse(text) {
        assert_eq!(WrittenCode::parse(&code.grouped()), Some(code));
    }
    if let Some(token) = RefreshToken::parse(text) {
        assert_eq!(token.text(), text);
    }
    if let Some(password) = Password::typed(text) {
        assert!(password.expose().chars().count() <= LONGEST);
        assert_eq!(Password::typed(password.expose()).as_ref(), Some(&password));
        assert!(Password::chosen(text).is_err() || password.expose().chars().count() >= SHORTEST);
    }
    if let Ok(person) = PersonId::parse(text) {
        assert!(person.as_str() == text && !text.contains(['/', '\\']) && !text.contains(".."), "{text:?}");
    }
});
