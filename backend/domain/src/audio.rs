//! What a recording may be: its format by content, its measured facts, and the limits it must keep.

use serde::{Deserialize, Serialize};

use crate::failure::{Code, Failure};
use crate::time::Millis;

/// The sample rate of everything inside the product.
pub const SPEECH_RATE: u32 = 16_000;

/// Mono speech at [`SPEECH_RATE`], samples between -1 and 1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pcm(pub Vec<f32>);

impl Pcm {
    /// How long it plays.
    pub fn length(&self) -> Millis {
        Millis(self.0.len() as u64 * 1000 / u64::from(SPEECH_RATE))
    }
}

/// A WAV file of mono 16-bit samples between -1 and 1.
pub fn wav(rate: u32, samples: &[f32]) -> Vec<u8> {
    let mut out = header(rate, samples.len());
    out.extend(pcm_s16le(samples));
    out
}

/// A WAV file of mono samples that have 16 bit already, each of them as it is.
pub fn wav_s16(rate: u32, samples: &[i16]) -> Vec<u8> {
    let mut out = header(rate, samples.len());
    out.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    out
}

/// What stands before so many mono 16-bit samples in a WAV file, with room for them behind it.
fn header(rate: u32, samples: usize) -> Vec<u8> {
    let data = samples as u32 * 2;
    let mut out = Vec::with_capacity(44 + samples * 2);
    out.extend_from_slice(b"RIFF");
    out.extend_from_slice(&(36 + data).to_le_bytes());
    out.extend_from_slice(b"WAVEfmt ");
    out.extend_from_slice(&16u32.to_le_bytes());
    out.extend_from_slice(&1u16.to_le_bytes());
    out.extend_from_slice(&1u16.to_le_bytes());
    out.extend_from_slice(&rate.to_le_bytes());
    out.extend_from_slice(&(rate * 2).to_le_bytes());
    out.extend_from_slice(&2u16.to_le_bytes());
    out.extend_from_slice(&16u16.to_le_bytes());
    out.extend_from_slice(b"data");
    out.extend_from_slice(&data.to_le_bytes());
    out
}

/// Samples between -1 and 1 as 16-bit little-endian bytes.
pub fn pcm_s16le(samples: &[f32]) -> impl Iterator<Item = u8> + '_ {
    samples.iter().flat_map(|s| ((s.clamp(-1.0, 1.0) * 32_767.0).round() as i16).to_le_bytes())
}

/// The containers we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AudioFormat {
    /// MPEG audio.
    Mp3,
    /// RIFF wave.
    Wav,
    /// MPEG-4 audio (m4a, mp4).
    M4a,
    /// Ogg with Vorbis or Opus.
    Ogg,
    /// FLAC.
    Flac,
    /// WebM or Matroska.
    Webm,
}

impl AudioFormat {
    /// All of them, in the order a message names them.
    pub const ALL: [AudioFormat; 6] = [Self::Mp3, Self::Wav, Self::M4a, Self::Ogg, Self::Flac, Self::Webm];

    /// Recognises a format by the first bytes of its content (64 are enough except behind an ID3 tag).
    pub fn sniff(head: &[u8]) -> Option<Self> {
        let at = |n: usize, magic: &[u8]| head.len() >= n + magic.len() && &head[n..n + magic.len()] == magic;
        if at(0, b"RIFF") && at(8, b"WAVE") || at(0, b"RF64") && at(8, b"WAVE") {
            Some(Self::Wav)
        } else if at(0, b"fLaC") {
            Some(Self::Flac)
        } else if at(0, b"OggS") {
            Some(Self::Ogg)
        } else if at(4, b"ftyp") {
            Some(Self::M4a)
        } else if at(0, &[0x1A, 0x45, 0xDF, 0xA3]) {
            Some(Self::Webm)
        } else if at(0, b"ID3") || is_mpeg_frame(head) {
            Some(Self::Mp3)
        } else {
            None
        }
    }

    /// The media type to store and serve it with.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Mp3 => "audio/mpeg",
            Self::Wav => "audio/wav",
            Self::M4a => "audio/mp4",
            Self::Ogg => "audio/ogg",
            Self::Flac => "audio/flac",
            Self::Webm => "audio/webm",
        }
    }
}

/// An MPEG audio frame header: sync word, a layer, a bit rate and a sample rate that exist.
fn is_mpeg_frame(head: &[u8]) -> bool {
    head.len() >= 3
        && head[0] == 0xFF
        && head[1] & 0xE0 == 0xE0
        && head[1] & 0x18 != 0x08
        && head[1] & 0x06 != 0x00
        && head[2] & 0xF0 != 0xF0
        && head[2] & 0x0C != 0x0C
}

/// What was measured of a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MediaFacts {
    /// The container.
    pub format: AudioFormat,
    /// The codec's short name, such as `mp3` or `opus`.
    pub codec: String,
    /// The exact length, summed over all packets.
    pub duration: Millis,
    /// The file's size.
    pub bytes: u64,
    /// Samples a second.
    pub sample_rate: u32,
    /// Channels.
    pub channels: u16,
    /// Packets the container holds that could not be read.
    pub damaged_packets: u32,
    /// Whether the file ends before its own header says it should.
    pub truncated: bool,
}

/// The limits an operator sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioLimits {
    /// The largest file.
    pub bytes: u64,
    /// The longest recording.
    pub duration: Millis,
    /// The shortest recording.
    pub shortest: Millis,
}

impl AudioLimits {
    /// A lecture: 3 hours, 500 MB.
    pub const LECTURE: Self = Self { bytes: 500_000_000, duration: Millis(3 * 3_600_000), shortest: Millis(1_000) };
    /// A spoken question: 2 minutes, 25 MB.
    pub const QUESTION: Self = Self { bytes: 25_000_000, duration: Millis(120_000), shortest: Millis(200) };

    /// Checks the size alone, before anything is read.
    pub fn check_size(&self, bytes: u64) -> Result<(), Failure> {
        if bytes == 0 {
            return Err(Failure::new(Code::AudioEmpty, "the file is empty; record or export it again"));
        }
        if bytes > self.bytes {
            return Err(Failure::new(
                Code::AudioTooBig,
                format!(
                    "the file has {} MB and the limit is {} MB; export it at a lower bit rate or split it",
                    bytes.div_ceil(1_000_000),
                    self.bytes / 1_000_000
                ),
            ));
        }
        Ok(())
    }

    /// Checks everything that was measured.
    pub fn check(&self, facts: &MediaFacts) -> Result<(), Failure> {
        self.check_size(facts.bytes)?;
        if facts.duration > self.duration {
            return Err(Failure::new(
                Code::AudioTooLong,
                format!(
                    "the recording is {} long and the limit is {}; split it and upload the parts",
                    facts.duration, self.duration
                ),
            ));
        }
        if facts.truncated {
            return Err(Failure::new(
                Code::AudioCorrupt,
                format!("the file ends too early (only {} of it can be read); copy or export it again", facts.duration),
            ));
        }
        if facts.duration < self.shortest {
            return Err(Failure::new(
                Code::AudioTooShort,
                format!("the recording lasts only {:.1} s, too short to hold speech; record it again", facts.duration.seconds()),
            ));
        }
        if !(8_000..=192_000).contains(&facts.sample_rate) {
            return Err(Failure::new(
                Code::AudioRate,
                format!("the sample rate is {} Hz; speech needs 8,000 to 192,000 Hz", facts.sample_rate),
            ));
        }
        if facts.channels == 0 {
            return Err(Failure::new(Code::AudioCorrupt, "the file names no audio channel; export it again"));
        }
        Ok(())
    }

    /// The same for a question, which nobody sends in parts.
    pub fn check_question(&self, facts: &MediaFacts) -> Result<(), Failure> {
        if facts.duration > self.duration {
            let told = format!("the question is {} long and may take {}; ask it in fewer words", facts.duration, self.duration);
            return Err(Failure::new(Code::AudioTooLong, told));
        }
        self.check(facts)
    }
}

/// Below this root mean square a stretch counts as digital silence.
pub const SILENCE_RMS: f32 = 0.000_5;

/// Whether a whole recording is silent, from the loudest root mean square of its stretches.
pub fn check_loudness(loudest_rms: f32) -> Result<(), Failure> {
    if loudest_rms < SILENCE_RMS {
        return Err(Failure::new(Code::AudioSilent, "the recording is silent; check the microphone and record it again"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> MediaFacts {
        MediaFacts {
            format: AudioFormat::Mp3,
            codec: "mp3".into(),
            duration: Millis(60_000),
            bytes: 1_000_000,
            sample_rate: 44_100,
            channels: 2,
            damaged_packets: 0,
            truncated: false,
        }
    }

    #[test]
    fn a_format_is_known_by_its_content() {
        let cases: [(&[u8], Option<AudioFormat>); 9] = [
            (b"RIFF\0\0\0\0WAVEfmt ", Some(AudioFormat::Wav)),
            (b"fLaC\0", Some(AudioFormat::Flac)),
            (b"OggS\0", Some(AudioFormat::Ogg)),
            (b"\0\0\0\x20ftypM4A ", Some(AudioFormat::M4a)),
            (b"\x1A\x45\xDF\xA3", Some(AudioFormat::Webm)),
            (b"ID3\x04", Some(AudioFormat::Mp3)),
            (&[0xFF, 0xFB, 0x90, 0x00], Some(AudioFormat::Mp3)),
            (b"%PDF-1.7", None),
            (b"", None),
        ];
        for (head, expected) in cases {
            assert_eq!(AudioFormat::sniff(head), expected, "{head:?}");
        }
    }

    #[test]
    fn samples_of_16_bit_are_written_as_they_are_behind_the_same_header() {
        let every: Vec<i16> = (i16::MIN..=i16::MAX).collect();
        let file = wav_s16(SPEECH_RATE, &every);
        assert_eq!(file[..44], wav(SPEECH_RATE, &vec![0.0; every.len()])[..44]);
        let read: Vec<i16> = file[44..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        assert!(read == every, "the lowest sample and all others are what they were");
    }

    #[test]
    fn a_refusal_names_the_limit() {
        let long = MediaFacts { duration: Millis(4 * 3_600_000), ..facts() };
        let failure = AudioLimits::LECTURE.check(&long).unwrap_err();
        assert_eq!(failure.code, Code::AudioTooLong);
        assert!(failure.message.contains("3:00:00"), "{failure}");
        let asked = AudioLimits::QUESTION.check_question(&MediaFacts { duration: Millis(121_000), ..facts() }).unwrap_err();
        assert!(asked.code == Code::AudioTooLong && asked.message.contains("the question is 2:01"), "{asked}");
        assert!(AudioLimits::QUESTION.check_question(&facts()).is_ok());
        let big = AudioLimits::LECTURE.check_size(600_000_000).unwrap_err();
        assert!(big.message.contains("500 MB"), "{big}");
    }

    #[test]
    fn odd_files_get_a_reason() {
        let cases = [
            (MediaFacts { bytes: 0, ..facts() }, Code::AudioEmpty),
            (MediaFacts { truncated: true, ..facts() }, Code::AudioCorrupt),
            (MediaFacts { duration: Millis(10), ..facts() }, Code::AudioTooShort),
            (MediaFacts { sample_rate: 4_000, ..facts() }, Code::AudioRate),
            (MediaFacts { channels: 0, ..facts() }, Code::AudioCorrupt),
        ];
        for (facts, code) in cases {
            assert_eq!(AudioLimits::LECTURE.check(&facts).unwrap_err().code, code);
        }
        assert!(AudioLimits::LECTURE.check(&facts()).is_ok());
        assert_eq!(check_loudness(0.0).unwrap_err().code, Code::AudioSilent);
    }
}
