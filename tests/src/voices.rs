//! Speech made and heard by programs that nobody here wrote: flite speaks, pocketsphinx listens.

use std::path::Path;
use std::process::Command;

use crate::{StoryError, run};

/// Speech in 16 bit comes behind a header of so many bytes.
const HEADER: usize = 44;

/// The noise is so much softer than the loudest sound there is.
const NOISE: i16 = 24;

/// Speaks text into a WAV file.
pub fn speak(text: &str, voice: &str, into: &Path) -> Result<(), StoryError> {
    run(Command::new("flite").args(["-voice", voice, "-t", text, "-o"]).arg(into))?.well();
    Ok(())
}

/// Lays noise over a WAV file of 16 bit, so loud that a recogniser gets most words wrong.
pub fn bury_in_noise(file: &Path) -> Result<(), StoryError> {
    let failed = |source| StoryError::Process { what: "laying noise over speech".to_owned(), source };
    let mut bytes = std::fs::read(file).map_err(failed)?;
    let mut noise = 1u32;
    for sample in bytes[HEADER..].chunks_exact_mut(2) {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noisy = i16::from_le_bytes([sample[0], sample[1]]) / 2 + ((noise >> 16) as i16) / NOISE;
        sample.copy_from_slice(&noisy.to_le_bytes());
    }
    std::fs::write(file, bytes).map_err(failed)
}

/// The words heard in a WAV file of 16 kHz, without any help from the text.
pub fn hear(file: &Path) -> Result<Vec<String>, StoryError> {
    let mut command = Command::new("pocketsphinx_continuous");
    command.arg("-infile").arg(file).args(["-logfn", "/dev/null"]);
    let said = run(&mut command)?.well();
    Ok(said.out.split_whitespace().map(str::to_lowercase).collect())
}

/// The share of the text's longer words that were heard.
pub fn share_heard(text: &str, heard: &[String]) -> f64 {
    let words: Vec<String> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 3).map(str::to_lowercase).collect();
    let found = words.iter().filter(|w| heard.contains(w)).count();
    found as f64 / words.len().max(1) as f64
}

/// Half a minute in a studio's quality, with captions, so that nobody has to listen to it.
pub fn long_recording(to: &Path) -> Result<(), StoryError> {
    let sentence = to.with_extension("sentence.wav");
    speak("In most places there are two high tides every day, and the moon is the reason.", "slt", &sentence)?;
    run(Command::new("sox").arg(&sentence).args(["-r", "96000", "-c", "2", "-b", "24"]).arg(to).args(["repeat", "7"]))?.well();
    let captions =
        "WEBVTT\n\n00:00.000 --> 00:20.000\nIn most places there are two high tides every day, and the moon is the reason.\n";
    std::fs::write(to.with_extension("vtt"), captions)
        .map_err(|source| StoryError::Process { what: "writing captions".to_owned(), source })
}
