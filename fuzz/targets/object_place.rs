//! Where an object lies on the disk: whatever its key or a prefix is, below the folder, in files of its own, and the way back leads to
//! the same key.
#![no_main]

use std::path::{Component, Path};

use synapscribe_domain::ObjectKey;

// The crate around it keeps it to itself.
#[path = "../../backend/adapters/local/src/folder/layout.rs"]
mod layout;

use layout::{about_path, folder_of_prefix, is_about, key_of_path, object_path};

const ROOT: &str = "/data/objects";

/// Whether a path lies below the folder, and names that any system takes lead there.
fn is_below(path: &Path) -> bool {
    path.strip_prefix(ROOT)
        .is_ok_and(|rest| rest.components().all(|part| matches!(part, Component::Normal(_)) && part.as_os_str().len() <= 255))
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let root = Path::new(ROOT);
    if let Some(folder) = folder_of_prefix(root, text) {
        assert!(is_below(&folder), "{folder:?}");
    }
    let Ok(key) = ObjectKey::parse(text) else { return };
    let path = object_path(root, &key);
    let about = about_path(&path);
    assert!(is_below(&path) && is_below(&about), "{path:?}");
    assert_eq!(path.parent(), about.parent());
    let named = |path: &Path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_about);
    assert!(named(&about) && !named(&path), "{path:?}");
    // A name that was too long is told by the description.
    let hashed = path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("%~"));
    assert_eq!(key_of_path(root, &path), (!hashed).then(|| key.clone()));
    for (end, _) in text.char_indices() {
        let folder = folder_of_prefix(root, &text[..end]).expect("a key has this prefix");
        assert!(path.starts_with(&folder), "{path:?} is not in {folder:?}");
    }
});
