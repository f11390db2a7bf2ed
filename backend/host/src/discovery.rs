//! The document by which a client finds everything of this host.

use synapscribe_domain::AudioLimits;
use synapscribe_local::{BUCKET, IdentityEndpoint, REGION};
use synapscribe_protocol::Discovery;
use synapscribe_protocol::discovery::{Sample as SampleDto, UploadLimits};
use synapscribe_usecases::Equipment;
use synapscribe_wire::dto;

use crate::accounts::Accounts;
use crate::sample;
use crate::settings::Settings;

/// Makes it.
pub(crate) fn discovery(
    settings: &Settings,
    url: &str,
    identity: &IdentityEndpoint,
    equipment: &Equipment,
    accounts: &Accounts,
) -> Discovery {
    let document = Discovery {
        product: "synapscribe".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        protocol: "1.0".into(),
        deployment: "local".into(),
        region: REGION.into(),
        identity_pool_id: identity.pool().into(),
        cognito_endpoint: None,
        s3_endpoint: None,
        bucket: BUCKET.into(),
        websocket_url: String::new(),
        rest_url: String::new(),
        streaming_url: None,
        limits: UploadLimits {
            lecture_bytes: settings.lecture_limits.bytes,
            lecture_seconds: settings.lecture_limits.duration.0 / 1000,
            query_seconds: AudioLimits::QUESTION.duration.0 / 1000,
        },
        features: [
            "voice",
            "sessions",
            "captions",
            "report",
            "corrections",
            "waveform",
            "documents",
            "packs",
            "covers",
            "accounts",
            "classes",
            "live",
        ]
        .map(str::to_owned)
        .to_vec(),
        engines: equipment.engines().into_iter().map(|(role, card)| dto::engine(role, card)).collect(),
        accounts: Some(accounts.here()),
        sample: settings.sample.then(|| SampleDto { lecture_id: sample::ID.into(), question: sample::QUESTION.into() }),
    };
    reached_at(document, url)
}

/// The same for whoever reaches this host at this address.
pub(crate) fn reached_at(mut document: Discovery, url: &str) -> Discovery {
    document.cognito_endpoint = Some(url.into());
    document.s3_endpoint = Some(url.into());
    document.websocket_url = format!("{}/ws", url.replacen("http", "ws", 1));
    document.rest_url = format!("{url}/api");
    if let Some(accounts) = &mut document.accounts {
        accounts.url = format!("{url}/api/auth");
    }
    document
}
