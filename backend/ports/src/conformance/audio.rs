//! How every reader of recordings behaves, shown on plain waves; which other formats it reads is for its own tests. It knows
//! nothing of codecs.

use std::path::{Path, PathBuf};

use synapscribe_domain::audio::{SILENCE_RMS, SPEECH_RATE, wav};
use synapscribe_domain::{AudioFormat, AudioLimits, Code, Failure};
use tokio::sync::mpsc;

use crate::{AudioFiles, DecodeReport};

/// Samples in a millisecond.
const A_MS: usize = SPEECH_RATE as usize / 1000;

/// Runs every check; `folder` is an empty one.
pub async fn suite(files: &dyn AudioFiles, folder: &Path) {
    a_recording_is_measured(files, folder).await;
    all_of_it_is_decoded_in_small_blocks_and_every_time_the_same(files, folder).await;
    a_receiver_that_goes_away_ends_the_work_without_an_error(files, folder).await;
    a_slow_receiver_is_waited_for(files, folder).await;
    silence_holds_no_speech(files, folder).await;
    the_name_does_not_matter(files, folder).await;
    what_is_no_recording_gets_a_reason(files, folder).await;
}

async fn a_recording_is_measured(files: &dyn AudioFiles, folder: &Path) {
    let path = write(folder, "measured.wav", &wav(SPEECH_RATE, &tone(2_345)));
    let facts = files.inspect(&path).await.expect("it is a recording");
    assert_eq!((facts.format, facts.duration.0, facts.channels), (AudioFormat::Wav, 2_345, 1), "{facts:?}");
    assert_eq!((facts.sample_rate, facts.bytes), (SPEECH_RATE, std::fs::metadata(&path).unwrap().len()), "{facts:?}");
    assert_eq!((facts.damaged_packets, facts.truncated), (0, false), "{facts:?}");
    assert_eq!(files.inspect(&path).await.expect("still"), facts, "measuring twice gives the same");
}

async fn all_of_it_is_decoded_in_small_blocks_and_every_time_the_same(files: &dyn AudioFiles, folder: &Path) {
    let sound = tone(3_210);
    let path = write(folder, "decoded.wav", &wav(SPEECH_RATE, &sound));
    let (heard, report) = decode(files, &path).await.expect("it is a recording");
    assert_eq!((heard.len(), report.samples, report.damaged_packets), (sound.len(), sound.len() as u64, 0));
    let worst = heard.iter().zip(&sound).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 0.001, "a sample differs by {worst}");
    assert_eq!(decode(files, &path).await.expect("again").0, heard, "decoding twice gives the same");
    let map = files.speech(&path).await.expect("it is a recording");
    assert_eq!(map.length.0, 3_210, "both ways of decoding agree on the length");
    assert!((map.loudest_rms - 0.2 / 2f32.sqrt()).abs() < 0.02, "the loudest stretch: {}", map.loudest_rms);
}

async fn a_receiver_that_goes_away_ends_the_work_without_an_error(files: &dyn AudioFiles, folder: &Path) {
    let path = write(folder, "left.wav", &wav(SPEECH_RATE, &tone(20_000)));
    let (sink, mut blocks) = mpsc::channel(1);
    let leaving = async {
        blocks.recv().await.expect("a first block");
        drop(blocks);
    };
    let (report, ()) = tokio::join!(files.decode(&path, sink), leaving);
    let samples = report.expect("going away is no error").samples as usize;
    assert!(samples < 20_000 * A_MS, "it went on to the end: {samples}");
}

async fn a_slow_receiver_is_waited_for(files: &dyn AudioFiles, folder: &Path) {
    let path = write(folder, "slow.wav", &wav(SPEECH_RATE, &tone(5_000)));
    let (sink, mut blocks) = mpsc::channel::<Vec<f32>>(1);
    let listening = async {
        let mut heard = 0;
        while let Some(block) = blocks.recv().await {
            tokio::task::yield_now().await;
            heard += block.len();
        }
        heard
    };
    let (report, heard) = tokio::join!(files.decode(&path, sink), listening);
    assert_eq!((report.expect("it is a recording").samples as usize, heard), (5_000 * A_MS, 5_000 * A_MS));
}

async fn silence_holds_no_speech(files: &dyn AudioFiles, folder: &Path) {
    let path = write(folder, "silent.wav", &wav(SPEECH_RATE, &vec![0.0; 4_000 * A_MS]));
    let map = files.speech(&path).await.expect("silence is a recording");
    assert_eq!((map.spans.len(), map.length.0), (0, 4_000));
    assert!(map.loudest_rms < SILENCE_RMS, "{}", map.loudest_rms);
}

async fn the_name_does_not_matter(files: &dyn AudioFiles, folder: &Path) {
    let bytes = wav(SPEECH_RATE, &tone(1_500));
    for name in ["no extension", "лекция.mp3", "50% (final).txt"] {
        let path = write(folder, name, &bytes);
        assert_eq!(
            files.inspect(&path).await.map(|facts| (facts.format, facts.duration.0)),
            Ok((AudioFormat::Wav, 1_500)),
            "{name}"
        );
    }
}

async fn what_is_no_recording_gets_a_reason(files: &dyn AudioFiles, folder: &Path) {
    let whole = wav(SPEECH_RATE, &tone(4_000));
    for (name, content, code) in [
        ("empty.wav", &[][..], Code::AudioEmpty),
        ("essay.wav", "This is an essay, not a recording. ".repeat(100).as_bytes(), Code::AudioUnsupported),
        ("cut.wav", &whole[..whole.len() / 2], Code::AudioCorrupt),
    ] {
        let path = write(folder, name, content);
        let failure = match files.inspect(&path).await {
            // What was measured is held against the limits by every caller.
            Ok(facts) => AudioLimits::LECTURE.check(&facts).expect_err(name),
            Err(failure) => failure,
        };
        assert_eq!(failure.code, code, "{name}: {failure}");
        assert!(failure.message.len() > 10, "{name} is refused without a sentence");
        if code != Code::AudioCorrupt {
            assert!(files.speech(&path).await.is_err() && decode(files, &path).await.is_err(), "{name} is decoded");
        }
    }
    let missing = folder.join("missing.wav");
    assert_eq!(files.inspect(&missing).await.err().map(|f| f.code), Some(Code::NotFound));
    assert_eq!(decode(files, &missing).await.err().map(|f| f.code), Some(Code::NotFound));
}

/// A tone whose pitch moves, so that no two stretches are the same.
fn tone(ms: usize) -> Vec<f32> {
    let at = |n: usize| n as f32 / SPEECH_RATE as f32;
    (0..ms * A_MS).map(|n| 0.2 * (std::f32::consts::TAU * (300.0 + 20.0 * at(n)) * at(n)).sin()).collect()
}

fn write(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("a test file");
    path
}

/// All of a recording.
async fn decode(files: &dyn AudioFiles, path: &Path) -> Result<(Vec<f32>, DecodeReport), Failure> {
    let (sink, mut blocks) = mpsc::channel::<Vec<f32>>(4);
    let collect = async {
        let mut all = Vec::new();
        while let Some(block) = blocks.recv().await {
            assert!(block.len() <= SPEECH_RATE as usize, "a block of {} samples", block.len());
            all.extend(block);
        }
        all
    };
    let (report, all) = tokio::join!(files.decode(path, sink), collect);
    report.map(|report| (all, report))
}
