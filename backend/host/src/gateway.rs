//! The WebSocket gateway: raises the events that API Gateway raises and keeps its limits. Knows no message.

use std::net::SocketAddr;
use std::sync::Arc;

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use axum::Router;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::FutureExt;
use futures::future::BoxFuture;
use lambda_library::Refusal;
use synapscribe_agentcore::sockets::{self, SENDING, Terms, say, too_large};
use synapscribe_domain::account::SignInId;
use synapscribe_domain::{ConnectionId, Failure, PersonId, QueryId};
use synapscribe_local::objects::{reached, reached_at};
use synapscribe_local::{Door, Entrant, Hub, Outbox};
use synapscribe_ports::{Ids, Notice};
use synapscribe_protocol::{ClientMessage, limits};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::authorise::refused;

mod deadlines;

use deadlines::Deadlines;

/// What every connection needs.
pub(crate) struct Gateway {
    pub hub: Hub,
    pub door: Door,
    pub ids: Arc<dyn Ids>,
    pub handler: lambda_websocket::Context,
    pub terms: Terms,
    pub stop: CancellationToken,
}

/// The gateway at `/ws`.
pub(crate) fn router(gateway: Arc<Gateway>) -> Router {
    Router::new().route("/ws", get(upgrade)).method_not_allowed_fallback(lambda_library::another_method).with_state(gateway)
}

async fn upgrade(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    sent: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return Refusal::from(sockets::another_protocol()).under(rejection.status()),
    };
    let Entrant { person, sign_in, .. } = match gateway.door.who(&method, &uri, &sent, b"").await {
        Ok(entrant) => entrant,
        Err(turned) => return Refusal::from(refused(turned)).under(StatusCode::FORBIDDEN),
    };
    let Ok(connection) = ConnectionId::parse(gateway.ids.fresh()) else {
        return Refusal::from(Failure::internal()).into_response();
    };
    let reached = reached();
    // The queue is there before anybody can be told of the connection.
    let outbox = gateway.hub.attach(&connection);
    let line = Arc::new(Line { gateway: Arc::clone(&gateway), connection, person, sign_in, peer });
    if line.raise("$connect", "CONNECT", None).await >= 300 {
        return Refusal::from(Failure::internal()).into_response();
    }
    sockets::open(upgrade, limits::FRAME)
        .on_failed_upgrade({
            let line = Arc::clone(&line);
            // Whoever was announced and never came would be told things for ever.
            move |_| drop(tokio::spawn(async move { line.raise("$disconnect", "DISCONNECT", None).await }))
        })
        .on_upgrade(move |socket| async move { reached_at(reached, line.serve(socket, outbox)).await })
}

/// One open connection.
struct Line {
    gateway: Arc<Gateway>,
    connection: ConnectionId,
    person: PersonId,
    /// Under which they were let in; guests have none.
    sign_in: Option<SignInId>,
    peer: SocketAddr,
}

impl Line {
    async fn serve(&self, mut socket: WebSocket, mut outbox: Outbox) {
        let close = self.converse(&mut socket, &mut outbox).await;
        if let Some(why) = close {
            sockets::close(&mut socket, why).await;
        }
        self.raise("$disconnect", "DISCONNECT", None).await;
    }

    /// Serves until one side ends it, and says what to tell the other.
    async fn converse(&self, socket: &mut WebSocket, outbox: &mut Outbox) -> Option<(u16, &'static str)> {
        let mut deadlines = Deadlines::begin(Instant::now(), self.gateway.terms);
        // The message being handled; until it is, no other is read, while what is to be said still flows.
        let mut handling: Option<BoxFuture<'_, i64>> = None;
        let mut look = tokio::time::interval(self.gateway.terms.look);
        loop {
            let (deadline, over) = deadlines.next();
            tokio::select! {
                () = self.gateway.stop.cancelled() => return Some((1001, "the host is stopping; connect again")),
                _ = async { match &mut handling { Some(work) => work.await, None => std::future::pending().await } } => handling = None,
                message = outbox.next() => match message {
                    None => return Some((1001, "the connection took nothing for too long; connect again")),
                    Some(text) => {
                        if !say(socket, [Message::Text(text.into())], SENDING).await {
                            return None;
                        }
                        deadlines.stirred(Instant::now());
                    }
                },
                message = socket.recv(), if handling.is_none() => {
                    deadlines.stirred(Instant::now());
                    match message {
                        None | Some(Ok(Message::Close(_))) => return None,
                        Some(Ok(Message::Text(text))) => {
                            let text = text.as_str().to_owned();
                            handling = Some(self.handle(text));
                        }
                        Some(Ok(Message::Binary(_))) => return Some((1003, "messages are text; send JSON")),
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                        Some(Err(error)) if too_large(&error) => {
                            return Some((1009, "a frame holds at most 32 KB and a message 128 KB; send less and connect again"));
                        }
                        Some(Err(_)) => return Some((1002, "the connection broke the WebSocket protocol")),
                    }
                },
                _ = look.tick(), if self.sign_in.is_some() => if !self.may_stay().await {
                    return Some((1008, "you are signed out here; sign in again"));
                },
                () = sleep_until(deadline) => return Some((1001, over)),
            }
        }
    }

    async fn may_stay(&self) -> bool {
        match &self.sign_in {
            Some(sign_in) => self.gateway.door.may_stay(sign_in).await,
            None => true,
        }
    }

    /// Has one message handled, for as long as the gateway lets a handler work.
    fn handle(&self, text: String) -> BoxFuture<'_, i64> {
        let query = ClientMessage::query_in(&text).and_then(|query| QueryId::parse(query).ok());
        let handling = timeout(self.gateway.terms.route, self.raise("$default", "MESSAGE", Some(text)));
        async move {
            let Ok(status) = handling.await else {
                tracing::error!(connection = %self.connection, "the handling of a message was given up");
                let notice = Notice::Failed(query, sockets::given_up());
                if let Err(error) = self.gateway.handler.audience.tell(&self.connection, &notice).await {
                    tracing::debug!(%error, "what became of a message was not delivered");
                }
                return 504;
            };
            status
        }
        .boxed()
    }

    /// Raises one event and returns the handler's status. Boxed, so that an idle connection does not keep the room that handling
    /// an event takes.
    fn raise(&self, route: &'static str, kind: &'static str, body: Option<String>) -> BoxFuture<'_, i64> {
        async move {
            let mut event = ApiGatewayWebsocketProxyRequest::default();
            event.body = body;
            let request = &mut event.request_context;
            request.route_key = Some(route.to_owned());
            request.event_type = Some(kind.to_owned());
            request.connection_id = Some(self.connection.to_string());
            request.stage = Some("local".to_owned());
            request.identity.cognito_identity_id = Some(self.person.to_string());
            request.identity.source_ip = Some(self.peer.ip().to_string());
            lambda_websocket::handle(&self.gateway.handler, event).await.status_code
        }
        .boxed()
    }
}

#[cfg(test)]
pub(crate) mod tests;
