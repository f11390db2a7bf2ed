//! An object's key: what is accepted names one file in its owner's folder and cannot climb out of it.
#![no_main]

use synapscribe_domain::ObjectKey;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(key) = ObjectKey::parse(text) {
        assert_eq!(key.as_str(), text);
        assert!(!text.split('/').any(|part| part.is_empty() || part == "." || part == ".."));
        assert!(!text.contains(['\\', '\0']));
        assert!(text.ends_with(key.file_name()));
        assert!(text.contains(key.owner().as_str()));
        assert_eq!(ObjectKey::parse(key.beside("vtt").as_str()), Ok(key.beside("vtt")));
        let _ = key.place();
    }
});
