//! How everything about accounts is kept, whoever keeps it: people with their codes and proofs, sign-ins, invitations, limits,
//! events, keys and letters.

mod mail;
mod people;
mod records;
mod sign_ins;

pub use mail::suite as mail;
pub use people::{beside, suite as people};
pub use records::{audit, invitations, keys, limits};
pub use sign_ins::suite as sign_ins;

use synapscribe_domain::Timestamp;
use synapscribe_domain::account::AccountId;

use crate::world::{Ids, UuidIds};

const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn fresh() -> String {
    UuidIds.fresh()
}

fn account() -> AccountId {
    AccountId::parse(fresh()).unwrap()
}
