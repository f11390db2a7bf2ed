//! Sound out of bytes that arrive cut anywhere: a wave file of unknown length or bare samples; and a wave file out of samples.

use synapscribe_domain::audio::SPEECH_RATE;

/// A header that is not complete after this many bytes is none.
const MOST_HEADER: usize = 64 << 10;

/// Samples as 16-bit wave bytes, as servers take them.
pub fn encode(samples: &[f32]) -> Vec<u8> {
    let bytes = samples.len() as u32 * 2;
    let mut out = Vec::with_capacity(44 + samples.len() * 2);
    out.extend_from_slice(b"RIFF");
    out.extend_from_slice(&(36 + bytes).to_le_bytes());
    out.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    out.extend_from_slice(&SPEECH_RATE.to_le_bytes());
    out.extend_from_slice(&(SPEECH_RATE * 2).to_le_bytes());
    out.extend_from_slice(b"\x02\0\x10\0data");
    out.extend_from_slice(&bytes.to_le_bytes());
    out.extend(samples.iter().flat_map(|s| ((s.clamp(-1.0, 1.0) * 32767.0) as i16).to_le_bytes()));
    out
}

/// Why bytes are not sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSound {
    /// A compressed format, which was not asked for.
    #[error("the sound is compressed; the server must be able to send wav or pcm")]
    Compressed,
    /// A wave header that makes no sense.
    #[error("the wave header is damaged")]
    Header,
    /// A sample format nobody speaks in.
    #[error("the wave file has a sample format that is not known")]
    Samples,
}

/// How samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    rate: u32,
    channels: usize,
    bits: u16,
    float: bool,
}

#[derive(Debug)]
enum State {
    /// The first bytes tell a wave file from bare samples.
    Head,
    /// Inside the chunks before the samples.
    Chunks(Option<Layout>),
    /// Skipping a chunk that says nothing of the sound.
    Skip(usize, Option<Layout>),
    /// Samples; the count of bytes that are left, if it is known.
    Samples(Layout, Option<usize>),
    /// Behind the samples.
    End,
}

/// Turns a server's bytes into mono samples as they come.
#[derive(Debug)]
pub struct PcmStream {
    state: State,
    held: Vec<u8>,
    bare_rate: u32,
    rate: Option<u32>,
}

impl PcmStream {
    /// `bare_rate` is the rate of samples that come without a header (16-bit, mono, little endian).
    pub fn new(bare_rate: u32) -> Self {
        Self { state: State::Head, held: Vec::new(), bare_rate, rate: None }
    }

    /// The sample rate once it is known.
    pub fn rate(&self) -> Option<u32> {
        self.rate
    }

    /// Adds bytes and returns the samples they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<f32>, NotSound> {
        self.held.extend_from_slice(bytes);
        let mut out = Vec::new();
        loop {
            match self.state {
                State::Head => {
                    if self.held.len() < 12 {
                        return Ok(out);
                    }
                    if self.held.starts_with(b"RIFF") && &self.held[8..12] == b"WAVE" {
                        self.held.drain(..12);
                        self.state = State::Chunks(None);
                    } else if [&b"ID3"[..], b"OggS", b"fLaC", &[0xFF, 0xFB], &[0xFF, 0xF3], &[0xFF, 0xF2]]
                        .iter()
                        .any(|m| self.held.starts_with(m))
                    {
                        return Err(NotSound::Compressed);
                    } else {
                        self.rate = Some(self.bare_rate);
                        self.state = State::Samples(Layout { rate: self.bare_rate, channels: 1, bits: 16, float: false }, None);
                    }
                }
                State::Chunks(layout) => {
                    if self.held.len() < 8 {
                        return Ok(out);
                    }
                    let size = u32::from_le_bytes([self.held[4], self.held[5], self.held[6], self.held[7]]);
                    match &self.held[..4] {
                        b"data" => {
                            let layout = layout.ok_or(NotSound::Header)?;
                            self.rate = Some(layout.rate);
                            self.held.drain(..8);
                            // A server that streams does not know the length and writes nothing or the most there is.
                            let known = (size != 0 && size < 0x7FFF_0000).then_some(size as usize);
                            self.state = State::Samples(layout, known);
                        }
                        b"fmt " => {
                            let size = size as usize;
                            if !(16..=4096).contains(&size) {
                                return Err(NotSound::Header);
                            }
                            if self.held.len() < 8 + size {
                                return Ok(out);
                            }
                            let layout = layout_of(&self.held[8..8 + size])?;
                            self.held.drain(..8 + size);
                            self.state = State::Chunks(Some(layout));
                        }
                        _ => {
                            let size = size as usize;
                            if size > MOST_HEADER {
                                return Err(NotSound::Header);
                            }
                            self.held.drain(..8);
                            self.state = State::Skip(size + size % 2, layout);
                        }
                    }
                }
                State::Skip(left, layout) => {
                    let gone = left.min(self.held.len());
                    self.held.drain(..gone);
                    if gone < left {
                        self.state = State::Skip(left - gone, layout);
                        return Ok(out);
                    }
                    self.state = State::Chunks(layout);
                }
                State::Samples(layout, left) => {
                    let frame = layout.channels * usize::from(layout.bits / 8);
                    let usable = left.map_or(self.held.len(), |l| l.min(self.held.len())) / frame * frame;
                    out.extend(self.held[..usable].chunks_exact(frame).map(|f| mono(f, layout)));
                    self.held.drain(..usable);
                    let left = left.map(|l| l - usable);
                    if left.is_some_and(|l| l < frame) {
                        self.state = State::End;
                    } else {
                        self.state = State::Samples(layout, left);
                    }
                    return Ok(out);
                }
                State::End => {
                    self.held.clear();
                    return Ok(out);
                }
            }
        }
    }

    /// Whether the bytes ended before the header did.
    pub fn is_unfinished(&self) -> bool {
        matches!(self.state, State::Head | State::Chunks(_) | State::Skip(..))
    }
}

fn layout_of(fmt: &[u8]) -> Result<Layout, NotSound> {
    let word = |at: usize| u16::from_le_bytes([fmt[at], fmt[at + 1]]);
    // 0xFFFE wraps the real tag in the first bytes of a longer identifier.
    let tag = if word(0) == 0xFFFE && fmt.len() >= 26 { word(24) } else { word(0) };
    let layout = Layout {
        rate: u32::from_le_bytes([fmt[4], fmt[5], fmt[6], fmt[7]]),
        channels: usize::from(word(2)),
        bits: word(14),
        float: tag == 3,
    };
    if !(4_000..=192_000).contains(&layout.rate) || !(1..=8).contains(&layout.channels) {
        return Err(NotSound::Header);
    }
    match (tag, layout.bits) {
        (1, 8 | 16 | 24 | 32) | (3, 32) => Ok(layout),
        _ => Err(NotSound::Samples),
    }
}

/// One frame as one sample: the mean of its channels, never outside -1 to 1 and never not a number.
fn mono(frame: &[u8], layout: Layout) -> f32 {
    let width = usize::from(layout.bits / 8);
    let sum: f32 = frame
        .chunks_exact(width)
        .map(|s| match (layout.float, s) {
            (true, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
            (false, &[a]) => (f32::from(a) - 128.0) / 128.0,
            (false, &[a, b]) => f32::from(i16::from_le_bytes([a, b])) / 32768.0,
            (false, &[a, b, c]) => (i32::from_le_bytes([0, a, b, c]) >> 8) as f32 / 8_388_608.0,
            (false, &[a, b, c, d]) => i32::from_le_bytes([a, b, c, d]) as f32 / 2_147_483_648.0,
            _ => 0.0,
        })
        .sum();
    let mean = sum / layout.channels as f32;
    if mean.is_finite() { mean.clamp(-1.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wave(samples: &[f32], unknown_length: bool) -> Vec<u8> {
        let mut bytes = encode(samples);
        if unknown_length {
            bytes[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
        }
        bytes.splice(12..12, *b"LIST\x03\0\0\0abc\0");
        bytes
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_bytes_are_cut(cuts in prop::collection::vec(1usize..40, 1..40), unknown in any::<bool>()) {
            let samples: Vec<f32> = (0..200).map(|n| (n as f32 / 9.0).sin() * 0.5).collect();
            let bytes = wave(&samples, unknown);
            let mut stream = PcmStream::new(24_000);
            let mut heard = Vec::new();
            let mut rest = &bytes[..];
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break }
                let (head, tail) = rest.split_at((*cut).min(rest.len()));
                heard.extend(stream.push(head).unwrap());
                rest = tail;
            }
            prop_assert_eq!(heard.len(), samples.len());
            prop_assert!(heard.iter().zip(&samples).all(|(a, b)| (a - b).abs() < 1e-3));
        }

        #[test]
        fn any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut stream = PcmStream::new(24_000);
            if let Ok(samples) = stream.push(&bytes) {
                prop_assert!(samples.iter().all(|s| s.is_finite()));
            }
        }
    }

    #[test]
    fn bare_samples_and_other_formats_are_told_apart() {
        let mut bare = PcmStream::new(24_000);
        assert_eq!(bare.push(&[0, 64].repeat(10)).unwrap().len(), 10);
        assert_eq!(bare.rate(), Some(24_000));
        assert_eq!(PcmStream::new(1).push(b"ID3\x03\0\0\0\0\0\0\0\0\0"), Err(NotSound::Compressed));
        assert_eq!(PcmStream::new(1).push(b"RIFF\0\0\0\0WAVEdata\0\0\0\0"), Err(NotSound::Header));
    }
}
