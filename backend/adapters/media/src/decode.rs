//! Decodes a recording to mono speech, a block at a time; damaged packets become silence of the same length.

use std::ops::ControlFlow;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::packet::Packet;
use synapscribe_domain::audio::SPEECH_RATE;
use synapscribe_domain::waveform::Outline;
use synapscribe_domain::{AudioFormat, Failure};
use synapscribe_ports::{DecodeReport, SpeechMap};
use synapscribe_sound::{Resampler, opus};

use crate::recording::{End, Recording, Section, Step};
use crate::source::{Bytes, Source};
use crate::speech::SpeechMeter;
use crate::verdict;

/// The most samples of one block.
pub(crate) const BLOCK: usize = SPEECH_RATE as usize;

/// Frames that are brought to the speech rate at a time: a steep filter, as nobody waits for the end.
const FILTER: usize = 4096;

/// Decodes to blocks of at most a second; stops early when `emit` breaks.
pub(crate) fn decode(bytes: Box<dyn Bytes>, emit: &mut dyn FnMut(&[f32]) -> ControlFlow<()>) -> Result<DecodeReport, Failure> {
    let source = Source::new(bytes).map_err(|_| verdict::unreadable())?;
    let mut recording = Recording::open(source)?;
    let mut voice = Voice::new(&recording.section, recording.format)?;
    let mut trim = Trim::new(&recording.section, voice.rate_of(&recording.section));
    let mut resampler: Option<Resampler> = None;
    let mut report = DecodeReport::default();
    let (mut mono, mut sound, mut ready) = (Vec::new(), Vec::new(), Vec::new());
    let (mut packets, mut found) = (0u64, 0u64);
    loop {
        mono.clear();
        sound.clear();
        let last = match recording.step() {
            Step::Packet(packet, samples) => {
                packets += 1;
                found = found.saturating_add(samples);
                if !voice.decode(&packet, samples, &recording.section, &mut mono) {
                    report.damaged_packets = report.damaged_packets.saturating_add(1);
                }
                false
            }
            Step::Section => {
                voice = Voice::new(&recording.section, recording.format)?;
                trim = Trim::new(&recording.section, voice.rate_of(&recording.section));
                false
            }
            Step::End => true,
        };
        let rate = voice.rate_of(&recording.section);
        if resampler.as_ref().is_none_or(|resampler| resampler.rate() != rate) {
            let next = Resampler::new(rate, SPEECH_RATE, FILTER).ok_or_else(|| verdict::impossible_rate(rate))?;
            if let Some(before) = resampler.replace(next) {
                before.finish(&mut ready);
            }
        }
        if let Some(resampler) = &mut resampler {
            trim.cut(&mono, &mut sound);
            if last {
                trim.finish(recording.section.padding(found), &mut sound);
            }
            resampler.push(&sound, &mut ready);
        }
        if last && let Some(resampler) = resampler.take() {
            resampler.finish(&mut ready);
        }
        let whole = if last { ready.len() } else { ready.len() / BLOCK * BLOCK };
        for block in ready[..whole].chunks(BLOCK) {
            report.samples += block.len() as u64;
            if emit(block).is_break() {
                return Ok(report);
            }
        }
        ready.drain(..whole);
        if last {
            break;
        }
    }
    if packets == 0 {
        return Err(if recording.truncated { verdict::cut_off() } else { verdict::no_audio() });
    }
    report.damaged_packets = report.damaged_packets.saturating_add(recording.damaged);
    Ok(report)
}

/// For fuzzing: decodes up to ten minutes of bytes in this process and throws the sound away.
pub fn fuzz_decode(data: &[u8]) {
    let mut blocks = 0;
    let _ = decode(Box::new(std::io::Cursor::new(data.to_vec())), &mut |block| {
        assert!(block.len() <= BLOCK && block.iter().all(|sample| sample.is_finite()));
        blocks += 1;
        if blocks < 600 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
}

/// Decodes to find the speech and to draw the outline, and keeps none of the sound.
pub(crate) fn hear(bytes: Box<dyn Bytes>, longest_seconds: u64) -> Result<SpeechMap, Failure> {
    let (mut meter, mut outline) = (SpeechMeter::new(), Outline::default());
    let mut left = longest_seconds.saturating_mul(u64::from(SPEECH_RATE));
    let report = decode(bytes, &mut |block| {
        meter.push(block);
        outline.push(block);
        left = left.saturating_sub(block.len() as u64);
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if left == 0 {
        return Err(verdict::endless());
    }
    Ok(SpeechMap { damaged_packets: report.damaged_packets, waveform: outline.finish(), ..meter.finish() })
}

/// A decoder for one section.
enum Voice {
    Symphonia { decoder: Box<dyn AudioDecoder>, rate: Option<u32>, planes: Vec<Vec<f32>> },
    Opus(opus::Decoder),
}

impl Voice {
    fn new(section: &Section, format: AudioFormat) -> Result<Self, Failure> {
        if section.is_opus() {
            let head = section.params.extra_data.as_deref().and_then(opus::Head::parse);
            let decoder = head.and_then(|head| opus::Decoder::new(&head, SPEECH_RATE)).ok_or_else(verdict::corrupt)?;
            return Ok(Self::Opus(decoder));
        }
        // For mp3 the reader's idea of the end is an estimate, so the trimming is done here.
        let options = AudioDecoderOptions::default().gapless(format != AudioFormat::Mp3);
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(&section.params, &options)
            .map_err(|_| verdict::unsupported_codec())?;
        Ok(Self::Symphonia { rate: decoder.codec_params().sample_rate, decoder, planes: Vec::new() })
    }

    /// The rate of what comes out.
    fn rate_of(&self, section: &Section) -> u32 {
        match self {
            Self::Opus(_) => SPEECH_RATE,
            Self::Symphonia { rate, .. } => rate.filter(|rate| *rate > 0).unwrap_or(section.rate),
        }
    }

    /// Appends the packet as mono; silence of its length, and `false`, when it is damaged.
    fn decode(&mut self, packet: &Packet, samples: u64, section: &Section, mono: &mut Vec<f32>) -> bool {
        let rate = self.rate_of(section);
        // No packet of any codec here plays longer than this; a header may claim it.
        let scaled = (samples.min(1 << 20) * u64::from(rate) / u64::from(section.rate)) as usize;
        let whole = match self {
            Self::Opus(decoder) => decoder.decode(&packet.data, mono),
            Self::Symphonia { decoder, planes, .. } => decoder.decode(packet).is_ok_and(|buffer| {
                buffer.copy_to_vecs_planar(planes);
                mix(planes, mono);
                true
            }),
        };
        if !whole {
            mono.resize(scaled, 0.0);
        } else if matches!(self, Self::Opus(_)) {
            mono.truncate(scaled);
        }
        whole
    }
}

/// Averages the channels; what is no number becomes silence.
fn mix(planes: &[Vec<f32>], mono: &mut Vec<f32>) {
    let Some(first) = planes.first() else { return };
    let share = 1.0 / planes.len() as f32;
    let clean = |x: f32| if x.is_finite() { x.clamp(-1.0, 1.0) } else { 0.0 };
    mono.extend(first.iter().map(|x| clean(*x) * share));
    for plane in &planes[1..] {
        for (sum, x) in mono.iter_mut().zip(plane) {
            *sum += clean(*x) * share;
        }
    }
}

/// Leaves out what the encoder added at both ends.
struct Trim {
    skip: u64,
    keep: u64,
    /// The last samples, kept back until it is known whether they are padding.
    held: Vec<f32>,
    hold: usize,
}

impl Trim {
    fn new(section: &Section, rate: u32) -> Self {
        let scale = |n: u64| (u128::from(n) * u128::from(rate) / u128::from(section.rate)) as u64;
        let (keep, hold) = match section.end {
            End::Last => (u64::MAX, 0),
            End::After(keep) => (scale(keep), 0),
            // No encoder pads by more than a few frames.
            End::Before { padding, .. } => (u64::MAX, padding.min(8192) as usize),
        };
        Self { skip: scale(section.skip), keep, held: Vec::new(), hold }
    }

    /// Passes on what is certainly sound.
    fn cut(&mut self, block: &[f32], out: &mut Vec<f32>) {
        let skipped = self.skip.min(block.len() as u64);
        self.skip -= skipped;
        let rest = &block[skipped as usize..];
        let kept = self.keep.min(rest.len() as u64);
        self.keep -= kept;
        self.held.extend_from_slice(&rest[..kept as usize]);
        let sure = self.held.len().saturating_sub(self.hold);
        out.extend(self.held.drain(..sure));
    }

    /// Passes on what was kept back, less the padding.
    fn finish(&mut self, padding: u64, out: &mut Vec<f32>) {
        let sound = self.held.len().saturating_sub(padding as usize);
        out.extend(self.held.drain(..).take(sound));
    }
}
