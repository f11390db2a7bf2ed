//! Opens one authorised WebSocket. Knows credentials and addresses, no messages.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{self, protocol::WebSocketConfig};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

use crate::error::{ClientError, Result, code};
use crate::guest::{Guest, Pass};
use crate::rest::Rest;
use crate::server_time::ServerTime;

/// An open connection.
pub(crate) type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Nothing a server says is longer; the gateway's own limit is an eighth of it.
const LARGEST: usize = 1024 * 1024;

/// What is needed to connect, again and again.
#[derive(Clone)]
pub(crate) struct Link {
    pub guest: Guest,
    /// Says why somebody is refused, which a gateway does not.
    pub rest: Rest,
    /// The server's address, as people know it.
    pub server: String,
    pub url: String,
    pub region: String,
    pub tls: Arc<rustls::ClientConfig>,
    pub time: ServerTime,
}

impl Link {
    /// Connects; credentials the server refuses are renewed once.
    pub async fn open(&self) -> Result<Stream> {
        let pass = self.guest.pass().await?;
        let refused = match self.attempt(&pass).await {
            Err(error) if error.code == code::CREDENTIALS => error,
            other => return other,
        };
        let pass = self.guest.renewed(&pass, &refused).await?;
        match self.attempt(&pass).await {
            Err(error) if error.code == code::CREDENTIALS && !self.guest.is_somebodys() => self.begin_anew(error).await,
            other => other,
        }
    }

    /// Finds out whether a guest is refused because their identity became an account's: who is told so by REST gets another one. A
    /// refusal alone does not say it, and a guest who is refused for anything else keeps what is theirs.
    async fn begin_anew(&self, refused: ClientError) -> Result<Stream> {
        let before = self.guest.identity().await?;
        if let Err(error) = self.rest.lectures().await {
            tracing::debug!(%error, "it is not known why a guest is refused");
        }
        if self.guest.identity().await? == before { Err(refused) } else { self.attempt(&self.guest.pass().await?).await }
    }

    async fn attempt(&self, pass: &Pass) -> Result<Stream> {
        let url = crate::sign::socket_url(&pass.credentials, pass.token.as_deref(), &self.region, &self.url, self.time.now())?;
        let config = WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST));
        let connector = if url.starts_with("wss:") { Connector::Rustls(Arc::clone(&self.tls)) } else { Connector::Plain };
        // The handshake's future is large, so it lives on the heap.
        let opening = Box::pin(connect_async_tls_with_config(&url, Some(config), true, Some(connector)));
        match tokio::time::timeout(Duration::from_secs(20), opening).await {
            Ok(Ok((stream, _))) => Ok(stream),
            Ok(Err(error)) => Err(self.explain(&error)),
            Err(_) => Err(ClientError::unreachable(&self.server)),
        }
    }

    fn explain(&self, error: &tungstenite::Error) -> ClientError {
        // The signed address holds tokens, so only the plain one and the kind of failure are logged.
        tracing::debug!(url = %self.url, %error, "the connection cannot be made");
        match error {
            tungstenite::Error::Http(answer) if matches!(answer.status().as_u16(), 401 | 403) => {
                self.time.learn(answer.headers());
                ClientError::new(code::CREDENTIALS, "the server does not accept this guest")
            }
            tungstenite::Error::Http(answer) if answer.status().is_client_error() && answer.status().as_u16() != 429 => {
                ClientError::stranger(&self.server)
            }
            _ => ClientError::unreachable(&self.server),
        }
    }
}
