//! What a server says of itself: believed where it is one of this product and none that is too new, and the same when it is passed on.
#![no_main]

use std::sync::LazyLock;

use synapscribe_client::{Address, PROTOCOL_MAJOR, believed};

static SERVER: LazyLock<Address> = LazyLock::new(|| Address::parse("localhost:4000").expect("it is an address"));

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    if let Ok(told) = believed(&SERVER, body) {
        assert_eq!(told.product, "synapscribe");
        let major = told.protocol.split('.').next().and_then(|major| major.parse::<u32>().ok());
        assert!(major.is_some_and(|major| major <= PROTOCOL_MAJOR), "{:?}", told.protocol);
        let passed_on = serde_json::to_vec(&told).expect("a document can be written");
        assert_eq!(believed(&SERVER, &passed_on).expect("what was written can be read"), told);
    }
});
