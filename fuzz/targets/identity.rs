//! A call to the identity endpoint: any name and any body are answered with JSON, and credentials go to nobody whose identity was
//! not given out here.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock};

use axum::body::{Bytes, to_bytes};
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use synapscribe_local::{GuestRate, IdentityEndpoint, Keyring};
use synapscribe_ports::SystemClock;

static KEYRING: LazyLock<Arc<Keyring>> = LazyLock::new(|| Arc::new(Keyring::new([7; 32])));
static ENDPOINT: LazyLock<IdentityEndpoint> = LazyLock::new(|| {
    let rate = GuestRate { burst: u32::MAX, per_second: 1e9 };
    IdentityEndpoint::new(Arc::clone(&KEYRING), Arc::new(SystemClock), rate)
});

/// An identity that was given out.
static GUEST: LazyLock<String> = LazyLock::new(|| KEYRING.fresh_identity().as_str().to_owned());

// The first line names the call, the rest is its body; what no fuzzer can guess stands there by name.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let call = &data[..end];
    let body = match std::str::from_utf8(data.get(end + 1..).unwrap_or_default()) {
        Ok(text) => text.replace("POOL", ENDPOINT.pool()).replace("GUEST", &GUEST).into_bytes(),
        Err(_) => data[end + 1..].to_vec(),
    };
    let mut headers = HeaderMap::new();
    if let Ok(target) = HeaderValue::from_bytes(&[b"AWSCognitoIdentityService.", call].concat()) {
        headers.insert("x-amz-target", target);
    }
    let body_sent = Bytes::copy_from_slice(&body);
    let answer = futures::executor::block_on(ENDPOINT.answer(IpAddr::V4(Ipv4Addr::LOCALHOST), &headers, &body_sent));
    let done = answer.status().is_success();
    let said = futures::executor::block_on(to_bytes(answer.into_body(), 1 << 16)).expect("an answer is short");
    let said: Value = serde_json::from_slice(&said).expect("an answer is JSON");
    assert_eq!(done, said["IdentityId"].is_string(), "{said}");
    if !done {
        assert!(said["__type"].is_string(), "{said}");
        return;
    }
    assert!(said["IdentityId"].as_str().is_some_and(|id| KEYRING.known_identity(id).is_some()), "{said}");
    if said["Credentials"].is_object() {
        let asked: Value = serde_json::from_slice(&body).expect("what was answered was read");
        assert!(asked["IdentityId"].as_str().is_some_and(|id| KEYRING.known_identity(id).is_some()), "{said}");
    }
});
