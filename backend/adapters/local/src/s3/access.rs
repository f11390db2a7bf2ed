//! Who calls, and whether they may: secrets for the signature check, session tokens, and each person's own folders.

use std::sync::Arc;

use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::path::S3Path;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result, s3_error};
use synapscribe_domain::{Failure, ObjectKey};

use super::gate::Admitted;
use super::{BUCKET, Shared};
use crate::credentials::{Caller, CredentialError};
use crate::door;
use crate::sigv4::query_pairs;

/// Finds the secret of an access key.
pub struct Keys(pub Arc<Shared>);

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        self.0.keyring.secret_of(access_key).map(SecretKey::from).map_err(refuse)
    }
}

/// Checks the session token and the place that a request is about, after its signature was found right.
pub struct Rights(pub Arc<Shared>);

#[async_trait::async_trait]
impl S3Access for Rights {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let caller = match context.extensions_mut().get::<Admitted>().cloned() {
            Some(Admitted(person)) => Caller::Person(person),
            None => self.signer(context).await?,
        };
        let (bucket, key) = match context.s3_path() {
            S3Path::Root => (None, None),
            S3Path::Bucket { bucket } => (Some(bucket), None),
            S3Path::Object { bucket, key } => (Some(bucket), Some(key)),
        };
        if bucket.is_none_or(|bucket| bucket.as_ref() != BUCKET) {
            return Err(s3_error!(NoSuchBucket, "The specified bucket does not exist."));
        }
        match context.s3_op().name() {
            "PutObject"
            | "GetObject"
            | "HeadObject"
            | "DeleteObject"
            | "CopyObject"
            | "CreateMultipartUpload"
            | "UploadPart"
            | "UploadPartCopy"
            | "ListParts"
            | "CompleteMultipartUpload"
            | "AbortMultipartUpload" => {
                let key = key.ok_or_else(|| s3_error!(InvalidRequest, "The request names no object."))?;
                own_key(&caller, key)?;
            }
            // These name their keys or prefix inside; the service checks them by the caller noted below.
            "ListObjects" | "ListObjectsV2" | "ListMultipartUploads" | "DeleteObjects" | "HeadBucket" | "GetBucketLocation" => {}
            other => return Err(s3_error!(NotImplemented, "{other} is not offered here.")),
        }
        context.extensions_mut().insert(caller);
        Ok(())
    }
}

impl Rights {
    /// Whose credentials signed the request, and whether they may still.
    async fn signer(&self, context: &S3AccessContext<'_>) -> S3Result<Caller> {
        let credentials = context.credentials().ok_or_else(|| s3_error!(AccessDenied, "The request must be signed."))?;
        let pairs = query_pairs(context.uri()).map_err(|_| s3_error!(InvalidURI, "The query is not well encoded."))?;
        let presigned = pairs.iter().any(|(name, _)| name == "X-Amz-Signature");
        let token = if presigned {
            pairs.into_iter().find(|(name, _)| name == "X-Amz-Security-Token").map(|(_, value)| value)
        } else {
            context.headers().get("x-amz-security-token").and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let shared = &self.0;
        let caller = shared.keyring.caller(&credentials.access_key, token.as_deref(), shared.clock.now()).map_err(refuse)?;
        if let Some(sign_in) = token.as_deref().and_then(|token| shared.keyring.sign_in_of(token)) {
            let ended = |failure: Failure| S3Error::with_message(S3ErrorCode::ExpiredToken, failure.message);
            door::lasts(shared.admission.as_deref(), &sign_in).await.map_err(ended)?;
        }
        Ok(caller)
    }
}

/// Who sent this request; every request that reaches the service was checked above.
pub fn caller<T>(request: &S3Request<T>) -> S3Result<Caller> {
    request.extensions.get::<Caller>().cloned().ok_or_else(|| s3_error!(AccessDenied, "The request must be signed."))
}

/// The key, if it is one of the layout's and the caller's own.
pub fn own_key(caller: &Caller, key: &str) -> S3Result<ObjectKey> {
    match (caller, ObjectKey::parse(key)) {
        (Caller::Service, Err(error)) => Err(S3Error::with_message(S3ErrorCode::InvalidArgument, error.to_string())),
        (Caller::Service, Ok(key)) => Ok(key),
        (Caller::Person(person), Ok(key)) if key.owner() == *person => Ok(key),
        (Caller::Person(_), _) => Err(denied()),
    }
}

/// Whether the caller may list keys with this prefix.
pub fn own_prefix(caller: &Caller, prefix: &str) -> S3Result<()> {
    let Caller::Person(person) = caller else { return Ok(()) };
    let own =
        ["lectures", "documents", "queries", "responses"].iter().any(|place| prefix.starts_with(&format!("{place}/{person}/")));
    if own { Ok(()) } else { Err(denied()) }
}

fn denied() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::AccessDenied,
        "These credentials reach only lectures/, documents/, queries/ and responses/ of their own identity.",
    )
}

fn refuse(error: CredentialError) -> S3Error {
    let (code, message) = match error {
        CredentialError::UnknownKey | CredentialError::MissingToken => {
            (S3ErrorCode::InvalidAccessKeyId, "The AWS Access Key Id you provided does not exist in our records.")
        }
        CredentialError::ForgedToken => (S3ErrorCode::InvalidToken, "The provided token is malformed or otherwise invalid."),
        CredentialError::ExpiredToken => (S3ErrorCode::ExpiredToken, "The provided token has expired."),
    };
    S3Error::with_message(code, message)
}
