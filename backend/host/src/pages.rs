//! What anybody may read: the discovery document, health, the sample question.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, body::Bytes};
use futures::StreamExt;
use synapscribe_domain::audio::wav;
use synapscribe_ports::{Jobs, Library, Narrator, Style};
use synapscribe_protocol::Discovery;
use synapscribe_protocol::rest::HealthDto;

/// What the pages show.
pub(crate) struct Pages {
    pub discovery: Discovery,
    pub library: Arc<dyn Library>,
    pub jobs: Arc<dyn Jobs>,
    pub narrator: Arc<dyn Narrator>,
    pub sample_question: &'static str,
    /// What was found not well while starting.
    pub problems: Arc<Mutex<Vec<String>>>,
}

/// The pages' routes.
pub(crate) fn router(pages: Arc<Pages>) -> Router {
    Router::new()
        .route("/.well-known/synapscribe.json", get(discovery))
        .route("/health", get(health))
        .route("/sample/question.wav", get(question))
        .with_state(pages)
}

async fn discovery(State(pages): State<Arc<Pages>>) -> Json<Discovery> {
    Json(pages.discovery.clone())
}

async fn health(State(pages): State<Arc<Pages>>) -> Response {
    let mut problems = pages.problems.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let nobody = synapscribe_domain::LectureId::parse("health-probe").expect("the probe's name is a valid identifier");
    let stored = pages.library.lecture(&nobody).await;
    if let Err(error) = &stored {
        tracing::error!(%error, "the library does not answer");
        problems.push("the library cannot be read".into());
    }
    match pages.jobs.depth().await {
        Ok((_, _, buried)) if buried > 0 => problems.push(format!("{buried} jobs failed for good")),
        _ => {}
    }
    let status = if stored.is_err() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let word = if problems.is_empty() { "ok" } else { "degraded" };
    (status, Json(HealthDto { status: word.into(), version: env!("CARGO_PKG_VERSION").into(), problems })).into_response()
}

/// The sample question, spoken: what a student would say into the microphone.
async fn question(State(pages): State<Arc<Pages>>) -> Response {
    // Another voice than the one that answers, where there is one.
    let voice = pages.narrator.voices().into_iter().nth(1).map(|v| v.name);
    let style = Style { voice, speed: 1.0 };
    let mut samples = Vec::new();
    let mut rate = 16_000;
    let spoken = async {
        let mut sound = pages.narrator.speak(pages.sample_question, &style).await?;
        while let Some(stretch) = sound.next().await {
            let stretch = stretch?;
            rate = stretch.rate;
            samples.extend(stretch.samples);
        }
        Ok::<_, synapscribe_domain::Failure>(())
    };
    match spoken.await {
        Ok(()) => ([(header::CONTENT_TYPE, "audio/wav")], Bytes::from(wav(rate, &samples))).into_response(),
        Err(failure) => lambda_library::Refusal(failure).into_response(),
    }
}
