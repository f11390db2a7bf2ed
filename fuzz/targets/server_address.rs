//! The address of a server as a person types it: one that can be joined to and read again, or a refusal.
#![no_main]

use synapscribe_client::Address;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(address) = Address::parse(text) {
        let known = address.as_str();
        assert!(known.starts_with("http://") || known.starts_with("https://"), "{known:?}");
        let again = Address::parse(known).expect("what was read can be read again");
        assert_eq!((again.as_str(), again.is_loopback()), (known, address.is_loopback()));
        assert_eq!(address.join("/key"), format!("{known}/key"));
    }
});
