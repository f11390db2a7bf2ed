//! REST over lectures and sessions: decodes, calls one operation, encodes. Holds no logic.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use synapscribe_domain::{Code, Failure, LectureId, PersonId, QueryId, SessionId, captions};
use synapscribe_protocol::rest::{
    ErrorBody, LectureDto, LecturesDto, LinkDto, ReportDto, SessionDto, SessionsDto, TranscriptDto,
};
use synapscribe_usecases::library::{LINK_SECONDS, Reading};
use synapscribe_wire::dto;

/// Who calls, as the gateway established it; requests without it are refused.
#[derive(Debug, Clone)]
pub struct Caller(pub PersonId);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Caller>().cloned().ok_or_else(|| {
            Refusal(Failure::new(
                Code::Unauthorised,
                "the request carries no valid credentials; sign in or get guest credentials",
            ))
        })
    }
}

/// A failure as an HTTP answer.
#[derive(Debug)]
pub struct Refusal(pub Failure);

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self.0.code {
            Code::BadMessage => StatusCode::BAD_REQUEST,
            Code::Unauthorised => StatusCode::UNAUTHORIZED,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Code::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(ErrorBody { error: dto::error(&self.0) })).into_response()
    }
}

/// An answer or a refusal.
pub type Answer<T> = Result<T, Refusal>;

/// The routes, below `/api`.
pub fn router(reading: Reading) -> Router {
    Router::new()
        .route("/api/lectures", get(lectures))
        .route("/api/lectures/{id}", get(lecture).delete(delete_lecture))
        .route("/api/lectures/{id}/transcript", get(transcript))
        .route("/api/lectures/{id}/captions.vtt", get(vtt))
        .route("/api/lectures/{id}/report", get(report))
        .route("/api/lectures/{id}/audio", get(audio))
        .route("/api/sessions", get(sessions))
        .route("/api/sessions/{id}", get(session).delete(delete_session))
        .route("/api/responses/{query}", get(response))
        .with_state(Arc::new(reading))
}

type Shared = State<Arc<Reading>>;

fn lecture_id(text: String) -> Result<LectureId, Failure> {
    LectureId::parse(text).map_err(|_| Failure::not_found("lecture"))
}

fn session_id(text: String) -> Result<SessionId, Failure> {
    SessionId::parse(text).map_err(|_| Failure::not_found("session"))
}

async fn lectures(State(reading): Shared, Caller(person): Caller) -> Answer<Json<LecturesDto>> {
    let found = reading.lectures(&person).await?;
    Ok(Json(LecturesDto { lectures: found.iter().map(|l| dto::lecture(l, &person)).collect() }))
}

async fn lecture(State(reading): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Json<LectureDto>> {
    Ok(Json(dto::lecture(&reading.lecture(&person, &lecture_id(id)?).await?, &person)))
}

async fn delete_lecture(State(reading): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<StatusCode> {
    reading.delete_lecture(&person, &lecture_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn transcript(State(reading): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Json<TranscriptDto>> {
    let id = lecture_id(id)?;
    Ok(Json(dto::transcript(&id, &reading.transcript(&person, &id).await?)))
}

async fn vtt(State(reading): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Response> {
    let phrases = reading.transcript(&person, &lecture_id(id)?).await?;
    Ok(([(header::CONTENT_TYPE, "text/vtt; charset=utf-8")], captions::to_vtt(&phrases)).into_response())
}

async fn report(State(reading): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Json<ReportDto>> {
    let id = lecture_id(id)?;
    Ok(Json(dto::report(&id, &reading.report(&person, &id).await?)))
}

async fn audio(State(reading): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Json<LinkDto>> {
    let url = reading.recording_url(&person, &lecture_id(id)?).await?;
    Ok(Json(LinkDto { url, expires_in: LINK_SECONDS }))
}

#[derive(Deserialize)]
struct Of {
    lecture: Option<String>,
}

async fn sessions(State(reading): Shared, Caller(person): Caller, Query(of): Query<Of>) -> Answer<Json<SessionsDto>> {
    let lecture = of.lecture.map(lecture_id).transpose()?;
    let found = reading.sessions(&person, lecture.as_ref()).await?;
    Ok(Json(SessionsDto { sessions: found.iter().map(|s| dto::session(s, None)).collect() }))
}

async fn session(State(reading): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Json<SessionDto>> {
    let (session, turns) = reading.session(&person, &session_id(id)?).await?;
    Ok(Json(dto::session(&session, Some(&turns))))
}

async fn delete_session(State(reading): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<StatusCode> {
    reading.delete_session(&person, &session_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn response(State(reading): Shared, Caller(person): Caller, Path(query): Path<String>) -> Answer<Json<LinkDto>> {
    let query = QueryId::parse(query).map_err(|_| Failure::not_found("recording"))?;
    let url = reading.answer_url(&person, &query).await?;
    Ok(Json(LinkDto { url, expires_in: LINK_SECONDS }))
}
