//! The S3 endpoint: the published protocol over a [`Folder`], for the callers of one [`Keyring`]. The wire and the signatures
//! are s3s's; who may do what, how bytes are kept and who hears of them is decided here. It must not know what a lecture is.

mod access;
mod checks;
mod cut;
mod fields;
mod gate;
mod listing;
mod multipart;
mod reading;
mod sentences;
mod service;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::error_handling::HandleError;
use axum::http::{HeaderValue, StatusCode};
use futures::future::BoxFuture;
use s3s::service::S3ServiceBuilder;
use s3s::{HttpError, S3Error, S3ErrorCode};
use synapscribe_domain::Timestamp;
use synapscribe_ports::accounts::Admission;
use synapscribe_ports::{Clock, ObjectCreated, StoreError, StoreResult};

use crate::credentials::Keyring;
use crate::folder::{Folder, FolderError};

pub use gate::{another_bucket, no_list_of_buckets};

/// The one bucket.
pub const BUCKET: &str = "synapscribe";

/// How long an unfinished multipart upload is kept.
pub const UPLOAD_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// An announcement is repeated by [`S3Endpoint::sweep`] once it is this old; a younger one may still be on its way.
const ANNOUNCEMENT_PATIENCE: Duration = Duration::from_secs(60);

/// Called after an object was stored and before its uploader is answered; storing a job durably is its business. When it
/// fails the uploader is told to try again.
pub type OnCreated = Arc<dyn Fn(ObjectCreated) -> BoxFuture<'static, StoreResult<()>> + Send + Sync>;

/// What a sweep removed and repeated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Unfinished uploads given up.
    pub uploads: u64,
    /// Creations announced again.
    pub announced: u64,
}

/// An S3 endpoint that can be mounted beside other routes.
#[derive(Clone)]
pub struct S3Endpoint {
    shared: Arc<Shared>,
}

/// What every part of the endpoint needs.
struct Shared {
    folder: Arc<Folder>,
    keyring: Arc<Keyring>,
    clock: Arc<dyn Clock>,
    on_created: OnCreated,
    /// Where there are accounts.
    admission: Option<Arc<dyn Admission>>,
}

impl S3Endpoint {
    /// An endpoint over a folder.
    pub fn new(folder: Arc<Folder>, keyring: Arc<Keyring>, clock: Arc<dyn Clock>, on_created: OnCreated) -> Self {
        Self { shared: Arc::new(Shared { folder, keyring, clock, on_created, admission: None }) }
    }

    /// The same, where people with accounts may show their access tokens instead of signing.
    pub fn admitting(&self, admission: Arc<dyn Admission>) -> Self {
        let Shared { folder, keyring, clock, on_created, .. } = &*self.shared;
        let shared = Shared {
            folder: Arc::clone(folder),
            keyring: Arc::clone(keyring),
            clock: Arc::clone(clock),
            on_created: Arc::clone(on_created),
            admission: Some(admission),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Serves `/synapscribe` and everything below it. `origins` are the web pages that may call it from another address.
    pub fn router(&self, origins: &[HeaderValue]) -> Router {
        let mut builder = S3ServiceBuilder::new(service::Objects::new(Arc::clone(&self.shared)));
        builder.set_auth(access::Keys(Arc::clone(&self.shared)));
        builder.set_access(access::Rights(Arc::clone(&self.shared)));
        let service = HandleError::new(builder.build(), |error: HttpError| async move {
            tracing::error!(?error, "the S3 service could not answer");
            sentences::answered(S3ErrorCode::InternalError.into())
        });
        Router::new()
            .route_service(&format!("/{BUCKET}"), service.clone())
            .route_service(&format!("/{BUCKET}/"), service.clone())
            .route_service(&format!("/{BUCKET}/{{*key}}"), service)
            .layer(axum::middleware::map_response(sentences::told))
            .layer(axum::middleware::from_fn_with_state(Arc::clone(&self.shared), gate::let_in_by_token))
            .layer(axum::middleware::from_fn(gate::only_what_is_offered))
            .layer(cors(origins))
    }

    /// Announces what a crash kept from being announced; call it once at the start, when the listener is ready.
    pub async fn recover(&self) -> StoreResult<u64> {
        self.announce_again(Duration::ZERO).await
    }

    /// Gives up unfinished uploads and announces again what nobody took. Call it every few minutes. Objects stay: how long a
    /// recording is kept is not the storage's to say.
    pub async fn sweep(&self, now: Timestamp) -> StoreResult<Swept> {
        let folder = &self.shared.folder;
        let oldest = Timestamp(now.0 - UPLOAD_LIFETIME.as_millis() as i64);
        let uploads = folder.end_uploads_before(oldest).await?;
        Ok(Swept { uploads, announced: self.announce_again(ANNOUNCEMENT_PATIENCE).await? })
    }

    async fn announce_again(&self, age: Duration) -> StoreResult<u64> {
        let mut announced = 0;
        for event in self.shared.folder.unannounced(age).await? {
            self.shared.announce(event).await?;
            announced += 1;
        }
        Ok(announced)
    }
}

impl Shared {
    async fn announce(&self, event: ObjectCreated) -> StoreResult<()> {
        let sequencer = event.sequencer.clone();
        (self.on_created)(event).await?;
        Ok(self.folder.announced(&sequencer).await?)
    }
}

/// Lets web pages of other origins call the endpoint and read the headers that uploads and seeking need.
pub fn cors(origins: &[HeaderValue]) -> tower_http::cors::CorsLayer {
    use axum::http::{Method, header};
    let exposed = [
        header::ETAG,
        header::ACCEPT_RANGES,
        header::CONTENT_RANGE,
        header::CONTENT_LENGTH,
        header::LAST_MODIFIED,
        header::HeaderName::from_static("x-amz-request-id"),
        header::HeaderName::from_static("x-correlation-id"),
        header::HeaderName::from_static("x-amzn-requestid"),
        header::HeaderName::from_static("x-amzn-errortype"),
    ];
    tower_http::cors::CorsLayer::new()
        .allow_origin(origins.to_vec())
        .allow_methods([Method::GET, Method::HEAD, Method::PUT, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers(tower_http::cors::AllowHeaders::mirror_request())
        .expose_headers(exposed)
        .max_age(Duration::from_secs(3600))
}

pub(crate) fn millis(moment: std::time::SystemTime) -> i64 {
    let since = moment.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The published error for what went wrong in the folder.
impl From<FolderError> for S3Error {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::Full => disk_full(),
            FolderError::TooLarge { limit } => S3Error::with_message(
                S3ErrorCode::EntityTooLarge,
                format!("The object exceeds the limit of {} MB; export it at a lower bit rate or split it.", limit / 1_000_000),
            ),
            FolderError::Condition => S3Error::with_message(
                S3ErrorCode::PreconditionFailed,
                "At least one of the pre-conditions you specified did not hold.",
            ),
            FolderError::NoSuchUpload => S3Error::with_message(
                S3ErrorCode::NoSuchUpload,
                "The specified multipart upload does not exist. It may have been finished, aborted, or given up after a day.",
            ),
            FolderError::InvalidPart => S3Error::with_message(
                S3ErrorCode::InvalidPart,
                "A part was not found or its entity tag does not match; upload it again.",
            ),
            FolderError::SmallPart => S3Error::with_message(
                S3ErrorCode::EntityTooSmall,
                "Each part of a multipart upload but the last must have at least 5 MiB.",
            ),
            FolderError::Io(error) => {
                tracing::error!(%error, "the object store's folder failed");
                S3Error::with_message(S3ErrorCode::InternalError, "The server could not use its disk; try again.")
            }
        }
    }
}

fn listener_failed(error: StoreError) -> S3Error {
    tracing::error!(%error, "an object was stored but its creation could not be announced");
    match error {
        StoreError::Full => disk_full(),
        _ => S3Error::with_message(S3ErrorCode::InternalError, "The object was stored but not queued for processing; try again."),
    }
}

/// S3 itself never fills up, so its list of errors has none for this; the status is the one that HTTP has.
fn disk_full() -> S3Error {
    let mut error = S3Error::with_message(
        S3ErrorCode::Custom("InsufficientStorage".into()),
        "The server's disk is full; free some space there and upload again.",
    );
    error.set_status_code(StatusCode::INSUFFICIENT_STORAGE);
    error
}
