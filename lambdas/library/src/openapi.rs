//! The routes as an OpenAPI document, made from the routes themselves.

use std::collections::BTreeMap;

use axum::Json;
use axum::response::IntoResponse;
use synapscribe_protocol::rest::ErrorBody;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, Modify, OpenApi};

use crate::{classes, documents, equipment, lectures, packs, search, sessions, turns};

#[derive(OpenApi)]
#[openapi(
    info(title = "SynapScribe library", description = "Lectures, documents, sessions, search, classes and packs."),
    paths(
        documents::documents, documents::new_document, documents::document, documents::change_document, documents::delete_document,
        documents::status, documents::outline, documents::pages, documents::picture, documents::cover, documents::figures, documents::file,
        lectures::lectures, lectures::lecture, lectures::change_lecture, lectures::delete_lecture, lectures::transcript,
        lectures::correct, lectures::vtt, lectures::waveform, lectures::report, lectures::audio,
        sessions::sessions, sessions::begin_session, sessions::session, sessions::rename_session, sessions::delete_session,
        sessions::export, sessions::response, turns::ask, search::search,
        classes::classes, classes::make_class, classes::join_class, classes::class, classes::rename_class, classes::end_class,
        classes::renew_code, classes::leave_class, classes::send_away, classes::show_lecture, classes::hide_lecture,
        classes::show_document, classes::hide_document,
        packs::packs, packs::make_pack, packs::pack, packs::change_pack, packs::delete_pack, packs::anki, packs::keep,
        packs::change_card, packs::remove_card, packs::show_pack, packs::hide_pack,
        equipment::storage, equipment::engines, equipment::engine_servers, equipment::voices,
    ),
    components(schemas(ErrorBody)),
    security(("access_token" = []), ("guest" = [])),
    modifiers(&Everywhere)
)]
struct Api;

/// Refusals, as the routes that give them name them. Nothing is ever one of these types: each stands for its description.
macro_rules! refusals {
    ($($name:ident = $status:literal, $why:literal;)*) => {
        $(
            pub(crate) enum $name {}

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    BTreeMap::from([($status.to_owned(), refusal($why).into())])
                }
            }
        )*
    };
}

refusals! {
    NotRead = "400", "the request cannot be read as it is; the message says why";
    NotAllowed = "403", "it takes a role that the caller does not have";
    NotThere = "404", "it does not exist, or is not the caller's; the two are not told apart";
    Changed = "409", "it is not ready, has ended, or was changed meanwhile";
    TooLarge = "413", "it is larger than what is taken";
    Unusable = "422", "the file cannot be used";
    TooOften = "429", "it was done too often; `Retry-After` says when it works again";
    NotOffered = "501", "this deployment does not do that";
    Busy = "503", "there is too much to do just now, or an engine is away; it may work later";
}

fn refusal(why: &str) -> Response {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).build();
    ResponseBuilder::new().description(why).content("application/json", body).build()
}

/// What is so of every route: nobody is let in who shows nothing.
struct Everywhere;

impl Modify for Everywhere {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme("access_token", SecurityScheme::Http(bearer));
        let signed = "AWS Signature Version 4 for the service execute-api, by the credentials of a guest";
        let signature = ApiKey::Header(ApiKeyValue::with_description("authorization", signed));
        components.add_security_scheme("guest", SecurityScheme::ApiKey(signature));
        for item in document.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
            operations.into_iter().flatten().for_each(refuse_strangers);
        }
    }
}

fn refuse_strangers(operation: &mut Operation) {
    let refused = refusal("whoever asks shows no valid credentials");
    operation.responses.responses.insert("401".to_owned(), refused.into());
}

/// The document.
pub fn document() -> Document {
    Api::openapi()
}

/// `GET /api/openapi.json`.
pub(crate) async fn serve() -> impl IntoResponse {
    Json(document())
}
