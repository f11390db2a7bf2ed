//! An operator's list of models: it is used or refused with a reason, and no name in it leads out of the folder.
#![no_main]

use synapscribe_engines::models::ModelStore;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    std::fs::write(folder.path().join("catalogue.json"), data).expect("there is room for a list");
    let store = ModelStore::new(folder.path());
    let _ = store.sound();
    for listed in store.list() {
        let _ = listed.card.bytes();
        assert!(!listed.card.name.contains(['/', '\\']) && listed.card.name != "..", "{:?}", listed.card.name);
    }
});
