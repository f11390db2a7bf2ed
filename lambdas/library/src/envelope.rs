//! Who calls, what they send, and refusals: the same for every route.

use std::net::IpAddr;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;
use synapscribe_domain::{Code, Failure, PersonId, Visibility};
use synapscribe_protocol::reading;
use synapscribe_protocol::rest::{ErrorBody, SourceChangeDto};
use synapscribe_usecases::accounts::Refused;
use synapscribe_wire::dto;

/// Who calls, as the gateway established it; requests without it are refused.
#[derive(Debug, Clone)]
pub struct Caller(pub PersonId);

/// Why whoever signed a request is nobody's caller all the same.
#[derive(Debug, Clone)]
pub struct TurnedAway(pub Failure);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        if let Some(TurnedAway(failure)) = parts.extensions.get::<TurnedAway>() {
            return Err(failure.clone().into());
        }
        parts.extensions.get::<Caller>().cloned().ok_or_else(|| {
            Refusal::from(Failure::new(
                Code::Unauthorised,
                "the request carries no valid credentials; sign in or get guest credentials",
            ))
        })
    }
}

/// From which address somebody calls, where whoever mounts the routes knows it.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// A failure as an HTTP answer.
#[derive(Debug)]
pub struct Refusal {
    failure: Failure,
    /// After how many seconds it may work, where that is known.
    retry_after: Option<u64>,
}

impl Refusal {
    /// The answer under another status than the one that is usual for its code.
    pub fn under(self, status: StatusCode) -> Response {
        let mut response = self.into_response();
        *response.status_mut() = status;
        response
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { failure, retry_after: None }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        Self { failure: refused.failure(), retry_after: refused.retry_after() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = ErrorBody { error: dto::error(&self.failure) };
        let mut response = (status(self.failure.code), Json(body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn status(code: Code) -> StatusCode {
    match code {
        Code::BadMessage | Code::UnknownType | Code::InvalidFields | Code::WrongCode => StatusCode::BAD_REQUEST,
        Code::Unauthorised | Code::SignedOut | Code::WrongCredentials => StatusCode::UNAUTHORIZED,
        Code::Forbidden | Code::NotInvited | Code::NotVerified => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::Conflict | Code::LectureNotReady | Code::DocumentNotReady | Code::SessionEnded | Code::Cancelled => {
            StatusCode::CONFLICT
        }
        Code::TooLarge | Code::AudioTooBig | Code::DocumentTooBig => StatusCode::PAYLOAD_TOO_LARGE,
        // A file, or a part of one, that cannot be used.
        Code::AudioCorrupt
        | Code::AudioEmpty
        | Code::AudioRate
        | Code::AudioSilent
        | Code::AudioTooLong
        | Code::AudioTooShort
        | Code::AudioUnsupported
        | Code::CaptionsMismatch
        | Code::DocumentCorrupt
        | Code::DocumentEmpty
        | Code::DocumentEncrypted
        | Code::DocumentScanned
        | Code::DocumentTooLong
        | Code::DocumentUnsupported
        | Code::NothingHeard
        | Code::PageUnreadable => StatusCode::UNPROCESSABLE_ENTITY,
        Code::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Code::NotOffered | Code::EngineMissing => StatusCode::NOT_IMPLEMENTED,
        Code::Busy | Code::EngineFailed | Code::EngineTimeout => StatusCode::SERVICE_UNAVAILABLE,
        Code::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// An answer or a refusal.
pub type Answer<T> = Result<T, Refusal>;

/// A body of JSON; one that cannot be read is refused as every other bad message is.
pub(crate) struct Given<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Given<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let Json(body) = Json::<Value>::from_request(request, state).await.map_err(|rejection| match &rejection {
            JsonRejection::BytesRejection(_) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Failure::new(Code::TooLarge, "the request is larger than any of these can be")
            }
            JsonRejection::BytesRejection(_) => bad("the body ended early; send it again"),
            JsonRejection::MissingJsonContentType(_) => bad("send the body with the content type application/json"),
            _ => bad("the body cannot be read: it is not JSON"),
        })?;
        reading::read_value(&body).map(Self).map_err(|why| bad(format!("the body cannot be read: {why}")).into())
    }
}

/// A query, refused in the same way.
pub(crate) struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(misread(&rejection).into()),
        }
    }
}

/// What a path names; what nothing can be called does not exist.
pub(crate) struct Named<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(named)) => Ok(Self(named)),
            Err(_) => Err(Failure::not_found("thing").into()),
        }
    }
}

fn bad(why: impl Into<String>) -> Failure {
    Failure::new(Code::BadMessage, why)
}

/// What is wrong with a query. Of what came, only the name of a field is repeated that the route knows.
fn misread(rejection: &QueryRejection) -> Failure {
    // What axum says, then the field, then what is wrong with it; or what is missing.
    let said = rejection.body_text();
    if let Some((_, missing)) = said.split_once(": missing field `") {
        let name = missing.trim_end_matches('`');
        return bad(format!("`{name}` is missing in the query"));
    }
    let name = said.split(": ").nth(1).filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    match name {
        Some(name) => bad(format!("`{name}` in the query is not what it has to be")),
        None => bad("a field of the query is not what it has to be"),
    }
}

/// There is no such route.
pub(crate) async fn nothing_here() -> Refusal {
    Failure::new(Code::NotFound, "there is nothing at this address; /api/openapi.json names what there is").into()
}

/// There is a route, for other methods.
pub async fn another_method() -> Response {
    let failure = Failure::new(Code::NotOffered, "this address does not take that method; `Allow` names those it takes");
    Refusal::from(failure).under(StatusCode::METHOD_NOT_ALLOWED)
}

/// What is to change of a lecture or a document.
pub(crate) enum Change {
    Title(String),
    Visibility(Visibility),
}

impl Change {
    pub fn read(wish: SourceChangeDto) -> Result<Self, Failure> {
        match (wish.title, wish.visibility.as_deref()) {
            (Some(title), None) => Ok(Self::Title(title)),
            (None, Some("public")) => Ok(Self::Visibility(Visibility::Public)),
            (None, Some("private")) => Ok(Self::Visibility(Visibility::Private)),
            (None, Some(_)) => Err(Failure::new(Code::BadMessage, "`visibility` is `public` or `private`")),
            _ => Err(Failure::new(Code::BadMessage, "give one of `title` and `visibility`")),
        }
    }
}
