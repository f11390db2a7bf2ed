//! What operators do: invitations, roles, and the record of security events.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use synapscribe_domain::Timestamp;
use synapscribe_ports::accounts::Before;
use synapscribe_protocol::accounts::{
    AnsweredDto, AppointDto, AppointedDto, AuditDto, InvitationDto, InvitationsDto, InviteDto, NothingDto, RefusedDto,
    SecurityEventDto,
};
use synapscribe_usecases::accounts::Wish;
use synapscribe_wire::accounts as dto;

use super::Shared;
use crate::arrival::Staff;
use crate::envelope::{Answer, Answered, Asked, Given, Named, done};

#[utoipa::path(post, path = "/api/auth/invitations", request_body = InviteDto, tag = "operator",
    description = "Makes an invitation. Its code is told this once.",
    responses((status = 201, body = AnsweredDto<InvitationDto>), (status = 400, body = RefusedDto),
        (status = 401, body = RefusedDto), (status = 403, body = RefusedDto), (status = 413, body = RefusedDto),
        (status = 422, body = RefusedDto)), security(("access_token" = [])))]
pub(crate) async fn invite(
    State(context): Shared,
    Staff(visit, office): Staff,
    Given(InviteDto { role, uses, days, note }): Given<InviteDto>,
) -> Answer<InvitationDto> {
    let invited = context.reception.invite(&visit, &office, &Wish { role, uses, days, note }).await?;
    let data = InvitationDto { code: Some(invited.code), ..dto::invitation(&invited.invitation) };
    Ok(Answered(StatusCode::CREATED, data, "invited; the code is told only now"))
}

#[utoipa::path(get, path = "/api/auth/invitations", tag = "operator", description = "All invitations, the latest first.",
    responses((status = 200, body = AnsweredDto<InvitationsDto>), (status = 401, body = RefusedDto), (status = 403, body = RefusedDto)),
    security(("access_token" = [])))]
pub(crate) async fn invitations(State(context): Shared, Staff(_, office): Staff) -> Answer<InvitationsDto> {
    let found = context.reception.invitations(&office).await?;
    done(InvitationsDto { invitations: found.iter().map(dto::invitation).collect() }, "the invitations")
}

#[utoipa::path(delete, path = "/api/auth/invitations/{id}", tag = "operator",
    params(("id" = String, Path, description = "the invitation's name")), description = "Revokes an invitation.",
    responses((status = 200, body = AnsweredDto<NothingDto>), (status = 401, body = RefusedDto), (status = 403, body = RefusedDto),
        (status = 404, body = RefusedDto)), security(("access_token" = [])))]
pub(crate) async fn revoke_invitation(
    State(context): Shared,
    Staff(visit, office): Staff,
    Named(id): Named<String>,
) -> Answer<NothingDto> {
    context.reception.revoke_invitation(&visit, &office, &id).await?;
    done(NothingDto {}, "nobody gets in by this invitation any more")
}

#[utoipa::path(post, path = "/api/auth/roles", request_body = AppointDto, tag = "operator",
    description = "Gives the account of an address a role. Unless that is a higher one, it is signed out everywhere.",
    responses((status = 200, body = AnsweredDto<AppointedDto>), (status = 400, body = RefusedDto),
        (status = 401, body = RefusedDto), (status = 403, body = RefusedDto), (status = 404, body = RefusedDto),
        (status = 413, body = RefusedDto), (status = 422, body = RefusedDto)),
    security(("access_token" = [])))]
pub(crate) async fn appoint(
    State(context): Shared,
    Staff(visit, office): Staff,
    Given(AppointDto { email, role }): Given<AppointDto>,
) -> Answer<AppointedDto> {
    let appointed = context.reception.appoint(&visit, &office, &email, &role).await?;
    done(dto::appointed(&appointed.account, appointed.before, appointed.is_signed_out()), "the account has this role")
}

/// Which events.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Before this moment, in milliseconds since 1970.
    before: Option<i64>,
    /// And of what happened at it, whatever has a smaller number: with both of the last event it goes on after that one.
    number: Option<i64>,
    /// At most so many, 1 to 500; 100 if left out.
    most: Option<u32>,
}

#[utoipa::path(get, path = "/api/auth/audit", params(Which), tag = "operator",
    description = "What happened to accounts, the latest first.",
    responses((status = 200, body = AnsweredDto<AuditDto>), (status = 401, body = RefusedDto), (status = 403, body = RefusedDto),
        (status = 422, body = RefusedDto)), security(("access_token" = [])))]
pub(crate) async fn audit(
    State(context): Shared,
    Staff(_, office): Staff,
    Asked(Which { before, number, most }): Asked<Which>,
) -> Answer<AuditDto> {
    let before = before.map(|at| Before { at: Timestamp(at), number: number.unwrap_or(0) });
    let events = context.reception.events(&office, before, most).await?;
    let told = events.iter().map(|(number, event)| SecurityEventDto { number: Some(*number), ..dto::event(event) });
    done(AuditDto { events: told.collect() }, "what happened, the latest first")
}
