//! What is turned away before the S3 service reads it, and what every answer carries.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use s3s::{S3Error, S3ErrorCode};
use synapscribe_domain::PersonId;

use super::sentences::answered;
use super::{BUCKET, Shared};
use crate::door;
use crate::sigv4::query_pairs;

/// Somebody who showed an access token; whoever has this in a request need not have signed it.
#[derive(Clone)]
pub struct Admitted(pub PersonId);

/// Lets somebody in by their access token, which goes no further. A request without one goes on to be signed.
pub async fn let_in_by_token(State(shared): State<Arc<Shared>>, mut request: Request, next: Next) -> Response {
    let Some(token) = door::token(request.uri(), request.headers()) else { return next.run(request).await };
    match door::admitted(shared.admission.as_deref(), &token).await {
        Ok(signed_in) => {
            *request.uri_mut() = door::without_token(request.uri());
            request.headers_mut().remove(header::AUTHORIZATION);
            request.extensions_mut().insert(Admitted(signed_in.claims.person));
            next.run(request).await
        }
        Err(failure) => answered(S3Error::with_message(S3ErrorCode::InvalidToken, failure.message)),
    }
}

/// Tells clients of storage that there is no other bucket. Whoever mounts the endpoint puts this before what it says at addresses
/// at which nothing is: a bucket's name is the first part of an address, so only the signature shows who means one.
pub async fn another_bucket(request: Request, next: Next) -> Response {
    if signed_for_storage(request.uri(), request.headers()) {
        answered(S3Error::with_message(S3ErrorCode::NoSuchBucket, "The specified bucket does not exist."))
    } else {
        next.run(request).await
    }
}

/// Tells clients of storage who ask for a list of buckets that there is none. Whoever mounts the endpoint puts this before what is
/// served at its root, where that list would be.
pub async fn no_list_of_buckets(request: Request, next: Next) -> Response {
    if signed_for_storage(request.uri(), request.headers()) {
        let sentence = format!("Buckets are not listed here; there is one, {BUCKET}.");
        answered(S3Error::with_message(S3ErrorCode::AccessDenied, sentence))
    } else {
        next.run(request).await
    }
}

/// Whether a request is signed, rightly or not, for the service that storage is.
fn signed_for_storage(uri: &Uri, headers: &HeaderMap) -> bool {
    fn for_storage(credential: &str) -> bool {
        credential.contains("/s3/aws4_request")
    }
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    header.is_some_and(for_storage)
        || query_pairs(uri).is_ok_and(|pairs| pairs.iter().any(|(name, value)| name == "X-Amz-Credential" && for_storage(value)))
}

/// Refuses what the S3 library would take and this endpoint does not offer: form uploads (read into memory, and open to
/// anonymous callers), signatures of version 2 (they do not cover the session token's time), and headers that change what a
/// signed request means without being signed.
pub async fn only_what_is_offered(request: Request, next: Next) -> Response {
    let mut response = match refuse(request.method(), request.uri(), request.headers()) {
        Some(error) => answered(error),
        None => next.run(request).await,
    };
    // Uploaded files share their address with the web page, so a browser must never run or render them as part of it.
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    response
}

fn refuse(method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<S3Error> {
    let Ok(pairs) = query_pairs(uri) else {
        return Some(S3Error::with_message(S3ErrorCode::InvalidURI, "The query is not well encoded."));
    };
    let query = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let form =
        text(header::CONTENT_TYPE).is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data"));
    if *method == Method::POST && form {
        return Some(S3Error::with_message(
            S3ErrorCode::MethodNotAllowed,
            "Form uploads are not offered; use PUT or a multipart upload.",
        ));
    }
    let authorization = text(header::AUTHORIZATION);
    let version_2 = authorization.is_some_and(|value| value.starts_with("AWS "))
        || query("AWSAccessKeyId").is_some()
        || query("Signature").is_some();
    if version_2 {
        return Some(S3Error::with_message(
            S3ErrorCode::InvalidRequest,
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        ));
    }
    let signed = query("X-Amz-SignedHeaders")
        .or_else(|| authorization?.split([',', ' ']).find_map(|field| field.trim().strip_prefix("SignedHeaders=")))?;
    let unsigned = headers.keys().map(header::HeaderName::as_str).find(|name| {
        name.starts_with("x-amz-") && !HARMLESS.contains(name) && !signed.split(';').any(|known| known.eq_ignore_ascii_case(name))
    });
    unsigned.map(|name| {
        S3Error::with_message(
            S3ErrorCode::AccessDenied,
            format!("There were headers present in the request which were not signed: {name}."),
        )
    })
}

/// They say who calls, or pin the body down further; neither changes what a signed request does.
const HARMLESS: [&str; 3] = ["x-amz-user-agent", "x-amz-content-sha256", "x-amz-checksum-mode"];
