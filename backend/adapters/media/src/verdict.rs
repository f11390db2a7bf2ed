//! Turns what the parsers say into the product's failures: a stable code and a sentence that tells what to do.

use std::io::ErrorKind;

use symphonia::core::errors::Error;
use synapscribe_domain::{AudioFormat, Code, Failure};

/// Nothing we know.
pub(crate) fn unknown_format() -> Failure {
    let names: Vec<_> = AudioFormat::ALL.iter().map(|f| format!("{f:?}").to_lowercase()).collect();
    Failure::new(
        Code::AudioUnsupported,
        format!("the file's content is none of the audio formats we read ({}); export it as one of them", names.join(", ")),
    )
}

/// Not one byte.
pub(crate) fn empty() -> Failure {
    Failure::new(Code::AudioEmpty, "the file is empty; record or export it again")
}

/// The file stops before any audio.
pub(crate) fn cut_off() -> Failure {
    Failure::new(Code::AudioCorrupt, "the file ends before its audio can be read; copy or export it again")
}

/// The contents contradict themselves.
pub(crate) fn corrupt() -> Failure {
    Failure::new(Code::AudioCorrupt, "the file's contents do not hold together; export it again, as mp3 or wav if you can")
}

/// The container is fine and holds nothing to hear.
pub(crate) fn no_audio() -> Failure {
    Failure::new(Code::AudioCorrupt, "the file holds no audio; export the recording again")
}

/// More sound than anybody records.
pub(crate) fn endless() -> Failure {
    Failure::new(Code::AudioTooLong, "the recording goes on for longer than any lecture; split it and upload the parts")
}

/// A codec without a decoder here.
pub(crate) fn unsupported_codec() -> Failure {
    Failure::new(
        Code::AudioUnsupported,
        "the audio inside the file uses an encoding we do not read; export it as mp3, wav or AAC-LC",
    )
}

/// A sample rate that no recorder uses.
pub(crate) fn impossible_rate(rate: u32) -> Failure {
    Failure::new(Code::AudioRate, format!("the sample rate is {rate} Hz; speech needs 8,000 to 192,000 Hz"))
}

/// Two places of the header state different rates.
pub(crate) fn contradicting_rates(one: u32, other: u32) -> Failure {
    Failure::new(
        Code::AudioCorrupt,
        format!("the file's header states two sample rates ({one} Hz and {other} Hz); export the recording again"),
    )
}

/// The disk or the pipe failed, not the content.
pub(crate) fn unreadable() -> Failure {
    Failure::new(Code::Internal, "the file could not be read from the disk; try again in a moment")
}

/// What opening a container said.
pub(crate) fn of_opening(error: &Error) -> Failure {
    match error {
        Error::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => cut_off(),
        // Seeking outside the file on the word of its header is the content's fault too.
        Error::IoError(error) if error.kind() == ErrorKind::InvalidInput => corrupt(),
        Error::IoError(error) if error.kind() == ErrorKind::Other => corrupt(),
        Error::IoError(_) => unreadable(),
        // A missing index or data chunk is what a copy that stopped half-way looks like.
        Error::Unsupported(what) if what.contains("missing") => cut_off(),
        Error::Unsupported(_) => unsupported_codec(),
        _ => corrupt(),
    }
}
