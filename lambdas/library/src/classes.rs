//! The routes about classes: each decodes, calls one operation, encodes.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use synapscribe_domain::{ClassId, Code, Failure, MemberId, Source};
use synapscribe_protocol::classes::{ClassDto, ClassNameDto, ClassesDto, JoinDto, RoomDto};
use synapscribe_usecases::sharing::Sharing;
use synapscribe_wire::classes as dto;

use crate::documents::document_id;
use crate::{Answer, Caller, Context, Given, Peer, lecture_id};

pub(crate) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/api/classes", get(all).post(make))
        .route("/api/classes/join", post(join))
        .route("/api/classes/{id}", get(one).patch(rename).delete(end))
        .route("/api/classes/{id}/code", post(renew))
        .route("/api/classes/{id}/membership", delete(leave))
        .route("/api/classes/{id}/members/{member}", delete(send_away))
        .route("/api/classes/{id}/lectures/{lecture}", put(show_lecture).delete(hide_lecture))
        .route("/api/classes/{id}/documents/{document}", put(show_document).delete(hide_document))
}

type Shared = State<Arc<Context>>;

/// The operations, where there are accounts and with them lecturers.
pub(crate) fn sharing(context: &Context) -> Result<&Sharing, Failure> {
    let none = || Failure::new(Code::Forbidden, "this server has no accounts, and so nobody who shows things to others");
    context.sharing.as_ref().ok_or_else(none)
}

fn class_id(text: String) -> Result<ClassId, Failure> {
    ClassId::parse(text).map_err(|_| Failure::not_found("class"))
}

/// The address a request comes from, where it is known.
struct CalledFrom(Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for CalledFrom {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get::<Peer>().map(|peer| peer.0)))
    }
}

async fn all(State(context): Shared, Caller(person): Caller) -> Answer<Json<ClassesDto>> {
    let found = match &context.sharing {
        Some(sharing) => sharing.classes(&person).await?,
        None => Vec::new(),
    };
    Ok(Json(ClassesDto { classes: found.iter().map(dto::class).collect() }))
}

async fn make(
    State(context): Shared,
    Caller(person): Caller,
    Given(wish): Given<ClassNameDto>,
) -> Answer<(StatusCode, Json<ClassDto>)> {
    let made = sharing(&context)?.make_class(&person, &wish.name).await?;
    Ok((StatusCode::CREATED, Json(dto::class(&made))))
}

async fn join(
    State(context): Shared,
    Caller(person): Caller,
    CalledFrom(peer): CalledFrom,
    Given(wish): Given<JoinDto>,
) -> Answer<Json<RoomDto>> {
    let room = sharing(&context)?.join(&person, peer, &wish.code, wish.name.as_deref()).await?;
    Ok(Json(dto::room(&room, &person)))
}

async fn one(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Json<RoomDto>> {
    Ok(Json(dto::room(&sharing(&context)?.class(&person, &class_id(id)?).await?, &person)))
}

async fn rename(
    State(context): Shared,
    Caller(person): Caller,
    Path(id): Path<String>,
    Given(wish): Given<ClassNameDto>,
) -> Answer<Json<RoomDto>> {
    Ok(Json(dto::room(&sharing(&context)?.rename_class(&person, &class_id(id)?, &wish.name).await?, &person)))
}

async fn renew(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Json<RoomDto>> {
    Ok(Json(dto::room(&sharing(&context)?.renew_code(&person, &class_id(id)?).await?, &person)))
}

async fn end(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<StatusCode> {
    sharing(&context)?.end_class(&person, &class_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn leave(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<StatusCode> {
    sharing(&context)?.leave_class(&person, &class_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn send_away(
    State(context): Shared,
    Caller(person): Caller,
    Path((id, member)): Path<(String, String)>,
) -> Answer<StatusCode> {
    let member = MemberId::parse(member).map_err(|_| Failure::not_found("member"))?;
    sharing(&context)?.send_away(&person, &class_id(id)?, &member).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn show_lecture(state: Shared, caller: Caller, Path((id, lecture)): Path<(String, String)>) -> Answer<StatusCode> {
    show(state, caller, id, lecture_id(lecture)?.into()).await
}

async fn show_document(state: Shared, caller: Caller, Path((id, document)): Path<(String, String)>) -> Answer<StatusCode> {
    show(state, caller, id, document_id(document)?.into()).await
}

async fn hide_lecture(state: Shared, caller: Caller, Path((id, lecture)): Path<(String, String)>) -> Answer<StatusCode> {
    hide(state, caller, id, lecture_id(lecture)?.into()).await
}

async fn hide_document(state: Shared, caller: Caller, Path((id, document)): Path<(String, String)>) -> Answer<StatusCode> {
    hide(state, caller, id, document_id(document)?.into()).await
}

async fn show(State(context): Shared, Caller(person): Caller, id: String, source: Source) -> Answer<StatusCode> {
    sharing(&context)?.show(&person, &class_id(id)?, &source).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn hide(State(context): Shared, Caller(person): Caller, id: String, source: Source) -> Answer<StatusCode> {
    sharing(&context)?.hide(&person, &class_id(id)?, &source).await?;
    Ok(StatusCode::NO_CONTENT)
}
