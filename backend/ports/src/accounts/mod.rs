//! What accounts need from the world: who keeps accounts, what they are proved by, sign-ins, invitations, limits, the record of events
//! and keys, and who carries mail. Only [`Proofs`] may be a user pool's; everything else is ours in every deployment.

mod audit;
mod crypto;
mod invitations;
mod limits;
mod mail;
mod people;
mod proofs;
mod sign_ins;
mod tokens;

pub use audit::{Audit, Before};
pub use crypto::{Passwords, Secrets};
pub use invitations::{Invitations, Redeemed};
pub use limits::Limits;
pub use mail::{Letter, Mail, MailError};
pub use people::{Accounts, NewAccount, Registered, Unverified};
pub use proofs::{Challenge, Proofs, Proved};
pub use sign_ins::SignIns;
pub use tokens::{
    AccessClaims, AccessTokens, Admission, CLOCK_SKEW_MS, Identities, Keys, PublicKey, SignedIn, SigningKey, TokenFault,
};
