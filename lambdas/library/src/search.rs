//! The route that searches.

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use serde::Deserialize;
use synapscribe_protocol::search::{FoundDto, HitDto};
use synapscribe_usecases::search::{Hit, USUAL, Wish};
use synapscribe_wire::dto;

use crate::envelope::{Answer, Asked, Caller};
use crate::openapi::{NotRead, NotThere};
use crate::{Routes, Shared};

pub(crate) fn routes() -> Routes {
    Routes::new().route("/api/search", get(search))
}

/// What is looked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Sought {
    /// In words.
    q: String,
    /// The names of lectures and documents to look in, parted by commas; everything that the caller may see if left out.
    sources: Option<String>,
    /// At most so many, 1 to 50; 10 if left out.
    limit: Option<usize>,
}

/// Passages that fit some words, by words and by meaning, the best first.
#[utoipa::path(get, path = "/api/search", tag = "search", params(Sought),
    responses((status = 200, body = FoundDto), NotRead, NotThere))]
pub(crate) async fn search(
    State(context): Shared,
    Caller(person): Caller,
    Asked(sought): Asked<Sought>,
) -> Answer<Json<FoundDto>> {
    let sources = sought.sources.iter().flat_map(|names| names.split(',')).map(|name| name.trim().to_owned());
    let wish =
        Wish { text: sought.q, sources: sources.filter(|name| !name.is_empty()).collect(), limit: sought.limit.unwrap_or(USUAL) };
    let found = context.searching.search(&person, &wish).await?;
    Ok(Json(FoundDto { hits: found.hits.into_iter().map(hit).collect(), by_meaning: found.by_meaning }))
}

fn hit(hit: Hit) -> HitDto {
    HitDto {
        title: hit.title,
        heading: Some(hit.heading).filter(|heading| !heading.is_empty()),
        place: dto::citation(&hit.place),
    }
}
