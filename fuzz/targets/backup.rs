//! A backup to be brought back: files and folders below the folder it is unpacked into, and nothing anywhere else.
#![no_main]

use std::path::Path;

// The host would bring its engines and their libraries along, to be built with the fuzzer's instruments.
#[path = "../../backend/host/src/archive/unpack.rs"]
mod unpack;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let place = tempfile::tempdir().expect("there is room for a folder");
    let into = place.path().join("into");
    std::fs::create_dir(&into).expect("there is room for a folder");
    let _ = unpack::unpack(data, &into);
    assert_eq!(std::fs::read_dir(place.path()).expect("it is there").count(), 1, "something lies beside the folder");
    only_files(&into);
});

fn only_files(folder: &Path) {
    // A folder may have been made that its owner cannot read.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let kind = entry.file_type().expect("an entry is of some kind");
        assert!(kind.is_file() || kind.is_dir(), "{kind:?} was unpacked");
        if kind.is_dir() {
            only_files(&entry.path());
        }
    }
}
