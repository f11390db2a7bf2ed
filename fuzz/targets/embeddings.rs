//! Vectors from a server: one of length 1 for each text, or a refusal.
#![no_main]

use synapscribe_engines::openai::embeddings;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(answer) = serde_json::from_str(text) else { return };
    for texts in 0..4 {
        let Ok(vectors) = embeddings(&answer, texts) else { continue };
        assert_eq!(vectors.len(), texts);
        for vector in vectors {
            let length = vector.iter().map(|n| n * n).sum::<f32>().sqrt();
            assert!((length - 1.0).abs() < 1e-3, "a vector of length {length}");
        }
    }
});
