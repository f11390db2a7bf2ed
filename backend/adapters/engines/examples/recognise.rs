//! Recognises a wave file of 16 kHz mono: `recognise IN.wav [--bias LECTURE.txt] [--live] [--says TEXT]`.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use synapscribe_domain::Pcm;
use synapscribe_engines::builtin::lecture_words::LectureWords;
use synapscribe_engines::builtin::pocketsphinx::{Ear, Settings};
use synapscribe_engines::builtin::wer;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let path = args.next().context("usage: recognise IN.wav [--bias LECTURE.txt] [--live] [--says TEXT]")?;
    let (mut lecture, mut live, mut says) = (None, false, None);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--bias" => lecture = Some(Arc::new(LectureWords::of(&std::fs::read_to_string(args.next().unwrap_or_default())?))),
            "--live" => live = true,
            "--says" => says = args.next(),
            other => anyhow::bail!("unknown option {other}"),
        }
    }
    let mut reader = hound::WavReader::open(&path)?;
    ensure!(reader.spec().sample_rate == 16_000 && reader.spec().channels == 1, "the file must be 16 kHz mono");
    let samples: Vec<f32> = reader.samples::<i16>().map(|s| s.map(|s| f32::from(s) / 32_768.0)).collect::<Result<_, _>>()?;
    let length = samples.len() as f64 / 16_000.0;

    let ear = Ear::open(Settings::default())?;
    let begun = Instant::now();
    ear.warm(lecture.as_ref())?;
    let warm = begun.elapsed();
    let begun = Instant::now();
    let (phrases, late) = if live {
        let mut listening = ear.listen(lecture.as_ref(), &|| false)?;
        for chunk in samples.chunks(1600) {
            if let Some(text) = listening.hear(chunk)? {
                eprintln!("  … {text}");
            }
        }
        let stopped = Instant::now();
        (listening.finish(&|| false)?, stopped.elapsed())
    } else {
        (ear.recognise(&Pcm(samples), lecture.as_ref(), &|| false)?, begun.elapsed())
    };
    let took = begun.elapsed();
    for phrase in &phrases {
        println!(
            "{:7.2}–{:7.2}  {:.2}  {}",
            phrase.span.from.seconds(),
            phrase.span.to.seconds(),
            phrase.confidence,
            phrase.text
        );
    }
    let text: Vec<&str> = phrases.iter().map(|phrase| phrase.text.as_str()).collect();
    println!(
        "{length:.2} s of audio; loading {warm:.0?}, recognition {took:.0?} (factor {:.2}), after the last word {late:.0?}",
        took.as_secs_f64() / length
    );
    if let Some(says) = says {
        println!("word error rate {:.1} %", 100.0 * wer::wer(&says, &text.join(" ")));
    }
    Ok(())
}
