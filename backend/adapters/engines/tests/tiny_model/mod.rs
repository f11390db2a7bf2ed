//! A tiny sentence model that the tests make themselves.

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde_json::json;

const WORDS: &[&str] =
    &["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "slope", "of", "loss", "yeast", "eats", "sugar", "learning", "rate", ".", "and"];
/// The length of its vectors.
pub const HIDDEN: usize = 16;

/// Two layers of pseudo-random weights under the names that such models have.
pub fn make_model(folder: &Path) {
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
