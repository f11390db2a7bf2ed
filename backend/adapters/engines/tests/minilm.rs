//! The in-process sentence model, with a tiny model of the same kind that the test makes itself.
#![cfg(feature = "minilm")]

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde_json::json;
use synapscribe_domain::Code;
use synapscribe_engines::minilm::MiniLm;
use synapscribe_ports::conformance::engines;
use synapscribe_ports::{EmbedKind, Embedder};

const WORDS: &[&str] =
    &["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "slope", "of", "loss", "yeast", "eats", "sugar", "learning", "rate", ".", "and"];
const HIDDEN: usize = 16;

/// Two layers of pseudo-random weights under the names that such models have.
fn make_model(folder: &Path) {
    let config = json!({"vocab_size": WORDS.len(), "hidden_size": HIDDEN, "num_hidden_layers": 2, "num_attention_heads": 2,
        "intermediate_size": 32, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "max_position_embeddings": 64, "type_vocab_size": 2,
        "initializer_range": 0.02, "layer_norm_eps": 1e-12, "pad_token_id": 0, "position_embedding_type": "absolute", "use_cache": true,
        "classifier_dropout": null, "model_type": "bert"});
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
    let vocab: HashMap<&str, usize> = WORDS.iter().enumerate().map(|(n, w)| (*w, n)).collect();
    let special = |id: usize, word: &str| json!({"id": id, "content": word, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true});
    let tokenizer = json!({
        "version": "1.0", "truncation": null, "padding": null,
        "added_tokens": [special(0, "[PAD]"), special(1, "[UNK]"), special(2, "[CLS]"), special(3, "[SEP]")],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": vocab},
    });
    std::fs::write(folder.join("tokenizer.json"), tokenizer.to_string()).unwrap();
    let mut seed = 1u32;
    let mut tensors = HashMap::new();
    let mut add = |name: String, shape: &[usize], ones: bool| {
        let values: Vec<f32> = (0..shape.iter().product())
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if ones { 1.0 } else { (seed >> 8) as f32 / (1 << 24) as f32 - 0.5 }
            })
            .collect();
        tensors.insert(name, Tensor::from_vec(values, shape, &Device::Cpu).unwrap());
    };
    for (name, rows) in [("word_embeddings", WORDS.len()), ("position_embeddings", 64), ("token_type_embeddings", 2)] {
        add(format!("embeddings.{name}.weight"), &[rows, HIDDEN], false);
    }
    let norm = |add: &mut dyn FnMut(String, &[usize], bool), name: &str| {
        add(format!("{name}.LayerNorm.weight"), &[HIDDEN], true);
        add(format!("{name}.LayerNorm.bias"), &[HIDDEN], false);
    };
    norm(&mut add, "embeddings");
    for layer in 0..2 {
        let at = format!("encoder.layer.{layer}");
        for (name, rows, columns) in [
            ("attention.self.query", HIDDEN, HIDDEN),
            ("attention.self.key", HIDDEN, HIDDEN),
            ("attention.self.value", HIDDEN, HIDDEN),
            ("attention.output.dense", HIDDEN, HIDDEN),
            ("intermediate.dense", 32, HIDDEN),
            ("output.dense", HIDDEN, 32),
        ] {
            add(format!("{at}.{name}.weight"), &[rows, columns], false);
            add(format!("{at}.{name}.bias"), &[rows], false);
        }
        norm(&mut add, &format!("{at}.attention.output"));
        norm(&mut add, &format!("{at}.output"));
    }
    candle_core::safetensors::save(&tensors, folder.join("model.safetensors")).unwrap();
}

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
async fn a_model_that_rests_is_read_again_for_the_next_text() {
    let folder = tempfile::tempdir().unwrap();
    make_model(folder.path());
    let model = MiniLm::open(folder.path()).unwrap();
    assert!(!model.rest(), "nothing was read yet");
    let text = ["the slope of the loss".to_owned()];
    let before = model.embed(&text, EmbedKind::Passage).await.unwrap();
    assert!(model.rest() && !model.rest());
    assert_eq!(model.embed(&text, EmbedKind::Passage).await.unwrap(), before);
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
