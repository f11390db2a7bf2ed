//! The routes about documents: each decodes, calls one operation, encodes.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use synapscribe_domain::document::{Area, Document};
use synapscribe_domain::{DocumentId, Failure, Pages, PersonId};
use synapscribe_ports::Notice;
use synapscribe_protocol::documents::{
    DocumentDto, DocumentStatusDto, DocumentsDto, FiguresDto, NewDocumentDto, OutlineDto, PagesReadDto, UploadDto,
};
use synapscribe_protocol::rest::{LinkDto, SourceChangeDto};
use synapscribe_usecases::catalogue::Entry;
use synapscribe_usecases::document::shelf::MOST_PAGES;
use synapscribe_usecases::library::LINK_SECONDS;
use synapscribe_usecases::request_upload::Wish;
use synapscribe_wire::documents as dto;

use crate::classes::sharing;
use crate::envelope::{Answer, Asked, Caller, Change, Given, Named, Refusal};
use crate::openapi::{Busy, NotAllowed, NotRead, NotThere, TooLarge, Unusable};
use crate::{Routes, Shared};

/// How wide a picture of a page is when nobody says.
const WIDTH: u32 = 1_000;
/// How wide a cover is when nobody says.
const COVER_WIDTH: u32 = 300;
/// A page never changes, and is its reader's own.
const KEPT: &str = "private, max-age=86400";

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/api/documents", get(documents).post(new_document))
        .route("/api/documents/{id}", get(document).patch(change_document).delete(delete_document))
        .route("/api/documents/{id}/status", get(status))
        .route("/api/documents/{id}/outline", get(outline))
        .route("/api/documents/{id}/pages", get(pages))
        .route("/api/documents/{id}/pages/{page}/picture.png", get(picture))
        .route("/api/documents/{id}/cover.png", get(cover))
        .route("/api/documents/{id}/figures", get(figures))
        .route("/api/documents/{id}/file", get(file))
}

pub(crate) fn document_id(text: String) -> Result<DocumentId, Failure> {
    DocumentId::parse(text).map_err(|_| Failure::not_found("document"))
}

fn told((document, owner_name): Entry<Document>, viewer: &PersonId) -> DocumentDto {
    DocumentDto { owner_name, ..dto::document(&document, viewer) }
}

/// Every document that the caller may see, the newest first.
#[utoipa::path(get, path = "/api/documents", tag = "documents", responses((status = 200, body = DocumentsDto)))]
pub(crate) async fn documents(State(context): Shared, Caller(person): Caller) -> Answer<Json<DocumentsDto>> {
    let found = context.catalogue.documents(&person).await?;
    Ok(Json(DocumentsDto { documents: found.into_iter().map(|entry| told(entry, &person)).collect() }))
}

/// An address to upload a document to. It is made of the file as soon as that is there.
#[utoipa::path(post, path = "/api/documents", tag = "documents", request_body = NewDocumentDto,
    responses((status = 201, body = UploadDto), NotRead, TooLarge, Unusable))]
pub(crate) async fn new_document(
    State(context): Shared,
    Caller(person): Caller,
    Given(wish): Given<NewDocumentDto>,
) -> Answer<(StatusCode, Json<UploadDto>)> {
    let granted = context.granting.grant(&person, Wish::Document, &wish.file_name, wish.bytes).await?;
    Ok((StatusCode::CREATED, Json(upload(granted)?)))
}

fn upload(granted: Notice) -> Result<UploadDto, Failure> {
    let Notice::UploadUrl { url, key, expires_in, content_type, .. } = granted else { return Err(Failure::internal()) };
    Ok(UploadDto { document_id: key.place().name().into(), upload_url: url, s3_key: key.to_string(), expires_in, content_type })
}

/// A document.
#[utoipa::path(get, path = "/api/documents/{id}", tag = "documents",
    params(("id" = String, Path, description = "the document's name")), responses((status = 200, body = DocumentDto), NotThere))]
pub(crate) async fn document(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
) -> Answer<Json<DocumentDto>> {
    Ok(Json(told(context.catalogue.document(&person, &document_id(id)?).await?, &person)))
}

/// How far a document is, and which of its pages could not be read, and why.
#[utoipa::path(get, path = "/api/documents/{id}/status", tag = "documents",
    params(("id" = String, Path, description = "the document's name")), responses((status = 200, body = DocumentStatusDto), NotThere))]
pub(crate) async fn status(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
) -> Answer<Json<DocumentStatusDto>> {
    let (document, failed) = context.shelf.status(&person, &document_id(id)?).await?;
    Ok(Json(dto::status(&document, &failed)))
}

/// Gives a document of the caller's another title, or makes it public or private.
#[utoipa::path(patch, path = "/api/documents/{id}", tag = "documents", request_body = SourceChangeDto,
    params(("id" = String, Path, description = "the document's name")),
    responses((status = 200, body = DocumentDto), NotRead, NotAllowed, NotThere))]
pub(crate) async fn change_document(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
    Given(wish): Given<SourceChangeDto>,
) -> Answer<Json<DocumentDto>> {
    let id = document_id(id)?;
    let changed = match Change::read(wish)? {
        Change::Title(title) => context.shelf.rename(&person, &id, &title).await?,
        Change::Visibility(visibility) => sharing(&context)?.change_document(&person, &id, visibility).await?,
    };
    Ok(Json(dto::document(&changed, &person)))
}

/// Deletes a document of the caller's with everything made from it, also while it is being made.
#[utoipa::path(delete, path = "/api/documents/{id}", tag = "documents",
    params(("id" = String, Path, description = "the document's name")), responses((status = 204), NotThere))]
pub(crate) async fn delete_document(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
) -> Answer<StatusCode> {
    context.shelf.delete(&person, &document_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The table of contents.
#[utoipa::path(get, path = "/api/documents/{id}/outline", tag = "documents",
    params(("id" = String, Path, description = "the document's name")), responses((status = 200, body = OutlineDto), NotThere))]
pub(crate) async fn outline(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
) -> Answer<Json<OutlineDto>> {
    let id = document_id(id)?;
    Ok(Json(dto::outline(&id, &context.shelf.outline(&person, &id).await?)))
}

/// Which pages.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Among {
    /// The first; 1 if left out.
    from: Option<u32>,
    /// The last; no more than 50 are told at once.
    to: Option<u32>,
}

/// Pages as text, those that are read by now.
#[utoipa::path(get, path = "/api/documents/{id}/pages", tag = "documents",
    params(("id" = String, Path, description = "the document's name"), Among),
    responses((status = 200, body = PagesReadDto), NotRead, NotThere))]
pub(crate) async fn pages(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
    Asked(among): Asked<Among>,
) -> Answer<Json<PagesReadDto>> {
    let (id, from) = (document_id(id)?, among.from.unwrap_or(1));
    let to = among.to.unwrap_or(from.saturating_add(MOST_PAGES - 1));
    Ok(Json(dto::pages(&id, &context.shelf.pages(&person, &id, Pages::new(from, to)).await?)))
}

/// The figures on all pages that are read by now. A part of a page's picture shows one.
#[utoipa::path(get, path = "/api/documents/{id}/figures", tag = "documents",
    params(("id" = String, Path, description = "the document's name")), responses((status = 200, body = FiguresDto), NotThere))]
pub(crate) async fn figures(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
) -> Answer<Json<FiguresDto>> {
    let id = document_id(id)?;
    Ok(Json(dto::figures(&id, &context.shelf.figures(&person, &id).await?)))
}

/// How a page is to be shown.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Look {
    /// Pixels from side to side, 16 to 2,400; 1,000 if left out.
    width: Option<u32>,
    /// The left edge of the part to show, 0 to 1.
    left: Option<f32>,
    /// Its upper edge.
    top: Option<f32>,
    /// Its right edge.
    right: Option<f32>,
    /// Its lower edge.
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

/// A page, or a part of it, as a picture.
#[utoipa::path(get, path = "/api/documents/{id}/pages/{page}/picture.png", tag = "documents",
    params(("id" = String, Path, description = "the document's name"), ("page" = u32, Path, description = "the page, from 1"), Look),
    responses((status = 200, body = Vec<u8>, content_type = "image/png"), NotRead, NotThere, Unusable, Busy))]
pub(crate) async fn picture(
    State(context): Shared,
    Caller(person): Caller,
    Named((id, page)): Named<(String, u32)>,
    Asked(look): Asked<Look>,
) -> Answer<Response> {
    let width = look.width.unwrap_or(WIDTH);
    let png = context.shelf.picture(&person, &document_id(id)?, page, look.part(), width).await?;
    Ok(kept(png))
}

fn kept(png: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, KEPT)], png).into_response()
}

/// How a cover is to be shown.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Size {
    /// Pixels from side to side at most, 16 to 600; 300 if left out.
    width: Option<u32>,
}

/// The cover as a picture: the one that a book brings, or the first page of a PDF.
#[utoipa::path(get, path = "/api/documents/{id}/cover.png", tag = "documents",
    params(("id" = String, Path, description = "the document's name"), Size),
    responses((status = 200, body = Vec<u8>, content_type = "image/png"), NotRead, NotThere, Unusable, Busy))]
pub(crate) async fn cover(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
    Asked(size): Asked<Size>,
) -> Answer<Response> {
    let cover = context.shelf.cover(&person, &document_id(id)?, size.width.unwrap_or(COVER_WIDTH)).await?;
    // That there is none is kept as a cover is: to find it out once more, the book would be opened again.
    let none = || ([(header::CACHE_CONTROL, KEPT)], Refusal::from(Failure::not_found("cover"))).into_response();
    Ok(cover.map_or_else(none, kept))
}

/// An address that serves the file.
#[utoipa::path(get, path = "/api/documents/{id}/file", tag = "documents",
    params(("id" = String, Path, description = "the document's name")), responses((status = 200, body = LinkDto), NotThere))]
pub(crate) async fn file(State(context): Shared, Caller(person): Caller, Named(id): Named<String>) -> Answer<Json<LinkDto>> {
    let url = context.shelf.file_url(&person, &document_id(id)?).await?;
    Ok(Json(LinkDto { url, expires_in: LINK_SECONDS }))
}
