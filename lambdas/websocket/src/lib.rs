//! The WebSocket routes: decodes a message, calls one operation, tells the connection. Holds no logic.

use std::sync::Arc;

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use synapscribe_domain::{Code, ConnectionId, Failure, ObjectKey, PersonId, QueryId, Question, TraceParent};
use synapscribe_ports::connections::Holder;
use synapscribe_ports::{AnswerOrder, Audience, Clock, Connections, Notice};
use synapscribe_protocol::ClientMessage;
use synapscribe_protocol::client::{TYPES, UploadPurpose};
use synapscribe_protocol::headers::TOKEN_QUERY;
use synapscribe_telemetry as telemetry;
use synapscribe_usecases::Conversing;
use synapscribe_usecases::accounts::Vouching;
use synapscribe_usecases::end_session::Ending;
use synapscribe_usecases::request_upload::{Granting, Wish};
use synapscribe_wire::names;
use synapscribe_wire::source::Named;
use tracing::Instrument;

/// What the handler calls; built once.
#[derive(Clone)]
pub struct Context {
    /// Grants uploads.
    pub granting: Granting,
    /// Takes questions.
    pub conversing: Conversing,
    /// Ends sessions.
    pub ending: Ending,
    /// Who is connected.
    pub connections: Arc<dyn Connections>,
    /// Tells them.
    pub audience: Arc<dyn Audience>,
    /// Looks at the access token that comes beside a signature; nothing where there are no accounts, or whoever raises the events has
    /// looked at it.
    pub vouching: Option<Vouching>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Handles one event of the gateway; only its status goes back, everything said is sent over the connection.
pub async fn handle(context: &Context, event: ApiGatewayWebsocketProxyRequest) -> ApiGatewayProxyResponse {
    let request = &event.request_context;
    let Some(Ok(connection)) = request.connection_id.as_deref().map(ConnectionId::parse) else { return status(400) };
    let caller = request.identity.cognito_identity_id.as_deref().and_then(|id| PersonId::parse(id).ok());
    let route = request.route_key.as_deref().unwrap_or("$default");
    let outcome = match (route, caller) {
        ("$disconnect", _) => context.connections.closed(&connection).await.map_err(Failure::from),
        ("$connect", Some(person)) => {
            let token = event.query_string_parameters.first(TOKEN_QUERY);
            enter(context, &connection, person, token).await
        }
        ("$connect", None) => return status(401),
        (_, caller) => match known(context, &connection, caller).await {
            Ok(Some(holder)) => {
                let text = event.body.as_deref().unwrap_or_default();
                match may_stay(context, &holder).await {
                    Ok(()) => message(context, &connection, &holder.person, text).await,
                    Err(failure) => turn_away(context, &connection, text, failure).await,
                }
                Ok(())
            }
            Ok(None) => return status(401),
            Err(failure) => Err(failure),
        },
    };
    match outcome {
        Ok(()) => status(200),
        Err(failure) if failure.code == Code::SignedOut => {
            tracing::info!(code = failure.code.as_str(), route, "a connection was refused");
            status(401)
        }
        Err(failure) => {
            tracing::error!(code = failure.code.as_str(), route, "a gateway event could not be handled");
            status(500)
        }
    }
}

/// Notes a new connection of whoever may make one, with the sign-in that it is made under, if that lasts when it is noted.
async fn enter(context: &Context, connection: &ConnectionId, person: PersonId, token: Option<&str>) -> Result<(), Failure> {
    let sign_in = match &context.vouching {
        Some(vouching) => vouching.admit(&person, token).await?,
        None => None,
    };
    let holder = Holder { person, sign_in };
    context.connections.opened(connection, &holder, context.clock.now()).await?;
    if let (Some(vouching), Some(sign_in)) = (&context.vouching, &holder.sign_in)
        && let Err(failure) = vouching.lasts_now(sign_in).await
    {
        context.connections.closed(connection).await?;
        return Err(failure);
    }
    Ok(())
}

/// Who is behind a message. A gateway need name the caller only when the connection is made; after that it is looked up, and so is
/// under which sign-in they came.
async fn known(context: &Context, connection: &ConnectionId, named: Option<PersonId>) -> Result<Option<Holder>, Failure> {
    match named {
        Some(person) if context.vouching.is_none() => Ok(Some(person.into())),
        _ => Ok(context.connections.holder(connection).await?),
    }
}

async fn may_stay(context: &Context, holder: &Holder) -> Result<(), Failure> {
    match &context.vouching {
        Some(vouching) => vouching.may_stay(&holder.person, holder.sign_in.as_ref()).await,
        None => Ok(()),
    }
}

/// Says why a message is not listened to. Where the sign-in has ended, nothing more is.
async fn turn_away(context: &Context, connection: &ConnectionId, text: &str, failure: Failure) {
    let ended = failure.code == Code::SignedOut;
    let query = ClientMessage::query_in(text).and_then(|query| names::query(query).ok());
    let correlation = query.as_ref().map(QueryId::as_str);
    tracing::info!(correlation, code = failure.code.as_str(), "a message was not listened to");
    tell(context, connection, &Notice::Failed(query, failure)).await;
    if ended && let Err(error) = context.connections.hang_up(connection).await {
        tracing::warn!(%error, "a connection whose sign-in has ended could not be closed");
    }
}

/// One message of a client; whatever is wrong with it is told and the connection lives on.
async fn message(context: &Context, connection: &ConnectionId, person: &PersonId, text: &str) {
    let (query, outcome) = match ClientMessage::parse(text) {
        Err(malformed) => {
            // Whoever sent it waits for an answer under that name.
            let query = ClientMessage::query_in(text).and_then(|query| names::query(query).ok());
            (query, Err(names::misread(malformed, &TYPES)))
        }
        Ok(message) => {
            let query = match &message {
                ClientMessage::Query { query_id, .. }
                | ClientMessage::Cancel { query_id }
                | ClientMessage::RequestUpload { query_id: Some(query_id), .. } => QueryId::parse(query_id.as_str()).ok(),
                _ => None,
            };
            // The name of a lecture is known once its upload is granted.
            let span = tracing::error_span!("message", kind = message.kind(), correlation = query.as_ref().map(QueryId::as_str));
            let span = telemetry::on(span, parent(&message).as_ref());
            (query, dispatch(context, connection, person, message).instrument(span).await)
        }
    };
    if let (Some(query), Err(failure)) = (&query, &outcome) {
        tracing::info!(correlation = query.as_str(), code = failure.code.as_str(), "a message was refused");
    }
    let notice = match outcome {
        Ok(None) => return,
        Ok(Some(notice)) => notice,
        Err(failure) => Notice::Failed(query, failure),
    };
    tell(context, connection, &notice).await;
}

async fn tell(context: &Context, connection: &ConnectionId, notice: &Notice) {
    if let Err(error) = context.audience.tell(connection, notice).await {
        tracing::debug!(%error, "an answer to a message was not delivered");
    }
}

/// What a client that records traces says its question follows on.
fn parent(message: &ClientMessage) -> Option<TraceParent> {
    match message {
        ClientMessage::Query { traceparent: Some(given), .. } => TraceParent::parse(given.as_str()).ok(),
        _ => None,
    }
}

async fn dispatch(
    context: &Context,
    connection: &ConnectionId,
    person: &PersonId,
    message: ClientMessage,
) -> Result<Option<Notice>, Failure> {
    match message {
        ClientMessage::Ping {} => Ok(Some(Notice::Pong)),
        ClientMessage::RequestUpload { file_name, bytes, purpose, query_id, lecture_id } => {
            let wish = match (purpose, query_id, lecture_id) {
                (UploadPurpose::Lecture, _, _) => Wish::Lecture,
                (UploadPurpose::Document, _, _) => Wish::Document,
                (UploadPurpose::Captions, _, Some(lecture)) => Wish::Captions(names::lecture(lecture)?),
                (UploadPurpose::Query, Some(query), _) => Wish::Query(names::query(query)?),
                (UploadPurpose::Captions, _, None) => return Err(names::missing("lectureId")),
                (UploadPurpose::Query, None, _) => return Err(names::missing("queryId")),
            };
            let granted = context.granting.grant(person, wish, &file_name, bytes).await?;
            if let Notice::UploadUrl { key, .. } = &granted {
                tracing::Span::current().record("correlation", key.place().name());
            }
            Ok(Some(granted))
        }
        ClientMessage::Query {
            query_id,
            session_id,
            lecture_id,
            document_id,
            sources,
            everything,
            s3_key,
            text,
            playhead,
            page,
            speech,
            traceparent,
        } => {
            let question = match (text, s3_key) {
                (Some(text), None) => Question::Text(text),
                (None, Some(key)) => Question::Spoken(ObjectKey::parse(key).map_err(|_| names::missing("s3Key"))?),
                _ => return Err(Failure::new(Code::BadMessage, "`query`: give either `text` or `s3Key`")),
            };
            let order = AnswerOrder {
                person: person.clone(),
                connection: connection.clone(),
                query: names::query(query_id)?,
                session: names::session(session_id)?,
                about: Named { lecture_id, document_id, sources, everything }.read()?,
                question,
                playhead: playhead.map(names::place).transpose()?,
                page: page.filter(|page| *page > 0),
                speech: synapscribe_wire::agent::style(&speech.unwrap_or_default()),
                // Where no traces are recorded here, the client's own is handed on, or what AWS follows the event by.
                trace: telemetry::here().or_else(|| TraceParent::parse(traceparent?).ok()).or_else(telemetry::given),
                here_only: false,
            };
            context.conversing.accept(order).await.map(|()| None)
        }
        ClientMessage::Cancel { query_id } => {
            context.conversing.cancel(connection, person, &names::query(query_id)?).await.map(|()| None)
        }
        ClientMessage::EndSession { session_id } => {
            let session = names::session(session_id)?;
            context.ending.end(person, &session).await?;
            Ok(Some(Notice::SessionEnded(session)))
        }
    }
}

fn status(code: i64) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = code;
    response
}
