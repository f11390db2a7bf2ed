//! A request to the gateway: whatever its headers and its query say, nobody gets in who was given no key.
#![no_main]

use std::sync::{Arc, LazyLock};

use http::{HeaderMap, HeaderValue, Method, Uri};
use synapscribe_domain::Timestamp;
use synapscribe_local::{Keyring, SignatureVerifier};

static VERIFIER: LazyLock<SignatureVerifier> = LazyLock::new(|| SignatureVerifier::new(Arc::new(Keyring::new([7; 32]))));

libfuzzer_sys::fuzz_target!(|input: (&str, &[u8], &[u8], &[u8], i64)| {
    let (query, authorization, date, token, now) = input;
    let Ok(uri) = format!("http://localhost/ws?{query}").parse::<Uri>() else { return };
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("localhost"));
    for (name, value) in [("authorization", authorization), ("x-amz-date", date), ("x-amz-security-token", token)] {
        if let Ok(value) = HeaderValue::from_bytes(value)
            && !value.is_empty()
        {
            headers.insert(name, value);
        }
    }
    assert!(VERIFIER.verify(&Method::GET, &uri, &headers, b"", Timestamp(now)).is_err());
});
