//! The pronunciation dictionary: general English as installed, and a lecture's own words added; knows no audio.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use synapscribe_domain::{Code, Failure};
use tempfile::TempDir;

use super::super::flite::Flite;
use super::super::lecture_words::LectureWords;
use super::missing;
use super::native::Sphinx;

/// Phones of the acoustic model; a word with any other phone would make the decoder refuse its whole dictionary.
const PHONES: [&str; 39] = [
    "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", "IH", "IY", "JH", "K", "L", "M",
    "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH",
];

/// Where the installed models are.
#[derive(Debug, Clone)]
pub struct Models {
    pub acoustic: PathBuf,
    pub dictionary: PathBuf,
    pub general: PathBuf,
}

impl Models {
    /// Checks that everything is there, so that the library never meets a missing file.
    pub fn find(folder: &Path) -> Result<Self, Failure> {
        let models = Self {
            acoustic: folder.join("en-us"),
            dictionary: folder.join("cmudict-en-us.dict"),
            general: folder.join("en-us.lm.bin"),
        };
        for needed in [&models.acoustic.join("mdef"), &models.dictionary, &models.general] {
            if !needed.is_file() {
                return Err(missing(&format!("the recogniser's model {} is not installed", needed.display())));
            }
        }
        Ok(models)
    }
}

/// The installed dictionary, and the part of it that the general language model can use.
pub struct Lexicon {
    text: String,
    /// The words of the general language model that have a pronunciation, and their lines of the dictionary.
    general: HashSet<String>,
    general_lines: String,
}

impl std::fmt::Debug for Lexicon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lexicon").field("words", &self.general.len()).finish_non_exhaustive()
    }
}

/// What a decoder for one lecture is built from, kept in a folder that disappears with it.
#[derive(Debug)]
pub struct Prepared {
    pub dictionary: PathBuf,
    /// The lecture's language model, where there is a lecture.
    pub own: Option<PathBuf>,
    _folder: TempDir,
}

impl Lexicon {
    /// Reads the dictionary and the words of the general model.
    pub fn read(sphinx: Sphinx, models: &Models) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(&models.dictionary)
            .map_err(|error| missing(&format!("the recogniser's dictionary cannot be read ({error})")))?;
        let known: HashSet<String> = sphinx.vocabulary(&models.general)?.into_iter().collect();
        let mut general = HashSet::with_capacity(known.len());
        let mut general_lines = String::with_capacity(known.len() * 32);
        for (word, line) in entries(&text) {
            if known.contains(word) {
                if !general.contains(word) {
                    general.insert(word.to_owned());
                }
                add(line, &mut general_lines);
            }
        }
        Ok(Self { text, general, general_lines })
    }

    /// Writes the dictionary and the language model for a lecture. The dictionary holds only words that a language model can use:
    /// the decoder finds the same and is built ten times as fast.
    pub fn prepare(&self, voice: Option<Flite>, lecture: Option<&Arc<LectureWords>>) -> Result<Prepared, Failure> {
        let folder = tempfile::Builder::new().prefix("synapscribe-ear-").tempdir().map_err(scratch)?;
        let mut dictionary = self.general_lines.clone();
        let mut own = None;
        if let Some(words) = lecture {
            let model = words.model();
            let mut lacking: BTreeSet<&str> = model.vocabulary().filter(|word| !self.general.contains(*word)).collect();
            let mut found = HashSet::new();
            for (word, line) in entries(&self.text).filter(|(word, _)| lacking.contains(word)) {
                add(line, &mut dictionary);
                found.insert(word);
            }
            lacking.retain(|word| !found.contains(word));
            for word in lacking {
                invent(word, words.is_spelled(word), voice, &mut dictionary);
            }
            let path = folder.path().join("lecture.arpa");
            std::fs::write(&path, model.arpa()).map_err(scratch)?;
            own = Some(path);
        }
        let path = folder.path().join("words.dict");
        std::fs::write(&path, dictionary).map_err(scratch)?;
        Ok(Prepared { dictionary: path, own, _folder: folder })
    }
}

/// The words of a dictionary with their lines; a second pronunciation, written word(2), counts as the word.
fn entries(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let head = line.split(' ').next().filter(|head| head.len() < line.len())?;
        Some((head.split_once('(').map_or(head, |(word, _)| word), line))
    })
}

fn add(line: &str, to: &mut String) {
    to.push_str(line);
    to.push('\n');
}

/// Adds a word that the dictionary lacks with the voice's pronunciation; without a voice the word cannot be recognised.
fn invent(word: &str, spelled: bool, voice: Option<Flite>, to: &mut String) {
    let Some(voice) = voice else { return };
    let phones = voice.pronounce(word, spelled);
    if phones.is_empty() || phones.iter().any(|phone| !PHONES.contains(&phone.as_str())) {
        return;
    }
    // Writing to a String cannot fail.
    let _ = writeln!(to, "{word} {}", phones.join(" "));
}

fn scratch(error: std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return Failure::new(Code::DiskFull, "the disk is full; free some space and try again");
    }
    tracing::warn!(%error, "the recogniser's scratch folder cannot be written");
    Failure::internal()
}
