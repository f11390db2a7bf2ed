//! Recognition by chat and by the transcription API.

use std::time::Duration;

use base64::Engine as _;
use serde_json::json;
use synapscribe_domain::{Code, Millis, Pcm};
use synapscribe_engines::openai::{ChatTranscriber, WhisperApiTranscriber};
use synapscribe_ports::conformance::engines::{self, Saying};
use synapscribe_ports::{Bias, Transcriber};
use tokio_util::sync::CancellationToken;

use crate::peer::{Answer, Peer, Piece, json as answer};

/// So many seconds that are not silent.
fn hum(seconds: usize) -> Pcm {
    Pcm((0..seconds * 16_000).map(|n| (n as f32 / 10.0).sin() * 0.2).collect())
}

fn bias() -> Bias {
    Bias { lecture: None, text: "The gradient and backpropagation. The gradient again.".into() }
}

fn said(text: &str) -> Answer {
    answer(
        200,
        json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 70, "completion_tokens": 9}}),
    )
}

#[tokio::test]
async fn a_chat_hears_a_recording_as_inline_wave_and_is_told_the_words_to_expect() {
    let peer = Peer::new(vec![said(" What is the gradient? I missed it. ")]).await;
    let ear = ChatTranscriber::new(peer.endpoint()).unwrap();
    let heard = ear.transcribe(hum(4), &bias(), &CancellationToken::new()).await.unwrap();
    assert_eq!(heard.text(), "What is the gradient? I missed it.");
    assert_eq!(heard.phrases.len(), 2);
    assert_eq!((heard.phrases[0].span.from, heard.phrases[1].span.to), (Millis(0), Millis(4000)));
    assert_eq!((heard.usage.tokens_in, heard.usage.tokens_out, heard.usage.audio_in_ms), (70, 9, 4000));
    let body = peer.asked()[0].json();
    let content = &body["messages"][0]["content"];
    assert!(content[0]["text"].as_str().unwrap().contains("gradient, backpropagation"));
    assert_eq!((&content[1]["type"], &content[1]["input_audio"]["format"]), (&json!("input_audio"), &json!("wav")));
    let names: Vec<&str> = content[1].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        (content.as_array().unwrap().len(), names),
        (2, vec!["input_audio", "type"]),
        "no address and no name of a medium"
    );
    let wave = base64::engine::general_purpose::STANDARD.decode(content[1]["input_audio"]["data"].as_str().unwrap()).unwrap();
    let reader = hound::WavReader::new(&wave[..]).unwrap();
    assert_eq!((reader.spec().sample_rate, reader.spec().channels, reader.duration()), (16_000, 1, 64_000));
}

#[tokio::test]
async fn a_long_recording_is_heard_in_parts_that_keep_their_times() {
    let peer = Peer::new(vec![said("One."), said("Two."), said("[silence]")]).await;
    let heard =
        ChatTranscriber::new(peer.endpoint()).unwrap().transcribe(hum(60), &bias(), &CancellationToken::new()).await.unwrap();
    assert_eq!(peer.asked().len(), 3);
    assert_eq!(heard.phrases.len(), 2);
    assert!(heard.phrases[1].span.from >= heard.phrases[0].span.to);
}

#[tokio::test]
async fn silence_is_not_sent_anywhere() {
    let peer = Peer::new(vec![]).await;
    let quiet = Pcm(vec![0.0; 48_000]);
    let none = CancellationToken::new();
    assert!(
        ChatTranscriber::new(peer.endpoint())
            .unwrap()
            .transcribe(quiet.clone(), &bias(), &none)
            .await
            .unwrap()
            .phrases
            .is_empty()
    );
    assert!(
        WhisperApiTranscriber::new(peer.endpoint(), None)
            .unwrap()
            .transcribe(quiet, &bias(), &none)
            .await
            .unwrap()
            .phrases
            .is_empty()
    );
    assert!(peer.asked().is_empty());
}

#[tokio::test]
async fn cancelling_returns_at_once_and_closes_the_connection() {
    let peer = Peer::new(vec![Answer::Silence]).await;
    let mut endpoint = peer.endpoint();
    endpoint.timeouts.first = Duration::from_secs(60);
    let ear = ChatTranscriber::new(endpoint).unwrap();
    let cancel = CancellationToken::new();
    let bias = bias();
    let (result, ()) = tokio::join!(ear.transcribe(hum(2), &bias, &cancel), async {
        while peer.asked().is_empty() {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    });
    assert_eq!(result.unwrap_err().code, Code::Cancelled);
    tokio::time::timeout(Duration::from_secs(5), peer.gone.notified()).await.expect("the server notices");
}

#[tokio::test]
async fn the_transcription_api_gives_phrases_with_times() {
    let long = json!({"task": "transcribe", "language": "english", "duration": "4.0", "text": " What is it? Right.", "segments": [
        {"id": 0, "start": 0.2, "end": 1.9, "text": " What is it?", "avg_logprob": -0.1, "no_speech_prob": 0.01},
        {"id": 1, "start": 2.0, "end": 99.0, "text": " Right."},
        {"id": 2, "start": 3.0, "end": 4.0, "text": " Thanks for watching!", "avg_logprob": -1.4, "no_speech_prob": 0.9},
    ]});
    let peer = Peer::new(vec![answer(200, long)]).await;
    let ear = WhisperApiTranscriber::new(peer.endpoint(), Some("en".into())).unwrap();
    let heard = ear.transcribe(hum(4), &bias(), &CancellationToken::new()).await.unwrap();
    let phrases: Vec<_> = heard.phrases.iter().map(|p| (p.span.from.0, p.span.to.0, p.text.as_str())).collect();
    assert_eq!(phrases, [(200, 1900, "What is it?"), (2000, 4000, "Right.")]);
    assert!(heard.phrases[0].confidence > 0.85 && heard.usage.audio_in_ms == 4000);
    let asked = &peer.asked()[0];
    assert_eq!((asked.path.as_str(), asked.key.as_deref()), ("/v1/audio/transcriptions", Some("Bearer sk-test")));
    assert!(asked.content_type.starts_with("multipart/form-data; boundary="));
    let body = String::from_utf8_lossy(&asked.body);
    for part in [
        "name=\"file\"; filename=\"speech.wav\"",
        "name=\"model\"\r\n\r\ntest-model",
        "verbose_json",
        "name=\"language\"\r\n\r\nen",
        "gradient, backpropagation",
    ] {
        assert!(body.contains(part), "{part}");
    }
}

#[tokio::test]
async fn a_server_without_the_long_form_is_asked_for_the_short_one() {
    let refuse = answer(400, json!({"error": {"message": "response_format", "type": "invalid_request_error"}}));
    let peer = Peer::new(vec![refuse, answer(200, json!({"text": "What is it? Right."}))]).await;
    let heard = WhisperApiTranscriber::new(peer.endpoint(), None)
        .unwrap()
        .transcribe(hum(2), &bias(), &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(heard.phrases.len(), 2);
    assert!(String::from_utf8_lossy(&peer.asked()[1].body).contains("name=\"response_format\"\r\n\r\njson"));
}

#[tokio::test]
async fn nonsense_and_errors_are_failures() {
    for (script, code) in [
        (answer(200, json!({"words": 1})), Code::EngineFailed),
        (answer(200, json!([])), Code::EngineFailed),
        (Answer::Body(200, "text/plain", vec![], vec!["what is it".into()]), Code::EngineFailed),
        (Answer::Body(200, "application/json", vec![], vec!["{\"te".into(), Piece::Cut]), Code::EngineFailed),
        (answer(401, json!({})), Code::EngineFailed),
        (answer(413, json!({})), Code::EngineFailed),
        (answer(503, json!({})), Code::Busy),
        (Answer::Body(200, "application/json", vec![], vec!["{".into(), Piece::Hang]), Code::EngineTimeout),
        (Answer::Silence, Code::EngineTimeout),
    ] {
        let peer = Peer::new(vec![script]).await;
        let failure = WhisperApiTranscriber::new(peer.endpoint(), None)
            .unwrap()
            .transcribe(hum(1), &bias(), &CancellationToken::new())
            .await
            .unwrap_err();
        assert_eq!(failure.code, code, "{failure}");
    }
    for script in [answer(200, json!({"choices": []})), answer(200, json!({"error": {"code": 400}}))] {
        let peer = Peer::new(vec![script]).await;
        let failure = ChatTranscriber::new(peer.endpoint())
            .unwrap()
            .transcribe(hum(1), &bias(), &CancellationToken::new())
            .await
            .unwrap_err();
        assert_eq!(failure.code, Code::EngineFailed);
    }
}

/// A recording that no other sounds like, and the words that a server hears in it.
fn saying() -> Saying {
    let chirp = (0..40_000).map(|n| (n as f32 * n as f32 / 400_000.0).sin() * 0.3).collect();
    Saying { audio: Pcm(chirp), words: "Why do we go down into the valley?".into() }
}

/// Whether a wave file holds a recording, sample for sample.
fn holds(wave: &[u8], audio: &Pcm) -> bool {
    let samples: Vec<i16> = hound::WavReader::new(wave).unwrap().into_samples().map(Result::unwrap).collect();
    let meant = audio.0.iter().map(|sample| sample * f32::from(i16::MAX));
    samples.len() == audio.0.len() && samples.iter().zip(meant).all(|(sent, meant)| (f32::from(*sent) - meant).abs() <= 1.0)
}

#[tokio::test]
async fn ears_behind_servers_behave_as_every_ear() {
    // The servers hear only what reaches them whole.
    let peer = Peer::with(|asked| {
        let wave = if asked.path.ends_with("/chat/completions") {
            let sound = &asked.json()["messages"][0]["content"][1]["input_audio"]["data"];
            base64::engine::general_purpose::STANDARD.decode(sound.as_str().unwrap()).unwrap()
        } else {
            let begin = asked.body.windows(4).position(|four| four == b"RIFF").unwrap();
            asked.body[begin..].to_vec()
        };
        let words = if holds(&wave, &saying().audio) { saying().words } else { "[silence]".into() };
        Some(if asked.path.ends_with("/chat/completions") { said(&words) } else { answer(200, json!({ "text": words })) })
    })
    .await;
    engines::transcriber(&ChatTranscriber::new(peer.endpoint()).unwrap(), &saying()).await;
    engines::transcriber(&WhisperApiTranscriber::new(peer.endpoint(), None).unwrap(), &saying()).await;
}
