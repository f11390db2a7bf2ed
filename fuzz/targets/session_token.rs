//! An access key and a session token: any text is read or refused, and none that this host did not write is believed.
#![no_main]

use std::sync::LazyLock;

use synapscribe_domain::{PersonId, Timestamp};
use synapscribe_local::{Caller, Keyring};

static KEYRING: LazyLock<Keyring> = LazyLock::new(|| Keyring::new([7; 32]));

libfuzzer_sys::fuzz_target!(|input: (&str, &str, u8, u8, i64)| {
    let (key, token, at, flip, now) = input;
    assert!(!matches!(KEYRING.caller(key, Some(token), Timestamp(now)), Ok(Caller::Person(_))));
    let _ = (KEYRING.secret_of(key), KEYRING.known_identity(token));

    // A token that was given out and then changed anywhere is no token.
    let Ok(person) = PersonId::parse("fuzzer") else { return };
    let given = KEYRING.issue(&person, Timestamp(0));
    let mut bytes = given.session_token.into_bytes();
    let at = usize::from(at) % bytes.len();
    bytes[at] ^= flip & 0x7f;
    if let Ok(changed) = String::from_utf8(bytes) {
        let caller = KEYRING.caller(&given.access_key_id, Some(&changed), Timestamp(1));
        assert!(caller.is_err() || flip & 0x7f == 0 || matches!(caller, Ok(Caller::Person(p)) if p == person));
    }
});
