//! Vectors by the embeddings API.

use serde_json::{Value, json};
use synapscribe_domain::Code;
use synapscribe_engines::openai::ApiEmbedder;
use synapscribe_ports::{EmbedKind, Embedder};

use crate::peer::{Peer, json as answer, tried};

fn vectors(items: &[(usize, [f32; 3])]) -> Value {
    let data: Vec<Value> = items.iter().map(|(i, v)| json!({"object": "embedding", "index": i, "embedding": v})).collect();
    json!({"object": "list", "data": data, "model": "test-model", "usage": {"prompt_tokens": 3, "total_tokens": 3}})
}

fn texts(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("text {i}")).collect()
}

#[tokio::test]
async fn vectors_come_in_order_with_length_one_and_teach_the_dimension() {
    let peer = Peer::new(vec![answer(200, vectors(&[(1, [0.0, 3.0, 4.0]), (0, [2.0, 0.0, 0.0])]))]).await;
    let embedder = ApiEmbedder::new(peer.endpoint(), None).unwrap();
    assert_eq!(embedder.dimension(), 0);
    let found = embedder.embed(&texts(2), EmbedKind::Query).await.unwrap();
    assert_eq!(found, [vec![1.0, 0.0, 0.0], vec![0.0, 0.6, 0.8]]);
    assert_eq!((embedder.dimension(), embedder.learn_dimension().await), (3, Ok(3)));
    let body = peer.asked()[0].json();
    assert_eq!((&body["input"], &body["encoding_format"]), (&json!(["text 0", "text 1"]), &json!("float")));
}

#[tokio::test]
async fn many_texts_are_sent_in_batches_and_none_in_none() {
    let many: Vec<_> = (0..64).map(|i| (i, [1.0, 0.0, 0.0])).collect();
    let peer = Peer::new(vec![answer(200, vectors(&many)), answer(200, vectors(&many[..6]))]).await;
    let embedder = ApiEmbedder::new(peer.endpoint(), Some(3)).unwrap();
    assert_eq!(embedder.embed(&texts(70), EmbedKind::Passage).await.unwrap().len(), 70);
    assert!(embedder.embed(&[], EmbedKind::Passage).await.unwrap().is_empty());
    assert_eq!(peer.asked().len(), 2);
}

#[tokio::test]
async fn models_that_tell_questions_from_passages_get_their_prefix() {
    let one = || answer(200, vectors(&[(0, [1.0, 0.0, 0.0])]));
    let peer = Peer::new(vec![one(), one()]).await;
    let mut endpoint = peer.endpoint();
    endpoint.model = "intfloat/e5-small-v2".into();
    let embedder = ApiEmbedder::new(endpoint, None).unwrap();
    for kind in [EmbedKind::Query, EmbedKind::Passage] {
        embedder.embed(&texts(1), kind).await.unwrap();
    }
    let inputs: Vec<Value> = peer.asked().iter().map(|a| a.json()["input"][0].clone()).collect();
    assert_eq!(inputs, [json!("query: text 0"), json!("passage: text 0")]);
}

#[tokio::test]
async fn vectors_of_another_length_lie_in_another_space() {
    let peer = Peer::new(vec![]).await;
    let space = |dimension| ApiEmbedder::new(peer.endpoint(), dimension).unwrap().space();
    assert_eq!([space(Some(768)), space(Some(1024))], ["test-model/768, by sentences", "test-model/1024, by sentences"]);
    assert_eq!(space(None), "test-model, by sentences", "what is learned later does not rename what is kept");
}

#[tokio::test]
async fn vectors_that_do_not_fit_are_failures() {
    for bad in [
        vectors(&[(0, [1.0, 0.0, 0.0])]),
        vectors(&[(0, [1.0, 0.0, 0.0]), (0, [1.0, 0.0, 0.0])]),
        vectors(&[(0, [1.0, 0.0, 0.0]), (7, [1.0, 0.0, 0.0])]),
        vectors(&[(0, [1.0, 0.0, 0.0]), (1, [0.0, 0.0, 0.0])]),
        json!({"data": [{"embedding": [1, 2, 3]}, {"embedding": [1, 2]}]}),
        json!({"data": [{"embedding": [1, "x", 3]}, {"embedding": "abc"}]}),
        json!({"error": "no"}),
    ] {
        let peer = Peer::new(vec![answer(200, bad.clone())]).await;
        let failure = ApiEmbedder::new(peer.endpoint(), Some(3)).unwrap().embed(&texts(2), EmbedKind::Query).await.unwrap_err();
        assert_eq!(failure.code, Code::EngineFailed, "{bad}");
    }
}

#[tokio::test]
async fn an_embedder_behind_a_server_behaves_as_every_embedder() {
    // The server's vectors count letters, which is enough to tell texts apart.
    let peer = Peer::with(|asked| {
        if let Some(there) = tried(asked) {
            return Some(there);
        }
        let inputs = asked.json()["input"].clone();
        let count = |text: &str, letters: &str| text.chars().filter(|c| letters.contains(*c)).count() as f32 + 0.1;
        let items: Vec<Value> = inputs
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
            .map(|(n, text)| {
                let text = text.as_str().unwrap();
                json!({"index": n, "embedding": [count(text, "aeiou"), count(text, "lop "), count(text, "styg.")]})
            })
            .collect();
        Some(answer(200, json!({"data": items})))
    })
    .await;
    let embedder = ApiEmbedder::new(peer.endpoint(), None).unwrap();
    assert_eq!(embedder.learn_dimension().await, Ok(3));
    synapscribe_ports::conformance::engines::embedder(&embedder).await;
    synapscribe_ports::conformance::engines::embedder(&ApiEmbedder::new(peer.endpoint(), Some(3)).unwrap()).await;
}
