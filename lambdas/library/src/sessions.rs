//! The routes about sessions, but for asking in them.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use synapscribe_domain::{Failure, QueryId, SessionId, SessionSummary, Source};
use synapscribe_protocol::chat::BeginSessionDto;
use synapscribe_protocol::rest::{LinkDto, RenameDto, SessionDto, SessionsDto};
use synapscribe_usecases::library::LINK_SECONDS;
use synapscribe_wire::dto;
use synapscribe_wire::source::Named as Sources;

use crate::documents::document_id;
use crate::envelope::{Answer, Asked, Caller, Given, Named};
use crate::lectures::lecture_id;
use crate::openapi::{Changed, NotRead, NotThere, Unusable};
use crate::{Routes, Shared, turns};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/api/sessions", get(sessions).post(begin_session))
        .route("/api/sessions/{id}", get(session).patch(rename_session).delete(delete_session))
        .route("/api/sessions/{id}/export.md", get(export))
        .route("/api/sessions/{id}/turns", axum::routing::post(turns::ask))
        .route("/api/responses/{query}", get(response))
}

pub(crate) fn session_id(text: String) -> Result<SessionId, Failure> {
    SessionId::parse(text).map_err(|_| Failure::not_found("session"))
}

/// About what.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Of {
    /// Only those about this lecture.
    lecture: Option<String>,
    /// Only those about this document.
    document: Option<String>,
}

/// The caller's sessions, the latest first.
#[utoipa::path(get, path = "/api/sessions", tag = "sessions", params(Of),
    responses((status = 200, body = SessionsDto), NotRead, NotThere))]
pub(crate) async fn sessions(State(context): Shared, Caller(person): Caller, Asked(of): Asked<Of>) -> Answer<Json<SessionsDto>> {
    let lecture = of.lecture.map(lecture_id).transpose()?.map(Source::from);
    let document = of.document.map(document_id).transpose()?.map(Source::from);
    let found = context.reading.sessions(&person, lecture.or(document).as_ref()).await?;
    Ok(Json(SessionsDto { sessions: found.iter().map(|s| dto::session(s, None)).collect() }))
}

/// Begins a session before anything is asked in it.
#[utoipa::path(post, path = "/api/sessions", tag = "sessions", request_body = BeginSessionDto,
    responses((status = 201, body = SessionDto), NotRead, NotThere, Changed, Unusable))]
pub(crate) async fn begin_session(
    State(context): Shared,
    Caller(person): Caller,
    Given(wish): Given<BeginSessionDto>,
) -> Answer<(StatusCode, Json<SessionDto>)> {
    let BeginSessionDto { lecture_id, document_id, sources, everything, title } = wish;
    let about = Sources { lecture_id: lecture_id.unwrap_or_default(), document_id, sources, everything }.read()?;
    let id = session_id(context.ids.fresh()).map_err(|_| Failure::internal())?;
    let begun = context.conversing.begin(&person, id, about, title.as_deref()).await?;
    Ok((StatusCode::CREATED, Json(dto::session(&begun, None))))
}

/// A session with its turns.
#[utoipa::path(get, path = "/api/sessions/{id}", tag = "sessions", params(("id" = String, Path, description = "the session's name")),
    responses((status = 200, body = SessionDto), NotThere))]
pub(crate) async fn session(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
) -> Answer<Json<SessionDto>> {
    let (session, turns) = context.reading.session(&person, &session_id(id)?).await?;
    Ok(Json(dto::session(&SessionSummary::of(session, &turns), Some(&turns))))
}

/// Gives a session of the caller's a title.
#[utoipa::path(patch, path = "/api/sessions/{id}", tag = "sessions", request_body = RenameDto,
    params(("id" = String, Path, description = "the session's name")),
    responses((status = 200, body = SessionDto), NotRead, NotThere))]
pub(crate) async fn rename_session(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
    Given(wish): Given<RenameDto>,
) -> Answer<Json<SessionDto>> {
    let renamed = context.editing.rename_session(&person, &session_id(id)?, &wish.title).await?;
    Ok(Json(dto::session(&renamed, None)))
}

/// Deletes a session of the caller's with its spoken questions and answers.
#[utoipa::path(delete, path = "/api/sessions/{id}", tag = "sessions",
    params(("id" = String, Path, description = "the session's name")), responses((status = 204), NotThere))]
pub(crate) async fn delete_session(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
) -> Answer<StatusCode> {
    context.reading.delete_session(&person, &session_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A session as Markdown, to keep.
#[utoipa::path(get, path = "/api/sessions/{id}/export.md", tag = "sessions",
    params(("id" = String, Path, description = "the session's name")),
    responses((status = 200, body = String, content_type = "text/markdown"), NotThere))]
pub(crate) async fn export(State(context): Shared, Caller(person): Caller, Named(id): Named<String>) -> Answer<Response> {
    let text = context.reading.export(&person, &session_id(id)?).await?;
    Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], text).into_response())
}

/// An address that plays a spoken answer.
#[utoipa::path(get, path = "/api/responses/{query}", tag = "sessions",
    params(("query" = String, Path, description = "the question's name")), responses((status = 200, body = LinkDto), NotThere))]
pub(crate) async fn response(
    State(context): Shared,
    Caller(person): Caller,
    Named(query): Named<String>,
) -> Answer<Json<LinkDto>> {
    let query = QueryId::parse(query).map_err(|_| Failure::not_found("recording"))?;
    let url = context.reading.answer_url(&person, &query).await?;
    Ok(Json(LinkDto { url, expires_in: LINK_SECONDS }))
}
