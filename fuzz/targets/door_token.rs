//! The access token that a request shows: found wherever it may stand, invented nowhere, and gone from the address behind the door.
#![no_main]

use http::{HeaderMap, HeaderValue, Uri, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use synapscribe_local::door::{token, without_token};

libfuzzer_sys::fuzz_target!(|input: (&str, &[u8], &[u8], &str)| {
    let (query, authorization, protocols, secret) = input;
    let Ok(uri) = format!("http://localhost/synapscribe/key?{query}").parse::<Uri>() else { return };
    let nothing = HeaderMap::new();
    let mut headers = HeaderMap::new();
    for (name, value) in [(header::AUTHORIZATION, authorization), (header::SEC_WEBSOCKET_PROTOCOL, protocols)] {
        if let Ok(value) = HeaderValue::from_bytes(value)
            && !value.is_empty()
        {
            headers.insert(name, value);
        }
    }
    if let Some(shown) = token(&uri, &headers)
        && token(&uri, &nothing).as_ref() != Some(&shown)
    {
        let said = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let said = [said(header::AUTHORIZATION), said(header::SEC_WEBSOCKET_PROTOCOL)];
        assert!(said.iter().flatten().any(|text| text.contains(&shown)), "{shown:?} is nowhere");
    }

    let clean = without_token(&uri);
    assert_eq!(token(&clean, &nothing), None, "{clean} shows a token still");
    assert_eq!((clean.host(), clean.path()), (uri.host(), uri.path()));
    let pieces = |uri: &Uri| uri.query().unwrap_or_default().split('&').map(str::to_owned).collect::<Vec<_>>();
    let (kept, all) = (pieces(&clean), pieces(&uri));
    assert!(kept == [""] || kept.iter().all(|piece| all.contains(piece)), "{clean} was made up");

    // One that is there is found, however its name and itself are written, and nothing else goes with it.
    let written = utf8_percent_encode(secret, NON_ALPHANUMERIC);
    for name in ["access_token", "access%5Ftoken", "%61ccess_token"] {
        let Ok(shown) = format!("/key?a=b&{name}={written}&c=d").parse::<Uri>() else { return };
        assert_eq!(token(&shown, &nothing).as_deref(), Some(secret));
        assert_eq!(without_token(&shown), "/key?a=b&c=d");
    }
});
