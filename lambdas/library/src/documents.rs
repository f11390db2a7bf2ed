//! The routes about documents: each decodes, calls one operation, encodes.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use synapscribe_domain::document::Area;
use synapscribe_domain::{DocumentId, Failure, Pages};
use synapscribe_protocol::documents::{DocumentDto, DocumentsDto, OutlineDto, PagesReadDto};
use synapscribe_protocol::rest::{LinkDto, SourceChangeDto};
use synapscribe_usecases::document::shelf::MOST_PAGES;
use synapscribe_usecases::library::LINK_SECONDS;
use synapscribe_wire::documents;

use crate::classes::sharing;
use crate::{Answer, Caller, Change, Context, Given};

/// How wide a picture of a page is when nobody says.
const WIDTH: u32 = 1_000;

pub(crate) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/api/documents", get(all))
        .route("/api/documents/{id}", get(one).patch(change).delete(delete))
        .route("/api/documents/{id}/outline", get(outline))
        .route("/api/documents/{id}/pages", get(pages))
        .route("/api/documents/{id}/pages/{page}/picture.png", get(picture))
        .route("/api/documents/{id}/file", get(file))
}

type Shared = State<Arc<Context>>;

pub(crate) fn document_id(text: String) -> Result<DocumentId, Failure> {
    DocumentId::parse(text).map_err(|_| Failure::not_found("document"))
}

async fn all(State(context): Shared, Caller(person): Caller) -> Answer<Json<DocumentsDto>> {
    let found = context.shelf.documents(&person).await?;
    Ok(Json(DocumentsDto { documents: found.iter().map(|d| documents::document(d, &person)).collect() }))
}

async fn one(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Json<DocumentDto>> {
    Ok(Json(documents::document(&context.shelf.document(&person, &document_id(id)?).await?, &person)))
}

async fn change(
    State(context): Shared,
    Caller(person): Caller,
    Path(id): Path<String>,
    Given(wish): Given<SourceChangeDto>,
) -> Answer<Json<DocumentDto>> {
    let id = document_id(id)?;
    let changed = match Change::read(wish)? {
        Change::Title(title) => context.shelf.rename(&person, &id, &title).await?,
        Change::Visibility(visibility) => sharing(&context)?.change_document(&person, &id, visibility).await?,
    };
    Ok(Json(documents::document(&changed, &person)))
}

async fn delete(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<StatusCode> {
    context.shelf.delete(&person, &document_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn outline(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Json<OutlineDto>> {
    let id = document_id(id)?;
    Ok(Json(documents::outline(&id, &context.shelf.outline(&person, &id).await?)))
}

#[derive(Deserialize)]
struct Among {
    from: Option<u32>,
    to: Option<u32>,
}

async fn pages(
    State(context): Shared,
    Caller(person): Caller,
    Path(id): Path<String>,
    Query(among): Query<Among>,
) -> Answer<Json<PagesReadDto>> {
    let (id, from) = (document_id(id)?, among.from.unwrap_or(1));
    let to = among.to.unwrap_or(from.saturating_add(MOST_PAGES - 1));
    Ok(Json(documents::pages(&id, &context.shelf.pages(&person, &id, Pages::new(from, to)).await?)))
}

#[derive(Deserialize)]
struct Look {
    width: Option<u32>,
    left: Option<f32>,
    top: Option<f32>,
    right: Option<f32>,
    bottom: Option<f32>,
}

impl Look {
    /// The part of the page that is meant, if it is one.
    fn part(&self) -> Option<Area> {
        let edge = |at: Option<f32>, usual: f32| at.filter(|at| at.is_finite()).map_or(usual, |at| at.clamp(0.0, 1.0));
        let area = Area {
            left: edge(self.left, 0.0),
            top: edge(self.top, 0.0),
            right: edge(self.right, 1.0),
            bottom: edge(self.bottom, 1.0),
        };
        let whole = (area.left, area.top, area.right, area.bottom) == (0.0, 0.0, 1.0, 1.0);
        (!whole && area.left < area.right && area.top < area.bottom).then_some(area)
    }
}

async fn picture(
    State(context): Shared,
    Caller(person): Caller,
    Path((id, page)): Path<(String, u32)>,
    Query(look): Query<Look>,
) -> Answer<Response> {
    let width = look.width.unwrap_or(WIDTH);
    let png = context.shelf.picture(&person, &document_id(id)?, page, look.part(), width).await?;
    // A page never changes, and is its reader's own.
    let kept = [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "private, max-age=86400")];
    Ok((kept, png).into_response())
}

async fn file(State(context): Shared, Caller(person): Caller, Path(id): Path<String>) -> Answer<Json<LinkDto>> {
    let url = context.shelf.file_url(&person, &document_id(id)?).await?;
    Ok(Json(LinkDto { url, expires_in: LINK_SECONDS }))
}
