//! REST over lectures, documents, classes, packs, sessions, search and what a deployment works with: decodes, calls one operation,
//! encodes. Holds no logic.

mod classes;
mod correlation;
mod documents;
mod envelope;
mod equipment;
mod lectures;
mod openapi;
mod packs;
mod search;
mod sessions;
mod turns;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn;
use axum::routing::get;
use synapscribe_ports::Ids;
use synapscribe_usecases::document::shelf::Shelf;
use synapscribe_usecases::equipment::Equipment;
use synapscribe_usecases::library::Reading;
use synapscribe_usecases::request_upload::Granting;
use synapscribe_usecases::{Catalogue, Conversing, Editing, Revising, Searching, Sharing};

pub use envelope::{Answer, Caller, Peer, Refusal, TurnedAway, another_method};
pub use openapi::document;
pub use turns::Lines;

/// What the routes call; built once.
#[derive(Clone)]
pub struct Context {
    /// What there is, and whose it is.
    pub catalogue: Catalogue,
    /// Reads and deletes.
    pub reading: Reading,
    /// Documents.
    pub shelf: Shelf,
    /// Takes new documents.
    pub granting: Granting,
    /// Changes.
    pub editing: Editing,
    /// Packs of cards.
    pub revising: Revising,
    /// Classes, and who is shown what; nothing where there are no accounts.
    pub sharing: Option<Sharing>,
    /// Begins sessions, and asks in them.
    pub conversing: Conversing,
    /// Where answers come from, where one request can wait for one.
    pub lines: Option<Arc<dyn Lines>>,
    /// Where one request can wait for an answer instead, below which `/sessions/{id}/turns` is.
    pub streaming_url: Option<String>,
    /// Finds passages.
    pub searching: Searching,
    /// Tells what there is to work with.
    pub equipment: Equipment,
    /// Names for what begins here.
    pub ids: Arc<dyn Ids>,
}

type Routes = Router<Arc<Context>>;
type Shared = State<Arc<Context>>;

/// The routes, below `/api`.
pub fn router(context: Context) -> Router {
    Router::new()
        .merge(lectures::routes())
        .merge(documents::routes())
        .merge(classes::routes())
        .merge(packs::routes())
        .merge(sessions::routes())
        .merge(search::routes())
        .merge(equipment::routes())
        .method_not_allowed_fallback(another_method)
        .with_state(Arc::new(context))
        .layer(from_fn(correlation::named))
}

/// What is said where there is no route.
pub fn nowhere() -> Router {
    Router::new().fallback(envelope::nothing_here).layer(from_fn(correlation::named))
}

/// What anybody may read: which routes there are.
pub fn description() -> Router {
    Router::new().route("/api/openapi.json", get(openapi::serve)).method_not_allowed_fallback(another_method)
}
