//! Giving an account that is there another role, for operators.

use synapscribe_domain::account::{Account, Action, EmailAddress, Role, SecurityEvent, What, Whose, Why};
use synapscribe_domain::{Code, Failure};

use super::{Office, Reception, Refused, Visit};

/// An account whose role was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointed {
    /// The account as it is now.
    pub account: Account,
    /// The role that it had.
    pub before: Role,
}

impl Appointed {
    /// Whether it was signed out everywhere: wherever it may not do more than before.
    pub fn is_signed_out(&self) -> bool {
        self.account.role <= self.before
    }
}

impl Reception {
    /// Gives the account of an address a role. A higher one is in its tokens from their next renewal on. With any other it is signed
    /// out everywhere, so that its tokens are refused; with the same as well, since the time before may have been cut off. Whoever
    /// signs in at that very moment gets a token of the new role, or one that is refused. An operator who is none any more leaves no
    /// invitation behind that gives more than their role. Operators may know who has an account.
    pub async fn appoint(&self, visit: &Visit, office: &Office, email: &str, role: &str) -> Result<Appointed, Refused> {
        let by = self.allow(office, Action::Appoint, Whose::Others).await?;
        let mut faults = Vec::new();
        let email = EmailAddress::parse(email).map_err(|why| faults.push(("email", why.to_string())));
        let role = Role::from_name(role);
        if role.is_none() {
            faults.push(("role", "a role is student, lecturer or operator".to_owned()));
        }
        let (Ok(email), Some(role)) = (email, role) else { return Err(Refused::Fields(faults)) };
        let Some(account) = self.accounts.account_at(&email).await? else {
            let why = "nobody has an account with this address; invite them to the role instead";
            return Err(Failure::new(Code::NotFound, why).into());
        };
        if !account.verified {
            // Whoever signed up may be a stranger, whose password would come to the role when the address is confirmed.
            let why = "whoever signed up with this address has still to confirm it; ask them to, and try again";
            return Err(Failure::new(Code::NotVerified, why).into());
        }
        let id = &account.id;
        if by.as_ref() == Some(id) {
            // So the last operator stays one, as far as operators decide.
            let why = "nobody changes their own role; ask another operator, or whoever runs the server";
            return Err(Failure::new(Code::Forbidden, why).into());
        }
        // Another operator may have given one since the account was read, to whoever gives this one too.
        let before = self.accounts.set_role(id, role, by.as_ref()).await?.ok_or_else(Refused::forbidden)?;
        let event = self.event(visit, What::made(role), Some(id), office.sign_in());
        self.record(SecurityEvent { before: Some(before), ..event }).await;
        if !role.may(Action::Invite, Whose::Own) {
            self.revoke_invitations_above(visit, id, role).await?;
        }
        let appointed = Appointed { before, account: Account { role, ..account } };
        if appointed.is_signed_out() {
            self.end_all(&appointed.account.id, Why::Revoked).await?;
        }
        Ok(appointed)
    }
}
