//! What proxies say of where a request comes from: nobody else is believed, and nothing that stands before what they wrote.
#![no_main]

use std::net::IpAddr;
use std::sync::LazyLock;

use http::{HeaderMap, HeaderValue};

// The host would bring its engines and their libraries along, to be built with the fuzzer's instruments.
#[path = "../../backend/host/src/proxies.rs"]
#[allow(dead_code, reason = "the layer that asks it is the host's")]
mod proxies;

use proxies::Proxies;

static PROXIES: LazyLock<Proxies> = LazyLock::new(|| Proxies::parse("10.0.0.0/8, ::1").expect("these are networks"));

fn address(text: &str) -> IpAddr {
    text.parse().expect("it is an address")
}

libfuzzer_sys::fuzz_target!(|input: (&str, Vec<&[u8]>)| {
    let (setting, said) = input;
    let mut headers = HeaderMap::new();
    for value in said.into_iter().filter_map(|value| HeaderValue::from_bytes(value).ok()) {
        headers.append("x-forwarded-for", value);
    }
    let (caller, proxy) = (address("203.0.113.7"), address("10.0.0.7"));
    assert_eq!(PROXIES.origin(caller, &headers), caller, "whoever is no proxy was believed");
    assert_eq!(Proxies::default().origin(proxy, &headers), proxy, "somebody was believed where nobody is");

    // Whoever the proxy names last called it, whatever they wrote themselves.
    headers.append("x-forwarded-for", HeaderValue::from_static("203.0.113.7"));
    assert_eq!(PROXIES.origin(proxy, &headers), caller);

    let _ = Proxies::parse(setting);
});
