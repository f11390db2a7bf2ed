//! The in-process sentence model, with a tiny model of the same kind that the test makes itself.
#![cfg(feature = "minilm")]

mod tiny_model;

use std::path::Path;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::BertModel;
use synapscribe_domain::Code;
use synapscribe_engines::minilm::MiniLm;
use synapscribe_ports::conformance::engines;
use synapscribe_ports::{EmbedKind, Embedder};
use tokenizers::Tokenizer;

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
async fn what_a_text_means_does_not_depend_on_those_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    make_model(folder.path());
    let model = MiniLm::open(folder.path()).unwrap();
    let texts: Vec<String> = (1..40).map(|n| "learning rate and slope ".repeat(n % 7 + 1)).collect();
    let together = model.embed(&texts, EmbedKind::Passage).await.unwrap();
    for (text, vector) in texts.iter().zip(&together) {
        let alone = model.embed(std::slice::from_ref(text), EmbedKind::Query).await.unwrap().remove(0);
        assert_eq!(&alone, vector, "{text}");
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

/// Where the real model is, its vectors must lie and be found as those in 32 bits.
#[tokio::test]
async fn the_real_model_in_8_bits_means_what_it_means_in_32() {
    let Some(folder) = std::env::var_os("SYNAPSCRIBE_MINILM_DIR") else { return };
    let folder = Path::new(&folder);
    let texts = [
        "The physician treated the sick child.",
        "A doctor cured an ill boy.",
        "Share prices fell on Monday.",
        "The stock market lost three percent at the start of the week.",
        "Gradient descent follows the slope of the loss, and the learning rate says how far.",
        "A step against the derivative makes the error of a network smaller. Too long a step makes it larger again.",
        "Yeast turns the sugar in the dough into carbon dioxide, which makes bread rise.",
        "Fermentation is why a loaf has holes.",
    ]
    .map(String::from);
    let told = MiniLm::open(folder).unwrap().embed(&texts, EmbedKind::Passage).await.unwrap();
    let exact: Vec<Vec<f32>> = in_32_bits(folder, &texts);
    let along = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let nearest = |of: &[Vec<f32>], n: usize| {
        let others = (0..of.len()).filter(|m| *m != n);
        others.max_by(|a, b| along(&of[n], &of[*a]).total_cmp(&along(&of[n], &of[*b])))
    };
    for (n, text) in texts.iter().enumerate() {
        let cosine = along(&told[n], &exact[n]);
        assert!(cosine > 0.99, "{cosine}: {text}");
        assert_eq!(nearest(&told, n), nearest(&exact, n), "{text}");
    }
}

/// What texts mean when nothing is brought to 8 bits.
fn in_32_bits(folder: &Path, texts: &[String]) -> Vec<Vec<f32>> {
    let file = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let weights = VarBuilder::from_buffered_safetensors(file("model.safetensors"), DType::F32, &Device::Cpu).unwrap();
    let model = BertModel::load(weights, &serde_json::from_slice(&file("config.json")).unwrap()).unwrap();
    let mut tokenizer = Tokenizer::from_file(folder.join("tokenizer.json")).unwrap();
    tokenizer.with_padding(None);
    let vector = |text: &String| {
        let ids =
            Tensor::new(tokenizer.encode(text.as_str(), true).unwrap().get_ids(), &Device::Cpu).unwrap().unsqueeze(0).unwrap();
        let tokens = model.forward(&ids, &ids.zeros_like().unwrap(), None).unwrap();
        let sum: Vec<f32> = tokens.sum(1).unwrap().squeeze(0).unwrap().to_vec1().unwrap();
        let length = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
        sum.iter().map(|x| x / length).collect()
    };
    texts.iter().map(vector).collect()
}
