//! What anybody may read: the discovery document, health, the sample question.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, body::Bytes};
use futures::StreamExt;
use synapscribe_domain::Failure;
use synapscribe_domain::audio::wav;
use synapscribe_ports::{Library, Narrator, Style};
use synapscribe_protocol::Discovery;
use synapscribe_protocol::rest::HealthDto;
use synapscribe_usecases::complaints::{Complaints, Whom};
use synapscribe_usecases::patience::{Patience, within};
use tokio::sync::OnceCell;

use crate::discovery::reached_at;
use crate::operator::Operator;
use crate::reach::Reach;

/// What the pages show.
pub(crate) struct Pages {
    pub discovery: Discovery,
    pub reach: Reach,
    pub library: Arc<dyn Library>,
    pub complaints: Complaints,
    pub operator: Operator,
    pub narrator: Arc<dyn Narrator>,
    pub patience: Patience,
    pub sample_question: &'static str,
    /// The sample question as sound, made when it is first asked for: anybody may ask, as often as they like.
    pub spoken_question: OnceCell<Bytes>,
    /// What was found not well while starting.
    pub problems: Arc<Mutex<Vec<String>>>,
}

/// The pages' routes.
pub(crate) fn router(pages: Arc<Pages>) -> Router {
    Router::new()
        .route("/.well-known/synapscribe.json", get(discovery))
        .route("/health", get(health))
        .route("/sample/question.wav", get(question))
        .method_not_allowed_fallback(lambda_library::another_method)
        .with_state(pages)
}

async fn discovery(State(pages): State<Arc<Pages>>, headers: HeaderMap) -> Json<Discovery> {
    Json(reached_at(pages.discovery.clone(), &pages.reach.named(&headers)))
}

async fn health(State(pages): State<Arc<Pages>>, headers: HeaderMap) -> Response {
    let mut problems = pages.problems.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let nobody = synapscribe_domain::LectureId::parse("health-probe").expect("the probe's name is a valid identifier");
    let stored = pages.library.lecture(&nobody).await;
    if let Err(error) = &stored {
        tracing::error!(%error, "the library does not answer");
        problems.push("the library cannot be read".into());
    }
    let whom = if pages.operator.sent(&headers) { Whom::Operator } else { Whom::Stranger };
    match pages.complaints.told(whom).await {
        Ok(told) => problems.extend(told),
        Err(error) => tracing::error!(%error, "the jobs that failed could not be read"),
    }
    let status = if stored.is_err() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let word = if problems.is_empty() { "ok" } else { "degraded" };
    (status, Json(HealthDto { status: word.into(), version: env!("CARGO_PKG_VERSION").into(), problems })).into_response()
}

/// The sample question, spoken: what a student would say into the microphone.
async fn question(State(pages): State<Arc<Pages>>) -> Response {
    match pages.spoken_question.get_or_try_init(|| speak(&pages)).await {
        Ok(sound) => ([(header::CONTENT_TYPE, "audio/wav")], sound.clone()).into_response(),
        Err(failure) => lambda_library::Refusal::from(failure).into_response(),
    }
}

async fn speak(pages: &Pages) -> Result<Bytes, Failure> {
    // Another voice than the one that answers, where there is one.
    let voice = pages.narrator.voices().into_iter().nth(1).map(|v| v.name);
    let style = Style { voice, speed: 1.0 };
    let (mut samples, mut rate) = (Vec::new(), 16_000);
    within(pages.patience.speech, "the voice", async {
        let mut sound = pages.narrator.speak(pages.sample_question, &style).await?;
        while let Some(stretch) = sound.next().await {
            let stretch = stretch?;
            rate = stretch.rate;
            samples.extend(stretch.samples);
        }
        Ok(())
    })
    .await?;
    Ok(Bytes::from(wav(rate, &samples)))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use async_trait::async_trait;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use futures::stream::{self, BoxStream};
    use serde_json::json;
    use synapscribe_domain::{Lecture, LectureId, LectureState, ObjectKey, PersonId, Timestamp, Visibility};
    use synapscribe_ports::{Clock, EngineCard, Job, Jobs, Lane, Speech, SystemClock, VoiceCard};
    use synapscribe_sql::Store;
    use tower::ServiceExt;

    use super::*;
    use crate::settings::Settings;

    /// Hangs the first time it speaks, and counts.
    #[derive(Default)]
    struct Voice(AtomicUsize);

    #[async_trait]
    impl Narrator for Voice {
        fn card(&self) -> EngineCard {
            EngineCard::local("voice", "test")
        }

        fn voices(&self) -> Vec<VoiceCard> {
            Vec::new()
        }

        async fn speak(&self, _: &str, _: &Style) -> Result<BoxStream<'static, Result<Speech, Failure>>, Failure> {
            match self.0.fetch_add(1, Ordering::Relaxed) {
                0 => Ok(stream::pending().boxed()),
                _ => Ok(stream::iter([Ok(Speech { rate: 8_000, samples: vec![0.5; 80] })]).boxed()),
            }
        }
    }

    fn pages(store: &Store, voice: &Arc<Voice>) -> Pages {
        Pages {
            discovery: serde_json::from_value(json!({
                "product": "synapscribe", "version": "0", "protocol": "1.0", "deployment": "local", "region": "r",
                "identityPoolId": "p", "bucket": "b", "websocketUrl": "ws://h/ws", "restUrl": "http://h/api",
                "limits": { "lectureBytes": 1, "lectureSeconds": 1, "querySeconds": 1 }, "features": [], "engines": [],
            }))
            .unwrap(),
            reach: Reach::of(&Settings::new("unused"), "http://h"),
            library: Arc::new(store.clone()),
            complaints: Complaints {
                jobs: Arc::new(store.clone()),
                library: Arc::new(store.clone()),
                clock: Arc::new(SystemClock),
            },
            operator: Operator::fresh(),
            narrator: Arc::clone(voice) as Arc<dyn Narrator>,
            patience: Patience { speech: Duration::from_millis(50), ..Patience::default() },
            sample_question: "Why?",
            spoken_question: OnceCell::new(),
            problems: Arc::default(),
        }
    }

    async fn ask(app: &Router, path: &str) -> (StatusCode, Bytes) {
        let answer = app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        (answer.status(), to_bytes(answer.into_body(), 1 << 20).await.unwrap())
    }

    #[tokio::test]
    async fn the_sample_question_is_spoken_once_and_a_voice_that_hangs_is_given_up() {
        let (voice, store) = (Arc::new(Voice::default()), Store::open_in_memory().await.unwrap());
        let app = router(Arc::new(pages(&store, &voice)));
        let path = "/sample/question.wav";
        assert_eq!(ask(&app, path).await.0, StatusCode::SERVICE_UNAVAILABLE);
        let (status, sound) = ask(&app, path).await;
        assert!(status.is_success() && sound.starts_with(b"RIFF"), "a voice that recovers is asked again");
        assert_eq!(ask(&app, path).await.1, sound);
        assert_eq!(voice.0.load(Ordering::Relaxed), 2, "what was spoken is kept");
    }

    #[tokio::test]
    async fn health_tells_what_is_not_well_and_fails_where_nothing_can_be_read() {
        let store = Store::open_in_memory().await.unwrap();
        let pages = pages(&store, &Arc::default());
        let problems = Arc::clone(&pages.problems);
        let app = router(Arc::new(pages));
        let health = async || {
            let (status, body) = ask(&app, "/health").await;
            (status.as_u16(), serde_json::from_slice::<serde_json::Value>(&body).unwrap())
        };
        let (status, said) = health().await;
        assert_eq!((status, &said["status"]), (200, &json!("ok")));
        problems.lock().unwrap().push("the voice is missing".into());
        let (status, said) = health().await;
        assert_eq!((status, &said["status"], &said["problems"]), (200, &json!("degraded"), &json!(["the voice is missing"])));
        store.close().await;
        let (status, said) = health().await;
        assert_eq!((status, &said["status"]), (503, &json!("degraded")));
        assert!(said["problems"].to_string().contains("the library cannot be read"), "{said}");
    }

    #[tokio::test]
    async fn only_who_shows_the_operators_key_hears_the_names_of_lectures() {
        let store = Store::open_in_memory().await.unwrap();
        let (id, owner) = (LectureId::parse("secret-lecture").unwrap(), PersonId::parse("p").unwrap());
        let lecture = Lecture {
            key: ObjectKey::lecture(&owner, &id, "a.mp3"),
            id: id.clone(),
            owner,
            visibility: Visibility::Private,
            title: "Tides".into(),
            state: LectureState::Validating,
            media: None,
            tokens: None,
            created: Timestamp(1),
        };
        store.add_lecture(&lecture).await.unwrap();
        let now = SystemClock.now();
        store.enqueue("job", &Job::IngestLecture { lecture: id }, now).await.unwrap();
        let leased = store.lease(Lane::Ingests, now, now.plus(1)).await.unwrap().unwrap();
        store.bury(leased.id, "the engine is away").await.unwrap();

        let pages = pages(&store, &Arc::default());
        let key = pages.operator.key().to_owned();
        let app = router(Arc::new(pages));
        for (shown, named) in [(None, false), (Some("guessed"), false), (Some(key.as_str()), true)] {
            let mut request = Request::get("/health");
            if let Some(shown) = shown {
                request = request.header(header::AUTHORIZATION, format!("Bearer {shown}"));
            }
            let answer = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            let said = String::from_utf8(to_bytes(answer.into_body(), 1 << 20).await.unwrap().into()).unwrap();
            assert!(said.contains("could not be prepared"), "{shown:?}: {said}");
            assert_eq!(said.contains("secret-lecture"), named, "{shown:?}: {said}");
        }
    }
}
