//! The pronunciation dictionary: general English as installed, and a lecture's own words added; knows no audio.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::ops::Range;
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

/// The installed dictionary, indexed, and the part of it that the general language model can use.
pub struct Lexicon {
    text: String,
    /// The lines of each word: its pronunciations.
    lines: HashMap<Box<str>, Vec<Range<u32>>>,
    /// The words of the general language model that have a pronunciation.
    general: HashSet<Box<str>>,
}

impl std::fmt::Debug for Lexicon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lexicon").field("words", &self.lines.len()).finish_non_exhaustive()
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
        let mut lines: HashMap<Box<str>, Vec<Range<u32>>> = HashMap::with_capacity(140_000);
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let range = at as u32..(at + line.len()) as u32;
            at += line.len();
            let Some((head, _)) = line.split_once(' ') else { continue };
            // A second pronunciation is written word(2).
            let word = head.split_once('(').map_or(head, |(word, _)| word);
            lines.entry(word.into()).or_default().push(range);
        }
        let general = sphinx
            .vocabulary(&models.general)?
            .into_iter()
            .map(String::into_boxed_str)
            .filter(|word| lines.contains_key(word))
            .collect();
        Ok(Self { text, lines, general })
    }

    /// Writes the dictionary and the language model for a lecture. The dictionary holds only words that a language model can use:
    /// the decoder finds the same and is built ten times as fast.
    pub fn prepare(&self, voice: Option<Flite>, lecture: Option<&Arc<LectureWords>>) -> Result<Prepared, Failure> {
        let folder = tempfile::Builder::new().prefix("synapscribe-ear-").tempdir().map_err(scratch)?;
        let mut dictionary = String::with_capacity(self.text.len() / 4);
        for word in &self.general {
            self.copy(word, &mut dictionary);
        }
        let mut own = None;
        if let Some(words) = lecture {
            let model = words.model();
            for word in model.vocabulary().filter(|word| !self.general.contains(*word)) {
                if !self.copy(word, &mut dictionary) {
                    invent(word, words.is_spelled(word), voice, &mut dictionary);
                }
            }
            let path = folder.path().join("lecture.arpa");
            std::fs::write(&path, model.arpa()).map_err(scratch)?;
            own = Some(path);
        }
        let path = folder.path().join("words.dict");
        std::fs::write(&path, dictionary).map_err(scratch)?;
        Ok(Prepared { dictionary: path, own, _folder: folder })
    }

    fn copy(&self, word: &str, to: &mut String) -> bool {
        let Some(lines) = self.lines.get(word) else { return false };
        for line in lines {
            to.push_str(&self.text[line.start as usize..line.end as usize]);
        }
        if !to.ends_with('\n') {
            to.push('\n');
        }
        true
    }
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
