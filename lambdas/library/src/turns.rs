//! Asking in a session by one request: the answer comes as the messages of the WebSocket, by server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt};
use serde_json::Value;
use synapscribe_domain::{Code, ConnectionId, Failure, ObjectKey, PersonId, QueryId, Question, SessionId};
use synapscribe_ports::AnswerOrder;
use synapscribe_protocol::ServerMessage;
use synapscribe_protocol::chat::AskDto;
use synapscribe_telemetry as telemetry;
use synapscribe_usecases::Conversing;
use synapscribe_wire::{agent, names};
use tracing::Instrument;

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

    /// How long this process may take for an answer that it gives over its lines by itself, because nobody else reaches them;
    /// nothing where a worker answers.
    fn own_time(&self) -> Option<Duration> {
        None
    }

    /// Such an answer is over, whether or not its end was said.
    fn close(&self, _line: &ConnectionId) {}
}

/// Asks what the session is about. The answer comes as server-sent events: the name of each is the `type` of a message of the
/// WebSocket, and its data the message. The last is `answer_done`, `cancelled` or `error`. Closing the connection stops the answer,
/// where its gateway tells of that.
/// A gateway that cannot pass an answer on while it grows refuses with 501; where `/.well-known/synapscribe.json` has a
/// `streamingUrl`, this is asked below that, with a signature as everywhere.
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
    let lines = context.lines.as_ref().ok_or_else(|| elsewhere(context.streaming_url.as_deref(), &session))?;
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
        trace: telemetry::here().or_else(telemetry::given),
        here_only: true,
    };
    match lines.own_time() {
        None => context.conversing.accept(order).await?,
        Some(longest) => {
            if let Some(order) = context.conversing.accept_here(order, longest).await? {
                let (conversing, lines, line) = (context.conversing.clone(), Arc::clone(lines), connection.clone());
                tokio::spawn(async move {
                    answered(conversing, order, longest).await;
                    lines.close(&line);
                });
            }
        }
    }
    let waiting = Waiting { conversing: context.conversing.clone(), person, connection, query, over: false };
    let kept = KeepAlive::new().interval(STILL_THERE);
    Ok(Sse::new(events(said, waiting)).keep_alive(kept).into_response())
}

fn elsewhere(streaming: Option<&str>, session: &SessionId) -> Failure {
    let sentence = match streaming {
        Some(url) => format!("answers are not passed on here; post to {url}/sessions/{session}/turns, or ask over the WebSocket"),
        None => "this deployment answers over its WebSocket alone; ask there".to_owned(),
    };
    Failure::new(Code::NotOffered, sentence)
}

/// Answers a question as a worker would, but for the queue: whatever becomes of it, it has an end that is said and stored.
async fn answered(conversing: Conversing, mut order: AnswerOrder, longest: Duration) {
    let span = tracing::error_span!("answer", correlation = order.query.as_str());
    let span = telemetry::on(span, order.trace.as_ref());
    async {
        order.trace = telemetry::here().or(order.trace.take());
        let answer = tokio::time::timeout(longest, conversing.answer(&order)).await;
        let Err(failure) = answer.unwrap_or_else(|_| Err(late())) else { return };
        tracing::warn!(code = failure.code.as_str(), "a question was not answered");
        if let Err(failure) = conversing.give_up(&order, failure).await {
            tracing::error!(code = failure.code.as_str(), "a question's failure could not be noted");
        }
    }
    .instrument(span)
    .await;
}

fn late() -> Failure {
    Failure::new(Code::Busy, "the answer takes longer than this deployment waits for one; ask for less at once")
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
