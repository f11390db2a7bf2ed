//! What people prove who they are by: whether a password may be chosen, and letting go of what no account needs any more.

use synapscribe_domain::account::{AccountId, Password};

use super::Reception;

impl Reception {
    /// The password, or a sentence why it cannot be taken.
    pub(super) fn chosen(&self, text: &str) -> Result<Password, String> {
        let password = Password::chosen(text).map_err(|why| why.to_string())?;
        match self.proofs.refuses(&password) {
            Some(why) => Err(why.to_owned()),
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
            let gone = match self.proofs.forget(id).await {
                Ok(()) => self.accounts.delete_unverified(id).await,
                Err(error) => Err(error),
            };
            if let Err(error) = gone {
                tracing::error!(%error, "an account that nobody can reach could not be removed yet");
            }
        }
    }
}
