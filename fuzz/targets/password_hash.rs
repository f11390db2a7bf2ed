//! What is kept of a password: read as it was written, and never dearer to try than a machine bears.
#![no_main]

// The crate around it hashes.
#[path = "../../backend/adapters/vault/src/passwords/form.rs"]
mod form;

use form::{Cost, read, written};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Some((cost, salt, hash)) = read(text) {
        assert!(cost.memory <= 1 << 20 && cost.passes <= 64, "{cost:?}");
        for cost in [cost, Cost::USUAL] {
            assert_eq!(read(&written(cost, &salt, &hash)), Some((cost, salt, hash)));
        }
    }
});
