//! Reads the edit list of an MPEG-4 file: which samples of the encoder's run-in and run-out are not to be played.

use std::io;

use crate::source::Source;

/// The one stretch of a track that is played, in the track's own time scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edit {
    /// Ticks before the stretch.
    pub skip: u64,
    /// Ticks in the stretch, when the file says.
    pub keep: Option<u64>,
}

/// The edit of the track, if the file has exactly one; a file cut into several stretches is played whole.
pub(crate) fn of_track(source: &mut Source, track: u32) -> io::Result<Option<Edit>> {
    let mut walk = Walk { source, boxes_left: 4096 };
    let Some((from, to)) = walk.child(0, u64::MAX, b"moov")? else { return Ok(None) };
    let movie_scale = match walk.child(from, to, b"mvhd")? {
        Some((at, _)) => walk.time_scale(at)?,
        None => return Ok(None),
    };
    let mut at = from;
    while let Some((trak_from, trak_to)) = walk.child(at, to, b"trak")? {
        at = trak_to;
        let Some((tkhd, _)) = walk.child(trak_from, trak_to, b"tkhd")? else { continue };
        let version = walk.number(tkhd, 1)?;
        if walk.number(tkhd + if version == 1 { 20 } else { 12 }, 4)? != u64::from(track) {
            continue;
        }
        let Some((edts_from, edts_to)) = walk.child(trak_from, trak_to, b"edts")? else { return Ok(None) };
        let Some((elst, _)) = walk.child(edts_from, edts_to, b"elst")? else { return Ok(None) };
        let Some((mdia_from, mdia_to)) = walk.child(trak_from, trak_to, b"mdia")? else { return Ok(None) };
        let Some((mdhd, _)) = walk.child(mdia_from, mdia_to, b"mdhd")? else { return Ok(None) };
        let media_scale = walk.time_scale(mdhd)?;
        return walk.single_edit(elst, movie_scale, media_scale);
    }
    Ok(None)
}

/// Steps over boxes without reading their contents.
struct Walk<'a> {
    source: &'a mut Source,
    boxes_left: u32,
}

impl Walk<'_> {
    /// The body of the first box of this kind between two positions.
    fn child(&mut self, from: u64, to: u64, kind: &[u8; 4]) -> io::Result<Option<(u64, u64)>> {
        let mut at = from;
        let to = to.min(self.source.len());
        while at.saturating_add(8) <= to && self.boxes_left > 0 {
            self.boxes_left -= 1;
            let head = self.source.peek(at, 16)?;
            if head.len() < 8 {
                break;
            }
            let (length, header) = match u32::from_be_bytes([head[0], head[1], head[2], head[3]]) {
                0 => (to - at, 8),
                1 => (self.number(at + 8, 8)?, 16),
                n => (u64::from(n), 8),
            };
            if length < header {
                break;
            }
            let end = at.saturating_add(length).min(to);
            if &head[4..8] == kind {
                return Ok(Some((at + header, end)));
            }
            at = end;
        }
        Ok(None)
    }

    fn number(&mut self, at: u64, bytes: usize) -> io::Result<u64> {
        let read = self.source.peek(at, bytes)?;
        if read.len() < bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(read.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
    }

    /// The time scale of an `mvhd` or `mdhd` box.
    fn time_scale(&mut self, body: u64) -> io::Result<u64> {
        let version = self.number(body, 1)?;
        self.number(body + if version == 1 { 20 } else { 12 }, 4)
    }

    fn single_edit(&mut self, body: u64, movie_scale: u64, media_scale: u64) -> io::Result<Option<Edit>> {
        let wide = self.number(body, 1)? == 1;
        let (field, entry) = if wide { (8, 20) } else { (4, 12) };
        let entries = self.number(body + 4, 4)?;
        let mut found = None;
        for n in 0..entries.min(3) {
            let at = body + 8 + n * entry;
            let length = self.number(at, field)?;
            let start = self.number(at + field as u64, field)?;
            // A start of all ones is an empty edit: a pause before the sound, which has no samples.
            let empty = start == if wide { u64::MAX } else { u64::from(u32::MAX) };
            if empty {
                continue;
            }
            if found.is_some() || movie_scale == 0 {
                return Ok(None);
            }
            let keep = (u128::from(length) * u128::from(media_scale)).div_ceil(u128::from(movie_scale));
            found = Some(Edit { skip: start, keep: u64::try_from(keep).ok().filter(|keep| *keep > 0) });
        }
        Ok(if entries > 3 { None } else { found })
    }
}
