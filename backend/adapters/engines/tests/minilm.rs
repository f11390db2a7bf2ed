//! The in-process sentence model, with a tiny model of the same kind that the test makes itself.
#![cfg(feature = "minilm")]

mod tiny_model;

use std::path::Path;

use synapscribe_domain::Code;
use synapscribe_engines::minilm::MiniLm;
use synapscribe_ports::conformance::engines;
use synapscribe_ports::{EmbedKind, Embedder};

use self::tiny_model::{HIDDEN, make_model};

#[tokio::test]
async fn a_model_from_a_folder_behaves_as_every_embedder() {
    let folder = tempfile::tempdir().unwrap();
    make_model(folder.path());
    let model = MiniLm::open(folder.path()).unwrap();
    model.warm().await.unwrap();
    assert_eq!(model.dimension(), HIDDEN);
    engines::embedder(&model).await;
}

#[tokio::test]
async fn filling_up_a_batch_changes_no_vector() {
    let folder = tempfile::tempdir().unwrap();
    make_model(folder.path());
    let model = MiniLm::open(folder.path()).unwrap();
    let texts: Vec<String> = (1..40).map(|n| "learning rate and slope ".repeat(n % 7 + 1)).collect();
    let together = model.embed(&texts, EmbedKind::Passage).await.unwrap();
    for (text, vector) in texts.iter().zip(&together) {
        let alone = model.embed(std::slice::from_ref(text), EmbedKind::Query).await.unwrap().remove(0);
        assert!(alone.iter().zip(vector).all(|(a, b)| (a - b).abs() < 1e-4), "{text}");
    }
}

#[tokio::test]
async fn a_folder_that_lacks_something_or_is_damaged_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let missing = MiniLm::open(folder.path()).unwrap_err();
    assert!(missing.code == Code::EngineMissing && missing.message.contains("models get"), "{missing}");
    make_model(folder.path());
    std::fs::write(folder.path().join("model.safetensors"), b"not a model").unwrap();
    let damaged = MiniLm::open(folder.path()).unwrap().embed(&["x".into()], EmbedKind::Query).await.unwrap_err();
    assert!(damaged.code == Code::EngineFailed && damaged.message.contains("model.safetensors"), "{damaged}");
    std::fs::write(folder.path().join("config.json"), b"{}").unwrap();
    assert_eq!(MiniLm::open(folder.path()).unwrap_err().code, Code::EngineFailed);
}

/// Where the set-up has fetched the real model, it must know what words mean.
#[tokio::test]
async fn the_real_model_finds_a_passage_that_shares_no_word_with_the_question() {
    let Some(folder) = std::env::var_os("SYNAPSCRIBE_MINILM_DIR") else { return };
    let model = MiniLm::open(Path::new(&folder)).unwrap();
    assert_eq!(model.dimension(), 384);
    let texts =
        ["The physician treated the sick child.", "A doctor cured an ill boy.", "Share prices fell on Monday."].map(String::from);
    let vectors = model.embed(&texts, EmbedKind::Passage).await.unwrap();
    let likeness = |a: usize, b: usize| vectors[a].iter().zip(&vectors[b]).map(|(x, y)| x * y).sum::<f32>();
    assert!(likeness(0, 1) > 0.5 && likeness(0, 2) < 0.2, "{} {}", likeness(0, 1), likeness(0, 2));
    engines::embedder(&model).await;
}
