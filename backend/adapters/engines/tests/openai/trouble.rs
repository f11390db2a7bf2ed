//! A server in trouble: every engine that asks for an answer of words or numbers says the same of it, in words a person can act on.

use futures::StreamExt;
use serde_json::json;
use synapscribe_domain::{Code, Failure, Pcm};
use synapscribe_engines::openai::{ApiEmbedder, ChatTranscriber, ChatTutor, Endpoint, WhisperApiTranscriber};
use synapscribe_ports::{Bias, EmbedKind, Embedder, Transcriber, Tutor};
use tokio_util::sync::CancellationToken;

use crate::chat::request;
use crate::peer::{Answer, Peer, Piece, json as answer, nobody};

/// What is sent to the servers, and repeated by no failure.
const SAID: &str = "gradient";

/// An engine that was given something to do.
#[derive(Debug, Clone, Copy)]
enum Asks {
    Vectors,
    Chat,
    Transcription,
    Answer,
}

const ALL: [Asks; 4] = [Asks::Vectors, Asks::Chat, Asks::Transcription, Asks::Answer];

impl Asks {
    async fn fail(self, endpoint: Endpoint) -> Failure {
        let hum = Pcm((0..16_000).map(|n| (n as f32 / 10.0).sin() * 0.2).collect());
        let bias = Bias { lecture: None, text: SAID.repeat(2).into() };
        let go = CancellationToken::new();
        let failed = match self {
            Asks::Vectors => {
                let embedder = ApiEmbedder::new(endpoint, Some(3)).unwrap();
                embedder.embed(&[SAID.to_owned()], EmbedKind::Passage).await.map(drop)
            }
            Asks::Chat => ChatTranscriber::new(endpoint).unwrap().transcribe(hum, &bias, &go).await.map(drop),
            Asks::Transcription => {
                WhisperApiTranscriber::new(endpoint, None).unwrap().transcribe(hum, &bias, &go).await.map(drop)
            }
            Asks::Answer => match ChatTutor::new(endpoint, 8192).unwrap().answer(request(SAID)).await {
                Ok(answer) => answer.collect::<Vec<_>>().await.into_iter().try_for_each(|piece| piece.map(drop)),
                Err(failure) => Err(failure),
            },
        };
        failed.expect_err("it failed")
    }
}

/// An answer of a media type with a body that comes in pieces.
fn body(kind: &'static str, pieces: Vec<Piece>) -> Answer {
    Answer::Body(200, kind, vec![], pieces)
}

/// Everything that can go wrong, what it is called, and what is said of it.
fn troubles() -> Vec<(&'static str, Answer, Code, &'static str)> {
    let error =
        |code: &str| json!({"error": {"message": format!("You said: {SAID}"), "type": "invalid_request_error", "code": code}});
    let wait = |status: u16, seconds| Answer::Body(status, "application/json", vec![("retry-after", seconds)], vec!["{}".into()]);
    let json = "application/json";
    vec![
        ("a wrong key", answer(401, error("invalid_api_key")), Code::EngineFailed, "invalid_api_key); check the API key"),
        ("a key without the right", answer(403, json!("no")), Code::EngineFailed, "(403); check the API key"),
        ("an unknown model", answer(404, error("model_not_found")), Code::EngineFailed, "model_not_found); check its address"),
        ("too large", answer(413, error("too_large")), Code::EngineFailed, "too large"),
        ("too many questions", wait(429, "7"), Code::Busy, "is busy (429); try again in 7 s"),
        ("too many, until a date", wait(429, "Fri, 31 Dec 1999 23:59:59 GMT"), Code::Busy, "try again in a moment"),
        ("no room", Answer::Body(503, "text/html", vec![], vec!["<h1>busy</h1>".into()]), Code::Busy, "is busy (503)"),
        (
            "broken",
            answer(500, error("gradient is secret")),
            Code::EngineFailed,
            "answered with an error (500, invalid_request_error)",
        ),
        ("broken behind a gateway", answer(502, json!(null)), Code::EngineFailed, "answered with an error (502)"),
        ("late behind a gateway", answer(504, json!(null)), Code::EngineTimeout, "did not answer in time"),
        (
            "elsewhere",
            Answer::Body(302, json, vec![("location", "http://example.com")], vec![]),
            Code::EngineFailed,
            "points elsewhere (302)",
        ),
        ("never an answer", Answer::Silence, Code::EngineTimeout, "did not answer in time"),
        ("silent in the middle", body(json, vec!["{\"".into(), Piece::Hang]), Code::EngineTimeout, "did not answer in time"),
        ("cut", body(json, vec!["{\"".into(), Piece::Cut]), Code::EngineFailed, "broke off in the middle"),
        ("no bytes", body(json, vec![]), Code::EngineFailed, "is not JSON"),
        ("half an answer", body(json, vec!["{\"data\":[".into()]), Code::EngineFailed, "is not JSON"),
        ("garbage", body("text/html", vec![Piece::Bytes(b"<html>\xff\xfe gradient".to_vec())]), Code::EngineFailed, "not JSON"),
        ("another answer", answer(200, json!({"gradient": [1]})), Code::EngineFailed, "cannot be used: it"),
        ("a list", answer(200, json!([])), Code::EngineFailed, "cannot be used: it"),
        (
            "without end",
            body(json, (0..33).map(|_| Piece::Bytes(vec![b' '; 1 << 20])).collect()),
            Code::EngineFailed,
            "larger than any answer",
        ),
    ]
}

#[tokio::test]
async fn whatever_a_server_does_is_a_failure_that_says_what_to_do() {
    for asks in ALL {
        for (what, script, code, says) in troubles() {
            let peer = Peer::new(vec![script]).await;
            let failure = asks.fail(peer.endpoint()).await;
            assert_eq!(failure.code, code, "{asks:?}, {what}: {failure}");
            assert!(failure.message.contains(says), "{asks:?}, {what}: {failure}");
            for secret in ["sk-test", SAID, "You said"] {
                assert!(!failure.message.contains(secret), "{asks:?}, {what}: {failure}");
            }
            assert_eq!(peer.asked().len(), 1, "{asks:?}, {what}: whoever asks again decides so elsewhere");
        }
        let failure = asks.fail(Endpoint::new(nobody().await, "m")).await;
        assert_eq!(failure.code, Code::EngineFailed);
        assert!(failure.message.contains("cannot be reached"), "{asks:?}: {failure}");
    }
}

#[tokio::test]
async fn an_error_inside_a_success_is_an_error() {
    for (error, code, says) in [
        (json!({"message": "You said: gradient", "code": 429}), Code::Busy, "is busy (429)"),
        (json!({"message": "You said: gradient", "type": "internal_error"}), Code::EngineFailed, "(500, internal_error)"),
    ] {
        let peer = Peer::new(vec![answer(200, json!({ "error": error }))]).await;
        let failure = Asks::Chat.fail(peer.endpoint()).await;
        assert_eq!(failure.code, code, "{failure}");
        assert!(failure.message.contains(says) && !failure.message.contains(SAID), "{failure}");
    }
}

#[tokio::test]
async fn what_fails_in_parts_fails_as_a_whole() {
    // A minute is three parts for a chat, and one of them cannot be heard.
    let heard = || answer(200, json!({"choices": [{"message": {"content": "One."}}]}));
    let peer = Peer::new(vec![heard(), heard(), answer(503, json!({}))]).await;
    let hum = Pcm((0..60 * 16_000).map(|n| (n as f32 / 10.0).sin() * 0.2).collect());
    let ear = ChatTranscriber::new(peer.endpoint()).unwrap();
    let failure = ear.transcribe(hum, &Bias::default(), &CancellationToken::new()).await.unwrap_err();
    assert_eq!(failure.code, Code::Busy, "a part was left out in silence");

    // Seventy texts are two batches.
    let first: Vec<_> = (0..64).map(|n| json!({"index": n, "embedding": [1, 0, 0]})).collect();
    let peer = Peer::new(vec![answer(200, json!({ "data": first })), answer(429, json!({}))]).await;
    let texts: Vec<String> = (0..70).map(|n| n.to_string()).collect();
    let failure = ApiEmbedder::new(peer.endpoint(), None).unwrap().embed(&texts, EmbedKind::Passage).await.unwrap_err();
    assert_eq!(failure.code, Code::Busy);
}
