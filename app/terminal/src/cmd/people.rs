//! `ops invite`, `ops role` and `ops audit`: who may come, who may do what, and what happened to accounts. Whoever runs this
//! machine's own host is its operator, and so is, by its stack, whoever AWS lets call a deployment's functions; elsewhere it takes an
//! operator's account.

use anyhow::Result;
use serde::de::DeserializeOwned;
use serde_json::json;
use synapscribe_client::ClientError;
use synapscribe_client::account::Account;
use synapscribe_client::account::staff::{self, Asked};
use synapscribe_client::protocol::accounts::{AppointDto, InvitationDto, InviteDto};
use synapscribe_operations::people::Registry;

use super::sessions;
use crate::cli::{Invite, Role};
use crate::exit::Exit;
use crate::out::{Look, Out};
use crate::text;

/// Who is asked.
pub enum Desk {
    /// A server, with the key of its own operator where this machine has it.
    Server(Account, Option<String>),
    /// A deployment, by its stack.
    Stack(Registry),
}

impl Desk {
    async fn ask<T: DeserializeOwned>(&self, asked: Asked<T>) -> Result<T, ClientError> {
        match self {
            Self::Server(account, key) => account.ask(key.as_deref(), asked).await,
            Self::Stack(registry) => registry.ask(&asked).await,
        }
    }
}

/// Makes, lists and revokes invitations.
pub async fn invite(action: Invite, desk: &Desk, out: Out) -> Result<Exit> {
    match action {
        Invite::Create { role, uses, days, note } => {
            let wish = InviteDto { role: Some(role), uses: Some(uses), days: Some(days), note };
            let made = desk.ask(staff::invite(&wish)?).await?;
            out.event(&made)?;
            let code = made.code.as_deref().unwrap_or_default();
            let who = if made.uses == 1 { "one".to_owned() } else { made.uses.to_string() };
            out.line(format!("{} lets {who} in as {}", out.paint(Look::Strong, code), made.role))?;
            out.line(out.paint(Look::Dim, "The code is told only now."))?;
        }
        Invite::List => {
            for invitation in desk.ask(staff::invitations()).await?.invitations {
                out.event(&invitation)?;
                out.line(row(&invitation, out))?;
            }
        }
        Invite::Revoke { invitations } => {
            return sessions::each(&invitations, out, async |id| {
                desk.ask(staff::revoke(id)).await?;
                out.event(&json!({ "type": "invitation_revoked", "invitationId": id }))?;
                Ok(out.line(format!("nobody gets in by {id} any more"))?)
            })
            .await;
        }
    }
    Ok(Exit::Done)
}

fn row(invitation: &InvitationDto, out: Out) -> String {
    let InvitationDto { invitation_id, role, uses, used, revoked, expires, note, .. } = invitation;
    let state = match (*revoked, *expires <= text::now()) {
        (true, _) => "revoked",
        (false, true) => "over",
        (false, false) => "open",
    };
    format!("{}  {state}  {role}  {used} of {uses} came  {note}", out.paint(Look::Dim, invitation_id))
}

/// Gives a role.
pub async fn role(action: Role, desk: &Desk, out: Out) -> Result<Exit> {
    let Role::Set { address, role } = action;
    let appointed = desk.ask(staff::appoint(&AppointDto { email: address, role })?).await?;
    out.event(&appointed)?;
    let was = if appointed.before == appointed.role { "as before".to_owned() } else { format!("{} before", appointed.before) };
    let from = if appointed.signed_out {
        "It is signed out everywhere."
    } else {
        "Wherever it is signed in that holds within a quarter of an hour."
    };
    out.line(format!("{} has the role {}, {was}", out.paint(Look::Strong, &appointed.email), appointed.role))?;
    out.line(out.paint(Look::Dim, from))?;
    Ok(Exit::Done)
}

/// Shows what happened.
pub async fn audit(most: u32, before: Option<i64>, number: Option<i64>, desk: &Desk, out: Out) -> Result<Exit> {
    for event in desk.ask(staff::audit(before, number, most)).await?.events {
        out.event(&event)?;
        let when = out.paint(Look::Dim, &text::ago(event.at, text::now()));
        let account = event.account_id.as_deref().unwrap_or("–");
        let name = event.correlation.map(|name| out.paint(Look::Dim, &format!("  ({name})"))).unwrap_or_default();
        let before = event.before.map(|role| format!(", before {role}")).unwrap_or_default();
        out.line(format!("{when}  {}{before}  {account}  {}{name}", out.paint(Look::Strong, &event.what), event.place))?;
    }
    Ok(Exit::Done)
}
