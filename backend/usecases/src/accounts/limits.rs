//! How often each thing may be done, by address, by account, by invitation, and from one place.

use synapscribe_domain::account::{AccountId, EmailAddress, InvitationId, Rate, SignInId, Taken, What};

use super::{Reception, Refused, Visit};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limited {
    SignUp,
    SignIn,
    Letter,
    Answer,
}

impl Limited {
    /// For one address, known or not.
    fn by_address(self) -> (&'static str, Rate) {
        match self {
            Self::SignUp => ("sign-up", Rate::each(5, HOUR)),
            Self::SignIn => ("sign-in", Rate::each(10, 10 * MINUTE)),
            Self::Letter => ("letter", Rate::each(5, HOUR)),
            Self::Answer => ("answer", Rate::each(20, HOUR)),
        }
    }

    /// From one place; a whole lecture hall may share one.
    fn by_place(self) -> Rate {
        match self {
            Self::SignUp | Self::Letter => Rate::each(300, HOUR),
            Self::SignIn | Self::Answer => Rate::each(600, 10 * MINUTE),
        }
    }
}

const BY_INVITATION: Rate = Rate::each(300, HOUR);
const BY_SIGN_IN: Rate = Rate::each(300, 10 * MINUTE);
/// Renewals of sign-ins that there are not. A whole university may share one place, and after an older backup was put back many of
/// its devices may hold such a one.
const UNKNOWN_BY_PLACE: Rate = Rate::each(6_000, 10 * MINUTE);
const BY_ACCOUNT: Rate = Rate::each(20, HOUR);
const PARTS_BY_ACCOUNT: Rate = Rate::each(300, HOUR);
const NOTED: Rate = Rate::each(1, MINUTE);

impl Reception {
    /// Takes one for an address and for the place it comes from.
    pub(super) async fn limit(&self, visit: &Visit, what: Limited, email: &EmailAddress) -> Result<(), Refused> {
        let (name, rate) = what.by_address();
        if let Some(peer) = visit.peer {
            self.take(visit, &format!("{name}/from/{peer}"), what.by_place(), None).await?;
        }
        self.take(visit, &format!("{name}/of/{}", email.as_str()), rate, None).await
    }

    /// Takes one for an invitation that is used.
    pub(super) async fn limit_invitation(&self, visit: &Visit, id: &InvitationId) -> Result<(), Refused> {
        self.take(visit, &format!("invitation/{id}"), BY_INVITATION, None).await
    }

    /// Takes one for the renewal of a sign-in that there is.
    pub(super) async fn limit_renewal(&self, visit: &Visit, id: &SignInId) -> Result<(), Refused> {
        self.take(visit, &format!("renewal/{id}"), BY_SIGN_IN, None).await
    }

    /// Takes one for the place from which a sign-in was to be renewed that there is not: anybody may make some up.
    pub(super) async fn limit_unknown(&self, visit: &Visit) -> Result<(), Refused> {
        match visit.peer {
            Some(peer) => self.take(visit, &format!("renewal/from/{peer}"), UNKNOWN_BY_PLACE, None).await,
            None => Ok(()),
        }
    }

    /// Takes one for what an account does with its password.
    pub(super) async fn limit_account(&self, visit: &Visit, id: &AccountId) -> Result<(), Refused> {
        self.take(visit, &format!("account/{id}"), BY_ACCOUNT, Some(id)).await
    }

    /// Takes one for a further part of what an account takes along.
    pub(super) async fn limit_part(&self, visit: &Visit, id: &AccountId) -> Result<(), Refused> {
        self.take(visit, &format!("part/{id}"), PARTS_BY_ACCOUNT, Some(id)).await
    }

    /// Keys are digested: a list of addresses would be worth stealing.
    fn key(&self, text: &str) -> String {
        self.secrets.digest(text).0[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    async fn take(&self, visit: &Visit, key: &str, rate: Rate, account: Option<&AccountId>) -> Result<(), Refused> {
        let key = self.key(key);
        match self.limits.take(&key, rate, self.clock.now()).await? {
            Taken::Allowed(_) => Ok(()),
            Taken::Wait(ms) => {
                // Whoever goes on without waiting does not fill the record.
                if let Taken::Allowed(_) = self.limits.take(&format!("{key}/noted"), NOTED, self.clock.now()).await? {
                    self.note(visit, What::Limited, account, None).await;
                }
                Err(Refused::TooOften(ms))
            }
        }
    }
}
