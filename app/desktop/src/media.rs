//! Where the window's player finds recordings: a server of the shell's own on this machine, which passes on what storage says. It
//! speaks HTTP because the webview of Linux plays nothing else. Knows no lecture.

use std::collections::{HashMap, VecDeque};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use synapscribe_client::Recordings;
use tauri::utils::config::{Csp, CspDirectiveSources};
use uuid::Uuid;

/// Recordings that can be played at a time. The page asks anew for one that had to make room.
const MOST: usize = 64;

/// What the window may play.
#[derive(Clone)]
pub struct Media {
    address: String,
    offered: Arc<Mutex<VecDeque<Offer>>>,
}

/// One recording under a name that nobody guesses.
struct Offer {
    name: String,
    recordings: Recordings,
    link: String,
}

impl Media {
    /// Takes a port of this machine; what is offered can be played once it is served there.
    pub fn bind() -> std::io::Result<(Self, TcpListener)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = format!("http://{}", listener.local_addr()?);
        Ok((Self { address, offered: Arc::default() }, listener))
    }

    /// Lets the page play from here, besides what it may do anyway.
    pub fn allow(&self, csp: &mut Option<Csp>) {
        let mut directives: HashMap<String, CspDirectiveSources> = csp.take().map(Into::into).unwrap_or_default();
        directives.entry("media-src".to_owned()).or_default().push(&self.address);
        *csp = Some(Csp::DirectiveMap(directives));
    }

    /// An address for the page's player, behind which lies what is fetched from `link`.
    pub fn offer(&self, recordings: Recordings, link: String) -> String {
        let name = Uuid::new_v4().simple().to_string();
        let address = format!("{}/{name}", self.address);
        let mut offered = self.offered();
        offered.truncate(MOST - 1);
        offered.push_front(Offer { name, recordings, link });
        address
    }

    /// Serves until the app ends.
    pub async fn serve(self, listener: TcpListener) {
        let router = Router::new().route("/{name}", get(play)).with_state(self);
        let served = match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => axum::serve(listener, router).await,
            Err(error) => Err(error),
        };
        if let Err(error) = served {
            tracing::error!(%error, "no recording can be played");
        }
    }

    fn behind(&self, name: &str) -> Option<(Recordings, String)> {
        let offered = self.offered();
        let offer = offered.iter().find(|offer| offer.name == name)?;
        Some((offer.recordings.clone(), offer.link.clone()))
    }

    fn offered(&self) -> MutexGuard<'_, VecDeque<Offer>> {
        self.offered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn play(State(media): State<Media>, Path(name): Path<String>, asked: HeaderMap) -> Response {
    let Some((recordings, link)) = media.behind(&name) else { return StatusCode::NOT_FOUND.into_response() };
    match recordings.fetch(&link, &asked).await {
        Ok(stretch) => stretch.map(Body::from_stream),
        Err(error) => {
            tracing::warn!(code = %error.code, "a recording cannot be fetched");
            StatusCode::BAD_GATEWAY.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_may_play_from_here_and_may_load_from_nowhere_else_but_the_app() {
        let config: serde_json::Value = serde_json::from_str(include_str!("../tauri.conf.json")).unwrap();
        let policy = config["app"]["security"]["csp"].as_str().unwrap();
        let (media, _listener) = Media::bind().unwrap();
        let mut csp = Some(Csp::Policy(policy.to_owned()));
        media.allow(&mut csp);
        let directives: HashMap<String, CspDirectiveSources> = csp.unwrap().into();
        let sources = |directive: &str| Vec::<String>::from(directives[directive].clone());
        assert_eq!(sources("default-src"), ["'none'"]);
        assert_eq!(sources("media-src"), std::slice::from_ref(&media.address));
        assert_eq!(sources("script-src"), ["'self'"]);
        let own = ["'self'", "'none'", "blob:", "ipc:", "http://ipc.localhost", &media.address];
        for source in directives.keys().flat_map(|directive| sources(directive)) {
            assert!(own.contains(&source.as_str()), "{source} is none of the app's");
        }
    }

    #[tokio::test]
    async fn what_was_not_offered_is_not_there() {
        let (media, listener) = Media::bind().unwrap();
        let address = listener.local_addr().unwrap();
        assert!(address.ip().is_loopback(), "{address}");
        let answer = play(State(media), Path("sample".to_owned()), HeaderMap::new()).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }
}
