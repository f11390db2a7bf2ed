//! What people prove who they are by: whether a password may be chosen, and letting go of what no account needs any more.

use std::time::Duration;

use synapscribe_domain::account::{AccountId, Password, PasswordRefused};
use synapscribe_ports::StoreError;

use super::Reception;

/// Whoever does not let go of a proof in so long keeps nobody from letting go of the next.
const FORGETTING: Duration = Duration::from_secs(1);

impl Reception {
    /// A password that may be chosen and can be kept.
    pub(super) fn chosen(&self, text: &str) -> Result<Password, PasswordRefused> {
        let password = Password::chosen(text)?;
        match self.proofs.refuses(&password) {
            Some(why) => Err(PasswordRefused::Unkeepable(why)),
            None => Ok(password),
        }
    }

    /// Lets go of accounts that nobody can reach, after the answer.
    pub(super) fn let_go(&self, accounts: Vec<AccountId>) {
        let reception = self.clone();
        self.errands.begin(async move { reception.remove(&accounts).await });
    }

    /// Removes accounts that were never verified. What they are proved by goes first: whoever keeps that cannot know what is left
    /// over. One that fails stays for the next sweep, and keeps none of the others.
    pub(super) async fn remove(&self, accounts: &[AccountId]) {
        for id in accounts {
            let forgotten = match tokio::time::timeout(FORGETTING, self.proofs.forget(id)).await {
                Ok(forgotten) => forgotten,
                Err(_) => Err(StoreError::Unavailable("whoever keeps its proof does not answer".into())),
            };
            let gone = match forgotten {
                Ok(()) => self.accounts.delete_unverified(id).await,
                Err(error) => Err(error),
            };
            if let Err(error) = gone {
                tracing::error!(%error, "an account that nobody can reach could not be removed yet");
            }
        }
    }
}
