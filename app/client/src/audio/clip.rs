//! The lecturer's own seconds: decodes a stretch of a stored recording, fetching only what it needs. Plays nothing.

use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Time, TimeBase, Timestamp};
use synapscribe_sound::opus;

use super::ranges::RangeFile;
use crate::client::Client;
use crate::error::{ClientError, Result, code};

/// A stretch is never longer, whatever a citation says.
const LONGEST: f64 = 180.0;

/// A stretch never holds more samples a second, whatever rate a recording claims.
const FASTEST: u32 = 192_000;

/// A stretch of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// Mono samples from -1 to 1.
    pub samples: Vec<f32>,
    /// Samples a second.
    pub rate: u32,
}

/// Fetches the seconds between `from` and `to` of a lecture.
pub async fn clip(client: &Client, lecture: &str, from: f64, to: f64) -> Result<Clip> {
    let link = client.audio(lecture).await?;
    let (http, runtime) = (client.net().http.clone(), tokio::runtime::Handle::current());
    let work = tokio::task::spawn_blocking(move || {
        let file = RangeFile::open(http, runtime, link.url).map_err(|error| {
            tracing::debug!(%error, "the recording cannot be fetched");
            ClientError::passing(code::UNREACHABLE, "the recording cannot be fetched; try again in a moment")
        })?;
        cut(Box::new(file), from, to)
    });
    work.await.map_err(|error| ClientError::new(code::CANNOT_PLAY, format!("the recording cannot be read: {error}")))?
}

fn cut(source: Box<dyn MediaSource>, from: f64, to: f64) -> Result<Clip> {
    let unplayable = |error: &dyn std::fmt::Display| {
        tracing::debug!(%error, "the recording cannot be played");
        ClientError::new(
            code::CANNOT_PLAY,
            "this recording is in a format that cannot be played here; its words can be read all the same",
        )
    };
    let (from, to) = (from.max(0.0), to.min(from.max(0.0) + LONGEST));
    let stream = MediaSourceStream::new(source, Default::default());
    let mut format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|error| unplayable(&error))?;
    let in_ogg = format.format_info().short_name == "ogg";
    let track = format.default_track(TrackType::Audio).ok_or_else(|| unplayable(&"it has no sound"))?;
    let id = track.id;
    let params = track.codec_params.as_ref().and_then(|params| params.audio()).ok_or_else(|| unplayable(&"it names no codec"))?;
    let mut voice = Voice::new(params).map_err(|reason| unplayable(&reason))?;
    let clock = voice.clock(track.time_base, in_ogg);
    if from > 0.0 {
        seek(format.as_mut(), &clock, id, from, voice.run_in());
    }
    let mut clip = Clip { samples: Vec::new(), rate: 0 };
    let mut planes: Vec<Vec<f32>> = Vec::new();
    // Without times of its own a packet follows the one before.
    let mut at = 0.0;
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) | Err(Error::ResetRequired) => break,
            // What was read so far is worth playing.
            Err(_) if !clip.samples.is_empty() => break,
            Err(error) => return Err(unplayable(&error)),
        };
        if packet.track_id != id {
            continue;
        }
        if let Some(time) = clock.time(packet.pts) {
            at = time;
        }
        if at >= to {
            break;
        }
        let rate = match voice.decode(&packet, &mut planes) {
            Ok(Some(rate)) => rate,
            // A damaged packet is a short gap, not the end.
            Ok(None) => continue,
            Err(error) => return Err(unplayable(&error)),
        };
        if clip.rate == 0 {
            clip.rate = rate;
        }
        let frames = planes.iter().map(Vec::len).min().unwrap_or(0);
        // A damaged recording may say for each of its packets that it comes early.
        let room = ((to - from) * f64::from(clip.rate.min(FASTEST))).ceil() as usize;
        if clip.samples.len() >= room {
            break;
        }
        let place = |second: f64| ((second - at) * f64::from(rate)).round().clamp(0.0, frames as f64) as usize;
        let share = 1.0 / planes.len().max(1) as f32;
        let mono = (place(from)..place(to)).map(|i| planes.iter().map(|plane| plane[i]).sum::<f32>() * share);
        // Recordings of floating-point samples may hold what is no number.
        let heard = mono.map(|sample| if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 });
        clip.samples.extend(heard.take(room - clip.samples.len()));
        at += frames as f64 / f64::from(rate.max(1));
    }
    if clip.samples.is_empty() {
        return Err(ClientError::new(code::CANNOT_PLAY, "the recording ends before this place"));
    }
    Ok(clip)
}

/// For fuzzing: cuts a stretch out of bytes in memory and throws the sound away.
pub fn fuzz_clip(data: &[u8], from: f64, to: f64) {
    if let Ok(clip) = cut(Box::new(std::io::Cursor::new(data.to_vec())), from, to) {
        let most = (to - from.max(0.0)).min(LONGEST) * f64::from(clip.rate.min(FASTEST));
        assert!(clip.samples.len() as f64 <= most.ceil(), "{} samples of {most}", clip.samples.len());
        assert!(clip.samples.iter().all(|sample| (-1.0..=1.0).contains(sample)));
    }
}

/// How far before the place it is looked for, in seconds. The reader of Matroska may land a cluster too late.
const EARLIER: [f64; 5] = [0.0, 8.0, 30.0, 120.0, f64::INFINITY];

/// Goes to the last packet it can find that is not behind the place; the rest of the way is read.
fn seek(format: &mut dyn FormatReader, clock: &Clock, track: u32, place: f64, run_in: f64) {
    for earlier in EARLIER {
        let Some(to) = clock.place(place - run_in - earlier, track) else { return };
        match format.seek(SeekMode::Accurate, to) {
            Ok(reached) if clock.time(reached.actual_ts).is_none_or(|time| time <= place) => return,
            // It keeps the packet it landed on and would land there again.
            Ok(_) => drop(format.next_packet()),
            Err(error) => tracing::debug!(%error, earlier, "a place is not found so"),
        }
    }
}

/// What decodes the packets.
enum Voice {
    Symphonia(Box<dyn AudioDecoder>),
    Opus { decoder: opus::Decoder, pre_skip: u16, mono: Vec<f32> },
}

impl Voice {
    fn new(params: &AudioCodecParameters) -> std::result::Result<Self, String> {
        if params.codec == CODEC_ID_OPUS {
            let head = params.extra_data.as_deref().and_then(opus::Head::parse).ok_or("its Opus header is damaged")?;
            let decoder = opus::Decoder::new(&head, opus::RATE).ok_or("its Opus header describes nothing")?;
            return Ok(Self::Opus { decoder, pre_skip: head.pre_skip, mono: Vec::new() });
        }
        let decoder = symphonia::default::get_codecs().make_audio_decoder(params, &AudioDecoderOptions::default());
        decoder.map(Self::Symphonia).map_err(|error| error.to_string())
    }

    /// How packets are timed. Ogg counts Opus at 48 kHz, with what the encoder put before the sound.
    fn clock(&self, base: Option<TimeBase>, in_ogg: bool) -> Clock {
        match self {
            Self::Opus { pre_skip, .. } if in_ogg => {
                Clock { base: TimeBase::try_from_recip(opus::RATE), before: i64::from(*pre_skip), by_ticks: true }
            }
            _ => Clock { base, before: 0, by_ticks: false },
        }
    }

    /// Seconds that have to be decoded before sound is right.
    fn run_in(&self) -> f64 {
        // RFC 7845, section 4.6.
        if matches!(self, Self::Opus { .. }) { 0.08 } else { 0.0 }
    }

    /// Decodes a packet into one plane for each channel and gives their rate; nothing when the packet is damaged.
    fn decode(&mut self, packet: &Packet, planes: &mut Vec<Vec<f32>>) -> std::result::Result<Option<u32>, Error> {
        match self {
            Self::Symphonia(decoder) => match decoder.decode(packet) {
                Ok(sound) => {
                    sound.copy_to_vecs_planar(planes);
                    Ok(Some(sound.spec().rate()))
                }
                Err(Error::DecodeError(_) | Error::IoError(_)) => Ok(None),
                Err(error) => Err(error),
            },
            Self::Opus { decoder, mono, .. } => {
                mono.clear();
                if !decoder.decode(&packet.data, mono) {
                    return Ok(None);
                }
                planes.resize(1, Vec::new());
                planes[0].clone_from(mono);
                Ok(Some(opus::RATE))
            }
        }
    }
}

/// Between the container's ticks and seconds of sound.
struct Clock {
    base: Option<TimeBase>,
    /// Ticks before the sound.
    before: i64,
    /// Whether the container is asked for a tick; otherwise for a time.
    by_ticks: bool,
}

impl Clock {
    fn time(&self, at: Timestamp) -> Option<f64> {
        // What the encoder put before the sound lies before the beginning.
        let (base, ticks) = (self.base?, at.get().saturating_sub(self.before));
        Some(ticks as f64 * f64::from(base.numer.get()) / f64::from(base.denom.get()))
    }

    fn place(&self, second: f64, track: u32) -> Option<SeekTo> {
        let time = Time::try_from_secs_f64(second.max(0.0))?;
        if !self.by_ticks {
            return Some(SeekTo::Time { time, track_id: Some(track) });
        }
        let ticks = self.base?.calc_timestamp(time)?;
        Some(SeekTo::Timestamp { ts: Timestamp::new(ticks.get().saturating_add(self.before)), track_id: track })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;
    use std::process::Command;

    /// Ten seconds in which every sample tells its second.
    fn wave() -> Box<dyn MediaSource> {
        let samples: Vec<i16> = (0..80_000i32).map(|i| (i / 8_000 * 1_000) as i16).collect();
        Box::new(Cursor::new(super::super::wav::encode(&samples, 8_000)))
    }

    #[test]
    fn exactly_the_seconds_asked_for_are_given() {
        let clip = cut(wave(), 3.0, 5.5).unwrap();
        assert_eq!((clip.rate, clip.samples.len()), (8_000, 20_000));
        let value = |i: usize| (clip.samples[i] * 32768.0).round();
        assert_eq!((value(0), value(7_999), value(8_000), value(19_999)), (3_000.0, 3_000.0, 4_000.0, 5_000.0));
        assert_eq!(cut(wave(), -4.0, 1.0).unwrap().samples.len(), 8_000);
        assert_eq!(cut(wave(), 9.0, 99.0).unwrap().samples.len(), 8_000);
    }

    /// Twelve seconds of which second `n` hums at 300 + 100 n Hz.
    fn hum(options: &[&str], name: &str) -> Box<dyn MediaSource> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-f", "lavfi", "-i", "aevalsrc=0.5*sin(2*PI*(300+100*floor(t))*t):s=48000:d=12"]);
        let made = ffmpeg.args(options).arg(&path).output().expect("this test needs ffmpeg");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Box::new(Cursor::new(std::fs::read(path).unwrap()))
    }

    /// Cycles a second, by how often the sound rises through zero.
    fn pitch(samples: &[f32], rate: u32) -> f64 {
        let rises = samples.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        rises as f64 * f64::from(rate) / samples.len() as f64
    }

    #[test]
    fn opus_plays_the_seconds_asked_for_in_either_container() {
        for (options, name) in
            [(&["-c:a", "libopus"][..], "a.opus"), (&["-c:a", "libopus", "-ac", "2"], "a.ogg"), (&["-c:a", "libopus"], "a.webm")]
        {
            for second in [0, 1, 7, 11] {
                let clip = cut(hum(options, name), f64::from(second), f64::from(second) + 1.0).unwrap();
                assert_eq!(clip.rate, 48_000, "{name}");
                assert!(clip.samples.len().abs_diff(48_000) < 500, "{name} from {second}: {} samples", clip.samples.len());
                // The whole of the second: a place that is off by a hundredth would let the neighbour in.
                let (first, last) = (&clip.samples[500..12_000], &clip.samples[36_000..47_000]);
                for part in [first, last] {
                    let heard = pitch(part, clip.rate);
                    assert!((heard - f64::from(300 + 100 * second)).abs() < 12.0, "{name} from {second}: {heard} Hz");
                }
            }
        }
    }

    #[test]
    fn a_place_beyond_the_end_or_a_foreign_file_is_said_so() {
        assert_eq!(cut(wave(), 11.0, 12.0).unwrap_err().code, code::CANNOT_PLAY);
        assert_eq!(cut(Box::new(Cursor::new(vec![7u8; 5000])), 0.0, 1.0).unwrap_err().code, code::CANNOT_PLAY);
    }
}
