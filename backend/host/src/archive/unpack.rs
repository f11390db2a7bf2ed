//! Unpacks an archive below a folder. It takes whatever bytes it is given and must not know what they are for, nor any other module
//! of this crate: the fuzzer compiles this file by itself.

use std::io::{self, Read};
use std::path::Path;

use tar::{Archive, EntryType};

/// Unpacks files and folders. A link, a device or a path that leads out of the folder is an error: a backup holds none.
pub(crate) fn unpack(archive: impl Read, into: &Path) -> io::Result<()> {
    for entry in Archive::new(archive).entries()? {
        let mut entry = entry?;
        let taken = match entry.header().entry_type() {
            // Other programs begin their archives with it; it is about all entries and is none.
            EntryType::XGlobalHeader => true,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse | EntryType::Directory => entry.unpack_in(into)?,
            _ => false,
        };
        if !taken {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the archive holds more than files and folders"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tar::{Builder, Header};

    use super::*;

    /// An archive with one entry of this kind and name.
    fn archive(kind: EntryType, name: &str) -> Vec<u8> {
        let mut header = Header::new_gnu();
        header.as_gnu_mut().expect("it is of that kind").name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(0o700);
        header.set_size(0);
        if kind.is_symlink() || kind.is_hard_link() {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        let mut builder = Builder::new(Vec::new());
        builder.append(&header, io::empty()).unwrap();
        builder.into_inner().unwrap()
    }

    #[test]
    fn only_files_and_folders_below_the_folder_are_taken() {
        let place = tempfile::tempdir().unwrap();
        let into = place.path().join("into");
        std::fs::create_dir(&into).unwrap();
        for (kind, name, taken) in [
            (EntryType::Regular, "objects/a/b.wav", true),
            (EntryType::Directory, "objects/c", true),
            (EntryType::Symlink, "objects/link", false),
            (EntryType::Link, "objects/hard", false),
            (EntryType::Fifo, "objects/pipe", false),
            (EntryType::Char, "objects/device", false),
            (EntryType::Regular, "../beside", false),
            (EntryType::Regular, "objects/../../beside", false),
        ] {
            assert_eq!(unpack(archive(kind, name).as_slice(), &into).is_ok(), taken, "{kind:?} {name}");
            assert_eq!(std::fs::symlink_metadata(into.join(name)).is_ok(), taken, "{kind:?} {name}");
        }
        // A path from the root is one from the folder.
        unpack(archive(EntryType::Regular, "/rooted").as_slice(), &into).unwrap();
        assert!(into.join("rooted").is_file());
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1, "something lies beside the folder");
    }
}
