//! Polly and Bedrock by their published protocols, with what they refuse and the ways in which they fail.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::Fault;
use crate::frames::{event, exception};

/// The one model that the account may use.
pub const MODEL: &str = "eu.anthropic.claude-haiku-4-5-20251001-v1:0";

/// How the next call fails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mishap {
    /// It is refused at once with this status and error.
    Refused(u16, &'static str),
    /// The connection breaks in the middle of the answer, once [`Models::cut`] says so.
    Cut,
    /// The stream carries this error in the middle of the answer.
    Inside(&'static str),
    /// The stream ends in the middle as if all had been said.
    Short,
}

#[derive(Default)]
struct Script {
    mishaps: VecDeque<Mishap>,
    asked: Vec<Value>,
}

/// The services.
#[derive(Clone)]
pub struct Models {
    /// Where they are.
    pub address: String,
    script: Arc<Mutex<Script>>,
    cut: Arc<Notify>,
}

impl Models {
    /// Services that do well until they are told to fail.
    pub async fn start() -> Result<Self, Fault> {
        let (script, cut) = (Arc::new(Mutex::new(Script::default())), Arc::new(Notify::new()));
        let routes = Router::new()
            .route("/v1/speech", post(speech))
            .route("/model/{model}/invoke", post(embedding))
            .route("/model/{model}/converse-stream", post(conversation))
            .with_state((Arc::clone(&script), Arc::clone(&cut)));
        Ok(Self { address: listen(routes).await?, script, cut })
    }

    /// The next calls fail like this, one after the other.
    pub fn fail(&self, mishaps: impl IntoIterator<Item = Mishap>) {
        lock(&self.script).mishaps.extend(mishaps);
    }

    /// Breaks the connection of an answer that is to be cut: its beginning has arrived by now.
    pub fn cut(&self) {
        self.cut.notify_one();
    }

    /// What was asked since the last time.
    pub fn asked(&self) -> Vec<Value> {
        std::mem::take(&mut lock(&self.script).asked)
    }
}

/// Serves routes on a free port.
pub async fn listen(routes: Router) -> Result<String, Fault> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(address)
}

fn lock(script: &Mutex<Script>) -> MutexGuard<'_, Script> {
    script.lock().unwrap_or_else(PoisonError::into_inner)
}

type Shared = State<(Arc<Mutex<Script>>, Arc<Notify>)>;

/// Notes what was asked and says how the call fails, if it does.
fn next(script: &Arc<Mutex<Script>>, asked: &Value) -> Option<Mishap> {
    let mut script = lock(script);
    script.asked.push(asked.clone());
    script.mishaps.pop_front()
}

fn refused(status: u16, error: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [("x-amzn-errortype", error.to_owned())], Json(json!({ "message": "no" }))).into_response()
}

/// Bytes in small pieces, after which the connection breaks where and when `cut` says so.
fn sent(kind: &'static str, pieces: Vec<Vec<u8>>, cut: Option<Arc<Notify>>) -> Response {
    let end = stream::iter(cut).then(|cut| async move {
        cut.notified().await;
        Err(std::io::Error::other("cut"))
    });
    let body = stream::iter(pieces.into_iter().map(|piece| Ok(Bytes::from(piece)))).chain(end);
    ([("content-type", kind)], Body::from_stream(body)).into_response()
}

async fn speech(State((script, cut)): Shared, Json(asked): Json<Value>) -> Response {
    let mishap = next(&script, &asked);
    if let Some(Mishap::Refused(status, error)) = mishap {
        return refused(status, error);
    }
    let text = asked["Text"].as_str().unwrap_or_default();
    if spoken(text).chars().count() > 3_000 {
        return refused(400, "TextLengthExceededException");
    }
    if asked["OutputFormat"] == "json" {
        return marks(&asked, &spoken(text));
    }
    if asked["OutputFormat"] != "pcm" || asked["SampleRate"] != "16000" || asked["Engine"] != "neural" {
        return refused(400, "InvalidSampleRateException");
    }
    // 60 ms for each letter, in pieces that tear samples apart.
    let sound: Vec<u8> = (0..text.chars().count() * 960).flat_map(|n| ((n % 2000) as i16 - 1000).to_le_bytes()).collect();
    let cut = (mishap == Some(Mishap::Cut)).then_some(cut);
    let whole = if cut.is_some() { &sound[..sound.len() / 2] } else { &sound[..] };
    sent("audio/pcm", whole.chunks(1_001).map(<[u8]>::to_vec).collect(), cut)
}

/// A line for each word, 60 ms a letter, as if all of it stood behind markup.
fn marks(asked: &Value, text: &str) -> Response {
    if asked["SpeechMarkTypes"] != json!(["word"]) || asked["Engine"] != "neural" {
        return refused(400, "MarksNotSupportedForFormatException");
    }
    let (mut at, mut lines) = (0, String::new());
    for word in text.split(|c: char| !c.is_alphanumeric() && c != '&' && c != ';') {
        let (start, end) = (at + 30, at + 30 + word.len());
        if !word.is_empty() {
            lines += &json!({ "time": at * 60, "type": "word", "start": start, "end": end, "value": word }).to_string();
            lines.push('\n');
        }
        at += word.len() + 1;
    }
    sent("application/x-json-stream", vec![lines.into_bytes()], None)
}

/// The text without markup, which Polly does not count.
fn spoken(text: &str) -> String {
    text.split('<').map(|part| part.split_once('>').map_or(part, |(_, words)| words)).collect()
}

/// A vector from the words of the text, as different as they are.
async fn embedding(State((script, _)): Shared, Path(model): Path<String>, Json(asked): Json<Value>) -> Response {
    if model != "amazon.titan-embed-text-v2:0" {
        return refused(404, "ResourceNotFoundException");
    }
    if let Some(Mishap::Refused(status, error)) = next(&script, &asked) {
        return refused(status, error);
    }
    let text = asked["inputText"].as_str().unwrap_or_default();
    if text.is_empty() || text.chars().count() > 50_000 {
        return refused(400, "ValidationException");
    }
    let mut vector = vec![0.0_f32; asked["dimensions"].as_u64().unwrap_or(1024) as usize];
    for word in text.split_whitespace() {
        let mut hash = DefaultHasher::new();
        word.to_lowercase().hash(&mut hash);
        let at = hash.finish() as usize % vector.len();
        vector[at] += 1.0;
    }
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    let vector: Vec<f32> = vector.iter().map(|x| x / length).collect();
    Json(json!({ "embedding": vector, "inputTextTokenCount": text.split_whitespace().count() })).into_response()
}

async fn conversation(
    State((script, cut)): Shared,
    Path(model): Path<String>,
    headers: HeaderMap,
    Json(asked): Json<Value>,
) -> Response {
    let signed = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !signed.contains("/bedrock/aws4_request") {
        return refused(403, "InvalidSignatureException");
    }
    if model != MODEL {
        return refused(404, "ResourceNotFoundException");
    }
    let mishap = next(&script, &asked);
    if let Some(Mishap::Refused(status, error)) = mishap {
        return refused(status, error);
    }
    let delta =
        |text: &str| event("contentBlockDelta", &json!({ "contentBlockIndex": 0, "delta": { "text": text } }).to_string());
    let mut frames = vec![event("messageStart", r#"{"role":"assistant"}"#), delta("The gradient "), delta("")];
    match mishap {
        Some(Mishap::Inside(error)) => frames.push(exception(error, r#"{"message":"no"}"#)),
        Some(Mishap::Cut | Mishap::Short) => {}
        _ => frames.extend([
            delta("points uphill “↑”."),
            event("contentBlockStop", r#"{"contentBlockIndex":0}"#),
            event("messageStop", r#"{"stopReason":"end_turn"}"#),
            event(
                "metadata",
                r#"{"usage":{"inputTokens":12,"outputTokens":7,"totalTokens":1019,"cacheReadInputTokens":1000},"metrics":{"latencyMs":9}}"#,
            ),
        ]),
    }
    let mut bytes = frames.concat();
    let cut = (mishap == Some(Mishap::Cut)).then_some(cut);
    if cut.is_some() {
        bytes.truncate(bytes.len() - 5);
    }
    // Frames do not come in the pieces they were made of.
    sent("application/vnd.amazon.eventstream", bytes.chunks(37).map(<[u8]>::to_vec).collect(), cut)
}
