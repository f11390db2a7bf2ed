//! Speaks a text into a wave file: `speak OUT.wav [--voice slt|rms|awb|kal16] [--speed 1.0] TEXT…`.

use std::ops::ControlFlow;
use std::time::Instant;

use anyhow::Context;
use synapscribe_engines::builtin::flite::{Flite, Speed, Voice};

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let out = args.next().context("usage: speak OUT.wav [--voice NAME] [--speed FACTOR] TEXT…")?;
    let (mut voice, mut speed, mut text) = (Voice::Slt, Speed::NORMAL, Vec::new());
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--voice" => voice = Voice::from_name(&args.next().unwrap_or_default()).context("there is no such voice")?,
            "--speed" => speed = Speed::new(args.next().unwrap_or_default().parse()?),
            _ => text.push(arg),
        }
    }
    let begun = Instant::now();
    let flite = Flite::load()?;
    let loaded = begun.elapsed();
    let (mut first, mut samples) = (None, Vec::new());
    let begun = Instant::now();
    let _ = flite.speak_into(&text.join(" "), voice, speed, &mut |chunk| {
        first.get_or_insert_with(|| begun.elapsed());
        samples.extend_from_slice(chunk);
        ControlFlow::Continue(())
    })?;
    let took = begun.elapsed();
    let spec = hound::WavSpec { channels: 1, sample_rate: 16_000, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::create(&out, spec)?;
    for sample in &samples {
        writer.write_sample((sample * 32_767.0) as i16)?;
    }
    writer.finalize()?;
    println!(
        "{out}: {:.2} s of speech; loading {loaded:.1?}, first audio {:.1?}, all {took:.1?}",
        samples.len() as f64 / 16_000.0,
        first.unwrap_or_default()
    );
    Ok(())
}
