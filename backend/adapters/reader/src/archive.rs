//! The files in an archive, never more of them than a document has.

use std::io::{Cursor, Read};
use std::sync::Arc;

use synapscribe_domain::Failure;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::input::Input;
use crate::{text, verdict};

/// Entries beyond are those of no document.
const MOST_ENTRIES: usize = 50_000;
/// One part of a document, unpacked.
const LONGEST_PART: u64 = 64 << 20;
/// All parts that were read, unpacked.
const LONGEST_WHOLE: u64 = 256 << 20;

/// An open archive.
pub(crate) struct Archive {
    zip: ZipArchive<Cursor<Shared>>,
    left: u64,
}

/// Bytes that several hands hold.
pub(crate) struct Shared(Arc<Input>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl Archive {
    pub fn open(input: Arc<Input>) -> Result<Self, Failure> {
        let zip = ZipArchive::new(Cursor::new(Shared(input))).map_err(|_| verdict::corrupt())?;
        if zip.len() > MOST_ENTRIES {
            return Err(verdict::too_much_inside());
        }
        Ok(Self { zip, left: LONGEST_WHOLE })
    }

    /// Whether it has a part of this name.
    pub fn has(&self, name: &str) -> bool {
        self.zip.index_for_name(name).is_some()
    }

    /// A part; none when there is no such name.
    pub fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        let most = LONGEST_PART.min(self.left);
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::UnsupportedArchive(why)) if why == ZipError::PASSWORD_REQUIRED => return Err(verdict::locked()),
            Err(_) => return Err(verdict::corrupt()),
        };
        let mut bytes = Vec::new();
        file.take(most + 1).read_to_end(&mut bytes).map_err(|_| verdict::corrupt())?;
        if bytes.len() as u64 > most {
            return Err(verdict::too_much_inside());
        }
        self.left -= bytes.len() as u64;
        Ok(Some(bytes))
    }

    /// A part as text; none when there is no such name.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Failure> {
        Ok(self.part(name)?.map(|bytes| text::decode_markup(&bytes)))
    }
}

/// The name of a part that another part names; both begin at the top of the archive.
pub(crate) fn resolve(from: &str, target: &str) -> String {
    let target = percent_decoded(target.split(['#', '?']).next().unwrap_or_default());
    let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { from.split('/').collect() };
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        decoded.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_from_one_part_to_another() {
        for (from, target, found) in [
            ("OEBPS/content.opf", "text/one.xhtml#top", "OEBPS/text/one.xhtml"),
            ("OEBPS/text/nav.xhtml", "../two%20b.xhtml", "OEBPS/two b.xhtml"),
            ("ppt/slides/slide1.xml", "/ppt/notes/n.xml", "ppt/notes/n.xml"),
            ("a.opf", "../../../b%zz", "b%zz"),
            ("a.opf", "", ""),
        ] {
            assert_eq!(resolve(from, target), found, "{from} {target}");
        }
    }
}
