//! What the operating system opens the desktop app with: an address of the app's own, a file, or nothing.
#![no_main]

use std::path::Path;

// The app around it is a window.
#[path = "../../app/desktop/src/opening/thing.rs"]
mod thing;

use thing::{Thing, parse};

libfuzzer_sys::fuzz_target!(|argument: &str| {
    match parse(argument, Path::new("/home/person")) {
        Some(Thing::Address(address)) => assert!(address.starts_with("synapscribe:")),
        Some(Thing::File(path)) => assert!(path.is_absolute(), "{path:?}"),
        None => {}
    }
});
