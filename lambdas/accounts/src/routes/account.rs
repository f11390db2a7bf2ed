//! Signing up, and codes by mail.

use axum::extract::State;
use synapscribe_domain::PersonId;
use synapscribe_protocol::accounts::{
    AddressDto, AnsweredDto, NothingDto, RefusedDto, RegisterDto, ResetPasswordDto, VerifyEmailDto,
};
use synapscribe_usecases::accounts::Form;

use super::Shared;
use crate::arrival::{Called, Visiting};
use crate::envelope::{Answer, Asked, Given, Refusal, done, taken_on};

#[utoipa::path(post, path = "/api/auth/register", request_body = RegisterDto, tag = "account",
    description = "Signs somebody up. The answer is the same whether or not the address has an account; a mail says the rest. A guest \
                   who signs the request with their credentials keeps what they have.",
    responses((status = 202, body = AnsweredDto<NothingDto>), (status = 400, body = RefusedDto),
        (status = 401, body = RefusedDto), (status = 403, body = RefusedDto), (status = 413, body = RefusedDto),
        (status = 422, body = RefusedDto), (status = 429, body = RefusedDto), (status = 503, body = RefusedDto)))]
pub(crate) async fn register(
    State(context): Shared,
    Visiting(visit, called): Visiting,
    Given(form): Given<RegisterDto>,
) -> Answer<NothingDto> {
    let RegisterDto { email, password, name, invitation } = form;
    let guest = guest(called)?;
    context.reception.register(&visit, &Form { email, password, name, invitation }, guest).await?;
    taken_on("a mail with a code is on its way to this address; type the code to finish")
}

/// A guest whose credentials have expired is told so: going on without them would leave their sessions behind.
fn guest(called: Called) -> Result<Option<PersonId>, Refusal> {
    match called {
        Called::Guest(person) => Ok(Some(person)),
        Called::Refused(failure) => Err(failure.into()),
        Called::Nobody | Called::SignedIn(_) | Called::Host => Ok(None),
    }
}

#[utoipa::path(get, path = "/api/auth/verify-email", params(VerifyEmailDto), tag = "account",
    description = "Shows that an address is one's own, by the code from the mail.",
    responses((status = 200, body = AnsweredDto<NothingDto>), (status = 400, body = RefusedDto), (status = 422, body = RefusedDto),
        (status = 429, body = RefusedDto)))]
pub(crate) async fn verify_email(
    State(context): Shared,
    Visiting(visit, _): Visiting,
    Asked(VerifyEmailDto { email, code }): Asked<VerifyEmailDto>,
) -> Answer<NothingDto> {
    context.reception.verify(&visit, &email, &code).await?;
    done(NothingDto {}, "the address is confirmed; sign in")
}

#[utoipa::path(post, path = "/api/auth/resend-verification", request_body = AddressDto, tag = "account",
    description = "Sends the code again that confirms an address, if one is waited for. The answer is always the same.",
    responses((status = 202, body = AnsweredDto<NothingDto>), (status = 400, body = RefusedDto),
        (status = 413, body = RefusedDto), (status = 422, body = RefusedDto), (status = 429, body = RefusedDto)))]
pub(crate) async fn resend_verification(
    State(context): Shared,
    Visiting(visit, _): Visiting,
    Given(AddressDto { email }): Given<AddressDto>,
) -> Answer<NothingDto> {
    context.reception.verify_again(&visit, &email).await?;
    taken_on("if this address waits to be confirmed, another code is on its way")
}

#[utoipa::path(post, path = "/api/auth/forgot-password", request_body = AddressDto, tag = "account",
    description = "Sends a code to set another password with, if the address has an account. The answer is always the same.",
    responses((status = 202, body = AnsweredDto<NothingDto>), (status = 400, body = RefusedDto),
        (status = 413, body = RefusedDto), (status = 422, body = RefusedDto), (status = 429, body = RefusedDto)))]
pub(crate) async fn forgot_password(
    State(context): Shared,
    Visiting(visit, _): Visiting,
    Given(AddressDto { email }): Given<AddressDto>,
) -> Answer<NothingDto> {
    context.reception.forgotten(&visit, &email).await?;
    taken_on("if this address has an account, a code is on its way")
}

#[utoipa::path(post, path = "/api/auth/reset-password", request_body = ResetPasswordDto, tag = "account",
    description = "Sets another password by the code from the mail, and ends every sign-in of the account.",
    responses((status = 200, body = AnsweredDto<NothingDto>), (status = 400, body = RefusedDto),
        (status = 413, body = RefusedDto), (status = 422, body = RefusedDto), (status = 429, body = RefusedDto),
        (status = 503, body = RefusedDto)))]
pub(crate) async fn reset_password(
    State(context): Shared,
    Visiting(visit, _): Visiting,
    Given(ResetPasswordDto { email, code, password }): Given<ResetPasswordDto>,
) -> Answer<NothingDto> {
    context.reception.reset(&visit, &email, &code, &password).await?;
    done(NothingDto {}, "the password is changed and every device is signed out; sign in")
}
