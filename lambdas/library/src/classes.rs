//! The routes about classes: each decodes, calls one operation, encodes.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::{delete, get, post, put};
use synapscribe_domain::{ClassId, Code, Failure, MemberId, Source};
use synapscribe_protocol::classes::{ClassDto, ClassNameDto, ClassesDto, JoinDto, RoomDto};
use synapscribe_usecases::sharing::Sharing;
use synapscribe_wire::classes as dto;

use crate::documents::document_id;
use crate::envelope::{Answer, Caller, Given, Named, Peer};
use crate::lectures::lecture_id;
use crate::openapi::{Changed, NotAllowed, NotRead, NotThere, TooOften};
use crate::{Context, Routes, Shared};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/api/classes", get(classes).post(make_class))
        .route("/api/classes/join", post(join_class))
        .route("/api/classes/{id}", get(class).patch(rename_class).delete(end_class))
        .route("/api/classes/{id}/code", post(renew_code))
        .route("/api/classes/{id}/membership", delete(leave_class))
        .route("/api/classes/{id}/members/{member}", delete(send_away))
        .route("/api/classes/{id}/lectures/{lecture}", put(show_lecture).delete(hide_lecture))
        .route("/api/classes/{id}/documents/{document}", put(show_document).delete(hide_document))
}

/// The operations, where there are accounts and with them lecturers.
pub(crate) fn sharing(context: &Context) -> Result<&Sharing, Failure> {
    let none = || Failure::new(Code::Forbidden, "this server has no accounts, and so nobody who shows things to others");
    context.sharing.as_ref().ok_or_else(none)
}

pub(crate) fn class_id(text: String) -> Result<ClassId, Failure> {
    ClassId::parse(text).map_err(|_| Failure::not_found("class"))
}

/// The address a request comes from, where it is known.
pub(crate) struct CalledFrom(Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for CalledFrom {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get::<Peer>().map(|peer| peer.0)))
    }
}

/// The classes that the caller teaches and is in.
#[utoipa::path(get, path = "/api/classes", tag = "classes",
    responses((status = 200, body = ClassesDto)))]
pub(crate) async fn classes(State(context): Shared, Caller(person): Caller) -> Answer<Json<ClassesDto>> {
    let found = match &context.sharing {
        Some(sharing) => sharing.classes(&person).await?,
        None => Vec::new(),
    };
    Ok(Json(ClassesDto { classes: found.iter().map(dto::class).collect() }))
}

/// Makes a class.
#[utoipa::path(post, path = "/api/classes", tag = "classes", request_body = ClassNameDto,
    responses((status = 201, body = ClassDto), NotRead, NotAllowed))]
pub(crate) async fn make_class(
    State(context): Shared,
    Caller(person): Caller,
    Given(wish): Given<ClassNameDto>,
) -> Answer<(StatusCode, Json<ClassDto>)> {
    let made = sharing(&context)?.make_class(&person, &wish.name).await?;
    Ok((StatusCode::CREATED, Json(dto::class(&made))))
}

/// Joins a class by its code.
#[utoipa::path(post, path = "/api/classes/join", tag = "classes", request_body = JoinDto,
    responses((status = 200, body = RoomDto), NotRead, NotAllowed, NotThere, Changed, TooOften))]
pub(crate) async fn join_class(
    State(context): Shared,
    Caller(person): Caller,
    CalledFrom(peer): CalledFrom,
    Given(wish): Given<JoinDto>,
) -> Answer<Json<RoomDto>> {
    let room = sharing(&context)?.join(&person, peer, &wish.code, wish.name.as_deref()).await?;
    Ok(Json(dto::room(&room, &person)))
}

/// A class with what it is shown, and to its teacher with who is in it.
#[utoipa::path(get, path = "/api/classes/{id}", tag = "classes",
    params(("id" = String, Path, description = "the class's name")),
    responses((status = 200, body = RoomDto), NotAllowed, NotThere))]
pub(crate) async fn class(State(context): Shared, Caller(person): Caller, Named(id): Named<String>) -> Answer<Json<RoomDto>> {
    Ok(Json(dto::room(&sharing(&context)?.class(&person, &class_id(id)?).await?, &person)))
}

/// Gives a class another name.
#[utoipa::path(patch, path = "/api/classes/{id}", tag = "classes", request_body = ClassNameDto,
    params(("id" = String, Path, description = "the class's name")),
    responses((status = 200, body = RoomDto), NotRead, NotAllowed, NotThere))]
pub(crate) async fn rename_class(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
    Given(wish): Given<ClassNameDto>,
) -> Answer<Json<RoomDto>> {
    Ok(Json(dto::room(&sharing(&context)?.rename_class(&person, &class_id(id)?, &wish.name).await?, &person)))
}

/// Gives a class another code; nobody comes in by the old one any more.
#[utoipa::path(post, path = "/api/classes/{id}/code", tag = "classes",
    params(("id" = String, Path, description = "the class's name")),
    responses((status = 200, body = RoomDto), NotAllowed, NotThere))]
pub(crate) async fn renew_code(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
) -> Answer<Json<RoomDto>> {
    Ok(Json(dto::room(&sharing(&context)?.renew_code(&person, &class_id(id)?).await?, &person)))
}

/// Ends a class.
#[utoipa::path(delete, path = "/api/classes/{id}", tag = "classes",
    params(("id" = String, Path, description = "the class's name")),
    responses((status = 204), NotAllowed, NotThere))]
pub(crate) async fn end_class(State(context): Shared, Caller(person): Caller, Named(id): Named<String>) -> Answer<StatusCode> {
    sharing(&context)?.end_class(&person, &class_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leaves a class.
#[utoipa::path(delete, path = "/api/classes/{id}/membership", tag = "classes",
    params(("id" = String, Path, description = "the class's name")),
    responses((status = 204), NotAllowed, NotThere, Changed))]
pub(crate) async fn leave_class(State(context): Shared, Caller(person): Caller, Named(id): Named<String>) -> Answer<StatusCode> {
    sharing(&context)?.leave_class(&person, &class_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends somebody away from a class.
#[utoipa::path(delete, path = "/api/classes/{id}/members/{member}", tag = "classes",
    params(("id" = String, Path, description = "the class's name"),
        ("member" = String, Path, description = "the member's name")),
    responses((status = 204), NotAllowed, NotThere))]
pub(crate) async fn send_away(
    State(context): Shared,
    Caller(person): Caller,
    Named((id, member)): Named<(String, String)>,
) -> Answer<StatusCode> {
    let member = MemberId::parse(member).map_err(|_| Failure::not_found("member"))?;
    sharing(&context)?.send_away(&person, &class_id(id)?, &member).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows a class a lecture of the caller's.
#[utoipa::path(put, path = "/api/classes/{id}/lectures/{lecture}", tag = "classes",
    params(("id" = String, Path, description = "the class's name"),
        ("lecture" = String, Path, description = "the lecture's name")),
    responses((status = 204), NotAllowed, NotThere))]
pub(crate) async fn show_lecture(
    state: Shared,
    caller: Caller,
    Named((id, lecture)): Named<(String, String)>,
) -> Answer<StatusCode> {
    show(state, caller, id, lecture_id(lecture)?.into()).await
}

/// Shows a class a document of the caller's.
#[utoipa::path(put, path = "/api/classes/{id}/documents/{document}", tag = "classes",
    params(("id" = String, Path, description = "the class's name"),
        ("document" = String, Path, description = "the document's name")),
    responses((status = 204), NotAllowed, NotThere))]
pub(crate) async fn show_document(
    state: Shared,
    caller: Caller,
    Named((id, document)): Named<(String, String)>,
) -> Answer<StatusCode> {
    show(state, caller, id, document_id(document)?.into()).await
}

/// Shows a class a lecture no more.
#[utoipa::path(delete, path = "/api/classes/{id}/lectures/{lecture}", tag = "classes",
    params(("id" = String, Path, description = "the class's name"),
        ("lecture" = String, Path, description = "the lecture's name")),
    responses((status = 204), NotAllowed, NotThere))]
pub(crate) async fn hide_lecture(
    state: Shared,
    caller: Caller,
    Named((id, lecture)): Named<(String, String)>,
) -> Answer<StatusCode> {
    hide(state, caller, id, lecture_id(lecture)?.into()).await
}

/// Shows a class a document no more.
#[utoipa::path(delete, path = "/api/classes/{id}/documents/{document}", tag = "classes",
    params(("id" = String, Path, description = "the class's name"),
        ("document" = String, Path, description = "the document's name")),
    responses((status = 204), NotAllowed, NotThere))]
pub(crate) async fn hide_document(
    state: Shared,
    caller: Caller,
    Named((id, document)): Named<(String, String)>,
) -> Answer<StatusCode> {
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
