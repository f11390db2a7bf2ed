//! What the child process says to its parent: length-prefixed frames, so that neither side has to trust the other.

use std::io::{self, Write};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use serde::{Deserialize, Serialize};
use synapscribe_domain::{Failure, MediaFacts, Millis, Span, Waveform};
use synapscribe_ports::{DecodeReport, SpeechMap};
use tokio::io::{AsyncRead, AsyncReadExt};

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
    write(out, VERDICT, &text)?;
    out.flush()
}

/// Writes a block of speech.
pub(crate) fn write_sound(out: &mut impl Write, block: &[f32]) -> io::Result<()> {
    let bytes: Vec<u8> = block.iter().flat_map(|x| to_i16(*x).to_le_bytes()).collect();
    write(out, SOUND, &bytes)
}

fn write(out: &mut impl Write, kind: u8, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    out.write_all(&[kind])?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(body)
}

/// Reads the next frame; an error when the child stopped or talks nonsense.
pub(crate) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Frame> {
    let kind = from.read_u8().await?;
    let length = from.read_u32_le().await? as usize;
    let nonsense = || io::Error::from(io::ErrorKind::InvalidData);
    match kind {
        VERDICT if length <= LONGEST_VERDICT => {
            let mut text = vec![0; length];
            from.read_exact(&mut text).await?;
            serde_json::from_slice(&text).map(Frame::Verdict).map_err(|_| nonsense())
        }
        SOUND if length <= BLOCK * 2 && length.is_multiple_of(2) => {
            let mut bytes = vec![0; length];
            from.read_exact(&mut bytes).await?;
            Ok(Frame::Sound(bytes.chunks_exact(2).map(|b| from_i16(i16::from_le_bytes([b[0], b[1]]))).collect()))
        }
        _ => Err(nonsense()),
    }
}

/// For fuzzing: reads frames until the bytes end or make no sense, and throws them away; sound is the same when it is passed on.
pub fn fuzz_frames(mut data: &[u8]) {
    while let Ok(frame) = at_once(&mut data) {
        let mut again = Vec::new();
        match &frame {
            Frame::Sound(samples) => {
                assert!(samples.len() <= BLOCK && samples.iter().all(|x| x.abs() <= 1.0), "a block too long, or no sound");
                write_sound(&mut again, samples).expect("memory takes everything");
                assert_eq!(at_once(&mut again.as_slice()).ok(), Some(frame));
            }
            Frame::Verdict(verdict) => write_verdict(&mut again, verdict).expect("what was read can be written"),
        }
    }
}

/// Bytes in memory are always there, so that reading them never has to wait.
fn at_once(data: &mut &[u8]) -> io::Result<Frame> {
    match pin!(read(data)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(frame) => frame,
        Poll::Pending => unreachable!("bytes in memory are there at once"),
    }
}

#[cfg(test)]
mod tests {
    use synapscribe_domain::Code;

    use super::*;

    #[tokio::test]
    async fn frames_come_back_as_they_went() {
        let mut wire = Vec::new();
        write_sound(&mut wire, &[0.0, 1.0, -1.0]).unwrap();
        let refused = || Verdict::Refused(Failure::new(Code::AudioCorrupt, "no"));
        write_verdict(&mut wire, &refused()).unwrap();
        fuzz_frames(&wire);
        let mut reader = wire.as_slice();
        assert_eq!(read(&mut reader).await.unwrap(), Frame::Sound(vec![0.0, 1.0, -1.0]));
        assert_eq!(read(&mut reader).await.unwrap(), Frame::Verdict(refused()));
        assert!(read(&mut reader).await.is_err());
    }

    #[tokio::test]
    async fn nonsense_is_refused_before_memory_is_spent() {
        for wire in [&b"S\xFF\xFF\xFF\xFF"[..], b"V\xFF\xFF\xFF\xFF", b"S\x03\0\0\0abc", b"X\0\0\0\0", b"V\x02\0\0\0{}", b""] {
            assert!(read(&mut &wire[..]).await.is_err(), "{wire:?}");
            fuzz_frames(wire);
        }
    }
}
