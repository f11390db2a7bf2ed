//! The lecturer's own seconds: decodes a stretch of a stored recording, fetching only what it needs. Plays nothing.

use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, SeekMode, SeekTo, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::units::Time;

use super::ranges::RangeFile;
use crate::client::Client;
use crate::error::{ClientError, Result, code};

/// A stretch is never longer, whatever a citation says.
const LONGEST: f64 = 180.0;

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
    let track = format.default_track(TrackType::Audio).ok_or_else(|| unplayable(&"it has no sound"))?;
    let (id, base) = (track.id, track.time_base);
    let params = track.codec_params.as_ref().and_then(|params| params.audio()).ok_or_else(|| unplayable(&"it names no codec"))?;
    let options = AudioDecoderOptions::default();
    let mut decoder =
        symphonia::default::get_codecs().make_audio_decoder(params, &options).map_err(|error| unplayable(&error))?;

    if let Some(time) = Time::try_from_secs_f64(from)
        && from > 0.0
        && let Err(error) = format.seek(SeekMode::Accurate, SeekTo::Time { time, track_id: Some(id) })
    {
        tracing::debug!(%error, "the place is found by reading from the beginning");
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
        if let Some(time) = base.and_then(|base| base.calc_time(packet.pts)) {
            at = time.as_secs_f64();
        }
        if at >= to {
            break;
        }
        let rate = match decoder.decode(&packet) {
            Ok(sound) => {
                sound.copy_to_vecs_planar(&mut planes);
                sound.spec().rate()
            }
            // A damaged packet is a short gap, not the end.
            Err(Error::DecodeError(_) | Error::IoError(_)) => continue,
            Err(error) => return Err(unplayable(&error)),
        };
        if clip.rate == 0 {
            clip.rate = rate;
        }
        let frames = planes.iter().map(Vec::len).min().unwrap_or(0);
        let place = |second: f64| ((second - at) * f64::from(rate)).round().clamp(0.0, frames as f64) as usize;
        let share = 1.0 / planes.len().max(1) as f32;
        clip.samples.extend((place(from)..place(to)).map(|i| planes.iter().map(|plane| plane[i]).sum::<f32>() * share));
        at += frames as f64 / f64::from(rate.max(1));
    }
    if clip.samples.is_empty() {
        return Err(ClientError::new(code::CANNOT_PLAY, "the recording ends before this place"));
    }
    Ok(clip)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

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

    #[test]
    fn a_place_beyond_the_end_or_a_foreign_file_is_said_so() {
        assert_eq!(cut(wave(), 11.0, 12.0).unwrap_err().code, code::CANNOT_PLAY);
        assert_eq!(cut(Box::new(Cursor::new(vec![7u8; 5000])), 0.0, 1.0).unwrap_err().code, code::CANNOT_PLAY);
    }
}
