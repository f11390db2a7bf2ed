//! Asking in a session by one request: the answer comes as the messages of the WebSocket, by server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt};
use serde_json::Value;
use synapscribe_domain::{Code, ConnectionId, Failure, ObjectKey, PersonId, QueryId, Question};
use synapscribe_ports::AnswerOrder;
use synapscribe_protocol::ServerMessage;
use synapscribe_protocol::chat::AskDto;
use synapscribe_telemetry as telemetry;
use synapscribe_usecases::Conversing;
use synapscribe_wire::{agent, names};

use crate::Shared;
use crate::envelope::{Answer, Caller, Given, Named};
use crate::openapi::{Changed, NotOffered, NotRead, NotThere, Unusable};
use crate::sessions::session_id;

/// Proxies close connections over which nothing comes for long.
const STILL_THERE: Duration = Duration::from_secs(15);

/// Lines over which an answer comes to whoever waits for it in one request.
pub trait Lines: Send + Sync {
    /// A line that nobody else knows of, and the messages sent over it, until they are dropped.
    fn open(&self) -> (ConnectionId, BoxStream<'static, String>);
}

/// Asks what the session is about. The answer comes as server-sent events: the name of each is the `type` of a message of the
/// WebSocket, and its data the message. The last is `answer_done`, `cancelled` or `error`. Closing the connection stops the answer.
/// A gateway that cannot pass an answer on while it grows refuses with 501.
#[utoipa::path(post, path = "/api/sessions/{id}/turns", tag = "sessions", request_body = AskDto,
    params(("id" = String, Path, description = "the session's name")),
    responses((status = 200, body = String, content_type = "text/event-stream"), NotRead, NotThere, Changed, Unusable,
        NotOffered))]
pub(crate) async fn ask(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
    Given(wish): Given<AskDto>,
) -> Answer<Response> {
    let session = session_id(id)?;
    let lines = context.lines.as_ref().ok_or_else(over_the_socket)?;
    let about = context.conversing.about(&person, &session).await?;
    let question = match (wish.text, wish.s3_key) {
        (Some(text), None) => Question::Text(text),
        (None, Some(key)) => Question::Spoken(ObjectKey::parse(key).map_err(|_| names::missing("s3Key"))?),
        _ => return Err(Failure::new(Code::BadMessage, "give either `text` or `s3Key`").into()),
    };
    let query = names::query(wish.query_id.unwrap_or_else(|| context.ids.fresh()))?;
    let playhead = wish.playhead.map(names::place).transpose()?;
    let (connection, said) = lines.open();
    let order = AnswerOrder {
        person: person.clone(),
        connection: connection.clone(),
        query: query.clone(),
        session,
        about,
        question,
        playhead,
        page: wish.page.filter(|page| *page > 0),
        speech: wish.speech.as_ref().and_then(agent::style),
        trace: telemetry::here(),
        here_only: true,
    };
    context.conversing.accept(order).await?;
    let waiting = Waiting { conversing: context.conversing.clone(), person, connection, query, over: false };
    let kept = KeepAlive::new().interval(STILL_THERE);
    Ok(Sse::new(events(said, waiting)).keep_alive(kept).into_response())
}

fn over_the_socket() -> Failure {
    Failure::new(Code::NotOffered, "this deployment answers over its WebSocket alone; ask there")
}

/// Whoever waits for an answer. When they go away before it has ended, it is stopped.
struct Waiting {
    conversing: Conversing,
    person: PersonId,
    connection: ConnectionId,
    query: QueryId,
    over: bool,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.over {
            return;
        }
        let (conversing, person) = (self.conversing.clone(), self.person.clone());
        let (connection, query) = (self.connection.clone(), self.query.clone());
        runtime.spawn(async move {
            if let Err(failure) = conversing.cancel(&connection, &person, &query).await {
                tracing::debug!(correlation = query.as_str(), code = failure.code.as_str(), "an answer was not stopped");
            }
        });
    }
}

/// What is said about the question, up to its end.
fn events(said: BoxStream<'static, String>, waiting: Waiting) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((said, waiting), |(mut said, mut waiting)| async move {
        while !waiting.over {
            let text = said.next().await?;
            let Ok(message) = serde_json::from_str::<Value>(&text) else { continue };
            let kind = message["type"].as_str().unwrap_or_default().to_owned();
            let Ok(message) = serde_json::from_value::<ServerMessage>(message) else { continue };
            if message.concerns() == Some(waiting.query.as_str()) {
                waiting.over = message.ends_query();
                return Some((Ok(Event::default().event(kind).data(text)), (said, waiting)));
            }
        }
        None
    })
}
