//! A sentence for every refusal. The S3 library gives some of its own a code alone.

use axum::body::{Body, to_bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use s3s::{S3Error, S3ErrorCode};

/// No refusal is longer.
const REFUSAL: usize = 64 * 1024;

/// An error as an HTTP answer.
pub fn answered(mut error: S3Error) -> Response {
    if error.message().is_none() {
        let sentence = sentence(error.code());
        error.set_message(sentence);
    }
    match error.to_http_response() {
        Ok(response) => response.map(Body::new),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// The same answer; a refusal that has a code and no sentence gets one.
pub async fn told(response: Response) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(said) = to_bytes(body, REFUSAL).await else { return Response::from_parts(parts, Body::empty()) };
    let body = match std::str::from_utf8(&said).ok().and_then(completed) {
        Some(completed) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            Body::from(completed)
        }
        None => Body::from(said),
    };
    Response::from_parts(parts, body)
}

/// The error with a sentence behind its code, if it has none.
fn completed(said: &str) -> Option<String> {
    if said.contains("<Message>") {
        return None;
    }
    let (before, rest) = said.split_once("<Code>")?;
    let (code, after) = rest.split_once("</Code>")?;
    let sentence = sentence(&S3ErrorCode::from_bytes(code.as_bytes())?);
    Some(format!("{before}<Code>{code}</Code><Message>{sentence}</Message>{after}"))
}

/// What a code means and what to do, without anything that XML would have to escape.
fn sentence(code: &S3ErrorCode) -> &'static str {
    match code {
        S3ErrorCode::SignatureDoesNotMatch => {
            "The request signature we calculated does not match the signature you provided. Check your key and signing method."
        }
        S3ErrorCode::MalformedXML => "The XML you provided was not well-formed or did not validate against our published schema.",
        S3ErrorCode::InvalidURI => "The address of the request is not well encoded.",
        S3ErrorCode::InvalidBucketName => {
            "The specified bucket is not valid; a bucket has 3 to 63 small letters, digits, dots and hyphens."
        }
        S3ErrorCode::KeyTooLongError => "Your key is too long; it may have 1024 bytes.",
        S3ErrorCode::IncompleteBody => "You did not provide the number of bytes that was announced; send the request again.",
        S3ErrorCode::InvalidRange => "The requested range lies behind the end of the object.",
        S3ErrorCode::MaxMessageLengthExceeded => "Your request was too big.",
        S3ErrorCode::MethodNotAllowed => "The specified method is not allowed against this resource.",
        S3ErrorCode::NotImplemented => "What the request asks for is not offered here.",
        S3ErrorCode::InternalError => "The server failed; try again.",
        _ => "The request cannot be taken as it is; its code says why.",
    }
}
