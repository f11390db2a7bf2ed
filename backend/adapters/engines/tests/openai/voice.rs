//! Speech by the speech API.

use std::time::Duration;

use futures::StreamExt;
use serde_json::json;
use synapscribe_domain::{Code, Failure};
use synapscribe_engines::openai::SpeechNarrator;
use synapscribe_ports::{Narrator, Speech, Style};

use crate::peer::{Answer, Peer, Piece, json as answer, nobody, tried};

/// A wave file of unknown length, as a server that streams begins it.
fn wave(rate: u32, samples: usize) -> Vec<u8> {
    let mut bytes = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * 2).to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data\xff\xff\xff\xff");
    bytes.extend((0..samples).flat_map(|n| ((n % 1000) as i16 * 16).to_le_bytes()));
    bytes
}

fn sound(kind: &'static str, pieces: Vec<Piece>) -> Answer {
    Answer::Body(200, kind, vec![], pieces)
}

async fn speak(script: Answer, text: &str) -> (Vec<Speech>, Option<Failure>, Peer) {
    let peer = Peer::new(vec![script]).await;
    let voice = SpeechNarrator::new(peer.endpoint(), "nova").unwrap();
    let mut heard = Vec::new();
    match voice.speak(text, &Style { voice: None, speed: 1.2 }).await {
        Err(failure) => (heard, Some(failure), peer),
        Ok(mut stream) => {
            while let Some(piece) = stream.next().await {
                match piece {
                    Ok(speech) => heard.push(speech),
                    Err(failure) => return (heard, Some(failure), peer),
                }
            }
            (heard, None, peer)
        }
    }
}

#[tokio::test]
async fn speech_is_heard_while_it_is_made_at_the_servers_own_rate() {
    let bytes = wave(22_050, 2205);
    // The parts end inside the header and inside a sample.
    let pieces = [&bytes[..7], &bytes[7..1001], &bytes[1001..]]
        .into_iter()
        .flat_map(|p| [Piece::Bytes(p.to_vec()), Piece::Wait(Duration::from_millis(30))]);
    let (heard, failure, peer) = speak(sound("audio/wav", pieces.collect()), "Hello there.").await;
    assert_eq!(failure, None);
    assert!(heard.len() >= 2 && heard.iter().all(|s| s.rate == 22_050));
    assert_eq!(heard.iter().map(|s| s.samples.len()).sum::<usize>(), 2205);
    let asked = &peer.asked()[0];
    assert_eq!(asked.path, "/v1/audio/speech");
    let body = asked.json();
    assert_eq!(
        (&body["input"], &body["voice"], &body["response_format"]),
        (&json!("Hello there."), &json!("nova"), &json!("wav"))
    );
    assert!((body["speed"].as_f64().unwrap() - 1.2).abs() < 1e-6);
}

#[tokio::test]
async fn bare_samples_have_the_rate_that_is_declared_or_the_apis() {
    for (kind, rate) in [
        ("audio/pcm", 24_000),
        ("audio/pcm;rate=16000", 16_000),
        ("audio/L16; rate=\"8000\"", 8_000),
        ("audio/pcm;rate=zero", 24_000),
    ] {
        let (heard, failure, _) = speak(sound(kind, vec![Piece::Bytes(vec![1; 400])]), "Hi.").await;
        assert_eq!((failure, heard[0].rate, heard[0].samples.len()), (None, rate, 200), "{kind}");
    }
}

#[tokio::test]
async fn nothing_to_say_asks_nobody() {
    let (heard, failure, peer) = speak(sound("audio/wav", vec![]), " \n").await;
    assert!(heard.is_empty() && failure.is_none() && peer.asked().is_empty());
}

#[tokio::test]
async fn what_is_not_speech_is_a_failure() {
    let begun = |last: Piece| vec![Piece::Bytes(wave(24_000, 100)), last];
    for (script, code, says) in [
        (sound("audio/mpeg", vec![Piece::Bytes(b"ID3\x04\0\0\0\0\0\0\0\0\0\0".to_vec())]), Code::EngineFailed, "compressed"),
        (sound("application/json", vec!["{\"detail\":\"x\"}".into()]), Code::EngineFailed, "text"),
        (sound("audio/wav", vec![]), Code::EngineFailed, "no sound"),
        (sound("audio/wav", vec!["RIFF1234WAVEdata1234".into()]), Code::EngineFailed, "header"),
        (sound("audio/wav", begun(Piece::Cut)), Code::EngineFailed, "broke off"),
        (sound("audio/wav", begun(Piece::Hang)), Code::EngineTimeout, "in time"),
        (answer(400, json!({"error": {"code": "voice_not_found", "message": "Hi."}})), Code::EngineFailed, "voice_not_found"),
        (answer(429, json!({})), Code::Busy, "busy"),
    ] {
        let (_, failure, _) = speak(script, "Hi.").await;
        let failure = failure.expect("a failure");
        assert_eq!(failure.code, code, "{failure}");
        assert!(failure.message.contains(says), "{failure}");
    }
}

#[tokio::test]
async fn dropping_the_speech_closes_the_connection() {
    let peer = Peer::new(vec![sound("audio/wav", vec![Piece::Bytes(wave(24_000, 100)), Piece::Hang])]).await;
    let mut endpoint = peer.endpoint();
    endpoint.timeouts.between = Duration::from_secs(60);
    let mut stream = SpeechNarrator::new(endpoint, "nova").unwrap().speak("Hi.", &Style::default()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    tokio::time::timeout(Duration::from_secs(5), peer.gone.notified()).await.expect("the server notices");
}

#[tokio::test]
async fn a_voice_behind_a_server_behaves_as_every_voice() {
    let peer = Peer::with(|asked| {
        if let Some(there) = tried(asked) {
            return Some(there);
        }
        let samples = asked.json()["input"].as_str().unwrap().len() * 1500;
        Some(sound("audio/wav", vec![Piece::Bytes(wave(24_000, samples))]))
    })
    .await;
    synapscribe_ports::conformance::engines::narrator(&SpeechNarrator::new(peer.endpoint(), "nova").unwrap()).await;
}

#[tokio::test]
async fn a_server_is_tried_without_being_given_work() {
    // What it answers, and why it cannot be used then.
    let cases = [
        (answer(200, json!({ "data": [] })), None),
        // Not every speech server lists its models.
        (answer(404, json!({})), None),
        (answer(401, json!({})), Some((Code::EngineFailed, "check the API key"))),
        (answer(503, json!({})), Some((Code::Busy, "is busy"))),
        (answer(500, json!({})), Some((Code::EngineFailed, "answered with an error"))),
    ];
    for (script, expected) in cases {
        let peer = Peer::new(vec![script]).await;
        let reached = SpeechNarrator::new(peer.endpoint(), "nova").unwrap().reach().await.expect("there is a server");
        assert!(peer.url.ends_with(&reached.server), "{} is named {}", peer.url, reached.server);
        let asked = peer.asked();
        assert_eq!(
            asked.iter().map(|a| (a.path.as_str(), a.key.as_deref())).collect::<Vec<_>>(),
            [("/v1/models", Some("Bearer sk-test"))]
        );
        match (&reached.failure, expected) {
            (None, None) => {}
            (Some(failure), Some((code, words))) => {
                assert_eq!(failure.code, code);
                assert!(failure.message.contains(words), "{failure}");
            }
            other => panic!("{other:?}"),
        }
    }
    let endpoint = synapscribe_engines::openai::Endpoint::new(nobody().await, "test-model");
    let reached = SpeechNarrator::new(endpoint, "nova").unwrap().reach().await.expect("there is a server");
    assert!(reached.failure.is_some_and(|failure| failure.message.contains("cannot be reached")));
}
