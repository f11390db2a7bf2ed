//! The requests of `/api/auth`: bodies out, what the envelope holds or a typed refusal in. Keeps no state.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use synapscribe_protocol::accounts::{AnsweredDto, RefusedDto};
use synapscribe_protocol::headers::CORRELATION;

use crate::error::{ClientError, Result, code};
use crate::net::Net;
use crate::rest::fresh_name;

/// A password is hashed for a while, and others may wait in front.
const PATIENCE: Duration = Duration::from_secs(60);
/// A server repeats the answer to a renewal for half a minute, as long as it may have been lost; whoever asks again has to do so by
/// then.
const REPEATED: Duration = Duration::from_secs(25);
/// How long each of these requests may take, and the pause between two.
const TURN: Duration = Duration::from_secs(6);
const PAUSE: Duration = Duration::from_millis(500);

/// Where a server's accounts are.
pub(super) struct Calls {
    pub net: Net,
    /// The server's address, as people know it.
    pub server: String,
    /// Where its paths begin.
    pub base: String,
}

impl Calls {
    /// The address of a path, for whoever signs a request.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base.trim_end_matches('/'))
    }

    /// Gets or deletes something.
    pub async fn ask<T: DeserializeOwned>(&self, method: Method, path: &str, bearer: Option<&str>) -> Result<T> {
        self.send(method, path, bearer, HeaderMap::new(), None).await
    }

    /// Sends something.
    pub async fn tell<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        bearer: Option<&str>,
        body: &impl Serialize,
    ) -> Result<T> {
        self.send(method, path, bearer, HeaderMap::new(), Some(written(body)?)).await
    }

    /// Sends something with headers of one's own.
    pub async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        bearer: Option<&str>,
        headers: HeaderMap,
        body: Option<Vec<u8>>,
    ) -> Result<T> {
        let mut request = self.net.http.request(method, self.url(path)).headers(headers).timeout(PATIENCE);
        request = request.header(CORRELATION, fresh_name());
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header(http::header::CONTENT_TYPE, JSON).body(body);
        }
        let (status, said) = answered(request).await.map_err(|_| ClientError::unreachable(&self.server))?;
        read(&self.server, status, &said)
    }

    /// Sends what a server takes once. While its answer may have been lost on the way, the same is sent again.
    pub async fn exchange<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        let (name, body) = (fresh_name(), written(body)?);
        let (begun, mut taken) = (Instant::now(), false);
        loop {
            let request = self.net.http.post(self.url(path)).header(http::header::CONTENT_TYPE, JSON).header(CORRELATION, &name);
            match answered(request.timeout(TURN).body(body.clone())).await {
                Ok((status, said)) => return read(&self.server, status, &said),
                // A server that was not reached has taken nothing.
                Err(error) => taken |= !error.is_connect(),
            }
            if !taken || begun.elapsed() + PAUSE + TURN > REPEATED {
                return Err(ClientError::unreachable(&self.server));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

const JSON: &str = "application/json";

/// A whole answer.
async fn answered(request: reqwest::RequestBuilder) -> reqwest::Result<(StatusCode, Bytes)> {
    let answer = request.send().await?;
    Ok((answer.status(), answer.bytes().await?))
}

/// What an answer holds, or the refusal that it is.
pub(super) fn read<T: DeserializeOwned>(server: &str, status: StatusCode, said: &[u8]) -> Result<T> {
    if !status.is_success() {
        return Err(refusal(server, status, said));
    }
    let read: AnsweredDto<T> = serde_json::from_slice(said).map_err(|error| {
        tracing::warn!(%error, "the server's answer cannot be read");
        ClientError::new(code::NOT_SYNAPSCRIBE, "the server's answer cannot be read; is it of another version?")
    })?;
    Ok(read.data)
}

/// A body.
pub(super) fn written(body: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(body).map_err(|error| ClientError::new(code::NOT_SYNAPSCRIBE, error.to_string()))
}

fn refusal(server: &str, status: StatusCode, body: &[u8]) -> ClientError {
    if let Ok(refused) = serde_json::from_slice::<RefusedDto>(body) {
        let details = refused.details;
        let fields: Vec<String> = details.fields.into_iter().flatten().map(|(_, why)| why).collect();
        let message = if fields.is_empty() { refused.error } else { fields.join("; ") };
        return ClientError { code: refused.error_code, message, retryable: details.retryable, correlation: details.correlation };
    }
    match status.as_u16() {
        401 | 403 => ClientError::new(code::CREDENTIALS, "the server does not accept this"),
        429 | 500.. => ClientError::passing(code::UNREACHABLE, format!("{server} is not well ({status}); try again in a moment")),
        _ => ClientError::stranger(server),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_which_fields_and_keeps_its_code() {
        let body = br#"{"success":false,"error":"fields","error_code":"invalid_fields","details":{"retryable":false,
            "fields":{"email":"this is no address","password":"this is one of the commonest"}}}"#;
        let told = refusal("http://h:1", StatusCode::UNPROCESSABLE_ENTITY, body);
        assert_eq!(told.code, "invalid_fields");
        assert_eq!(told.message, "this is no address; this is one of the commonest");
        assert!(refusal("http://h:1", StatusCode::BAD_GATEWAY, b"<html>").retryable);
        assert_eq!(refusal("http://h:1", StatusCode::NOT_FOUND, b"<html>").code, code::NOT_SYNAPSCRIBE);
    }
}
