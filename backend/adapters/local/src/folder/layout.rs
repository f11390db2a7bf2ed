//! Where a key's bytes lie below the folder. Names are encoded so that any key is a plain file on any system, and so that no
//! key can climb out; it must not touch the disk.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use synapscribe_domain::ObjectKey;

/// Longer names are replaced by a hash, because most file systems stop at 255 bytes and the description's name is longer.
const LONGEST_NAME: usize = 200;

/// Marks a hashed name; `%` is always encoded, so no other name starts like this.
const HASHED: &str = "%~";

/// The file that holds an object's bytes.
pub fn object_path(root: &Path, key: &ObjectKey) -> PathBuf {
    let mut path = root.to_owned();
    path.extend(key.as_str().split('/').map(encode_name));
    path
}

/// The file beside it that describes it.
pub fn about_path(object: &Path) -> PathBuf {
    let name = object.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    object.with_file_name(format!(".{name}.about"))
}

/// Whether a file of the folder is a description rather than an object; names of objects never start with a dot.
pub fn is_about(name: &str) -> bool {
    name.starts_with('.')
}

/// The deepest folder that holds every key with this prefix, or nothing when no key can have it.
pub fn folder_of_prefix(root: &Path, prefix: &str) -> Option<PathBuf> {
    let mut path = root.to_owned();
    if let Some((folders, _)) = prefix.rsplit_once('/') {
        for folder in folders.split('/') {
            if folder.is_empty() || folder.contains('\0') {
                return None;
            }
            path.push(encode_name(folder));
        }
    }
    Some(path)
}

/// The key of a file, unless a name on its path is hashed; then its description knows.
pub fn key_of_path(root: &Path, object: &Path) -> Option<ObjectKey> {
    let mut key = String::new();
    for part in object.strip_prefix(root).ok()?.components() {
        let name = part.as_os_str().to_str()?;
        if name.starts_with(HASHED) {
            return None;
        }
        if !key.is_empty() {
            key.push('/');
        }
        key.push_str(&decode_name(name)?);
    }
    ObjectKey::parse(key).ok()
}

fn encode_name(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len() + 8);
    for (place, c) in name.chars().enumerate() {
        if c.is_control() || "%:<>\"|?*\\/".contains(c) || (place == 0 && c == '.') {
            encoded.push_str(&format!("%{:02X}", c as u32));
        } else {
            encoded.push(c);
        }
    }
    if encoded.len() <= LONGEST_NAME {
        return encoded;
    }
    // Tools look at the extension, so it stays.
    let extension = name
        .rsplit_once('.')
        .map(|(_, ext)| ext)
        .filter(|ext| (1..=8).contains(&ext.len()) && ext.bytes().all(|b| b.is_ascii_alphanumeric()));
    let hash = hex::encode(&Sha256::digest(name.as_bytes())[..16]);
    match extension {
        Some(extension) => format!("{HASHED}{hash}.{extension}"),
        None => format!("{HASHED}{hash}"),
    }
}

fn decode_name(name: &str) -> Option<String> {
    let mut decoded = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('%') {
        decoded.push_str(before);
        decoded.push(char::from(u8::from_str_radix(after.get(..2)?, 16).ok()?));
        rest = after.get(2..)?;
    }
    decoded.push_str(rest);
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_path_of_its_own_below_the_root_and_back() {
        let root = Path::new("/data/objects");
        let names =
            ["a.mp3", "50%.mp3", "%3A.mp3", "a:b.mp3", ".hidden", "...", "Woche 3 – ü.wav", "%~x", "a?b*c\"d.ogg", "Con."];
        let mut seen = std::collections::HashSet::new();
        for name in names {
            let key = ObjectKey::parse(format!("lectures/us-east-1:ab/l1/{name}")).unwrap();
            let path = object_path(root, &key);
            let relative = path.strip_prefix(root).unwrap();
            assert_eq!(relative.components().count(), 4, "{name}");
            assert!(relative.components().all(|c| matches!(c, std::path::Component::Normal(_))), "{name}");
            assert!(!is_about(path.file_name().unwrap().to_str().unwrap()));
            assert_eq!(key_of_path(root, &path), Some(key), "{name}");
            assert!(seen.insert(path));
        }
    }

    #[test]
    fn a_long_name_is_hashed_and_keeps_its_extension() {
        let key = ObjectKey::parse(format!("lectures/p/l/{}.flac", "長".repeat(120))).unwrap();
        let path = object_path(Path::new("/r"), &key);
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.len() < 60 && name.ends_with(".flac"), "{name}");
        assert_eq!(key_of_path(Path::new("/r"), &path), None);
    }

    #[test]
    fn a_prefix_never_leads_out() {
        let root = Path::new("/r");
        assert_eq!(folder_of_prefix(root, "lectures/../../etc/"), Some(PathBuf::from("/r/lectures/%2E./%2E./etc")));
        assert_eq!(folder_of_prefix(root, "/etc/"), None);
        assert_eq!(folder_of_prefix(root, "lectures//"), None);
        assert_eq!(folder_of_prefix(root, "lec"), Some(PathBuf::from("/r")));
    }
}
