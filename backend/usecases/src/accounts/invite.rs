//! Invitations, for operators.

use synapscribe_domain::account::invitation::LONGEST_NOTE;
use synapscribe_domain::account::{AccountId, Action, Invitation, InvitationId, Role, What, Whose};
use synapscribe_domain::{Failure, time::DAY_MS};

use super::{Office, Reception, Refused, Visit};

/// What an invitation is to be like; what is left out is usual.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The role of whoever comes by it.
    pub role: Option<String>,
    /// How many may come.
    pub uses: Option<u32>,
    /// How many days it is good for.
    pub days: Option<u32>,
    /// A note.
    pub note: Option<String>,
}

/// A new invitation and its code, which is told this once.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// Its code.
    pub code: String,
}

impl Reception {
    /// Makes an invitation.
    pub async fn invite(&self, visit: &Visit, office: &Office, wish: &Wish) -> Result<Invited, Refused> {
        let by = self.allow(office, Action::Invite, Whose::Own).await?;
        let mut faults = Vec::new();
        let role = wish.role.as_deref().map_or(Some(Role::Student), Role::from_name);
        if role.is_none() {
            faults.push(("role", "a role is student, lecturer or operator".to_owned()));
        }
        let (uses, days) = (wish.uses.unwrap_or(1), wish.days.unwrap_or(30));
        if !(1..=10_000).contains(&uses) {
            faults.push(("uses", "an invitation is for 1 to 10,000 people".to_owned()));
        }
        if !(1..=365).contains(&days) {
            faults.push(("days", "an invitation is good for 1 to 365 days".to_owned()));
        }
        let note = wish.note.as_deref().unwrap_or_default().trim();
        if note.chars().count() > LONGEST_NOTE {
            faults.push(("note", format!("the note is too long; take at most {LONGEST_NOTE} characters")));
        }
        let (Some(role), true) = (role, faults.is_empty()) else { return Err(Refused::Fields(faults)) };
        let code = format!("{}-{}", self.secrets.code().grouped(), self.secrets.code().grouped());
        let now = self.clock.now();
        let invitation = Invitation {
            id: InvitationId::parse(self.ids.fresh()).map_err(|_| Failure::internal())?,
            digest: self.invitation_digest(&code).ok_or_else(Failure::internal)?,
            role,
            uses,
            used: 0,
            expires: now.plus(i64::from(days) * DAY_MS),
            revoked: None,
            note: note.to_owned(),
            by: by.clone(),
            created: now,
        };
        self.invitations.invite(&invitation).await?;
        // Whoever may not invite any more by now has one more than were found when that was decided.
        if let Err(refused) = self.allow(office, Action::Invite, Whose::Own).await {
            self.invitations.revoke(&invitation.id, now).await?;
            return Err(refused);
        }
        self.note(visit, What::Invited, by.as_ref(), None).await;
        Ok(Invited { invitation, code })
    }

    /// All invitations, the latest first.
    pub async fn invitations(&self, office: &Office) -> Result<Vec<Invitation>, Refused> {
        self.allow(office, Action::Invite, Whose::Others).await?;
        Ok(self.invitations.invitations().await?)
    }

    /// Revokes one.
    pub async fn revoke_invitation(&self, visit: &Visit, office: &Office, id: &str) -> Result<(), Refused> {
        let by = self.allow(office, Action::Invite, Whose::Others).await?;
        let missing = || Refused::from(Failure::not_found("invitation"));
        let id = InvitationId::parse(id).map_err(|_| missing())?;
        if !self.invitations.revoke(&id, self.clock.now()).await? {
            return Err(missing());
        }
        self.note(visit, What::InvitationRevoked, by.as_ref(), None).await;
        Ok(())
    }

    /// Revokes the invitations of an account that may not invite any more, as far as they let somebody do more than it may now: it
    /// knows their codes.
    pub(super) async fn revoke_invitations_above(&self, visit: &Visit, by: &AccountId, role: Role) -> Result<(), Refused> {
        for one in self.invitations.invitations().await? {
            if one.by.as_ref() == Some(by) && one.role > role && one.revoked.is_none() {
                self.invitations.revoke(&one.id, self.clock.now()).await?;
                self.note(visit, What::InvitationRevoked, Some(by), None).await;
            }
        }
        Ok(())
    }
}
