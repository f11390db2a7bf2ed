//! REST over lectures, documents, classes, sessions and what a deployment works with: decodes, calls one operation, encodes. Holds no logic.

mod classes;
mod correlation;
mod documents;

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use synapscribe_domain::{
    Code, Failure, LectureId, Millis, PersonId, QueryId, SessionId, SessionSummary, Source, Visibility, captions,
};
use synapscribe_protocol::rest::{
    CorrectionDto, EngineServersDto, EnginesDto, ErrorBody, LectureDto, LecturesDto, LinkDto, PhraseDto, RenameDto, ReportDto,
    SessionDto, SessionsDto, SourceChangeDto, StorageDto, TranscriptDto, VoicesDto, WaveformDto,
};
use synapscribe_usecases::accounts::Refused;
use synapscribe_usecases::document::shelf::Shelf;
use synapscribe_usecases::editing::{Correction, Editing};
use synapscribe_usecases::equipment::Equipment;
use synapscribe_usecases::library::{LINK_SECONDS, Reading};
use synapscribe_usecases::sharing::Sharing;
use synapscribe_wire::dto;

/// Who calls, as the gateway established it; requests without it are refused.
#[derive(Debug, Clone)]
pub struct Caller(pub PersonId);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Caller>().cloned().ok_or_else(|| {
            Refusal::from(Failure::new(
                Code::Unauthorised,
                "the request carries no valid credentials; sign in or get guest credentials",
            ))
        })
    }
}

/// From which address somebody calls, where whoever mounts the routes knows it.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// A failure as an HTTP answer.
#[derive(Debug)]
pub struct Refusal {
    failure: Failure,
    /// After how many seconds it may work, where that is known.
    retry_after: Option<u64>,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { failure, retry_after: None }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        Self { failure: refused.failure(), retry_after: refused.retry_after() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self.failure.code {
            Code::BadMessage => StatusCode::BAD_REQUEST,
            Code::Unauthorised | Code::SignedOut => StatusCode::UNAUTHORIZED,
            Code::Forbidden => StatusCode::FORBIDDEN,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::Conflict | Code::LectureNotReady => StatusCode::CONFLICT,
            Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Code::AudioCorrupt | Code::AudioEmpty | Code::AudioUnsupported => StatusCode::UNPROCESSABLE_ENTITY,
            Code::DocumentCorrupt | Code::DocumentEncrypted | Code::DocumentUnsupported | Code::PageUnreadable => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Code::DocumentNotReady => StatusCode::CONFLICT,
            Code::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Code::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Code::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut response = (status, Json(ErrorBody { error: dto::error(&self.failure) })).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// An answer or a refusal.
pub type Answer<T> = Result<T, Refusal>;

/// A body of JSON; one that cannot be read is refused as every other bad message is.
struct Given<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Given<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => {
                let why: String = rejection.body_text().chars().take(200).collect();
                Err(Failure::new(Code::BadMessage, why).into())
            }
        }
    }
}

/// What the routes call; built once.
#[derive(Clone)]
pub struct Context {
    /// Reads and deletes.
    pub reading: Reading,
    /// Documents.
    pub shelf: Shelf,
    /// Changes.
    pub editing: Editing,
    /// Classes, and who is shown what; nothing where there are no accounts.
    pub sharing: Option<Sharing>,
    /// Tells what there is to work with.
    pub equipment: Equipment,
}

/// The routes, below `/api`.
pub fn router(context: Context) -> Router {
    Router::new()
        .route("/api/lectures", get(lectures))
        .route("/api/lectures/{id}", get(lecture).patch(change_lecture).delete(delete_lecture))
        .route("/api/lectures/{id}/transcript", get(transcript))
        .route("/api/lectures/{id}/phrases", patch(correct))
        .route("/api/lectures/{id}/captions.vtt", get(vtt))
        .route("/api/lectures/{id}/waveform", get(waveform))
        .route("/api/lectures/{id}/report", get(report))
        .route("/api/lectures/{id}/audio", get(audio))
        .route("/api/sessions", get(sessions))
        .route("/api/sessions/{id}", get(session).patch(rename_session).delete(delete_session))
        .route("/api/sessions/{id}/export.md", get(export))
        .route("/api/responses/{query}", get(response))
        .route("/api/storage", get(storage))
        .route("/api/engines", get(engines))
        .route("/api/engines/servers", get(engine_servers))
        .route("/api/voices", get(voices))
        .merge(documents::routes())
        .merge(classes::routes())
        .with_state(Arc::new(context))
        .layer(from_fn(correlation::named))
}

type Shared = State<Arc<Context>>;

/// Points of a waveform when nobody says how many.
const POINTS: usize = 1_000;
/// More than any screen has.
const MOST_POINTS: usize = 20_000;

fn lecture_id(text: String) -> Result<LectureId, Failure> {
    LectureId::parse(text).map_err(|_| Failure::not_found("lecture"))
}

fn session_id(text: String) -> Result<SessionId, Failure> {
    SessionId::parse(text).map_err(|_| Failure::not_found("session"))
}

async fn lectures(State(context): Shared, Caller(person): Caller) -> Answer<Json<LecturesDto>> {
    let found = context.reading.lectures(&person).await?;
    Ok(Json(LecturesDto { lectures: found.iter().map(|l| dto::lecture(l, &person)).collect() }))
}

async fn lecture(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Json<LectureDto>> {
    Ok(Json(dto::lecture(&context.reading.lecture(&person, &lecture_id(id)?).await?, &person)))
}

async fn change_lecture(
    State(context): Shared,
    Caller(person): Caller,
    Path(id): Path<String>,
    Given(wish): Given<SourceChangeDto>,
) -> Answer<Json<LectureDto>> {
    let id = lecture_id(id)?;
    let changed = match Change::read(wish)? {
        Change::Title(title) => context.editing.rename_lecture(&person, &id, &title).await?,
        Change::Visibility(visibility) => classes::sharing(&context)?.change_lecture(&person, &id, visibility).await?,
    };
    Ok(Json(dto::lecture(&changed, &person)))
}

/// What is to change of a lecture or a document.
enum Change {
    Title(String),
    Visibility(Visibility),
}

impl Change {
    fn read(wish: SourceChangeDto) -> Result<Self, Failure> {
        match (wish.title, wish.visibility.as_deref()) {
            (Some(title), None) => Ok(Self::Title(title)),
            (None, Some("public")) => Ok(Self::Visibility(Visibility::Public)),
            (None, Some("private")) => Ok(Self::Visibility(Visibility::Private)),
            (None, Some(_)) => Err(Failure::new(Code::BadMessage, "`visibility` is `public` or `private`")),
            _ => Err(Failure::new(Code::BadMessage, "give one of `title` and `visibility`")),
        }
    }
}

async fn correct(
    State(context): Shared,
    Caller(person): Caller,
    Path(id): Path<String>,
    Given(wish): Given<CorrectionDto>,
) -> Answer<Json<PhraseDto>> {
    let correction = Correction { from: Millis::from_seconds(wish.from), expected: wish.expected, text: wish.text };
    Ok(Json(dto::phrase(&context.editing.correct(&person, &lecture_id(id)?, &correction).await?)))
}

#[derive(Deserialize)]
struct Outline {
    points: Option<usize>,
}

async fn waveform(
    State(context): Shared,
    Caller(person): Caller,
    Path(id): Path<String>,
    Query(outline): Query<Outline>,
) -> Answer<Json<WaveformDto>> {
    let (lecture, drawn) = context.reading.waveform(&person, &lecture_id(id)?).await?;
    Ok(Json(dto::waveform(&lecture, &drawn, outline.points.unwrap_or(POINTS).clamp(1, MOST_POINTS))))
}

async fn delete_lecture(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<StatusCode> {
    context.reading.delete_lecture(&person, &lecture_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn transcript(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Json<TranscriptDto>> {
    let id = lecture_id(id)?;
    Ok(Json(dto::transcript(&id, &context.reading.transcript(&person, &id).await?)))
}

async fn vtt(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Response> {
    let phrases = context.reading.transcript(&person, &lecture_id(id)?).await?;
    Ok(([(header::CONTENT_TYPE, "text/vtt; charset=utf-8")], captions::to_vtt(&phrases)).into_response())
}

async fn report(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Json<ReportDto>> {
    let id = lecture_id(id)?;
    Ok(Json(dto::report(&id, &context.reading.report(&person, &id).await?)))
}

async fn audio(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Json<LinkDto>> {
    let url = context.reading.recording_url(&person, &lecture_id(id)?).await?;
    Ok(Json(LinkDto { url, expires_in: LINK_SECONDS }))
}

#[derive(Deserialize)]
struct Of {
    lecture: Option<String>,
    document: Option<String>,
}

async fn sessions(State(context): Shared, Caller(person): Caller, Query(of): Query<Of>) -> Answer<Json<SessionsDto>> {
    let lecture = of.lecture.map(lecture_id).transpose()?.map(Source::from);
    let document = of.document.map(documents::document_id).transpose()?.map(Source::from);
    let found = context.reading.sessions(&person, lecture.or(document).as_ref()).await?;
    Ok(Json(SessionsDto { sessions: found.iter().map(|s| dto::session(s, None)).collect() }))
}

async fn session(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Json<SessionDto>> {
    let (session, turns) = context.reading.session(&person, &session_id(id)?).await?;
    Ok(Json(dto::session(&SessionSummary::of(session, &turns), Some(&turns))))
}

async fn rename_session(
    State(context): Shared,
    Caller(person): Caller,
    Path(id): Path<String>,
    Given(wish): Given<RenameDto>,
) -> Answer<Json<SessionDto>> {
    let renamed = context.editing.rename_session(&person, &session_id(id)?, &wish.title).await?;
    Ok(Json(dto::session(&renamed, None)))
}

async fn export(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Response> {
    let text = context.reading.export(&person, &session_id(id)?).await?;
    Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], text).into_response())
}

async fn storage(State(context): Shared, Caller(person): Caller) -> Answer<Json<StorageDto>> {
    Ok(Json(dto::storage(&context.equipment.stored(&person).await?)))
}

async fn engines(State(context): Shared, Caller(_): Caller) -> Json<EnginesDto> {
    let cards = context.equipment.engines();
    Json(EnginesDto { engines: cards.into_iter().map(|(role, card)| dto::engine(role, card)).collect() })
}

async fn engine_servers(State(context): Shared, Caller(_): Caller) -> Json<EngineServersDto> {
    let tried = context.equipment.reach().await;
    Json(EngineServersDto { servers: tried.into_iter().map(|(role, reached)| dto::reached(role, reached)).collect() })
}

async fn voices(State(context): Shared, Caller(_): Caller) -> Json<VoicesDto> {
    let equipment = &context.equipment;
    let voices = equipment.voices().into_iter().map(dto::voice).collect();
    Json(VoicesDto { voices, others: equipment.has_other_voices() })
}

async fn delete_session(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<StatusCode> {
    context.reading.delete_session(&person, &session_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn response(State(context): Shared, Caller(person): Caller, Path(query): Path<String>) -> Answer<Json<LinkDto>> {
    let query = QueryId::parse(query).map_err(|_| Failure::not_found("recording"))?;
    let url = context.reading.answer_url(&person, &query).await?;
    Ok(Json(LinkDto { url, expires_in: LINK_SECONDS }))
}
