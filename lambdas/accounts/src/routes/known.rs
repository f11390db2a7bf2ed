//! What somebody who is signed in sees and does about their account.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use synapscribe_domain::{Code, Failure, SessionSummary};
use synapscribe_ports::accounts::SignedIn;
use synapscribe_protocol::accounts::{AccountDto, AnsweredDto, DeleteAccountDto, NothingDto, RefusedDto, SignInsDto};
use synapscribe_usecases::accounts::Belongings;
use synapscribe_wire::{accounts as dto, classes, documents, dto as things};

use super::Shared;
use crate::arrival::Known;
use crate::envelope::{Answer, Answered, Asked, Given, Named, Refusal, done};
use crate::portion::portion;

#[utoipa::path(get, path = "/api/auth/me", tag = "account", description = "Who is signed in.",
    responses((status = 200, body = AnsweredDto<AccountDto>), (status = 401, body = RefusedDto)), security(("access_token" = [])))]
pub(crate) async fn me(State(context): Shared, Known(_, caller): Known) -> Answer<AccountDto> {
    let account = context.reception.me(&caller).await?;
    done(dto::account(&account), "signed in")
}

#[utoipa::path(delete, path = "/api/auth/me", request_body = DeleteAccountDto, tag = "account",
    description = "Deletes the account with everything that is its person's. The password is asked for once more.",
    responses((status = 200, body = AnsweredDto<NothingDto>), (status = 400, body = RefusedDto), (status = 401, body = RefusedDto),
        (status = 422, body = RefusedDto), (status = 429, body = RefusedDto)), security(("access_token" = [])))]
pub(crate) async fn delete_me(
    State(context): Shared,
    Known(visit, caller): Known,
    Given(DeleteAccountDto { password }): Given<DeleteAccountDto>,
) -> Answer<NothingDto> {
    context.leaving.leave(&visit, &caller, &password).await?;
    done(NothingDto {}, "the account and everything that was yours are deleted")
}

/// How far it was told.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Further {
    /// 0 for as much as an answer holds; then the `next` of each answer, until one has none. Lists go on from answer to answer.
    from: Option<u32>,
}

#[utoipa::path(get, path = "/api/auth/me/export", params(Further), tag = "account",
    description = "Everything that is kept of whoever is signed in, but for recordings and documents, which are files of their own.",
    responses((status = 200, body = AnsweredDto<Value>), (status = 401, body = RefusedDto), (status = 413, body = RefusedDto),
        (status = 422, body = RefusedDto), (status = 429, body = RefusedDto)), security(("access_token" = [])))]
pub(crate) async fn export(
    State(context): Shared,
    Known(visit, caller): Known,
    Asked(Further { from }): Asked<Further>,
) -> Result<Response, Refusal> {
    let begin = from.unwrap_or(0);
    let belongings = context.leaving.belongings(&visit, &caller, begin > 0).await?;
    let (mut all, next) = portion(exported(&belongings, &caller), begin as usize, context.largest);
    if let Some(next) = next {
        if from.is_none() {
            return Err(Failure::new(
                Code::TooLarge,
                "this is more than one answer holds; ask with ?from=0, and then with the `next` of each answer, until one has none",
            )
            .into());
        }
        all.insert("next".into(), next.into());
    }
    let named = [(header::CONTENT_DISPOSITION, "attachment; filename=\"synapscribe.json\"")];
    let all = Answered(StatusCode::OK, all, "everything that is kept of you, but for files");
    Ok((named, all).into_response())
}

/// Everything in the forms in which the other routes tell it.
fn exported(all: &Belongings, caller: &SignedIn) -> Map<String, Value> {
    let person = &all.account.person;
    let session =
        |(session, turns): &(_, Vec<_>)| things::session(&SessionSummary::of(Clone::clone(session), turns), Some(turns));
    let fields = [
        ("account", json!(dto::account(&all.account))),
        ("signIns", all.sign_ins.iter().map(|sign_in| json!(dto::sign_in(sign_in, caller))).collect()),
        ("lectures", all.lectures.iter().map(|lecture| json!(things::lecture(lecture, person))).collect()),
        ("transcripts", all.transcripts.iter().map(|(id, phrases)| json!(things::transcript(id, phrases))).collect()),
        ("documents", all.documents.iter().map(|document| json!(documents::document(document, person))).collect()),
        ("classes", all.classes.iter().map(|one| json!(classes::listed(one, person))).collect()),
        ("sessions", all.sessions.iter().map(|one| json!(session(one))).collect()),
        ("events", all.events.iter().map(|event| json!(dto::event(event))).collect()),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[utoipa::path(get, path = "/api/auth/sessions", tag = "sign-in", description = "The sign-ins of the account that last.",
    responses((status = 200, body = AnsweredDto<SignInsDto>), (status = 401, body = RefusedDto)), security(("access_token" = [])))]
pub(crate) async fn sessions(State(context): Shared, Known(_, caller): Known) -> Answer<SignInsDto> {
    let found = context.reception.sign_ins(&caller).await?;
    let sessions = found.iter().map(|sign_in| dto::sign_in(sign_in, &caller)).collect();
    done(SignInsDto { sessions }, "the devices that are signed in")
}

#[utoipa::path(delete, path = "/api/auth/sessions/{id}", tag = "sign-in",
    params(("id" = String, Path, description = "the sign-in's name")), description = "Ends one of the account's sign-ins.",
    responses((status = 200, body = AnsweredDto<NothingDto>), (status = 401, body = RefusedDto), (status = 404, body = RefusedDto)),
    security(("access_token" = [])))]
pub(crate) async fn end_session(
    State(context): Shared,
    Known(visit, caller): Known,
    Named(id): Named<String>,
) -> Answer<NothingDto> {
    context.reception.end_sign_in(&visit, &caller, &id).await?;
    done(NothingDto {}, "that device is signed out")
}
