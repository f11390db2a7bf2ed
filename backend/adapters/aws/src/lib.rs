//! The ports that AWS serves, over its own SDKs. It knows services and tables and must not know any operation or the wire to clients.
//!
//! | port | type | service |
//! | --- | --- | --- |
//! | `Objects` | [`S3Objects`] | S3: one bucket, presigned uploads and downloads |
//! | `Sessions` | [`DynamoSessions`] | DynamoDB: `sessions` and `turns` |
//! | `Ledger` | [`DynamoLedger`] | DynamoDB: `ledger` |
//! | `Connections` | [`GatewayConnections`] | DynamoDB: `connections`; API Gateway's management endpoint sends |
//! | `Jobs` | [`QueuedJobs`] | DynamoDB: `jobs` holds them; an SQS queue for each lane rings |
//! | `Narrator` | [`PollyNarrator`] | Polly's neural voices |
//! | `Embedder` | [`TitanEmbedder`] | Titan text embeddings on Bedrock |
//! | `Identities` | [`PoolIdentities`] | Cognito: an identity pool's, for new accounts |
//! | `Proofs` | [`PoolProofs`] | Cognito: a user pool's passwords and second proofs |
//! | `Mail` | [`SesMail`] | SES: plain text from one address |
//! | `Bus` | [`EventBridge`] | EventBridge: one bus |
//!
//! [`Converse`] streams what a model on Bedrock writes, [`secrets`] reads what Secrets Manager keeps, and [`databases`] lets processes
//! into databases.
//!
//! # Tables
//!
//! All are on demand, with the time to live on `expiresAt`, in seconds. Times that decide anything are kept beside it in milliseconds,
//! because DynamoDB removes what has expired only within days.
//!
//! | table | key | attributes | index |
//! | --- | --- | --- | --- |
//! | `sessions` | `sessionId`, `lectureId` | `ownerId`, `activeAt`, `endsAt`, `turnsUntil`, `version`, `record` | `byOwner`: `ownerId`, `activeAt` |
//! | `turns` | `sessionId`, `queryId` | `askedAt`, `ended`, `record` | |
//! | `connections` | `connectionId` | `personId`, `openedAt`, `signIn` | `byPerson`: `personId`, `openedAt` |
//! | `ledger` | `work` | `sequence`, `stage`, `claimedAt`, `heldUntil`, `note` | |
//! | `jobs` | `lane`, `id` | `work`, `job`, `due`, `held`, `attempt`, `interrupted`, `reason` | |
//!
//! `lectureId` is what a session is about: a source's name, or one that no source has.
//!
//! A record is JSON in one attribute; what conditions and indexes look at stands beside it. Reads that decide something are consistent;
//! lists by person come from an index and may be a moment old.
//!
//! A session's record is changed by comparing `version`; a turn is stored in one transaction with the check that its session is there.
//! A job is one item in its lane, and a second one, `lane = "key/…"`, holds its key while it waits or runs. A lane is one partition,
//! which bears about two hundred jobs a second.
//!
//! # Retries and limits
//!
//! The SDK tries a call three times and waits longer each time; that is all these adapters retry. Throttling that lasts is
//! `Unavailable`, and a write that lost a race is tried again on what the winner stored.

mod bells;
mod connect;
mod connections;
mod converse;
pub mod databases;
mod embedder;
mod events;
mod fault;
mod identities;
mod items;
mod jobs;
mod ledger;
mod mail;
mod narrator;
mod objects;
mod proofs;
#[cfg(feature = "rehearsal")]
pub mod rehearsal;
pub mod secrets;
mod sessions;
mod tables;
mod turns;

pub use aws_config::SdkConfig;
pub use bells::Queues;
pub use connect::{Site, connect};
pub use connections::GatewayConnections;
pub use converse::{Converse, Said, Speaker};
pub use embedder::TitanEmbedder;
pub use events::EventBridge;
pub use identities::PoolIdentities;
pub use jobs::QueuedJobs;
pub use ledger::DynamoLedger;
pub use mail::SesMail;
pub use narrator::PollyNarrator;
pub use objects::S3Objects;
pub use proofs::PoolProofs;
pub use sessions::DynamoSessions;
pub use tables::{TABLES, Table, Tables};
