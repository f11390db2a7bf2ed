//! Recordings as this product writes them itself: 16-bit mono waves at the speech rate. Speech is whatever is not silence.

use std::path::Path;

use async_trait::async_trait;
use synapscribe_domain::audio::SPEECH_RATE;
use synapscribe_domain::waveform::Outline;
use synapscribe_domain::{AudioFormat, Code, Failure, MediaFacts, Millis, Pcm, Span};
use tokio::sync::mpsc;

use crate::{AudioFiles, DecodeReport, SpeechMap};

const HEADER: usize = 44;
/// Ten milliseconds.
const FRAME: usize = SPEECH_RATE as usize / 100;
const FRAME_MS: u64 = 10;
/// Below this a frame is silent.
const QUIET: f32 = 0.01;
/// Silence shorter than this belongs to the speech around it.
const PAUSE_MS: u64 = 300;

/// Reads plain waves.
#[derive(Debug, Clone, Copy, Default)]
pub struct WavAudio;

fn read(path: &Path) -> Result<(Vec<u8>, Pcm), Failure> {
    let bytes = std::fs::read(path).map_err(|_| Failure::not_found("recording"))?;
    if bytes.is_empty() {
        return Err(Failure::new(Code::AudioEmpty, "the file is empty"));
    }
    if bytes.len() < HEADER || !bytes.starts_with(b"RIFF") {
        return Err(Failure::new(Code::AudioUnsupported, "the file is no wave"));
    }
    let stated = u32::from_le_bytes([bytes[40], bytes[41], bytes[42], bytes[43]]) as usize;
    if stated > bytes.len() - HEADER {
        return Err(Failure::new(Code::AudioCorrupt, "the file ends too early"));
    }
    let samples = bytes[HEADER..].as_chunks::<2>().0.iter().map(|b| f32::from(i16::from_le_bytes(*b)) / 32_767.0).collect();
    Ok((bytes, Pcm(samples)))
}

fn rms(frame: &[f32]) -> f32 {
    (frame.iter().map(|s| s * s).sum::<f32>() / frame.len().max(1) as f32).sqrt()
}

#[async_trait]
impl AudioFiles for WavAudio {
    async fn inspect(&self, path: &Path) -> Result<MediaFacts, Failure> {
        let (bytes, pcm) = read(path)?;
        Ok(MediaFacts {
            format: AudioFormat::Wav,
            codec: "pcm_s16le".into(),
            duration: pcm.length(),
            bytes: bytes.len() as u64,
            sample_rate: SPEECH_RATE,
            channels: 1,
            damaged_packets: 0,
            truncated: false,
        })
    }

    async fn speech(&self, path: &Path) -> Result<SpeechMap, Failure> {
        let (_, pcm) = read(path)?;
        let mut outline = Outline::default();
        outline.push(&pcm.0);
        let mut map = SpeechMap { length: pcm.length(), waveform: outline.finish(), ..SpeechMap::default() };
        for (n, frame) in pcm.0.chunks(FRAME).enumerate() {
            let loudness = rms(frame);
            map.loudest_rms = map.loudest_rms.max(loudness);
            let span = Span::new(Millis(n as u64 * FRAME_MS), Millis((n as u64 + 1) * FRAME_MS).min(map.length));
            match map.spans.last_mut() {
                _ if loudness < QUIET => {}
                Some(last) if span.from.0 - last.to.0 < PAUSE_MS => last.to = span.to,
                _ => map.spans.push(span),
            }
        }
        Ok(map)
    }

    async fn decode(&self, path: &Path, sink: mpsc::Sender<Vec<f32>>) -> Result<DecodeReport, Failure> {
        let (_, pcm) = read(path)?;
        let mut report = DecodeReport::default();
        for block in pcm.0.chunks(SPEECH_RATE as usize) {
            if sink.send(block.to_vec()).await.is_err() {
                break;
            }
            report.samples += block.len() as u64;
        }
        Ok(report)
    }
}
