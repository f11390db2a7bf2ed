//! `/ws/audio`, where somebody asks by speaking and is answered aloud: a WebSocket in front of the operation that answers questions.
//! What is behind the door, the queues of messages and the meter of speech is for whoever serves it to say.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use futures::stream::BoxStream;
use synapscribe_domain::account::SignInId;
use synapscribe_domain::{AudioLimits, ConnectionId, Failure, PersonId};
use synapscribe_ports::Ids;
use synapscribe_protocol::limits;
use synapscribe_usecases::Conversing;
use tokio_util::sync::CancellationToken;

use crate::routes::{another_method, refuse};
use crate::sockets::{self, Terms};

mod answer;
mod ear;
mod line;
mod pace;
mod seats;

pub use ear::Voice;
pub use seats::Seats;

use line::Line;

/// Knows who comes in: the one door of whoever serves the lines, which tokens and signatures are shown to.
#[async_trait]
pub trait Porter: Send + Sync {
    /// Who sent this.
    async fn who(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Speaker, Failure>;
    /// Whether somebody who was let in may stay.
    async fn may_stay(&self, sign_in: &SignInId) -> bool;
}

/// Somebody who was let in.
#[derive(Debug, Clone)]
pub struct Speaker {
    /// Whose questions they ask.
    pub person: PersonId,
    /// Under which sign-in; guests have none.
    pub sign_in: Option<SignInId>,
}

/// Opens a queue of messages that nobody else knows of.
pub type Open = Arc<dyn Fn() -> (ConnectionId, BoxStream<'static, String>) + Send + Sync>;

/// What every line needs.
pub struct Live {
    /// Answers.
    pub conversing: Conversing,
    /// Names questions.
    pub ids: Arc<dyn Ids>,
    /// Knows who comes in.
    pub porter: Arc<dyn Porter>,
    /// Opens the queue over which a line is told things.
    pub open: Open,
    /// A new meter of speech.
    pub voice: fn() -> Box<dyn Voice>,
    /// The limits of a spoken question.
    pub limits: AudioLimits,
    /// How long lines last.
    pub terms: Terms,
    /// Who speaks where.
    pub seats: Seats,
    /// Ends all of them.
    pub stop: CancellationToken,
}

/// The route of live lines.
pub fn router(live: Arc<Live>) -> Router {
    Router::new().route("/ws/audio", get(upgrade)).method_not_allowed_fallback(another_method).with_state(live)
}

async fn upgrade(
    State(live): State<Arc<Live>>,
    method: Method,
    uri: Uri,
    sent: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return under(rejection.status(), refuse(&sockets::another_protocol())),
    };
    let speaker = match live.porter.who(&method, &uri, &sent).await {
        Ok(speaker) => speaker,
        Err(failure) => return under(StatusCode::FORBIDDEN, refuse(&failure)),
    };
    // What is too large for a line is told over it; what is larger than any message ends it.
    sockets::open(upgrade, limits::MESSAGE).on_upgrade(move |socket| Line::serve(live, speaker, socket))
}

fn under(status: StatusCode, mut response: Response) -> Response {
    *response.status_mut() = status;
    response
}
