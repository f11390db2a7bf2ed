//! Why something about an account was not done.

use synapscribe_domain::account::Unusable;
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::StoreError;
use synapscribe_ports::accounts::TokenFault;

/// A refusal, with what a caller can do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// A reason like any other.
    Failure(Failure),
    /// Fields cannot be taken, each with a sentence why.
    Fields(Vec<(&'static str, String)>),
    /// It was done too often; after so many milliseconds it works again.
    TooOften(i64),
}

impl Refused {
    /// The reason as every other.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Failure(failure) => failure.clone(),
            Self::Fields(fields) => {
                let why = fields.first().map_or("a field cannot be taken as it is", |(_, why)| why);
                Failure::new(Code::InvalidFields, why)
            }
            Self::TooOften(ms) => {
                let seconds = seconds(*ms);
                Failure::new(Code::TooMany, format!("that was too often; it works again in {seconds} seconds"))
            }
        }
    }

    /// Seconds until it works again, where that is the reason.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooOften(ms) => Some(seconds(*ms)),
            Self::Failure(_) | Self::Fields(_) => None,
        }
    }

    /// Nobody is signed in by this. The sentence helps whoever has still to confirm their address as well.
    pub(super) fn credentials() -> Self {
        let why = "the address or the password is wrong, or the address is not confirmed yet; try again, reset the password, or, \
                   having just signed up, confirm the address with the code in the letter";
        Failure::new(Code::WrongCredentials, why).into()
    }

    /// It is not the password of whoever is signed in.
    pub(super) fn password() -> Self {
        Failure::new(Code::WrongCredentials, "this is not the password of your account; try again or reset it").into()
    }

    /// The code is wrong, used or over.
    pub(super) fn code() -> Self {
        Failure::new(Code::WrongCode, "the code is wrong or no longer good; ask for another one").into()
    }

    /// The sign-in has ended.
    pub(super) fn signed_out() -> Self {
        Failure::new(Code::SignedOut, "you are signed out here; sign in again").into()
    }

    /// The role does not allow it.
    pub(super) fn forbidden() -> Self {
        Failure::new(Code::Forbidden, "your role does not allow this").into()
    }

    /// There is no invitation that lets anybody in.
    pub(super) fn not_invited(why: Option<Unusable>) -> Self {
        let why = match why {
            None => "signing up here takes an invitation; ask whoever runs this server for a code",
            Some(Unusable::Revoked) => "this invitation was revoked; ask for another one",
            Some(Unusable::Expired) => "this invitation has expired; ask for another one",
            Some(Unusable::UsedUp) => "everybody whom this invitation was for has come; ask for another one",
        };
        Failure::new(Code::NotInvited, why).into()
    }
}

/// Rounded up, so that whoever waits so long is not refused again.
fn seconds(ms: i64) -> u64 {
    u64::try_from(ms.max(1)).unwrap_or(1).div_ceil(1000)
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        if let StoreError::Unavailable(_) | StoreError::Corrupt(_) = &error {
            tracing::error!(%error, "what accounts are kept in does not answer");
        }
        Self::Failure(error.into())
    }
}

impl From<TokenFault> for Refused {
    fn from(fault: TokenFault) -> Self {
        tracing::error!(%fault, "an access token could not be made");
        Self::Failure(Failure::internal())
    }
}
