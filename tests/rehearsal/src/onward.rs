//! What stands before a service hands calls on to it as they came.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::TRANSFER_ENCODING;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use crate::Fault;

/// The way to a service.
pub(crate) struct Onward {
    service: String,
    http: reqwest::Client,
}

impl Onward {
    pub(crate) fn to(service: &str) -> Self {
        Self { service: service.to_owned(), http: reqwest::Client::new() }
    }

    /// Hands a call on and gives its answer.
    pub(crate) async fn pass(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        match axum::body::to_bytes(body, usize::MAX).await {
            Ok(body) => self.pass_read(parts, body).await,
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        }
    }

    /// The same with a call that was read already.
    pub(crate) async fn pass_read(&self, parts: Parts, body: Bytes) -> Response {
        match self.ask(parts, body).await {
            Ok(response) => response,
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        }
    }

    async fn ask(&self, parts: Parts, body: Bytes) -> Result<Response, Fault> {
        let call = self.http.request(parts.method, format!("{}{}", self.service, parts.uri)).headers(parts.headers).body(body);
        let answer = call.send().await?;
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        // What came in pieces is handed on as a whole.
        headers.remove(TRANSFER_ENCODING);
        let mut response = Response::new(Body::from(answer.bytes().await?));
        (*response.status_mut(), *response.headers_mut()) = (status, headers);
        Ok(response)
    }
}
