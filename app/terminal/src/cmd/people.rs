//! `ops invite` and `ops audit`: who may come, and what happened to accounts. Whoever runs this machine's own host is its
//! operator; elsewhere it takes an operator's account.

use anyhow::Result;
use serde_json::json;
use synapscribe_client::protocol::accounts::{InvitationDto, InviteDto};

use super::{Connected, sessions};
use crate::cli::{Global, Invite};
use crate::exit::Exit;
use crate::local;
use crate::out::{Look, Out};
use crate::text;

/// Makes, lists and revokes invitations.
pub async fn invite(action: Invite, connected: &Connected, global: &Global, out: Out) -> Result<Exit> {
    let account = connected.client.account()?;
    let key = local::operator_key(global, connected.client.server());
    match action {
        Invite::Create { role, uses, days, note } => {
            let wish = InviteDto { role: Some(role), uses: Some(uses), days: Some(days), note };
            let made = account.invite(key.as_deref(), &wish).await?;
            out.event(&made)?;
            let code = made.code.as_deref().unwrap_or_default();
            let who = if made.uses == 1 { "one".to_owned() } else { made.uses.to_string() };
            out.line(format!("{} lets {who} in as {}", out.paint(Look::Strong, code), made.role))?;
            out.line(out.paint(Look::Dim, "The code is told only now."))?;
        }
        Invite::List => {
            for invitation in account.invitations(key.as_deref()).await? {
                out.event(&invitation)?;
                out.line(row(&invitation, out))?;
            }
        }
        Invite::Revoke { invitations } => {
            return sessions::each(&invitations, out, async |id| {
                account.revoke_invitation(key.as_deref(), id).await?;
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

/// Shows what happened.
pub async fn audit(most: u32, before: Option<i64>, connected: &Connected, global: &Global, out: Out) -> Result<Exit> {
    let key = local::operator_key(global, connected.client.server());
    for event in connected.client.account()?.audit(key.as_deref(), before, most).await? {
        out.event(&event)?;
        let when = out.paint(Look::Dim, &text::ago(event.at, text::now()));
        let account = event.account_id.as_deref().unwrap_or("–");
        let name = event.correlation.map(|name| out.paint(Look::Dim, &format!("  ({name})"))).unwrap_or_default();
        out.line(format!("{when}  {}  {account}  {}{name}", out.paint(Look::Strong, &event.what), event.place))?;
    }
    Ok(Exit::Done)
}
