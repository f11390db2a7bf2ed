//! Finds the tags glued to the ends of an mp3, whose pictures would otherwise be mistaken for audio.

use std::io;

use crate::source::Source;

/// Cuts leading ID3v2 and trailing ID3v1 and APE tags off the source.
pub(crate) fn cut(source: &mut Source) -> io::Result<()> {
    // A few writers prepend one ID3v2 tag to another; more than a handful is an attack.
    for _ in 0..8 {
        match id3v2_length(&source.peek(0, 10)?) {
            Some(length) => source.narrow(length, 0)?,
            None => break,
        }
    }
    if source.len() > 128 && source.peek(source.len() - 128, 3)? == b"TAG" {
        source.narrow(0, 128)?;
    }
    if source.len() > 32 {
        let footer = source.peek(source.len() - 32, 32)?;
        if footer.starts_with(b"APETAGEX") {
            let length = u64::from(u32::from_le_bytes([footer[12], footer[13], footer[14], footer[15]]));
            let has_header = footer[23] & 0x80 != 0;
            let length = length + if has_header { 32 } else { 0 };
            if length < source.len() {
                source.narrow(0, length)?;
            }
        }
    }
    source.narrow(0, 0)
}

/// The whole length of an ID3v2 tag, from its ten header bytes.
fn id3v2_length(head: &[u8]) -> Option<u64> {
    if head.len() < 10 || !head.starts_with(b"ID3") || head[6..10].iter().any(|b| b & 0x80 != 0) {
        return None;
    }
    let body = head[6..10].iter().fold(0u64, |n, b| n << 7 | u64::from(*b));
    let has_footer = head[5] & 0x10 != 0;
    Some(10 + body + if has_footer { 10 } else { 0 })
}
