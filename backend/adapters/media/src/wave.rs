//! Reads the chunk headers of a WAVE file and puts their lengths right where a recorder died or wrote to a pipe.
//!
//! The demuxer believes the headers and would lose the end of such files, or call a live recording cut off.

use std::io;

use crate::source::Source;

/// What the headers told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct WaveHeader {
    /// The data chunk promises more than the file holds.
    pub truncated: bool,
    /// The sample rate and the byte rate exclude each other: (stated, implied).
    pub contradiction: Option<(u32, u32)>,
}

/// Reads the headers and patches the lengths; anything that is not understood is left to the demuxer to refuse.
pub(crate) fn repair(source: &mut Source) -> io::Result<WaveHeader> {
    let mut header = WaveHeader::default();
    let riff = source.peek(0, 12)?;
    if riff.len() < 12 {
        return Ok(header);
    }
    let long = riff.starts_with(b"RF64");
    let mut at = 12u64;
    let mut block_align = 1u64;
    // Real files have a dozen chunks before the data; the bound keeps a crafted file from costing time.
    for _ in 0..256 {
        let head = source.peek(at, 8)?;
        if head.len() < 8 {
            break;
        }
        let stated = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        let body = at + 8;
        if &head[..4] == b"fmt " {
            let format = source.peek(body, 16)?;
            if format.len() == 16 {
                block_align = u64::from(u16::from_le_bytes([format[12], format[13]])).max(1);
                header.contradiction = contradiction(&format);
            }
        } else if &head[..4] == b"data" {
            let there = source.len() - body.min(source.len());
            let usable = there / block_align * block_align;
            // All ones and zero both mean that the writer did not know the length when it started.
            let unknown = stated == u32::MAX || stated == 0;
            if unknown || u64::from(stated) > there {
                header.truncated = !unknown;
                patch_lengths(source, body, usable);
            } else if long {
                patch_lengths(source, body, u64::from(stated));
            }
            break;
        }
        at = body + u64::from(stated) + u64::from(stated % 2);
    }
    source.narrow(0, 0)?;
    Ok(header)
}

fn patch_lengths(source: &mut Source, data_body: u64, data_length: u64) {
    let data = u32::try_from(data_length).unwrap_or(u32::MAX - 1);
    let riff = u32::try_from(data_body + data_length - 8).unwrap_or(u32::MAX);
    source.patch(0, *b"RIFF");
    source.patch(4, riff.to_le_bytes());
    source.patch(data_body - 4, data.to_le_bytes());
}

/// For plain samples the byte rate follows from the rest; when it does not, one of them is a lie.
fn contradiction(format: &[u8]) -> Option<(u32, u32)> {
    let tag = u16::from_le_bytes([format[0], format[1]]);
    let rate = u32::from_le_bytes([format[4], format[5], format[6], format[7]]);
    let bytes = u32::from_le_bytes([format[8], format[9], format[10], format[11]]);
    let align = u32::from(u16::from_le_bytes([format[12], format[13]]));
    const PCM: u16 = 1;
    const FLOAT: u16 = 3;
    const EXTENSIBLE: u16 = 0xFFFE;
    if ![PCM, FLOAT, EXTENSIBLE].contains(&tag) || align == 0 || bytes == 0 {
        return None;
    }
    let implied = bytes / align;
    (implied != rate).then_some((rate, implied))
}
