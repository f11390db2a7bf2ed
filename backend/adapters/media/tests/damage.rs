//! Files that are cut, bent, empty or not audio at all get a reason, never a crash and never a hang.

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use support::{Dice, Studio, decode, inspect, media};
use synapscribe_domain::{AudioLimits, Code, Failure};
use synapscribe_media::fuzz_inspect;

const CODINGS: [(&str, &str); 10] = [
    ("-c:a libmp3lame -b:a 64k", "a.mp3"),
    ("-c:a libmp3lame -q:a 5", "b.mp3"),
    ("-c:a pcm_s16le", "a.wav"),
    ("-c:a aac", "a.m4a"),
    ("-c:a aac -movflags +faststart", "b.m4a"),
    ("-c:a libvorbis", "a.ogg"),
    ("-c:a libopus", "b.ogg"),
    ("-c:a flac", "a.flac"),
    ("-c:a libopus", "a.webm"),
    ("-c:a libvorbis", "b.webm"),
];

/// What ingest does: measure, then check against the limits.
async fn accept(path: &Path) -> Result<(), Failure> {
    AudioLimits::LECTURE.check(&inspect(path).await?)
}

#[tokio::test]
async fn a_file_cut_anywhere_is_refused() {
    let studio = Studio::new();
    for (options, name) in CODINGS {
        let whole = std::fs::read(studio.voice(20.0, 44_100, options, name).as_path()).unwrap_or_default();
        for percent in [1, 5, 13, 25, 50, 75, 90] {
            let cut = &whole[..whole.len() * percent / 100];
            let path = studio.write("cut", cut);
            let failure = accept(&path).await.expect_err(&format!("{name} cut to {percent} %"));
            assert!(
                matches!(failure.code, Code::AudioCorrupt | Code::AudioUnsupported | Code::AudioTooShort),
                "{name} cut to {percent} %: {failure:?}"
            );
            assert!(failure.message.contains("again") || failure.message.contains("export"), "{name}: {failure}");
        }
        for bytes in [1, 3, 7, 11, 12, 20, 44, 60] {
            let path = studio.write("cut", &whole[..bytes]);
            assert!(accept(&path).await.is_err(), "{name} cut to {bytes} bytes");
        }
    }
}

#[tokio::test]
async fn damage_in_the_middle_costs_the_damaged_part_only() {
    let studio = Studio::new();
    for (options, name) in CODINGS {
        let mut bytes = std::fs::read(studio.voice(20.0, 44_100, options, name)).unwrap();
        let middle = bytes.len() / 2;
        let hole = if name.ends_with("wav") { 2000 } else { 600 };
        let mut dice = Dice(11);
        bytes[middle..middle + hole].iter_mut().for_each(|b| *b = dice.roll(256) as u8);
        let path = studio.write("hole", &bytes);
        match inspect(&path).await {
            Ok(facts) => {
                let (sound, _) = decode(&media(), &path).await.unwrap_or_else(|failure| panic!("{name}: {failure}"));
                assert!(sound.len() as u64 / 16 >= facts.duration.0.saturating_sub(100), "{name}: {} ms", facts.duration.0);
                assert!(facts.duration.0 > 9_000, "{name}: {} ms", facts.duration.0);
            }
            // Where the frames cannot be found again, the reason is the answer.
            Err(failure) => assert_eq!(failure.code, Code::AudioCorrupt, "{name}: {failure}"),
        }
    }
}

#[tokio::test]
async fn bent_bits_never_crash_or_hang_the_reader() {
    let studio = Studio::new();
    let mut dice = Dice(0x5EED_0001);
    let media = media();
    for (options, name) in CODINGS {
        let whole = std::fs::read(studio.voice(2.0, 44_100, options, name)).unwrap();
        for round in 0..40 {
            let mut bent = whole.clone();
            // Headers are where the harm is done, so every other round bends only the first kilobyte.
            let within = if round % 2 == 0 { bent.len().min(1024) } else { bent.len() };
            for _ in 0..=dice.roll(24) {
                let at = dice.roll(within);
                bent[at] ^= 1 << dice.roll(8);
            }
            let path = studio.write("bent", &bent);
            let started = Instant::now();
            let outcome = decode(&media, &path).await;
            let measured = inspect(&path).await;
            assert!(started.elapsed() < Duration::from_secs(20), "{name} round {round} took {:?}", started.elapsed());
            for failure in [outcome.err(), measured.err()].into_iter().flatten() {
                assert!(
                    matches!(failure.code, Code::AudioCorrupt | Code::AudioUnsupported | Code::AudioRate | Code::AudioTooLong),
                    "{name} round {round}: {failure:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_audio_is_told_so() {
    let studio = Studio::new();
    let mut dice = Dice(0xD1CE);
    let mut noise =
        |head: &[u8], n: usize| -> Vec<u8> { head.iter().copied().chain((0..n).map(|_| dice.roll(256) as u8)).collect() };
    let cases: Vec<(&str, Vec<u8>, &[Code])> = vec![
        ("empty.mp3", Vec::new(), &[Code::AudioEmpty]),
        ("text.mp3", b"Dear students, the recording is attached.\n".repeat(400), &[Code::AudioUnsupported]),
        ("page.wav", b"<!doctype html><title>404</title>".to_vec(), &[Code::AudioUnsupported]),
        ("paper.m4a", b"%PDF-1.7 ...".to_vec(), &[Code::AudioUnsupported]),
        ("zeros.ogg", vec![0; 100_000], &[Code::AudioUnsupported]),
        ("noise.flac", noise(b"\x01", 100_000), &[Code::AudioUnsupported]),
        ("mp3ish", noise(&[0xFF, 0xFB, 0x90, 0x00], 200_000), &[Code::AudioCorrupt]),
        ("tagged", noise(b"ID3\x03\0\0\0\0\x10\0", 50_000), &[Code::AudioCorrupt]),
        ("waveish", noise(b"RIFF\xff\xff\xff\x7fWAVE", 50_000), &[Code::AudioCorrupt, Code::AudioUnsupported]),
        ("oggish", noise(b"OggS\0\x02", 50_000), &[Code::AudioCorrupt, Code::AudioUnsupported]),
        ("flacish", noise(b"fLaC", 50_000), &[Code::AudioCorrupt]),
        ("mp4ish", noise(b"\0\0\0\x20ftypM4A ", 50_000), &[Code::AudioCorrupt, Code::AudioUnsupported]),
        ("webmish", noise(b"\x1A\x45\xDF\xA3", 50_000), &[Code::AudioCorrupt, Code::AudioUnsupported]),
    ];
    for (name, bytes, codes) in cases {
        let path = studio.write(name, bytes);
        let failure = inspect(&path).await.expect_err(name);
        assert!(codes.contains(&failure.code), "{name}: {failure:?}");
        let failure = decode(&media(), &path).await.expect_err(name);
        assert!(codes.contains(&failure.code), "{name}: {failure:?}");
    }
    assert_eq!(inspect(&studio.path("nowhere")).await.unwrap_err().code, Code::NotFound);
    assert_eq!(inspect(studio.path("").as_path()).await.unwrap_err().code, Code::AudioUnsupported);
}

#[tokio::test]
async fn a_header_that_lies_about_the_rate_is_refused() {
    let studio = Studio::new();
    let path = studio.voice(3.0, 44_100, "-c:a pcm_s16le", "a.wav");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[24..28].copy_from_slice(&16_000u32.to_le_bytes());
    let failure = inspect(&studio.write("slow.wav", &bytes)).await.unwrap_err();
    assert_eq!(failure.code, Code::AudioCorrupt);
    assert!(failure.message.contains("16000") && failure.message.contains("44100"), "{failure}");
    for rate in [0u32, 1, u32::MAX] {
        bytes[24..28].copy_from_slice(&rate.to_le_bytes());
        bytes[28..32].copy_from_slice(&rate.wrapping_mul(2).to_le_bytes());
        let failure = accept(&studio.write("rate.wav", &bytes)).await.unwrap_err();
        assert!(matches!(failure.code, Code::AudioRate | Code::AudioCorrupt), "{rate}: {failure:?}");
    }

    // The time table of an m4a says that every packet plays a quarter of what it does.
    let mut bytes = std::fs::read(studio.voice(3.0, 44_100, "-c:a aac", "a.m4a")).unwrap();
    let table = bytes.windows(4).position(|w| w == b"stts").unwrap();
    bytes[table + 16..table + 20].copy_from_slice(&256u32.to_be_bytes());
    let failure = inspect(&studio.write("fast.m4a", &bytes)).await.unwrap_err();
    assert_eq!(failure.code, Code::AudioCorrupt, "{failure}");
}

#[test]
fn measuring_from_memory_survives_what_fuzzing_starts_with() {
    let studio = Studio::new();
    for (options, name) in CODINGS {
        let whole = std::fs::read(studio.voice(1.0, 44_100, options, name)).unwrap();
        fuzz_inspect(&whole);
        fuzz_inspect(&whole[..whole.len() / 2]);
    }
    fuzz_inspect(b"");
    fuzz_inspect(b"RIFF");
}
