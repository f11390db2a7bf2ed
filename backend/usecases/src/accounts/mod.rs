//! Accounts: signing up, in and out, codes by mail, sign-ins, invitations, roles and the record of events. Whether an address has an
//! account does not show in an answer, its status or the time it takes.

mod admitting;
mod audit;
mod ended;
mod errands;
mod forgotten;
mod invite;
mod leave;
mod letters;
mod limits;
mod login;
mod logout;
mod me;
mod proofs;
mod refresh;
mod refused;
mod register;
mod reset;
mod roles;
mod sign_ins;
mod sweep;
mod verify;
mod vouching;

use std::net::IpAddr;
use std::sync::Arc;

use synapscribe_domain::account::{AccountId, EmailAddress, Place, SecurityEvent, SignInId, What};
use synapscribe_ports::accounts::{
    AccessTokens, Accounts, Audit, Identities, Invitations, Limits, Mail, Proofs, Secrets, SignIns,
};
use synapscribe_ports::{Clock, Connections, Ids};

pub use admitting::Admitting;
pub use errands::Errands;
pub use invite::{Invited, Wish};
pub use leave::{Belongings, Leaving};
pub use login::{Proof, Session, SignedInNow};
pub use me::Office;
pub use refused::Refused;
pub use register::Form;
pub use roles::Appointed;
pub use vouching::Vouching;

/// An access token is good for so long, and never beyond its sign-in.
pub const ACCESS_MS: i64 = 15 * 60_000;

/// What accounts are handled with.
#[derive(Clone)]
pub struct Reception {
    /// Whom we know, and codes.
    pub accounts: Arc<dyn Accounts>,
    /// What they prove who they are by.
    pub proofs: Arc<dyn Proofs>,
    /// Sign-ins.
    pub sign_ins: Arc<dyn SignIns>,
    /// Invitations.
    pub invitations: Arc<dyn Invitations>,
    /// How often things were done.
    pub limits: Arc<dyn Limits>,
    /// What happened.
    pub audit: Arc<dyn Audit>,
    /// Carries letters.
    pub mail: Arc<dyn Mail>,
    /// Makes access tokens.
    pub tokens: Arc<dyn AccessTokens>,
    /// Gives new accounts their identity.
    pub identities: Arc<dyn Identities>,
    /// Makes and digests secrets.
    pub secrets: Arc<dyn Secrets>,
    /// Where access tokens are looked at, told of each end at once.
    pub admitting: Admitting,
    /// Who is connected, where a connection goes on without its sign-in until somebody hangs up; nothing where whoever holds it looks by
    /// itself.
    pub connections: Option<Arc<dyn Connections>>,
    /// What is done after an answer.
    pub errands: Errands,
    /// Whether signing up takes an invitation.
    pub invited_only: bool,
    /// Fresh names.
    pub ids: Arc<dyn Ids>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Under what circumstances somebody calls.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// From which address, where that is known.
    pub peer: Option<IpAddr>,
    /// The name of the request.
    pub correlation: Option<String>,
}

impl Visit {
    /// Where that is.
    pub fn place(&self) -> Place {
        self.peer.map_or_else(Place::unknown, Place::of)
    }
}

impl Reception {
    /// Adds what happened now to the record.
    async fn note(&self, visit: &Visit, what: What, account: Option<&AccountId>, sign_in: Option<&SignInId>) {
        self.record(self.event(visit, what, account, sign_in)).await;
    }

    /// Adds what was refused now to the record, with the account of the address that it was tried at, if there is one. That is found
    /// and written after the answer, so that its time tells nothing of it; where nothing can be done after an answer, whoever gives it
    /// takes a time that is longer than either.
    fn note_refused(&self, visit: &Visit, what: What, email: &EmailAddress) {
        let (reception, email) = (self.clone(), email.clone());
        let event = self.event(visit, what, None, None);
        self.errands.begin(async move {
            let account = reception.owner_of(&email).await;
            reception.record(SecurityEvent { account, ..event }).await;
        });
    }

    /// Whose an address is, for the record alone, which goes without where that is not known.
    async fn owner_of(&self, email: &EmailAddress) -> Option<AccountId> {
        match self.accounts.account_at(email).await {
            Ok(account) => account.map(|account| account.id),
            Err(error) => {
                tracing::warn!(%error, "an event is recorded without its account");
                None
            }
        }
    }

    fn event(&self, visit: &Visit, what: What, account: Option<&AccountId>, sign_in: Option<&SignInId>) -> SecurityEvent {
        SecurityEvent {
            at: self.clock.now(),
            what,
            account: account.cloned(),
            sign_in: sign_in.cloned(),
            before: None,
            place: visit.place(),
            correlation: visit.correlation.clone(),
        }
    }

    /// Adds to the record. What was done stays done where that fails.
    async fn record(&self, event: SecurityEvent) {
        if let Err(error) = self.audit.record(&event).await {
            tracing::error!(%error, what = event.what.name(), "a security event could not be recorded");
        }
    }
}
