//! The two envelopes of every answer, and bodies and queries as they come.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use synapscribe_domain::{Code, Failure};
use synapscribe_protocol::accounts::{AnsweredDto, NothingDto, RefusalDetailsDto, RefusedDto};
use synapscribe_usecases::accounts::Refused;

/// A refusal as an HTTP answer.
#[derive(Debug)]
pub struct Refusal(pub Refused);

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        Self(refused)
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self(failure.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let failure = self.0.failure();
        let status = match failure.code {
            Code::BadMessage | Code::WrongCode => StatusCode::BAD_REQUEST,
            Code::Unauthorised | Code::WrongCredentials | Code::SignedOut => StatusCode::UNAUTHORIZED,
            Code::Forbidden | Code::NotInvited | Code::NotVerified => StatusCode::FORBIDDEN,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::Conflict => StatusCode::CONFLICT,
            Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Code::InvalidFields => StatusCode::UNPROCESSABLE_ENTITY,
            Code::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Code::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Code::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let retry_after = self.0.retry_after();
        let fields = match &self.0 {
            Refused::Fields(fields) => Some(fields.iter().map(|(name, why)| ((*name).to_owned(), why.clone())).collect()),
            _ => (failure.code == Code::InvalidFields).then(BTreeMap::new),
        };
        let details = RefusalDetailsDto { fields, retry_after, retryable: failure.code.retryable(), correlation: None };
        let body = RefusedDto { success: false, error: failure.message, error_code: failure.code.as_str().into(), details };
        let mut response = (status, Json(&body)).into_response();
        response.extensions_mut().insert(body);
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The same answer, in which a fault of ours says the name of the request.
pub(crate) fn about(mut response: Response, name: &str) -> Response {
    match response.extensions_mut().remove::<RefusedDto>() {
        Some(mut body) if response.status().is_server_error() => {
            body.details.correlation = Some(name.to_owned());
            let (parts, _) = response.into_parts();
            Response::from_parts(parts, Json(body).into_response().into_body())
        }
        _ => response,
    }
}

/// An answer or a refusal.
pub(crate) type Answer<T> = Result<Answered<T>, Refusal>;

/// What was asked for, with a sentence.
pub(crate) struct Answered<T>(pub StatusCode, pub T, pub &'static str);

impl<T: Serialize> IntoResponse for Answered<T> {
    fn into_response(self) -> Response {
        let Self(status, data, message) = self;
        (status, Json(AnsweredDto { success: true, data, message: message.to_owned() })).into_response()
    }
}

/// It is done.
pub(crate) fn done<T>(data: T, message: &'static str) -> Answer<T> {
    Ok(Answered(StatusCode::OK, data, message))
}

/// It is taken on; a letter says the rest.
pub(crate) fn taken_on(message: &'static str) -> Answer<NothingDto> {
    Ok(Answered(StatusCode::ACCEPTED, NothingDto {}, message))
}

/// A body of JSON.
pub(crate) struct Given<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Given<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(match &rejection {
                JsonRejection::JsonDataError(_) => {
                    Failure::new(Code::InvalidFields, "a field is missing or of another kind than it has to be")
                }
                JsonRejection::BytesRejection(_) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                    Failure::new(Code::TooLarge, "the request is larger than any of these can be")
                }
                // What came may be a password, so it is not said again.
                _ => {
                    Failure::new(Code::BadMessage, "the request is not JSON; send a body with the content type application/json")
                }
            }
            .into()),
        }
    }
}

/// A query.
pub(crate) struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(_) => Err(Failure::new(Code::InvalidFields, "a field of the query is missing or of another kind").into()),
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

/// There is no such route.
pub(crate) async fn nothing_here() -> Refusal {
    Failure::new(Code::NotFound, "there is nothing at this address; /api/auth/openapi.json names what there is").into()
}

/// There is a route, for other methods.
pub(crate) async fn another_method() -> Response {
    let failure = Failure::new(Code::NotOffered, "this address does not take that method; `Allow` names those it takes");
    let mut response = Refusal::from(failure).into_response();
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}
