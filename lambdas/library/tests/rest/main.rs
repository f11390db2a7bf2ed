//! REST as a client sees it, over the real store and folder.

mod chat;
mod classes;
mod desk;
mod documents;
mod isolation;
mod packs;
mod search;
mod things;

use std::path::Path;

/// The document is kept beside the routes, so that a change of what clients rely on is seen in review.
#[test]
fn the_openapi_document_is_the_one_that_is_kept() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let wanted = lambda_library::document().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("SYNAPSCRIBE_WRITE_OPENAPI").is_some() {
        std::fs::write(&file, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == wanted,
        "{} is not what the routes are now; write it again with\n  \
         SYNAPSCRIBE_WRITE_OPENAPI=1 cargo test --workspace --test rest the_openapi_document",
        file.display()
    );
}
