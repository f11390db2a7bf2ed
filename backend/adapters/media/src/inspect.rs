//! Measures a recording by walking over its packets; nothing is decoded.

use std::io::Cursor;

use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::codecs::audio::well_known::CODEC_ID_AAC;
use synapscribe_domain::{AudioFormat, Failure, MediaFacts, Millis};

use crate::recording::{Recording, SLACK, Section, Step};
use crate::source::{Bytes, Source};
use crate::verdict;

/// Measures whatever the bytes are; never panics on content by itself, but parsers of other people may.
pub(crate) fn inspect(bytes: Box<dyn Bytes>) -> Result<MediaFacts, Failure> {
    let source = Source::new(bytes).map_err(|_| verdict::unreadable())?;
    let bytes = source.len();
    if bytes == 0 {
        return Err(verdict::empty());
    }
    let mut recording = Recording::open(source)?;
    let codec = codec(&recording.section)?;
    let (rate, channels) = (recording.section.rate, recording.section.channels);
    let mut length = Length::default();
    let mut packets = 0u64;
    let mut empty = 0u32;
    let mut section = 0u64;
    loop {
        match recording.step() {
            Step::Packet(packet, samples) => {
                packets += 1;
                section = section.saturating_add(samples);
                empty = if packet.data.is_empty() { empty + 1 } else { 0 };
                // Tables can promise four thousand million packets of nothing.
                if empty > 10_000 {
                    return Err(verdict::corrupt());
                }
                check_packet_rate(&recording, packet.dur.get(), packets)?;
            }
            Step::Section => {
                length.add(&recording.section, section);
                section = 0;
            }
            Step::End => break,
        }
    }
    if let Some(promised) = recording.promised {
        settle_promise(&mut recording, promised, &mut section);
    }
    length.add(&recording.section, section);
    if packets == 0 {
        return Err(if recording.truncated { verdict::cut_off() } else { verdict::no_audio() });
    }
    // An mp3 has no frame around it: noise that happens to look like a few frames is told by all that lies between.
    if recording.format == AudioFormat::Mp3 {
        let stray = recording.area.saturating_sub(recording.covered);
        if stray > recording.covered {
            return Err(verdict::corrupt());
        }
        let mean = (recording.covered / packets).max(1);
        if stray > 4096 + recording.covered / 100 {
            recording.damaged = recording.damaged.saturating_add(u32::try_from(stray / mean).unwrap_or(u32::MAX));
        }
    }
    Ok(MediaFacts {
        format: recording.format,
        codec,
        duration: length.millis(),
        bytes,
        sample_rate: rate,
        channels,
        damaged_packets: recording.damaged,
        truncated: recording.truncated,
    })
}

/// For fuzzing: measures bytes in this process and throws the outcome away.
pub fn fuzz_inspect(data: &[u8]) {
    let _ = inspect(Box::new(Cursor::new(data.to_vec())));
}

/// Adds up sections of different rates without rounding each packet.
#[derive(Default)]
struct Length {
    nanos: u128,
}

impl Length {
    fn add(&mut self, section: &Section, samples: u64) {
        self.nanos += u128::from(section.audible(samples)) * 1_000_000_000 / u128::from(section.rate);
    }

    fn millis(&self) -> Millis {
        Millis(u64::try_from((self.nanos + 500_000) / 1_000_000).unwrap_or(u64::MAX))
    }
}

/// Compares what was found with what the container stated.
fn settle_promise(recording: &mut Recording, promised: u64, found: &mut u64) {
    let rate = u64::from(recording.section.rate);
    let audible = recording.section.audible(*found);
    match recording.format {
        AudioFormat::Mp3 if audible + SLACK < promised => recording.truncated = true,
        // Matroska rounds to milliseconds and to whole clusters.
        AudioFormat::Webm if audible + rate < promised => recording.truncated = true,
        // The padding of the last packet is in the stated length and not in the packets.
        AudioFormat::Webm if audible > promised && audible - promised < rate * 3 / 50 => {
            *found -= audible - promised;
        }
        // Without Opus the length of the last packet is unknown to the container.
        AudioFormat::Webm if audible < promised && !recording.section.is_opus() => *found += promised - audible,
        _ => {}
    }
}

/// The codec's name, when there is a decoder for it.
fn codec(section: &Section) -> Result<String, Failure> {
    if section.is_opus() {
        return Ok("opus".into());
    }
    let decoder = symphonia::default::get_codecs()
        .make_audio_decoder(&section.params, &AudioDecoderOptions::default())
        .map_err(|_| verdict::unsupported_codec())?;
    if section.params.codec == CODEC_ID_AAC
        && let Some(inner) = decoder.codec_params().sample_rate
        && inner != section.rate
        && inner * 2 != section.rate
    {
        return Err(verdict::contradicting_rates(section.rate, inner));
    }
    Ok(decoder.codec_info().short_name.to_owned())
}

/// An AAC packet always holds 1,024 samples, so a table that says otherwise lies about the rate.
fn check_packet_rate(recording: &Recording, ticks: u64, nth: u64) -> Result<(), Failure> {
    let section = &recording.section;
    let aac = recording.format == AudioFormat::M4a && section.params.codec == CODEC_ID_AAC;
    if !aac || nth != 1 {
        return Ok(());
    }
    let samples = section.samples(ticks);
    if (1000..=1050).contains(&samples) || (2000..=2100).contains(&samples) || samples == 0 {
        return Ok(());
    }
    let implied = u128::from(section.rate) * 1024 / u128::from(samples);
    Err(verdict::contradicting_rates(section.rate, u32::try_from(implied).unwrap_or(u32::MAX)))
}
