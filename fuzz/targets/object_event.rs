//! Events of object storage: whatever a record says, a key that is read stays below its prefix.
#![no_main]

use aws_lambda_events::s3::S3Event;

// The handler would bring the operations along, to be built with the fuzzer's instruments.
#[path = "../../lambdas/validate-lecture/src/event.rs"]
mod event;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(published) = serde_json::from_slice::<S3Event>(data) else { return };
    for created in published.records.iter().filter_map(event::read) {
        let key = created.key.as_str();
        assert!(!key.starts_with('/') && key.split('/').all(|part| part != ".." && part != "."), "{key:?} climbs");
    }
});
