//! Every format is measured to its true length and decoded to the same length and the same sound.

mod support;

use std::path::Path;

use support::{Studio, VOICE, decode, inspect, media};
use synapscribe_domain::{AudioFormat, AudioLimits, Code};
use synapscribe_ports::AudioFiles;

/// Seconds, rate, ffmpeg's options, the name, and what is expected: format, codec, channels, tolerance in ms.
type Case = (f64, u32, &'static str, &'static str, AudioFormat, &'static str, u16, u64);

const CASES: &[Case] = &[
    (7.25, 44_100, "-c:a libmp3lame -b:a 64k", "a.mp3", AudioFormat::Mp3, "mp3", 1, 1),
    (7.25, 16_000, "-c:a libmp3lame -b:a 32k", "b.mp3", AudioFormat::Mp3, "mp3", 1, 1),
    (7.25, 44_100, "-c:a libmp3lame -q:a 5 -ac 2 -id3v2_version 3 -metadata title=x", "c.mp3", AudioFormat::Mp3, "mp3", 2, 1),
    (7.25, 44_100, "-c:a libmp3lame -q:a 5 -write_id3v1 1 -metadata title=x", "d.mp3", AudioFormat::Mp3, "mp3", 1, 1),
    (7.25, 48_000, "-c:a pcm_s16le", "a.wav", AudioFormat::Wav, "pcm_s16le", 1, 0),
    (7.25, 44_100, "-c:a pcm_s24le -ac 2", "b.wav", AudioFormat::Wav, "pcm_s24le", 2, 0),
    (7.25, 16_000, "-c:a pcm_f32le", "c.wav", AudioFormat::Wav, "pcm_f32le", 1, 0),
    (7.25, 8_000, "-c:a pcm_mulaw", "d.wav", AudioFormat::Wav, "pcm_mulaw", 1, 0),
    (7.25, 16_000, "-c:a pcm_u8 -ac 6", "e.wav", AudioFormat::Wav, "pcm_u8", 6, 0),
    (7.25, 16_000, "-rf64 always", "f.wav", AudioFormat::Wav, "pcm_s16le", 1, 0),
    (7.25, 44_100, "-c:a aac -b:a 96k", "a.m4a", AudioFormat::M4a, "aac", 1, 1),
    (7.25, 48_000, "-c:a aac -movflags +faststart -ac 2", "b.mp4", AudioFormat::M4a, "aac", 2, 1),
    (
        7.25,
        44_100,
        "-c:a aac -movflags +frag_keyframe+empty_moov -frag_duration 1000000",
        "c.mp4",
        AudioFormat::M4a,
        "aac",
        1,
        50,
    ),
    (7.25, 44_100, "-c:a alac", "d.m4a", AudioFormat::M4a, "alac", 1, 1),
    (7.25, 48_000, "-c:a libopus", "e.mp4", AudioFormat::M4a, "opus", 1, 21),
    (7.25, 44_100, "-c:a libvorbis -q:a 3", "a.ogg", AudioFormat::Ogg, "vorbis", 1, 1),
    (7.25, 48_000, "-c:a libopus -b:a 24k", "b.ogg", AudioFormat::Ogg, "opus", 1, 1),
    (7.25, 48_000, "-c:a libopus -b:a 64k -ac 2 -frame_duration 60", "c.opus", AudioFormat::Ogg, "opus", 2, 1),
    (7.25, 48_000, "-c:a libopus -b:a 128k -ac 6 -mapping_family 1", "d.opus", AudioFormat::Ogg, "opus", 6, 1),
    (7.25, 44_100, "-c:a flac", "a.flac", AudioFormat::Flac, "flac", 1, 0),
    (7.25, 48_000, "-c:a flac -ac 2", "b.flac", AudioFormat::Flac, "flac", 2, 0),
    (7.25, 48_000, "-c:a libopus", "a.webm", AudioFormat::Webm, "opus", 1, 10),
    (7.25, 44_100, "-c:a libvorbis", "b.webm", AudioFormat::Webm, "vorbis", 1, 30),
    (7.25, 48_000, "-c:a libopus -live 1", "c.webm", AudioFormat::Webm, "opus", 1, 30),
];

#[tokio::test]
async fn every_format_is_measured_exactly_and_decoded_to_that_length() {
    let studio = Studio::new();
    let limits = AudioLimits::LECTURE;
    for &(seconds, rate, options, name, format, codec, channels, tolerance) in CASES {
        let path = studio.voice(seconds, rate, options, name);
        let facts = inspect(&path).await.unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert_eq!((facts.format, facts.codec.as_str(), facts.channels), (format, codec, channels), "{name}");
        assert_eq!(facts.bytes, std::fs::metadata(&path).unwrap().len(), "{name}");
        assert_eq!((facts.damaged_packets, facts.truncated), (0, false), "{name}: {facts:?}");
        let expected = (seconds * 1000.0) as u64;
        assert!(facts.duration.0.abs_diff(expected) <= tolerance, "{name}: {} ms instead of {expected}", facts.duration.0);
        assert!(limits.check(&facts).is_ok(), "{name}");

        let (sound, report) = decode(&media(), &path).await.unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert_eq!((report.damaged_packets, report.samples), (0, sound.len() as u64), "{name}");
        let length = sound.len() as u64 * 1000 / 16_000;
        assert!(
            length.abs_diff(facts.duration.0) <= tolerance.max(1) * 2,
            "{name}: decoded {length} ms, {} measured",
            facts.duration.0
        );
    }
}

#[tokio::test]
async fn the_sound_sits_where_it_was_recorded() {
    // Beeps at known places tell whether the run-in of the encoders was left out.
    let beeps = "aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.1)':s=48000:d=4";
    let studio = Studio::new();
    let codings = [
        ("-c:a pcm_s16le", "x.wav"),
        ("-c:a libmp3lame -b:a 96k", "x.mp3"),
        ("-c:a aac", "x.m4a"),
        ("-c:a libvorbis", "x.ogg"),
        ("-c:a libopus -b:a 64k", "x.opus"),
        ("-c:a libopus -b:a 64k", "x.webm"),
        ("-c:a flac", "x.flac"),
    ];
    for (options, name) in codings {
        let path = studio.make(beeps, options, name);
        let (sound, _) = decode(&media(), &path).await.unwrap();
        for second in 0..4usize {
            let rms = |from_ms: usize, to_ms: usize| {
                let at = |ms: usize| (second * 1000 + ms) * 16;
                let part = &sound[at(from_ms)..at(to_ms)];
                (part.iter().map(|x| x * x).sum::<f32>() / part.len() as f32).sqrt()
            };
            assert!(rms(5, 95) > 0.25, "{name}: the beep at {second} s is not there");
            assert!(rms(106, 900) < 0.02, "{name}: something behind the beep at {second} s");
        }
    }
}

#[tokio::test]
async fn a_variable_bit_rate_mp3_without_a_length_header_is_read_to_its_end() {
    let studio = Studio::new();
    // Silence first: its small frames make every estimate from the start far too short or too long.
    let source = format!("{VOICE}:s=44100:d=50[v];anullsrc=r=44100:cl=mono:d=30[s];[s][v]concat=n=2:v=0:a=1");
    let path = studio.make(&source, "-c:a libmp3lame -q:a 2 -write_xing 0", "vbr.mp3");
    let facts = inspect(&path).await.unwrap();
    assert!((80_000..80_080).contains(&facts.duration.0), "{} ms", facts.duration.0);
    assert!(!facts.truncated);
    let (sound, _) = decode(&media(), &path).await.unwrap();
    assert!((sound.len() as u64 / 16).abs_diff(facts.duration.0) <= 1);
    let tail = &sound[sound.len() - 16_000..];
    assert!(tail.iter().any(|x| x.abs() > 0.1), "the last second is lost");
}

#[tokio::test]
async fn copied_together_recordings_are_read_to_the_end_of_the_last() {
    let studio = Studio::new();
    for (options, name, tolerance) in
        [("-c:a libmp3lame -q:a 4", "a.mp3", 120), ("-c:a libopus", "a.ogg", 2), ("-c:a libvorbis", "b.ogg", 2)]
    {
        let first = std::fs::read(studio.voice(3.0, 48_000, options, name)).unwrap();
        let other = std::fs::read(studio.make("sine=f=500:r=48000:d=4", options, &format!("2{name}"))).unwrap();
        let path = studio.write(name, [first, other].concat());
        let facts = inspect(&path).await.unwrap();
        assert!(facts.duration.0.abs_diff(7_000) <= tolerance, "{name}: {} ms", facts.duration.0);
        let (sound, _) = decode(&media(), &path).await.unwrap();
        assert!((sound.len() as u64 / 16).abs_diff(7_000) <= tolerance, "{name}: {} samples", sound.len());
    }
}

#[tokio::test]
async fn a_video_gives_its_sound() {
    let studio = Studio::new();
    let source = format!("testsrc=s=64x48:r=10:d=5[out0];{VOICE}:s=48000:d=5[out1]");
    for (options, name) in [("-c:v mpeg4 -c:a aac", "v.mp4"), ("-c:v libvpx -b:v 50k -c:a libopus", "v.webm")] {
        let path = studio.make(&source, options, name);
        let facts = inspect(&path).await.unwrap();
        assert!(facts.duration.0.abs_diff(5_000) <= 25, "{name}: {} ms", facts.duration.0);
    }
    let path = studio.make("testsrc=s=64x48:r=10:d=2", "-c:v mpeg4", "silent-film.mp4");
    let failure = inspect(&path).await.unwrap_err();
    assert_eq!(failure.code, Code::AudioCorrupt, "{failure}");
    assert!(failure.message.contains("holds no audio"), "{failure}");
}

#[tokio::test]
async fn the_name_means_nothing() {
    let studio = Studio::new();
    let flac = studio.voice(2.0, 44_100, "-c:a flac", "a.flac");
    let disguised = studio.path("lecture.mp3");
    std::fs::rename(&flac, &disguised).unwrap();
    assert_eq!(inspect(&disguised).await.unwrap().format, AudioFormat::Flac);
    let nameless = studio.path("x");
    std::fs::copy(&disguised, &nameless).unwrap();
    assert_eq!(inspect(&nameless).await.unwrap().format, AudioFormat::Flac);
}

#[tokio::test]
async fn odd_rates_are_measured_and_left_to_the_limits() {
    let studio = Studio::new();
    for (rate, fine) in [(4_000, false), (7_000, false), (8_000, true), (11_025, true), (96_000, true), (384_000, false)] {
        let path = studio.voice(2.0, rate, "-c:a pcm_s16le", "odd.wav");
        let facts = inspect(&path).await.unwrap();
        assert_eq!((facts.sample_rate, facts.duration.0), (rate, 2_000));
        let verdict = AudioLimits::LECTURE.check(&facts);
        assert_eq!(verdict.is_ok(), fine, "{rate}");
        if !fine {
            assert_eq!(verdict.unwrap_err().code, Code::AudioRate);
        }
        let (sound, _) = decode(&media(), &path).await.unwrap();
        assert_eq!(sound.len(), 32_000, "{rate}");
    }
}

#[tokio::test]
async fn a_live_recording_without_lengths_is_whole() {
    let studio = Studio::new();
    let whole = studio.voice(3.1, 16_000, "-c:a pcm_s16le -bitexact", "a.wav");
    let mut bytes = std::fs::read(whole).unwrap();
    for unknown in [u32::MAX, 0] {
        bytes[4..8].copy_from_slice(&unknown.to_le_bytes());
        let data = bytes.windows(4).position(|w| w == b"data").unwrap();
        bytes[data + 4..data + 8].copy_from_slice(&unknown.to_le_bytes());
        let path = studio.write("live.wav", &bytes);
        let facts = inspect(&path).await.unwrap();
        assert_eq!((facts.duration.0, facts.truncated), (3_100, false));
        assert_eq!(decode(&media(), &path).await.unwrap().0.len(), 49_600);
    }
}

#[tokio::test]
async fn silence_is_measured_as_silence_and_speech_as_speech() {
    let studio = Studio::new();
    let silent = studio.make("anullsrc=r=44100:cl=stereo:d=3", "-c:a libmp3lame", "silent.mp3");
    let map = media().speech(&silent).await.unwrap();
    assert!(map.spans.is_empty());
    assert_eq!(synapscribe_domain::audio::check_loudness(map.loudest_rms).unwrap_err().code, Code::AudioSilent);
    let loud = studio.voice(3.0, 16_000, "-c:a flac", "loud.flac");
    let map = media().speech(&loud).await.unwrap();
    assert_eq!(map.length.0, 3_000);
    assert!(synapscribe_domain::audio::check_loudness(map.loudest_rms).is_ok());
}

#[tokio::test]
async fn in_process_and_sandboxed_reading_agree() {
    let studio = Studio::new();
    let path = studio.voice(3.0, 44_100, "-c:a libmp3lame -q:a 4", "a.mp3");
    let here = synapscribe_media::InProcessMedia;
    assert_eq!(here.inspect(&path).await.unwrap(), inspect(&path).await.unwrap());
    let (inside, a) = decode(&here, &path).await.unwrap();
    let (outside, b) = decode(&media(), &path).await.unwrap();
    assert_eq!(a, b);
    let worst = inside.iter().zip(&outside).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst <= 1.0 / 32_000.0, "{worst}");
    assert!(Path::new(&path).exists());
}
