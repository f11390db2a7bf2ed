//! Who is signed in, and what they may do beyond their own things.

use synapscribe_domain::account::{Account, AccountId, Action, SignInId, Whose};
use synapscribe_ports::accounts::SignedIn;

use super::{Reception, Refused};

/// Who asks for what only some may do.
#[derive(Debug, Clone)]
pub enum Office {
    /// Whoever runs the server, by what only they have.
    Host,
    /// Somebody with an account.
    Account(SignedIn),
}

impl Office {
    /// By which sign-in, where there is one.
    pub(super) fn sign_in(&self) -> Option<&SignInId> {
        match self {
            Self::Host => None,
            Self::Account(caller) => Some(&caller.claims.sign_in),
        }
    }
}

impl Reception {
    /// The account of whoever is signed in.
    pub async fn me(&self, caller: &SignedIn) -> Result<Account, Refused> {
        self.accounts.account(&caller.claims.account).await?.ok_or_else(Refused::signed_out)
    }

    /// Lets whoever may do this go on. The role is the one that is stored, whatever a token of a quarter of an hour ago states.
    pub(super) async fn allow(&self, office: &Office, action: Action, whose: Whose) -> Result<Option<AccountId>, Refused> {
        match office {
            Office::Host => Ok(None),
            Office::Account(caller) => {
                let account = self.me(caller).await?;
                if account.role.may(action, whose) { Ok(Some(account.id)) } else { Err(Refused::forbidden()) }
            }
        }
    }
}
