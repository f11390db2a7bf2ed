//! What happened to accounts, for operators to read: who, what, when, from which network. Never a secret, never an address.

use serde::{Deserialize, Serialize};

use super::{AccountId, Place, Role, SignInId};
use crate::time::{DAY_MS, Timestamp};

/// How long events are kept.
pub const KEPT_MS: i64 = 365 * DAY_MS;

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum What { $( $(#[$doc])* $name, )* }

        impl What {
            /// Its stable name.
            pub fn name(self) -> &'static str {
                match self { $(What::$name => $text,)* }
            }
        }
    };
}

events! {
    /// Somebody signed up.
    Registered = "registered";
    /// Somebody signed up with an address that has an account.
    RegisteredAgain = "registered_again";
    /// An address was shown to be somebody's.
    Verified = "verified";
    /// Somebody signed in.
    SignedIn = "signed_in";
    /// A password was wrong, or there is no such account.
    SignInRefused = "sign_in_refused";
    /// Somebody signed out.
    SignedOut = "signed_out";
    /// A sign-in was ended from the list of sign-ins.
    SignInRevoked = "sign_in_revoked";
    /// A refresh token was used twice, which ended its sign-in.
    TokenReused = "token_reused";
    /// A code to set another password was asked for.
    ResetAsked = "reset_asked";
    /// Another password was set.
    PasswordReset = "password_reset";
    /// A code was wrong or over.
    CodeRefused = "code_refused";
    /// Somebody did something too often.
    Limited = "limited";
    /// An invitation was made.
    Invited = "invited";
    /// An invitation was revoked.
    InvitationRevoked = "invitation_revoked";
    /// An account was made a student's; the sign-in is that of whoever gave the role, as it is in the next two.
    MadeStudent = "made_student";
    /// An account was made a lecturer's.
    MadeLecturer = "made_lecturer";
    /// An account was made an operator's.
    MadeOperator = "made_operator";
    /// An account was deleted with its data.
    AccountDeleted = "account_deleted";
    /// Somebody took their data along.
    DataExported = "data_exported";
    /// Tokens are signed with another key.
    KeyRotated = "key_rotated";
}

impl What {
    /// Whether anybody who knows an address brings it about, as often as they like.
    pub fn is_anybodys(self) -> bool {
        matches!(self, Self::SignInRefused | Self::CodeRefused | Self::ResetAsked)
    }

    /// An account was given this role.
    pub fn made(role: Role) -> Self {
        match role {
            Role::Student => Self::MadeStudent,
            Role::Lecturer => Self::MadeLecturer,
            Role::Operator => Self::MadeOperator,
        }
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
    /// To whose account, where that is known.
    pub account: Option<AccountId>,
    /// By which sign-in, where there is one.
    pub sign_in: Option<SignInId>,
    /// Where a role was given, the one before.
    #[serde(default)]
    pub before: Option<Role>,
    /// From where.
    pub place: Place,
    /// The name of the request.
    pub correlation: Option<String>,
}
