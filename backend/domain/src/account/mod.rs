//! Accounts: who somebody is on every machine, what they may do, and how long a sign-in lasts. Rules only: no cryptography, no
//! randomness, no clock; secrets arrive here as digests.

pub mod code;
mod email;
pub mod event;
pub mod invitation;
pub mod password;
mod rate;
mod role;
pub mod sign_in;

pub use code::{Checked, MailedCode, Purpose, WrittenCode};
pub use email::{EmailAddress, InvalidEmail};
pub use event::{SecurityEvent, What};
pub use invitation::{Invitation, InvitationId, Unusable};
pub use password::{Password, PasswordRefused};
pub use rate::{Rate, Taken};
pub use role::{Action, Role, Whose};
pub use sign_in::{Next, Place, Presented, RefreshToken, SealedToken, SignIn, SignInId, Why};

use serde::{Deserialize, Serialize};

use crate::ids::{InvalidId, PersonId, identifier};
use crate::time::Timestamp;

identifier!(
    /// One account.
    AccountId
);

/// A secret's one-way form, which is all that is ever kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Digest(pub [u8; 32]);

/// The longest name somebody is called by, in characters.
pub const LONGEST_NAME: usize = 80;

/// Somebody who is known on every machine they sign in on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its name everywhere, also in access tokens.
    pub id: AccountId,
    /// Where it is written to.
    pub email: EmailAddress,
    /// What the person wants to be called.
    pub name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Whose lectures and sessions are theirs: the identity they had as a guest, or one of their own.
    pub person: PersonId,
    /// Whether the address was shown to be theirs.
    pub verified: bool,
    /// When it was made.
    pub created: Timestamp,
    /// How often its password was set anew.
    #[serde(default)]
    pub resets: u32,
}

impl Account {
    /// Another password is kept, which whoever reads its letters chose.
    pub fn reset(&mut self) {
        self.verified = true;
        self.resets += 1;
    }

    /// Gives it another role and says which it had, if whoever gives it may: another account, or whoever runs the server, who has
    /// none. Since nobody lowers themselves, whoever gives the last role stays what they are.
    pub fn appoint(&mut self, role: Role, by: Option<&Account>) -> Option<Role> {
        let may = |by: &Account| {
            let whose = if by.id == self.id { Whose::Own } else { Whose::Others };
            by.role.may(Action::Appoint, whose)
        };
        by.is_none_or(may).then(|| std::mem::replace(&mut self.role, role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str, role: Role) -> Account {
        Account {
            id: AccountId::parse(name).unwrap(),
            email: EmailAddress::parse(&format!("{name}@example.org")).unwrap(),
            name: None,
            role,
            person: PersonId::parse(name).unwrap(),
            verified: true,
            created: Timestamp(0),
            resets: 0,
        }
    }

    #[test]
    fn operators_and_whoever_runs_the_server_give_roles_and_nobody_their_own() {
        let mut ada = account("ada", Role::Operator);
        for role in [Role::Student, Role::Lecturer] {
            assert_eq!(ada.appoint(Role::Student, Some(&account("bob", role))), None, "{role:?}");
        }
        assert_eq!(ada.appoint(Role::Student, Some(&ada.clone())), None, "the last operator stays one");
        assert_eq!(ada.appoint(Role::Lecturer, Some(&account("bob", Role::Operator))), Some(Role::Operator));
        assert_eq!(ada.appoint(Role::Student, None), Some(Role::Lecturer));
        assert_eq!(ada.role, Role::Student);
    }
}
