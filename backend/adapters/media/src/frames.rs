//! What the child that reads recordings says to its parent: blocks of sound and a last word.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use synapscribe_domain::{Failure, MediaFacts, Millis, Span, Waveform};
use synapscribe_ports::{DecodeReport, SpeechMap};
use synapscribe_sandbox::frames;

use crate::decode::BLOCK;
use crate::wav::{from_i16, to_i16};

/// The kinds of frames.
const VERDICT: u8 = b'V';
const SOUND: u8 = b'S';

/// No verdict is longer, not even the speech of three hours of stammering; a child that says more is broken.
const LONGEST_VERDICT: usize = 4 << 20;

/// The last word of the child.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// The recording was measured.
    Facts(MediaFacts),
    /// The recording was decoded.
    Decoded {
        /// Packets replaced by silence.
        damaged_packets: u32,
        /// Samples that were sent.
        samples: u64,
    },
    /// The speech in the recording was found.
    Heard {
        /// The stretches of speech.
        spans: Vec<Span>,
        /// The loudest root mean square.
        loudest_rms: f32,
        /// The decoded length.
        length: Millis,
        /// The outline.
        waveform: Waveform,
        /// Packets replaced by silence.
        damaged_packets: u32,
    },
    /// The recording was refused.
    Refused(Failure),
}

impl From<DecodeReport> for Verdict {
    fn from(report: DecodeReport) -> Self {
        Self::Decoded { damaged_packets: report.damaged_packets, samples: report.samples }
    }
}

impl From<SpeechMap> for Verdict {
    fn from(map: SpeechMap) -> Self {
        let SpeechMap { spans, loudest_rms, length, waveform, damaged_packets } = map;
        Self::Heard { spans, loudest_rms, length, waveform, damaged_packets }
    }
}

/// One frame as the parent sees it.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    /// The last word.
    Verdict(Verdict),
    /// At most a second of speech.
    Sound(Vec<f32>),
}

/// Writes the last word.
pub(crate) fn write_verdict(out: &mut impl Write, verdict: &Verdict) -> io::Result<()> {
    let text = serde_json::to_vec(verdict)?;
    frames::write(out, VERDICT, &text)?;
    out.flush()
}

/// Writes a block of speech.
pub(crate) fn write_sound(out: &mut impl Write, block: &[f32]) -> io::Result<()> {
    let bytes: Vec<u8> = block.iter().flat_map(|x| to_i16(*x).to_le_bytes()).collect();
    frames::write(out, SOUND, &bytes)
}

/// How long a frame of each kind may be.
pub(crate) fn longest(kind: u8) -> Option<usize> {
    match kind {
        VERDICT => Some(LONGEST_VERDICT),
        SOUND => Some(BLOCK * 2),
        _ => None,
    }
}

/// What a frame says; nothing when it makes no sense.
pub(crate) fn parse((kind, body): (u8, Vec<u8>)) -> Option<Frame> {
    match kind {
        VERDICT => serde_json::from_slice(&body).ok().map(Frame::Verdict),
        SOUND if body.len().is_multiple_of(2) => {
            Some(Frame::Sound(body.chunks_exact(2).map(|b| from_i16(i16::from_le_bytes([b[0], b[1]]))).collect()))
        }
        _ => None,
    }
}

/// For fuzzing: reads frames until the bytes end or make no sense, and throws them away; sound is the same when it is passed on.
pub fn fuzz_frames(mut data: &[u8]) {
    while let Some(frame) = next(&mut data) {
        let mut again = Vec::new();
        match &frame {
            Frame::Sound(samples) => {
                assert!(samples.len() <= BLOCK && samples.iter().all(|x| x.abs() <= 1.0), "a block too long, or no sound");
                write_sound(&mut again, samples).expect("memory takes everything");
                assert_eq!(next(&mut again.as_slice()), Some(frame));
            }
            Frame::Verdict(verdict) => write_verdict(&mut again, verdict).expect("what was read can be written"),
        }
    }
}

fn next(data: &mut &[u8]) -> Option<Frame> {
    frames::read_at_once(data, longest).ok().and_then(parse)
}

#[cfg(test)]
mod tests {
    use synapscribe_domain::Code;

    use super::*;

    #[test]
    fn frames_come_back_as_they_went() {
        let mut wire = Vec::new();
        write_sound(&mut wire, &[0.0, 1.0, -1.0]).unwrap();
        let refused = || Verdict::Refused(Failure::new(Code::AudioCorrupt, "no"));
        write_verdict(&mut wire, &refused()).unwrap();
        fuzz_frames(&wire);
        let mut reader = wire.as_slice();
        assert_eq!(next(&mut reader), Some(Frame::Sound(vec![0.0, 1.0, -1.0])));
        assert_eq!(next(&mut reader), Some(Frame::Verdict(refused())));
        assert_eq!(next(&mut reader), None);
    }

    #[test]
    fn nonsense_is_refused_before_memory_is_spent() {
        for wire in [&b"S\xFF\xFF\xFF\xFF"[..], b"V\xFF\xFF\xFF\xFF", b"S\x03\0\0\0abc", b"X\0\0\0\0", b"V\x02\0\0\0{}", b""] {
            assert_eq!(next(&mut &wire[..]), None, "{wire:?}");
            fuzz_frames(wire);
        }
    }
}
