//! The routes about what there is to work with and what is kept.

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use synapscribe_protocol::rest::{EngineServersDto, EnginesDto, StorageDto, VoicesDto};
use synapscribe_wire::dto;

use crate::envelope::{Answer, Caller};
use crate::{Routes, Shared};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/api/storage", get(storage))
        .route("/api/engines", get(engines))
        .route("/api/engines/servers", get(engine_servers))
        .route("/api/voices", get(voices))
}

/// The bytes that are kept for the caller.
#[utoipa::path(get, path = "/api/storage", tag = "equipment", responses((status = 200, body = StorageDto)))]
pub(crate) async fn storage(State(context): Shared, Caller(person): Caller) -> Answer<Json<StorageDto>> {
    Ok(Json(dto::storage(&context.equipment.stored(&person).await?)))
}

/// What does the work, and where it sends data.
#[utoipa::path(get, path = "/api/engines", tag = "equipment", responses((status = 200, body = EnginesDto)))]
pub(crate) async fn engines(State(context): Shared, Caller(_): Caller) -> Json<EnginesDto> {
    let cards = context.equipment.engines();
    Json(EnginesDto { engines: cards.into_iter().map(|(role, card)| dto::engine(role, card)).collect() })
}

/// The servers behind engines, each after it was tried.
#[utoipa::path(get, path = "/api/engines/servers", tag = "equipment", responses((status = 200, body = EngineServersDto)))]
pub(crate) async fn engine_servers(State(context): Shared, Caller(_): Caller) -> Json<EngineServersDto> {
    let tried = context.equipment.reach().await;
    Json(EngineServersDto { servers: tried.into_iter().map(|(role, reached)| dto::reached(role, reached)).collect() })
}

/// The voices to choose from.
#[utoipa::path(get, path = "/api/voices", tag = "equipment", responses((status = 200, body = VoicesDto)))]
pub(crate) async fn voices(State(context): Shared, Caller(_): Caller) -> Json<VoicesDto> {
    let equipment = &context.equipment;
    let voices = equipment.voices().into_iter().map(dto::voice).collect();
    Json(VoicesDto { voices, others: equipment.has_other_voices() })
}
