//! What was dropped, as documents, and recordings with their captions: folders are walked, captions find the recording of their name.

use std::path::{Path, PathBuf};

use crate::upload::{is_captions, plain_stem};

/// Folders within folders are followed this deep.
const DEPTH: usize = 8;
/// More files than this were hardly meant.
const MOST: usize = 500;
/// What is taken from a folder; a file that was named itself is looked into, whatever it is called.
const RECORDINGS: [&str; 11] = ["mp3", "wav", "m4a", "mp4", "ogg", "oga", "opus", "flac", "webm", "mka", "m4b"];
const DOCUMENTS: [&str; 8] = ["pdf", "epub", "docx", "pptx", "md", "markdown", "txt", "text"];

/// A recording or a document that is to be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub recording: PathBuf,
    pub captions: Option<PathBuf>,
}

/// What was dropped.
#[derive(Debug)]
pub(super) struct Gathered {
    /// Recordings and documents.
    pub found: Vec<Found>,
    /// Captions that belong to none of them.
    pub captions: Vec<PathBuf>,
    /// Folders in which there is nothing of either.
    pub empty: Vec<PathBuf>,
}

/// Sorts what was dropped.
pub(super) fn gather(paths: &[PathBuf]) -> Gathered {
    let (mut recordings, mut captions, mut empty) = (Vec::new(), Vec::new(), Vec::new());
    for path in paths {
        if path.is_dir() {
            let before = recordings.len() + captions.len();
            walk(path, DEPTH, &mut recordings, &mut captions);
            if recordings.len() + captions.len() == before && recordings.len() < MOST {
                empty.push(path.clone());
            }
        } else if is_captions(path) {
            captions.push(path.clone());
        } else {
            recordings.push(path.clone());
        }
    }
    let mut found: Vec<Found> = Vec::new();
    for recording in recordings {
        if !found.iter().any(|f| f.recording == recording) {
            found.push(Found { recording, captions: None });
        }
    }
    captions.retain(|caption| {
        let theirs = |f: &&mut Found| f.captions.is_none() && same_stem(&f.recording, caption);
        match found.iter_mut().find(theirs) {
            Some(f) => f.captions = Some(caption.clone()),
            None => return true,
        }
        false
    });
    Gathered { found, captions, empty }
}

/// Whether captions are named like a recording; a recogniser's language may stand before their ending. A book named like the lecture
/// beside it is none.
pub(super) fn same_stem(recording: &Path, captions: &Path) -> bool {
    let same = |stem: &std::ffi::OsStr| Some(stem) == captions.file_stem() || stem.to_string_lossy() == plain_stem(captions);
    !has_extension(recording, &DOCUMENTS) && recording.file_stem().is_some_and(same)
}

/// The recording that lies beside captions.
pub(super) fn beside(captions: &Path) -> Option<PathBuf> {
    let plain = plain_stem(captions);
    let named = |extension: &&str| {
        let own = captions.with_extension(extension);
        if own.is_file() { own } else { captions.with_file_name(format!("{plain}.{extension}")) }
    };
    RECORDINGS.iter().map(named).find(|path| path.is_file())
}

fn has_extension(path: &Path, known: &[&str]) -> bool {
    path.extension().is_some_and(|e| known.contains(&e.to_string_lossy().to_ascii_lowercase().as_str()))
}

fn walk(folder: &Path, depth: usize, recordings: &mut Vec<PathBuf>, captions: &mut Vec<PathBuf>) {
    // A folder that cannot be read holds nothing for us.
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if recordings.len() >= MOST {
            return;
        }
        // A link may lead round in a circle.
        let is_link = path.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
        if path.is_dir() && !is_link && depth > 0 {
            walk(&path, depth - 1, recordings, captions);
        } else if has_extension(&path, &RECORDINGS) || has_extension(&path, &DOCUMENTS) {
            recordings.push(path);
        } else if is_captions(&path) {
            captions.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_walked_and_captions_find_their_recording() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, b"x").unwrap();
            path
        };
        let (one, two, marks) = (at("week 1/one.MP3"), at("week 2/two.opus"), at("week 1/marks.csv"));
        let book = at("week 1/One.PDF");
        let same = at("week 1/one.md");
        let (words, lonely) = (at("week 1/one.en.srt"), at("other/three.vtt"));
        let numbers = at("numbers/marks.csv").parent().unwrap().to_owned();
        let weeks = ["week 1", "week 2"].map(|week| folder.path().join(week));
        let dropped = [&weeks[..], &[numbers.clone(), lonely.clone(), one.clone(), marks.clone()]].concat();
        let Gathered { found, captions: left, empty } = gather(&dropped);
        assert_eq!(empty, [numbers]);
        assert_eq!(
            found,
            [
                Found { recording: book, captions: None },
                Found { recording: one.clone(), captions: Some(words) },
                Found { recording: same, captions: None },
                Found { recording: two, captions: None },
                // Somebody pointed at it, so its content will tell.
                Found { recording: marks, captions: None },
            ]
        );
        assert_eq!(left, std::slice::from_ref(&lonely));
        assert_eq!(beside(&folder.path().join("week 1/one.en.srt")), None, "endings are written as they are on disk");
        let three = at("other/three.wav");
        assert_eq!(beside(&lonely).as_ref(), Some(&three));
        assert_eq!(beside(&folder.path().join("other/three.pt-BR.vtt")), Some(three));
    }
}
