//! Speech is found where it is spoken, whatever lies between.

mod support;

use std::process::Command;

use support::{Studio, decode, media};
use synapscribe_domain::{Pcm, Span};
use synapscribe_media::{SpeechMeter, speech_spans};
use synapscribe_ports::AudioFiles;

/// A spoken sentence at the speech rate.
async fn sentence(studio: &Studio, text: &str) -> Vec<f32> {
    let path = studio.path("spoken.wav");
    let status = Command::new("flite").args(["-voice", "slt", "-t", text, "-o"]).arg(&path).status();
    assert!(status.expect("these tests need flite: apt-get install flite").success());
    decode(&media(), &path).await.unwrap().0
}

fn ms(samples: usize) -> u64 {
    samples as u64 / 16
}

#[tokio::test]
async fn spans_hold_the_sentences_and_leave_out_the_pauses() {
    let studio = Studio::new();
    let first = sentence(&studio, "A cell takes in sugar and makes energy from it.").await;
    let second = sentence(&studio, "Without oxygen this happens much more slowly.").await;
    let pause = vec![0.0f32; 3 * 16_000];
    let all: Vec<f32> = [&pause[..], &first, &pause, &second, &pause].concat();
    let spans = speech_spans(&Pcm(all.clone()));
    let at = ms(pause.len() + first.len());
    let (before, after): (Vec<Span>, Vec<Span>) = spans.iter().partition(|span| span.from.0 < at);
    for (part, from, length) in [(before, ms(pause.len()), ms(first.len())), (after, at + 3_000, ms(second.len()))] {
        let (start, end) = (part.first().unwrap().from.0, part.last().unwrap().to.0);
        assert!(start.abs_diff(from) < 450 && end.abs_diff(from + length) < 450, "{start}..{end} for {from}+{length}");
    }
    assert!(spans.windows(2).all(|pair| pair[0].to < pair[1].from), "{spans:?}");

    let wav = studio.write("talk.wav", synapscribe_media::encode_wav(&Pcm(all.clone())));
    let map = media().speech(&wav).await.unwrap();
    assert_eq!((map.spans, map.length.0), (spans, ms(all.len())));
    assert!(map.loudest_rms > 0.02);
    let peaks = map.waveform.peaks;
    assert_eq!(peaks.len(), all.len().div_ceil(1_600), "one peak for each tenth of a second, to the very end");
    let loudest = all.iter().fold(0.0f32, |loudest, sample| loudest.max(sample.abs()));
    assert!(f32::from(*peaks.iter().max().unwrap()) - loudest * 255.0 < 2.0 && loudest * 255.0 > 10.0);
    assert!(peaks[..30].iter().chain(&peaks[peaks.len() - 29..]).all(|peak| *peak == 0), "a pause is flat: {peaks:?}");
}

#[tokio::test]
async fn blocks_of_any_size_give_the_same_spans() {
    let studio = Studio::new();
    let speech = sentence(&studio, "The membrane lets water pass and holds salt back.").await;
    let whole = speech_spans(&Pcm(speech.clone()));
    assert!(!whole.is_empty());
    for size in [1, 255, 256, 257, 16_000] {
        let mut meter = SpeechMeter::new();
        speech.chunks(size).for_each(|block| meter.push(block));
        assert_eq!(meter.finish().spans, whole, "blocks of {size}");
    }
}

#[test]
fn silence_hum_and_nothing_hold_no_speech() {
    let hum: Vec<f32> = (0..48_000).map(|n| (n as f32 * 0.02).sin() * 0.05).collect();
    for (name, sound) in [("nothing", vec![]), ("a sample", vec![0.5]), ("silence", vec![0.0; 48_000]), ("hum", hum)] {
        assert!(speech_spans(&Pcm(sound)).is_empty(), "{name}");
    }
}

#[test]
fn loudness_is_that_of_the_loudest_stretch() {
    let mut meter = SpeechMeter::new();
    let tone = |level: f32, n: usize| (0..n).map(|i| if i % 2 == 0 { level } else { -level }).collect::<Vec<_>>();
    meter.push(&tone(0.01, 16_000));
    meter.push(&tone(0.25, 16_384));
    meter.push(&tone(0.01, 16_000));
    let map = meter.finish();
    assert!((map.loudest_rms - 0.25).abs() < 0.01, "{}", map.loudest_rms);
    let mut short = SpeechMeter::new();
    short.push(&tone(0.25, 64));
    assert!((short.finish().loudest_rms - 0.25).abs() < 0.01);
}
