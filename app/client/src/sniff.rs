//! Tells what a file is by its first bytes, never by its name. Decodes nothing.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::{ClientError, Result, code};

/// The largest document.
const LARGEST_DOCUMENT: u64 = 500 * 1024 * 1024;

/// A container the product accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// MPEG audio.
    Mp3,
    /// RIFF or RF64 wave.
    Wav,
    /// MPEG-4, as m4a or mp4.
    Mp4,
    /// Ogg with Vorbis, Opus or FLAC.
    Ogg,
    /// FLAC.
    Flac,
    /// WebM or Matroska.
    WebM,
    /// A book or a paper of any kind; which one, the server finds out.
    Document,
}

impl Format {
    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mp3 => "mp3",
            Self::Wav => "wav",
            Self::Mp4 => "m4a",
            Self::Ogg => "ogg",
            Self::Flac => "flac",
            Self::WebM => "webm",
            Self::Document => "document",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Mp3 => "audio/mpeg",
            Self::Wav => "audio/wav",
            Self::Mp4 => "audio/mp4",
            Self::Ogg => "audio/ogg",
            Self::Flac => "audio/flac",
            Self::WebM => "audio/webm",
            Self::Document => "application/octet-stream",
        }
    }

    /// Reads the first bytes of a file.
    pub fn of(head: &[u8]) -> Option<Self> {
        let at = |from: usize, what: &[u8]| head.get(from..from + what.len()) == Some(what);
        if at(0, b"ID3") {
            // An ID3 tag may stand before FLAC too; the tag names its own length.
            let body = head.get(6..10).map(|l| 10 + l.iter().fold(0usize, |sum, b| (sum << 7) | usize::from(b & 0x7f)));
            return Some(if body.is_some_and(|body| at(body, b"fLaC")) { Self::Flac } else { Self::Mp3 });
        }
        if (at(0, b"RIFF") || at(0, b"RF64")) && at(8, b"WAVE") {
            return Some(Self::Wav);
        }
        if at(4, b"ftyp") {
            return Some(Self::Mp4);
        }
        if at(0, b"OggS") {
            return Some(Self::Ogg);
        }
        if at(0, b"fLaC") {
            return Some(Self::Flac);
        }
        if at(0, &[0x1a, 0x45, 0xdf, 0xa3]) {
            return Some(Self::WebM);
        }
        // Frames of MPEG audio: eleven set bits, a version, a layer and a rate that exist. AAC in ADTS has layer 0.
        match head {
            [0xff, b, c, ..] if b & 0xe0 == 0xe0 && b & 0x18 != 0x08 && b & 0x06 != 0 && c & 0xf0 != 0xf0 && c & 0x0c != 0x0c => {
                Some(Self::Mp3)
            }
            _ => None,
        }
    }
}

/// What is known of a recording before it leaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Checked {
    /// Its container.
    pub format: Format,
    /// Its size.
    pub bytes: u64,
    /// Its length in seconds, where the header alone tells it.
    pub seconds: Option<f64>,
}

/// Checks a recording against what the server takes; the message says what to do instead.
pub fn check(path: &Path, limits: &synapscribe_protocol::discovery::UploadLimits) -> Result<Checked> {
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let unreadable = |error: std::io::Error| ClientError::unreadable(&name, &error);
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let meta = file.metadata().map_err(unreadable)?;
    if meta.is_dir() {
        return Err(ClientError::new(code::FILE, format!("“{name}” is a folder; name the recordings in it one by one")));
    }
    if meta.len() == 0 {
        return Err(ClientError::new(code::EMPTY, format!("“{name}” is empty; export or copy it again")));
    }
    let mut head = Vec::with_capacity(4096);
    (&mut file).take(4096).read_to_end(&mut head).map_err(unreadable)?;
    let Some(format) = Format::of(&head).or_else(|| is_document(&head, path).then_some(Format::Document)) else {
        return Err(ClientError::new(
            code::TYPE,
            format!(
                "“{name}” is not a recording this product reads; it takes mp3, wav, m4a or mp4, ogg or opus, flac and webm, and documents: pdf, epub, docx, pptx, md and txt"
            ),
        ));
    };
    if format == Format::Document {
        return if meta.len() > LARGEST_DOCUMENT {
            let megabytes = LARGEST_DOCUMENT / (1024 * 1024);
            Err(ClientError::new(code::TOO_LARGE, format!("“{name}” is larger than {megabytes} MB; split it")))
        } else {
            Ok(Checked { format, bytes: meta.len(), seconds: None })
        };
    }
    if meta.len() > limits.lecture_bytes {
        return Err(ClientError::new(
            code::TOO_LARGE,
            format!(
                "“{name}” has {} MB and the server takes {} MB; export it as mp3 or m4a, or split it",
                meta.len().div_ceil(1_000_000),
                limits.lecture_bytes / 1_000_000
            ),
        ));
    }
    let seconds = if format == Format::Wav { wave_seconds(&mut file, meta.len()) } else { None };
    if let Some(seconds) = seconds
        && seconds > limits.lecture_seconds as f64
    {
        return Err(ClientError::new(
            code::TOO_LONG,
            format!(
                "“{name}” is {:.0} minutes long and the server takes {} minutes; split it",
                seconds / 60.0,
                limits.lecture_seconds / 60
            ),
        ));
    }
    Ok(Checked { format, bytes: meta.len(), seconds })
}

/// Whether a file may be a book or a paper. Text has no mark of its own, and what is in an archive is not seen from outside, so that
/// these are told by their names as well.
fn is_document(head: &[u8], path: &Path) -> bool {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    match extension.as_str() {
        _ if head.windows(5).take(1024).any(|five| five == b"%PDF-") => true,
        "epub" | "docx" | "pptx" => head.starts_with(b"PK\x03\x04"),
        "txt" | "text" | "md" | "markdown" => !head.contains(&0),
        _ => false,
    }
}

/// The length of a wave file, by its data chunk and byte rate; the server measures again.
pub(crate) fn wave_seconds(file: &mut (impl Read + Seek), size: u64) -> Option<f64> {
    let mut rate = None;
    let mut at = 12;
    // A file of more chunks than this is not one that a recorder wrote.
    for _ in 0..64 {
        let mut head = [0u8; 8];
        file.seek(SeekFrom::Start(at)).ok()?;
        file.read_exact(&mut head).ok()?;
        let length = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
        match &head[..4] {
            b"fmt " => {
                let mut body = [0u8; 12];
                file.read_exact(&mut body).ok()?;
                rate = Some(u32::from_le_bytes([body[8], body[9], body[10], body[11]])).filter(|rate| *rate > 0);
            }
            // Recorders that were cut off leave a length of zero or of all ones; then the data runs to the end.
            b"data" => return rate.map(|rate| length.min(size.saturating_sub(at + 8)) as f64 / f64::from(rate)),
            _ => {}
        }
        at += 8 + length + (length & 1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use synapscribe_protocol::discovery::UploadLimits;

    const LIMITS: UploadLimits = UploadLimits { lecture_bytes: 3_000_000, lecture_seconds: 60, query_seconds: 60 };

    fn check_bytes(bytes: &[u8]) -> Result<Checked> {
        let dir = tempfile::tempdir().unwrap();
        // The name says mp3 throughout, to show that it does not matter.
        let path = dir.path().join("week 3.mp3");
        std::fs::write(&path, bytes).unwrap();
        check(&path, &LIMITS)
    }

    fn wave(seconds: u32) -> Vec<u8> {
        crate::audio::wav::encode(&vec![0; 16_000 * seconds as usize], 16_000)
    }

    #[test]
    fn formats_are_told_by_content() {
        let cases: [(&[u8], Option<Format>); 12] = [
            (b"ID3\x04\0\0\0\0\0\x02xxfLaC", Some(Format::Flac)),
            (b"ID3\x04\0\0\0\0\0\x02xx\xff\xfb", Some(Format::Mp3)),
            (b"RIFF\x24\0\0\0WAVEfmt ", Some(Format::Wav)),
            (b"RIFF\x24\0\0\0AVI LIST", None),
            (b"\0\0\0\x20ftypM4A ", Some(Format::Mp4)),
            (b"OggS\0", Some(Format::Ogg)),
            (b"fLaC\0", Some(Format::Flac)),
            (b"\x1a\x45\xdf\xa3\x01", Some(Format::WebM)),
            (b"\xff\xfb\x90\x64", Some(Format::Mp3)),
            (b"\xff\xf1\x50\x80", None),
            (b"%PDF-1.7", None),
            (b"\xff", None),
        ];
        for (head, format) in cases {
            assert_eq!(Format::of(head), format, "{head:?}");
        }
    }

    #[test]
    fn what_cannot_be_taken_is_refused_with_a_sentence() {
        assert_eq!(check_bytes(b"").unwrap_err().code, code::EMPTY);
        assert_eq!(check_bytes(b"hello there").unwrap_err().code, code::TYPE);
        let mut large = b"OggS".to_vec();
        large.resize(3_000_001, 0);
        let error = check_bytes(&large).unwrap_err();
        assert_eq!(error.code, code::TOO_LARGE);
        assert!(error.message.contains("4 MB") && error.message.contains("3 MB"), "{error}");
        assert_eq!(check_bytes(&wave(61)).unwrap_err().code, code::TOO_LONG);
        assert_eq!(check_bytes(&wave(2)).unwrap().seconds, Some(2.0));
        assert_eq!(check(Path::new("/nowhere/x.mp3"), &LIMITS).unwrap_err().code, code::FILE);
        assert_eq!(check(Path::new("/"), &LIMITS).unwrap_err().code, code::FILE);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_crash(head in proptest::collection::vec(any::<u8>(), 0..200), wav in any::<bool>()) {
            let bytes = if wav { [b"RIFF\0\0\0\0WAVE".to_vec(), head].concat() } else { head };
            let _ = check_bytes(&bytes);
        }
    }
}
