//! A recording as the player of a face fetches it: the stretch that it asks for, passed on as it comes. Knows no sound.

use std::io;

use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryStreamExt as _};
use http::{HeaderMap, header};

use crate::client::Client;
use crate::error::{ClientError, Result};

/// What storage says of a stretch, and its bytes as they come.
pub type Stretch = http::Response<BoxStream<'static, io::Result<Bytes>>>;

/// Where recordings are fetched. It holds neither the client nor its connection, so it may be kept for as long as something plays: the
/// address of a recording is signed, and nothing else is needed.
#[derive(Debug, Clone)]
pub struct Recordings {
    http: reqwest::Client,
    server: String,
}

impl Client {
    /// The way to the server's recordings.
    pub fn recordings(&self) -> Recordings {
        Recordings { http: self.net().http.clone(), server: self.server().to_owned() }
    }
}

impl Recordings {
    /// Fetches from where a recording lies ([`Client::audio`]) what the headers `asked` want of it. Nothing of storage is told but what
    /// a player needs, and no more is read ahead than the line holds.
    pub async fn fetch(&self, link: &str, asked: &HeaderMap) -> Result<Stretch> {
        let mut request = self.http.get(link);
        for name in [header::RANGE, header::IF_RANGE] {
            if let Some(value) = asked.get(&name) {
                request = request.header(name, value.clone());
            }
        }
        let answer = request.send().await.map_err(|error| {
            // The address is signed, so it stays out of messages.
            tracing::debug!(error = %error.without_url(), "a recording cannot be fetched");
            ClientError::unreachable(&self.server)
        })?;
        let (status, said) = (answer.status(), answer.headers().clone());
        let bytes = if status.is_success() {
            answer.bytes_stream().map_err(|error| io::Error::other(error.without_url())).boxed()
        } else {
            stream::empty().boxed()
        };
        let mut stretch = http::Response::new(bytes);
        *stretch.status_mut() = status;
        for name in [
            header::CONTENT_RANGE,
            header::CONTENT_LENGTH,
            header::CONTENT_TYPE,
            header::ACCEPT_RANGES,
            header::ETAG,
            header::LAST_MODIFIED,
        ] {
            // The words of a refusal are left out, and with them what they are.
            if (status.is_success() || name == header::CONTENT_RANGE)
                && let Some(value) = said.get(&name)
            {
                stretch.headers_mut().insert(name, value.clone());
            }
        }
        Ok(stretch)
    }
}
