//! What somebody who is signed in sees and does about their account.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use synapscribe_domain::pack::CardSeen;
use synapscribe_domain::{Code, Failure, SessionSummary};
use synapscribe_ports::accounts::SignedIn;
use synapscribe_protocol::accounts::{AccountDto, AnsweredDto, DeleteAccountDto, NothingDto, RefusedDto, SignInsDto};
use synapscribe_usecases::accounts::Belongings;
use synapscribe_wire::{accounts as dto, classes, documents, dto as things, packs};

use super::Shared;
use crate::arrival::Known;
use crate::envelope::{Answer, Answered, Asked, Given, Named, Refusal, done};
use crate::portion::{List, Place, portion};

#[utoipa::path(get, path = "/api/auth/me", tag = "account", description = "Who is signed in.",
    responses((status = 200, body = AnsweredDto<AccountDto>), (status = 401, body = RefusedDto)), security(("access_token" = [])))]
pub(crate) async fn me(State(context): Shared, Known(_, caller): Known) -> Answer<AccountDto> {
    let account = context.reception.me(&caller).await?;
    done(dto::account(&account), "signed in")
}

#[utoipa::path(delete, path = "/api/auth/me", request_body = DeleteAccountDto, tag = "account",
    description = "Deletes the account with everything that is its person's. The password is asked for once more.",
    responses((status = 200, body = AnsweredDto<NothingDto>), (status = 400, body = RefusedDto),
        (status = 401, body = RefusedDto), (status = 413, body = RefusedDto), (status = 422, body = RefusedDto),
        (status = 429, body = RefusedDto), (status = 503, body = RefusedDto)), security(("access_token" = [])))]
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
    from: Option<String>,
}

#[utoipa::path(get, path = "/api/auth/me/export", params(Further), tag = "account",
    description = "Everything that is kept of whoever is signed in, but for recordings and documents, which are files of their own.",
    responses((status = 200, body = AnsweredDto<Value>), (status = 401, body = RefusedDto), (status = 409, body = RefusedDto),
        (status = 413, body = RefusedDto), (status = 422, body = RefusedDto), (status = 429, body = RefusedDto)), security(("access_token" = [])))]
pub(crate) async fn export(
    State(context): Shared,
    Known(visit, caller): Known,
    Asked(Further { from }): Asked<Further>,
) -> Result<Response, Refusal> {
    let place = from.as_deref().map_or(Some(Place::default()), Place::parse);
    let place =
        place.ok_or_else(|| Failure::new(Code::InvalidFields, "`from` is 0, or the `next` of an answer as it was given"))?;
    let told = |all: &Belongings| part(all, &caller, place, from.is_none(), context.largest);
    let all = context.leaving.belongings(&visit, &caller, place.further(), told).await?;
    let named = [(header::CONTENT_DISPOSITION, "attachment; filename=\"synapscribe.json\"")];
    let all = Answered(StatusCode::OK, all, "everything that is kept of you, but for files");
    Ok((named, all).into_response())
}

/// As much as an answer holds; whoever asked for the whole is told where it is more.
fn part(all: &Belongings, caller: &SignedIn, from: Place, whole: bool, largest: usize) -> Result<Map<String, Value>, Failure> {
    let (mut told, next) = portion(&lists(all, caller), from, largest)
        .ok_or_else(|| Failure::new(Code::Conflict, "something changed while it was being taken along; begin again"))?;
    match next {
        Some(_) if whole => {
            return Err(Failure::new(
                Code::TooLarge,
                "this is more than one answer holds; ask with ?from=0, and then with the `next` of each answer, until one has none",
            ));
        }
        Some(next) => drop(told.insert("next".into(), next.to_string().into())),
        None => {}
    }
    told.insert("account".into(), json!(dto::account(&all.account)));
    Ok(told)
}

/// All lists in the forms in which the other routes tell them. What grows while somebody takes it along stands last and grows at its
/// end, so that the places before it stay.
fn lists(all: &Belongings, caller: &SignedIn) -> Vec<List> {
    let person = &all.account.person;
    let session =
        |(session, turns): &(_, Vec<_>)| things::session(&SessionSummary::of(Clone::clone(session), turns), Some(turns));
    let mut sessions: Vec<_> = all.sessions.iter().collect();
    sessions.sort_by_key(|(session, _)| session.created);
    let mut sign_ins: Vec<_> = all.sign_ins.iter().collect();
    sign_ins.sort_by_key(|sign_in| sign_in.created);
    let lectures = all.lectures.iter().map(|lecture| (lecture.id.to_string(), json!(things::lecture(lecture, person))));
    let documents = all.documents.iter().map(|one| (one.id.to_string(), json!(documents::document(one, person))));
    let transcripts = all.transcripts.iter().map(|(id, phrases)| (id.to_string(), json!(things::transcript(id, phrases))));
    let classes = all.classes.iter().map(|one| (one.class.id.to_string(), json!(classes::listed(one, person))));
    let mut kept: Vec<_> = all.packs.iter().collect();
    kept.sort_by_key(|(pack, _)| pack.pack.created);
    let made = kept.iter().map(|(pack, _)| (pack.pack.id.to_string(), json!(packs::pack(pack, person))));
    // A pack with all its cards may be more than an answer holds.
    let cards = kept.iter().flat_map(|(pack, cards)| {
        let id = pack.pack.id.as_str();
        let told = move |one: &CardSeen| (format!("{id} {}", one.card.id), json!({ "packId": id, "card": packs::card(one) }));
        cards.iter().map(told)
    });
    let sessions = sessions.into_iter().map(|one| (one.0.id.to_string(), json!(session(one))));
    let sign_ins = sign_ins.into_iter().map(|one| (one.id.to_string(), json!(dto::sign_in(one, caller))));
    // The latest come first.
    let events = all.events.iter().rev();
    let events = events.map(|event| (format!("{} {}", event.at.0, event.what.name()), json!(dto::event(event))));
    vec![
        ("lectures", lectures.collect()),
        ("documents", documents.collect()),
        ("transcripts", transcripts.collect()),
        ("classes", classes.collect()),
        ("packs", made.collect()),
        ("cards", cards.collect()),
        ("sessions", sessions.collect()),
        ("signIns", sign_ins.collect()),
        ("events", events.collect()),
    ]
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
