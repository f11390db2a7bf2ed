//! An access token, of which anything may stand in every part: what is taken from it is what stands there, and what it states can be
//! stated again.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use synapscribe_domain::Timestamp;

// The keys around it would bring a library in C along, to be built with the fuzzer's instruments.
#[path = "../../backend/adapters/vault/src/claims.rs"]
mod claims;

use claims::{taken, unsigned, whole};

const ISSUER: &str = "https://study.example";
const NOW: Timestamp = Timestamp(1_800_000_000_000);

// A token as it came; or its parts, a line each, which are encoded here because no fuzzer guesses that.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let encoded: Vec<String> = data.splitn(3, |byte| *byte == b'\n').map(|part| URL_SAFE_NO_PAD.encode(part)).collect();
    for token in [std::str::from_utf8(data).unwrap_or_default(), &encoded.join(".")] {
        let Some(found) = taken(token) else { continue };
        // One token is written in one way: nothing in it can be changed that is not seen.
        let signed = std::str::from_utf8(found.signed).expect("it is a piece of a text");
        assert_eq!(whole(signed, &found.signature), token);
        let (Some(_), Ok(claims)) = (found.kid(), found.stated(ISSUER, NOW)) else { continue };
        assert!(claims.expires > NOW && claims.issued <= NOW.plus(5_000), "{claims:?}");
        // Where time ends is no whole second.
        if claims.issued.0 % 1000 == 0 && claims.expires.0 % 1000 == 0 {
            let again = whole(&unsigned(&claims, ISSUER, "key"), b"signature");
            let again = taken(&again).expect("what was written can be read");
            assert_eq!(again.kid().as_deref(), Some("key"));
            assert_eq!(again.stated(ISSUER, NOW).expect("what was stated holds still"), claims);
        }
    }
});
