//! Signing in and out, and renewing.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use synapscribe_ports::accounts::{Challenge, SignedIn};
use synapscribe_protocol::accounts::{
    AnsweredDto, LoginDto, LoginRequestDto, LogoutDto, NothingDto, RefreshDto, RefusedDto, TokensDto,
};
use synapscribe_usecases::accounts::{Proof, Session, SignedInNow};
use synapscribe_wire::accounts as dto;

use super::Shared;
use crate::arrival::{Called, Visiting};
use crate::envelope::{Answer, Given, done};

#[utoipa::path(post, path = "/api/auth/login", request_body = LoginRequestDto, tag = "sign-in",
    description = "Signs a device in by address and password, and where it is asked for by a second proof. An address that waits to be \
                   confirmed is refused as a wrong password is.",
    responses((status = 200, body = AnsweredDto<LoginDto>), (status = 400, body = RefusedDto),
        (status = 401, body = RefusedDto), (status = 413, body = RefusedDto), (status = 422, body = RefusedDto),
        (status = 429, body = RefusedDto), (status = 503, body = RefusedDto)))]
pub(crate) async fn login(
    State(context): Shared,
    Visiting(visit, _): Visiting,
    headers: HeaderMap,
    Given(request): Given<LoginRequestDto>,
) -> Answer<LoginDto> {
    let LoginRequestDto { email, password, device, challenge } = request;
    let proof = match challenge {
        Some(answer) => Proof::Answer(Challenge { kind: answer.kind, session: answer.session }, answer.answer),
        None => Proof::Password(password),
    };
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let device = device.as_deref().or(agent).unwrap_or_default();
    match context.reception.login(&visit, &email, &proof, device).await? {
        SignedInNow::Yes(session, account) => {
            done(LoginDto::SignedIn { tokens: tokens(&session), account: dto::account(&account) }, "signed in")
        }
        SignedInNow::Challenged(Challenge { kind, session }) => {
            done(LoginDto::Challenge { kind, session }, "one more proof is asked for")
        }
    }
}

#[utoipa::path(post, path = "/api/auth/refresh", request_body = RefreshDto, tag = "sign-in",
    description = "Exchanges a refresh token for the next one and another access token. A token that comes twice ends the sign-in, \
                   but for half a minute in which an answer may have been lost.",
    responses((status = 200, body = AnsweredDto<TokensDto>), (status = 400, body = RefusedDto),
        (status = 401, body = RefusedDto), (status = 413, body = RefusedDto), (status = 422, body = RefusedDto),
        (status = 429, body = RefusedDto)))]
pub(crate) async fn refresh(
    State(context): Shared,
    Visiting(visit, _): Visiting,
    Given(RefreshDto { refresh_token }): Given<RefreshDto>,
) -> Answer<TokensDto> {
    let session = context.reception.refresh(&visit, &refresh_token).await?;
    done(tokens(&session), "renewed")
}

#[utoipa::path(post, path = "/api/auth/logout", request_body = LogoutDto, tag = "sign-in",
    description = "Ends a sign-in, by its refresh token or by an access token; or every sign-in of the account.",
    responses((status = 200, body = AnsweredDto<NothingDto>), (status = 400, body = RefusedDto),
        (status = 401, body = RefusedDto), (status = 413, body = RefusedDto), (status = 422, body = RefusedDto)),
    security((), ("access_token" = [])))]
pub(crate) async fn logout(
    State(context): Shared,
    Visiting(visit, called): Visiting,
    Given(LogoutDto { refresh_token, everywhere }): Given<LogoutDto>,
) -> Answer<NothingDto> {
    context.reception.logout(&visit, signed_in(&called), refresh_token.as_deref(), everywhere).await?;
    done(NothingDto {}, "signed out")
}

/// What a device gets.
fn tokens(session: &Session) -> TokensDto {
    TokensDto {
        access_token: session.access.clone(),
        token_type: "Bearer".into(),
        expires_in: session.access_ms.unsigned_abs() / 1000,
        refresh_token: session.refresh.text(),
        refresh_expires: session.expires.0,
        session_id: session.refresh.sign_in.to_string(),
    }
}

fn signed_in(called: &Called) -> Option<&SignedIn> {
    match called {
        Called::SignedIn(signed_in) => Some(signed_in),
        Called::Nobody | Called::Guest(_) | Called::Host | Called::Refused(_) => None,
    }
}
