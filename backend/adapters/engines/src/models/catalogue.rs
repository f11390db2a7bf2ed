//! The models the project knows, with the checksums their publishers give, and those that an operator adds in a file.

use std::path::Path;

use synapscribe_domain::{Code, Failure};

use super::{BUILT_IN, ModelCard, ModelFile, ModelKind};

/// The file among the models that lists an operator's own, such as those of a school's mirror.
const OWN: &str = "catalogue.json";

/// The revision of the whisper files that the checksums belong to.
const WHISPER: &str = "https://huggingface.co/ggerganov/whisper.cpp/resolve/5359861c739e955e79d9a303bcbc70fb988958b1";
/// The revision of the sentence model's files.
const MINILM: &str =
    "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/c9745ed1d9f207416be6d2e6f8de32d1f16199bf";

/// Every model, the smallest of a kind first.
pub fn catalogue() -> Vec<ModelCard> {
    vec![
        whisper(
            "whisper-tiny.en",
            "English, the quickest; good enough for questions in a quiet room",
            "ggml-tiny.en.bin",
            77_704_715,
            "921e4cf8686fdd993dcd081a5da5b6c365bfde1162e72b08d75ac75289920b1f",
        ),
        whisper(
            "whisper-base.en",
            "English, a good middle: clearly better than tiny, still quicker than speech on a laptop",
            "ggml-base.en.bin",
            147_964_211,
            "a03779c86df3323075f5e796cb2ce5029f00ec8869eee3fdfb897afe36c6d002",
        ),
        whisper(
            "whisper-small.en",
            "English, the most accurate of the three; wants a strong machine",
            "ggml-small.en.bin",
            487_614_201,
            "c6138d6d58ecc8322097e0f987c32f1be8bb0a18532a3f88f734d1bbf9c41e5d",
        ),
        ModelCard {
            name: "all-minilm-l6-v2".into(),
            kind: ModelKind::Meaning,
            description: "finds passages by meaning and not only by their words".into(),
            licence: "Apache-2.0".into(),
            files: vec![
                file(MINILM, "config.json", 612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
                file(MINILM, "tokenizer.json", 466_247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
                file(MINILM, "model.safetensors", 90_868_376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
            ],
        },
    ]
}

/// The models that an operator listed in the folder, without which there are none.
pub(super) fn own(folder: &Path) -> Result<Vec<ModelCard>, Failure> {
    let path = folder.join(OWN);
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unusable(&path, &error.kind().to_string())),
    };
    let cards: Vec<ModelCard> = serde_json::from_slice(&text).map_err(|error| unusable(&path, &error.to_string()))?;
    match cards.iter().find_map(fault) {
        Some(fault) => Err(unusable(&path, &fault)),
        None => Ok(cards),
    }
}

fn unusable(path: &Path, why: &str) -> Failure {
    Failure::new(Code::EngineMissing, format!("{} cannot be used: {why}; correct it or remove it", path.display()))
}

/// What keeps a model from being fetched; names become folders and files, so they must not lead anywhere else.
fn fault(card: &ModelCard) -> Option<String> {
    let name = &card.name;
    if !is_plain(name) || BUILT_IN.iter().any(|(taken, _)| taken == name) {
        return Some(format!("{name:?} is no name for a model"));
    }
    if card.files.is_empty() || (card.kind == ModelKind::Ear && card.files.len() > 1) {
        return Some(format!("{name} has {} files", card.files.len()));
    }
    let bad = |file: &&ModelFile| {
        !is_plain(&file.name)
            || file.name.ends_with(".part")
            || file.sha256.len() != 64
            || !file.sha256.bytes().all(|byte| byte.is_ascii_hexdigit())
            || !reqwest::Url::parse(&file.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
    };
    card.files.iter().find(bad).map(|file| format!("the name, the address or the checksum of {:?} is none", file.name))
}

fn is_plain(name: &str) -> bool {
    (1..=100).contains(&name.len())
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

fn whisper(name: &str, description: &str, at: &str, bytes: u64, sha256: &str) -> ModelCard {
    ModelCard {
        name: name.into(),
        kind: ModelKind::Ear,
        description: description.into(),
        licence: "MIT".into(),
        files: vec![file(WHISPER, at, bytes, sha256)],
    }
}

fn file(folder: &str, name: &str, bytes: u64, sha256: &str) -> ModelFile {
    ModelFile { name: name.into(), url: format!("{folder}/{name}"), bytes, sha256: sha256.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_an_encrypted_address_and_a_checksum() {
        let mut names = std::collections::HashSet::new();
        for card in catalogue() {
            assert!(names.insert(card.name.clone()), "{} is there twice", card.name);
            for file in &card.files {
                assert!(file.url.starts_with("https://") && file.url.ends_with(&file.name), "{}", file.url);
                assert!(file.sha256.len() == 64 && file.sha256.bytes().all(|b| b.is_ascii_hexdigit()), "{}", file.name);
            }
        }
    }

    #[test]
    fn models_of_ones_own_are_read_and_none_leads_out_of_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(own(folder.path()), Ok(Vec::new()));
        let listed = |text: String| {
            std::fs::write(folder.path().join(OWN), text).unwrap();
            own(folder.path())
        };
        let sum = "ab".repeat(32);
        let card = |name: &str, file: &str, url: &str, sum: &str| {
            format!(
                r#"[{{"name":"{name}","kind":"ear","description":"d","licence":"MIT",
                "files":[{{"name":"{file}","url":"{url}","bytes":3,"sha256":"{sum}"}}]}}]"#
            )
        };
        let cards = listed(card("school.en", "ear.bin", "http://mirror.test/ear.bin", &sum)).unwrap();
        assert_eq!((cards.len(), cards[0].bytes(), cards[0].kind), (1, 3, ModelKind::Ear));
        for (text, says) in [
            ("[{".to_owned(), "EOF"),
            (card("../up", "ear.bin", "http://m/e", &sum), "../up"),
            (card("built-in", "ear.bin", "http://m/e", &sum), "built-in"),
            (card("in/side", "ear.bin", "http://m/e", &sum), "in/side"),
            (card("ear", "../ear.bin", "http://m/e", &sum), "../ear.bin"),
            (card("ear", "ear.bin.part", "http://m/e", &sum), "ear.bin.part"),
            (card("ear", "ear.bin", "file:///etc/passwd", &sum), "ear.bin"),
            (card("ear", "ear.bin", "http://m/e", "abc"), "ear.bin"),
            (r#"[{"name":"ear","kind":"ear","description":"d","licence":"MIT","files":[]}]"#.to_owned(), "0 files"),
        ] {
            let failure = listed(text).unwrap_err();
            assert!(failure.message.contains(says) && failure.message.contains(OWN), "{failure}");
        }
    }
}
