//! The list of a backup's files with what each of them held, as `sha256sum` writes it. Knows no file's meaning.

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path};

use synapscribe_local::folder::digest::digest_of;

/// Its name within the backup.
pub(super) const LIST: &str = "checksums.sha256";

/// A line of it.
pub(super) fn line(name: &str, digest: &str) -> String {
    format!("{digest}  {name}\n")
}

/// The first file below this folder that is not what the list says, with the list itself where it cannot be read; the list is removed
/// when all are. Backups of older programs have none.
pub(super) fn differs(folder: &Path) -> io::Result<Option<String>> {
    let list = folder.join(LIST);
    let text = match fs::read_to_string(&list) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(Some(LIST.to_owned())),
        Err(error) => return Err(error),
    };
    for line in text.lines() {
        let named = line.split_once("  ");
        let Some((digest, name)) = named.filter(|(_, name)| is_below(Path::new(name))) else {
            return Ok(Some(LIST.to_owned()));
        };
        let same = match File::open(folder.join(name)) {
            Ok(file) => digest_of(file)? == digest,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        if !same {
            return Ok(Some(name.to_owned()));
        }
    }
    fs::remove_file(list)?;
    Ok(None)
}

fn is_below(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_))) && path.file_name().is_some()
}
