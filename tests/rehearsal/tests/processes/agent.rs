//! AgentCore's routes with an answer that is written down, as the daemon streams it: a line for each event.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::stream;
use serde_json::{Value, json};
use synapscribe_rehearsal::{TOKEN, XRAY_TRACE};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// What the student's client records; where no function exports traces, it is handed on as it is, and X-Ray's where there is none.
pub const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// An AgentCore that stops before the last words of an answer until somebody lets it go on. Whoever asks for a voice hears it, too,
/// in two pieces, and it stops in the middle of the second.
pub struct Agent {
    pub url: String,
    go_on: Arc<Semaphore>,
}

impl Agent {
    pub async fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// One that serves from now on what calls here.
    pub fn on(listener: TcpListener) -> Self {
        let go_on = Arc::new(Semaphore::new(0));
        let routes = Router::new().route("/invoke", post(invoke)).with_state(Arc::clone(&go_on));
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { url, go_on }
    }

    /// Lets one answer end.
    pub fn go_on(&self) {
        self.go_on.add_permits(1);
    }
}

async fn invoke(State(go_on): State<Arc<Semaphore>>, headers: HeaderMap, Json(asked): Json<Value>) -> Response {
    if headers.get("authorization").is_none_or(|given| given != &format!("Bearer {TOKEN}")) {
        return (
            StatusCode::UNAUTHORIZED,
            Json(json!({ "error": { "code": "unauthorised", "message": "no", "retryable": false } })),
        )
            .into_response();
    }
    assert_eq!(asked["text"], "What is the chain rule?");
    let work = asked["workId"].as_str().unwrap();
    assert!(headers["x-correlation-id"].to_str().is_ok_and(|name| work.ends_with(&format!("={name}"))), "{headers:?}");
    let known = |given: &str| given == TRACE || given.contains(XRAY_TRACE[0]);
    assert!(
        headers.get("traceparent").is_some_and(|given| given.to_str().is_ok_and(known)),
        "the client's trace or X-Ray's arrives, whether or not functions export their own: {headers:?}"
    );
    let text = |delta: &str| Some(json!({ "type": "answer_text", "delta": delta }));
    let piece = |text: &str| Some(json!({ "type": "piece", "text": text }));
    let sound = |sample: u8| {
        let data = STANDARD.encode([sample, 0].repeat(160));
        Some(json!({ "type": "audio", "format": "pcm_s16le", "sampleRate": 16_000, "data": data }))
    };
    let mut lines = vec![Some(json!({ "type": "retrieved" })), text("Slopes ")];
    if asked["speech"]["voice"].is_string() {
        lines.extend([piece("Slopes"), sound(1), text("multiply."), piece("multiply."), sound(2), None, sound(3)]);
    } else {
        lines.extend([None, text("multiply.")]);
    }
    lines.extend([
        Some(json!({ "type": "written" })),
        Some(json!({ "type": "done", "generated": true, "found": true, "usage": { "tokensIn": 12, "tokensOut": 3, "audioInMs": 0, "charactersSpoken": 0 } })),
    ]);
    let body = stream::unfold((lines.into_iter(), go_on), |(mut lines, go_on)| async move {
        let line = match lines.next()? {
            Some(line) => format!("{line}\n"),
            None => {
                go_on.acquire().await.ok()?.forget();
                "\n".to_owned()
            }
        };
        Some((Ok::<_, std::io::Error>(Bytes::from(line)), (lines, go_on)))
    });
    Body::from_stream(body).into_response()
}
