//! The list of an account's sign-ins, and ending one of them. Other people's do not exist.

use synapscribe_domain::Failure;
use synapscribe_domain::account::{SignIn, SignInId, What, Why};
use synapscribe_ports::accounts::SignedIn;

use super::{Reception, Refused, Visit};

impl Reception {
    /// The sign-ins that last, the latest used first.
    pub async fn sign_ins(&self, caller: &SignedIn) -> Result<Vec<SignIn>, Refused> {
        Ok(self.sign_ins.of(&caller.claims.account, self.clock.now()).await?)
    }

    /// Ends one.
    pub async fn end_sign_in(&self, visit: &Visit, caller: &SignedIn, id: &str) -> Result<(), Refused> {
        let missing = || Refused::from(Failure::not_found("sign-in"));
        let id = SignInId::parse(id).map_err(|_| missing())?;
        let account = &caller.claims.account;
        if !self.sign_ins.end(account, &id, Why::Revoked, self.clock.now()).await? {
            return Err(missing());
        }
        self.ended(account, std::slice::from_ref(&id)).await;
        self.note(visit, What::SignInRevoked, Some(account), Some(&id)).await;
        Ok(())
    }
}
