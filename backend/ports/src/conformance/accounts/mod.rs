//! How everything about accounts is kept, whoever keeps it: people with their codes and proofs, sign-ins, invitations, limits,
//! events, keys and letters; and how passwords, secrets, identities and access tokens are made and looked at.

mod admission;
mod crypto;
mod mail;
mod people;
mod records;
mod sign_ins;
mod tokens;

pub use admission::{Behind, suite as admission};
pub use crypto::{passwords, secrets};
pub use mail::suite as mail;
pub use people::{beside, suite as people};
pub use records::{audit, identities, invitations, keys, limits};
pub use sign_ins::suite as sign_ins;
pub use tokens::{Makers, suite as tokens};

use synapscribe_domain::account::{AccountId, Role, SignInId};
use synapscribe_domain::{PersonId, Timestamp};

use crate::accounts::AccessClaims;
use crate::world::{Ids, UuidIds};

const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn fresh() -> String {
    UuidIds.fresh()
}

fn account() -> AccountId {
    AccountId::parse(fresh()).unwrap()
}

fn person() -> PersonId {
    PersonId::parse(format!("us-east-1:{}", fresh())).unwrap()
}

/// What a token states of somebody who signs in now.
fn claims(now: Timestamp) -> AccessClaims {
    AccessClaims {
        account: account(),
        person: person(),
        sign_in: SignInId::parse(fresh()).unwrap(),
        role: Role::Lecturer,
        issued: now,
        expires: now.plus(15 * 60_000),
    }
}
