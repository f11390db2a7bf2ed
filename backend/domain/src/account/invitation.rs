//! Invitations: a code that lets somebody sign up, in a role, so many times, until some day.

use serde::{Deserialize, Serialize};

use super::{AccountId, Digest, Role};
use crate::ids::{InvalidId, identifier};
use crate::time::Timestamp;

identifier!(
    /// One invitation.
    InvitationId
);

/// The longest note of an invitation, in characters.
pub const LONGEST_NOTE: usize = 200;

/// Why an invitation lets nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// It was revoked.
    Revoked,
    /// Its day has passed.
    Expired,
    /// Everybody it was for has come.
    UsedUp,
}

/// An invitation as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its name.
    pub id: InvitationId,
    /// Its code's digest.
    pub digest: Digest,
    /// The role of whoever comes by it.
    pub role: Role,
    /// How many may come.
    pub uses: u32,
    /// How many have come.
    pub used: u32,
    /// Until when.
    pub expires: Timestamp,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// What whoever made it noted.
    pub note: String,
    /// Who made it; nobody where it was made with the operator's key.
    pub by: Option<AccountId>,
    /// When it was made.
    pub created: Timestamp,
}

impl Invitation {
    /// Lets one more in.
    pub fn admit(&mut self, now: Timestamp) -> Result<Role, Unusable> {
        if self.revoked.is_some() {
            return Err(Unusable::Revoked);
        }
        if now >= self.expires {
            return Err(Unusable::Expired);
        }
        if self.used >= self.uses {
            return Err(Unusable::UsedUp);
        }
        self.used += 1;
        Ok(self.role)
    }

    /// Gives a place back that was not taken after all.
    pub fn give_back(&mut self) {
        self.used = self.used.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_admits_as_many_as_it_says_until_its_day() {
        let now = Timestamp(10);
        let fresh = Invitation {
            id: InvitationId::parse("i").unwrap(),
            digest: Digest([0; 32]),
            role: Role::Lecturer,
            uses: 2,
            used: 0,
            expires: Timestamp(20),
            revoked: None,
            note: String::new(),
            by: None,
            created: now,
        };
        let mut invitation = fresh.clone();
        assert_eq!([0; 3].map(|_| invitation.admit(now)), [Ok(Role::Lecturer), Ok(Role::Lecturer), Err(Unusable::UsedUp)]);
        invitation.give_back();
        assert_eq!(invitation.admit(Timestamp(19)), Ok(Role::Lecturer));
        assert_eq!(fresh.clone().admit(Timestamp(20)), Err(Unusable::Expired));
        assert_eq!(Invitation { revoked: Some(now), ..fresh }.admit(now), Err(Unusable::Revoked));
    }
}
