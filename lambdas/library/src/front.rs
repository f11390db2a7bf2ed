//! What a deployment tells whoever asks, without credentials: where everything is, and whether it is well.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use lambda_http::request::RequestContext;
use synapscribe_deployment::{Asking, Front, Tokens};
use synapscribe_domain::{AudioLimits, Failure, LectureId};
use synapscribe_protocol::Discovery;
use synapscribe_protocol::discovery::{AccountsHere, UploadLimits};
use synapscribe_protocol::rest::HealthDto;
use synapscribe_wire::dto;

/// The routes.
pub fn router(asking: Asking, front: Front) -> Router {
    Router::new()
        .route("/.well-known/synapscribe.json", get(discovery))
        .route("/health", get(health))
        .method_not_allowed_fallback(lambda_library::another_method)
        .with_state(Arc::new((asking, front)))
}

type Shared = State<Arc<(Asking, Front)>>;

async fn discovery(State(state): Shared, request: Request) -> Response {
    let (asking, front) = &*state;
    let deployment = &asking.deployment;
    let own = || request.extensions().get::<RequestContext>().and_then(address);
    // The gateway's name is only known once there is a request: its template could not tell the function.
    let Some(url) = front.public_url.clone().or_else(own) else {
        tracing::error!("the gateway does not say its name; set SYNAPSCRIBE_PUBLIC_URL");
        return lambda_library::Refusal::from(Failure::internal()).into_response();
    };
    // Where voice and text go is told as it is now.
    asking.look_at_engines().await;
    let engines = asking.equipment().engines();
    let features = ["voice", "sessions", "captions", "report", "corrections", "waveform", "documents", "packs"].into_iter();
    let features = features.chain(front.tokens.iter().flat_map(|_| ["accounts", "classes"]));
    Json(Discovery {
        product: "synapscribe".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        protocol: "1.0".into(),
        deployment: "aws".into(),
        region: deployment.site.region.clone(),
        identity_pool_id: front.pool.clone(),
        cognito_endpoint: front.cognito.clone(),
        s3_endpoint: deployment.site.endpoint.clone(),
        bucket: deployment.bucket.clone(),
        websocket_url: front.websocket_url.clone(),
        rest_url: format!("{url}/api"),
        streaming_url: front.streaming_url.clone(),
        limits: UploadLimits {
            lecture_bytes: deployment.lecture_limits.bytes,
            lecture_seconds: deployment.lecture_limits.duration.0 / 1000,
            query_seconds: AudioLimits::QUESTION.duration.0 / 1000,
        },
        features: features.map(str::to_owned).collect(),
        engines: engines.into_iter().map(|(role, card)| dto::engine(role, card)).collect(),
        accounts: front.tokens.as_ref().map(|Tokens { issuer, .. }| AccountsHere {
            url: format!("{url}/api/auth"),
            // The identity pool names a provider without its scheme.
            issuer: issuer.split_once("://").map_or(issuer.as_str(), |(_, bare)| bare).to_owned(),
            invited_only: front.invited_only,
            mail: "mail".into(),
        }),
        sample: None,
    })
    .into_response()
}

fn address(context: &RequestContext) -> Option<String> {
    let RequestContext::ApiGatewayV2(context) = context else { return None };
    let domain = context.domain_name.as_deref()?;
    Some(match context.stage.as_deref() {
        None | Some("$default") => format!("https://{domain}"),
        Some(stage) => format!("https://{domain}/{stage}"),
    })
}

async fn health(State(state): Shared) -> Response {
    let nobody = LectureId::parse("health-probe").expect("the probe's name is a valid identifier");
    let (status, word, problems) = match state.0.deployment.library.lecture(&nobody).await {
        Ok(_) => (StatusCode::OK, "ok", Vec::new()),
        Err(error) => {
            tracing::error!(%error, "the library does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "degraded", vec!["the library cannot be read".to_owned()])
        }
    };
    (status, Json(HealthDto { status: word.into(), version: env!("CARGO_PKG_VERSION").into(), problems })).into_response()
}
