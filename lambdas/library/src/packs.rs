//! The routes about packs: each decodes, calls one operation, encodes.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post, put};
use synapscribe_domain::pack::Counted;
use synapscribe_domain::{CardId, Code, Failure, PackId, PersonId};
use synapscribe_protocol::packs::{CardChangeDto, CardDto, NewCardDto, OpenPackDto, PackDto, PackTitleDto, PacksDto};
use synapscribe_protocol::rest::SourceChangeDto;
use synapscribe_usecases::catalogue::Entry;
use synapscribe_usecases::packs::Rewording;
use synapscribe_wire::{names, packs as dto};

use crate::classes::{class_id, sharing};
use crate::envelope::{Answer, Caller, Change, Given, Named};
use crate::openapi::{Changed, NotAllowed, NotRead, NotThere};
use crate::{Routes, Shared};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/api/packs", get(packs).post(make_pack))
        .route("/api/packs/{id}", get(pack).patch(change_pack).delete(delete_pack))
        .route("/api/packs/{id}/anki", get(anki))
        .route("/api/packs/{id}/cards", post(keep))
        .route("/api/packs/{id}/cards/{card}", patch(change_card).delete(remove_card))
        .route("/api/classes/{id}/packs/{pack}", put(show_pack).delete(hide_pack))
}

fn pack_id(text: String) -> Result<PackId, Failure> {
    PackId::parse(text).map_err(|_| Failure::not_found("pack"))
}

fn card_id(text: String) -> Result<CardId, Failure> {
    CardId::parse(text).map_err(|_| Failure::not_found("card"))
}

fn told((counted, owner_name): Entry<Counted>, viewer: &PersonId) -> PackDto {
    PackDto { owner_name, ..dto::pack(&counted, viewer) }
}

/// Every pack that the caller may see: their own, then what classes and everybody are shown.
#[utoipa::path(get, path = "/api/packs", tag = "packs", responses((status = 200, body = PacksDto)))]
pub(crate) async fn packs(State(context): Shared, Caller(person): Caller) -> Answer<Json<PacksDto>> {
    let found = context.catalogue.packs(&person).await?;
    Ok(Json(PacksDto { packs: found.into_iter().map(|entry| told(entry, &person)).collect() }))
}

/// Makes a pack.
#[utoipa::path(post, path = "/api/packs", tag = "packs", request_body = PackTitleDto,
    responses((status = 201, body = PackDto), NotRead))]
pub(crate) async fn make_pack(
    State(context): Shared,
    Caller(person): Caller,
    Given(wish): Given<PackTitleDto>,
) -> Answer<(StatusCode, Json<PackDto>)> {
    let made = context.revising.make(&person, &wish.title).await?;
    Ok((StatusCode::CREATED, Json(dto::pack(&made, &person))))
}

/// A pack with its cards.
#[utoipa::path(get, path = "/api/packs/{id}", tag = "packs", params(("id" = String, Path, description = "the pack's name")),
    responses((status = 200, body = OpenPackDto), NotThere))]
pub(crate) async fn pack(State(context): Shared, Caller(person): Caller, Named(id): Named<String>) -> Answer<Json<OpenPackDto>> {
    let id = pack_id(id)?;
    let entry = context.catalogue.pack(&person, &id).await?;
    let cards = context.revising.cards(&person, &id).await?;
    Ok(Json(OpenPackDto { pack: told(entry, &person), cards: cards.iter().map(dto::card).collect() }))
}

/// Gives a pack of the caller's another title, or makes it public or private.
#[utoipa::path(patch, path = "/api/packs/{id}", tag = "packs", request_body = SourceChangeDto,
    params(("id" = String, Path, description = "the pack's name")),
    responses((status = 200, body = PackDto), NotRead, NotAllowed, NotThere))]
pub(crate) async fn change_pack(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
    Given(wish): Given<SourceChangeDto>,
) -> Answer<Json<PackDto>> {
    let id = pack_id(id)?;
    let changed = match Change::read(wish)? {
        Change::Title(title) => context.revising.rename(&person, &id, &title).await?,
        Change::Visibility(visibility) => sharing(&context)?.change_pack(&person, &id, visibility).await?,
    };
    Ok(Json(dto::pack(&changed, &person)))
}

/// Deletes a pack of the caller's with its cards.
#[utoipa::path(delete, path = "/api/packs/{id}", tag = "packs", params(("id" = String, Path, description = "the pack's name")),
    responses((status = 204), NotThere))]
pub(crate) async fn delete_pack(State(context): Shared, Caller(person): Caller, Named(id): Named<String>) -> Answer<StatusCode> {
    context.revising.delete(&person, &pack_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A pack as a text that Anki imports.
#[utoipa::path(get, path = "/api/packs/{id}/anki", tag = "packs", params(("id" = String, Path, description = "the pack's name")),
    responses((status = 200, body = String, content_type = "text/tab-separated-values"), NotThere))]
pub(crate) async fn anki(State(context): Shared, Caller(person): Caller, Named(id): Named<String>) -> Answer<Response> {
    let text = context.revising.for_anki(&person, &pack_id(id)?).await?;
    Ok(([(header::CONTENT_TYPE, "text/tab-separated-values; charset=utf-8")], text).into_response())
}

/// Keeps an answered turn of the caller's in a pack of theirs, by `sessionId` and `queryId`, or adds a card in their own words, by
/// `question` and `answer`. A turn that was kept in it before is answered with 200 and its card.
#[utoipa::path(post, path = "/api/packs/{id}/cards", tag = "packs", request_body = NewCardDto,
    params(("id" = String, Path, description = "the pack's name")),
    responses((status = 200, body = CardDto), (status = 201, body = CardDto), NotRead, NotThere, Changed))]
pub(crate) async fn keep(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
    Given(wish): Given<NewCardDto>,
) -> Answer<(StatusCode, Json<CardDto>)> {
    let id = pack_id(id)?;
    let (card, new) = match wish {
        NewCardDto { session_id: Some(session), query_id: Some(query), question: None, answer: None } => {
            let (session, query) = (names::session(session)?, names::query(query)?);
            context.revising.keep(&person, &id, &session, &query).await?
        }
        NewCardDto { session_id: None, query_id: None, question: Some(question), answer: Some(answer) } => {
            (context.revising.write(&person, &id, &question, &answer).await?, true)
        }
        _ => {
            let why = "give either `sessionId` and `queryId`, or `question` and `answer`";
            return Err(Failure::new(Code::BadMessage, why).into());
        }
    };
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(dto::card(&card))))
}

/// Puts a card of the caller's into other words.
#[utoipa::path(patch, path = "/api/packs/{id}/cards/{card}", tag = "packs", request_body = CardChangeDto,
    params(("id" = String, Path, description = "the pack's name"), ("card" = String, Path, description = "the card's name")),
    responses((status = 200, body = CardDto), NotRead, NotThere))]
pub(crate) async fn change_card(
    State(context): Shared,
    Caller(person): Caller,
    Named((id, card)): Named<(String, String)>,
    Given(CardChangeDto { question, answer }): Given<CardChangeDto>,
) -> Answer<Json<CardDto>> {
    if question.is_none() && answer.is_none() {
        return Err(Failure::new(Code::BadMessage, "give `question`, `answer` or both").into());
    }
    let wish = Rewording { question, answer };
    Ok(Json(dto::card(&context.revising.reword(&person, &pack_id(id)?, &card_id(card)?, &wish).await?)))
}

/// Removes a card from a pack of the caller's.
#[utoipa::path(delete, path = "/api/packs/{id}/cards/{card}", tag = "packs",
    params(("id" = String, Path, description = "the pack's name"), ("card" = String, Path, description = "the card's name")),
    responses((status = 204), NotThere))]
pub(crate) async fn remove_card(
    State(context): Shared,
    Caller(person): Caller,
    Named((id, card)): Named<(String, String)>,
) -> Answer<StatusCode> {
    context.revising.remove(&person, &pack_id(id)?, &card_id(card)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows a class a pack of the caller's.
#[utoipa::path(put, path = "/api/classes/{id}/packs/{pack}", tag = "classes",
    params(("id" = String, Path, description = "the class's name"), ("pack" = String, Path, description = "the pack's name")),
    responses((status = 204), NotAllowed, NotThere))]
pub(crate) async fn show_pack(
    State(context): Shared,
    Caller(person): Caller,
    Named((id, pack)): Named<(String, String)>,
) -> Answer<StatusCode> {
    sharing(&context)?.show_pack(&person, &class_id(id)?, &pack_id(pack)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows a class a pack no more.
#[utoipa::path(delete, path = "/api/classes/{id}/packs/{pack}", tag = "classes",
    params(("id" = String, Path, description = "the class's name"), ("pack" = String, Path, description = "the pack's name")),
    responses((status = 204), NotAllowed, NotThere))]
pub(crate) async fn hide_pack(
    State(context): Shared,
    Caller(person): Caller,
    Named((id, pack)): Named<(String, String)>,
) -> Answer<StatusCode> {
    sharing(&context)?.hide_pack(&person, &class_id(id)?, &pack_id(pack)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
