//! Speech made and heard by programs that nobody here wrote: flite speaks, pocketsphinx listens.

use std::path::Path;
use std::process::Command;

use crate::{StoryError, run};

/// Speaks text into a WAV file.
pub fn speak(text: &str, voice: &str, into: &Path) -> Result<(), StoryError> {
    run(Command::new("flite").args(["-voice", voice, "-t", text, "-o"]).arg(into))?.well();
    Ok(())
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
