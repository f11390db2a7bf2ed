//! What a server says of itself at `/.well-known/synapscribe.json`.

use serde::{Deserialize, Serialize};

/// Everything a client must know beyond the server's address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Discovery {
    /// The product, always `synapscribe`.
    pub product: String,
    /// The server's version.
    pub version: String,
    /// The version of this wire; clients refuse a greater major number.
    pub protocol: String,
    /// `local` or `aws`.
    pub deployment: String,
    /// The AWS region requests are signed for.
    pub region: String,
    /// The Cognito identity pool guests draw from.
    pub identity_pool_id: String,
    /// The Cognito identity endpoint; left out for the region's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cognito_endpoint: Option<String>,
    /// The S3 endpoint; left out for the region's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_endpoint: Option<String>,
    /// The bucket.
    pub bucket: String,
    /// The WebSocket's address.
    pub websocket_url: String,
    /// The address REST paths are appended to.
    pub rest_url: String,
    /// The same for `POST /sessions/{id}/turns`, which answers while it is asked; left out where `restUrl` does for that as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streaming_url: Option<String>,
    /// The limits of an upload.
    pub limits: UploadLimits,
    /// What this server can do.
    pub features: Vec<String>,
    /// Which engines answer, and where they send data.
    pub engines: Vec<EngineDto>,
    /// How accounts work here; left out where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts: Option<AccountsHere>,
    /// A lecture everyone may ask, and a question to begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
}

/// How accounts work on a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AccountsHere {
    /// The address that `/register`, `/login` and the others are appended to.
    pub url: String,
    /// Who makes access tokens: the name that the identity pool knows them by, a key of `Logins`.
    pub issuer: String,
    /// Whether signing up takes an invitation.
    pub invited_only: bool,
    /// Where mail goes: `outbox`, a folder on the server that whoever runs it reads, or `mail`.
    pub mail: String,
}

/// The limits of an upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct UploadLimits {
    /// Bytes of a lecture.
    pub lecture_bytes: u64,
    /// Seconds of a lecture.
    pub lecture_seconds: u64,
    /// Seconds of a spoken question.
    pub query_seconds: u64,
}

/// An engine and where it sends data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EngineDto {
    /// `recognition`, `answers`, `speech`, `meaning` or `pages`.
    pub role: String,
    /// A name for people.
    pub name: String,
    /// The model or voice.
    pub model: String,
    /// The host that receives data; left out when it stays on the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sends_to: Option<String>,
    /// What the operator has to do before it can be used; left out where it can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
}

/// The lecture that is there from the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// Its name.
    pub lecture_id: String,
    /// A question it answers.
    pub question: String,
}
