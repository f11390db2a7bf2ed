//! Signing out, here or everywhere.

use synapscribe_domain::account::{AccountId, RefreshToken, SignInId, What, Why};
use synapscribe_ports::accounts::SignedIn;

use super::{Reception, Refused, Visit};

impl Reception {
    /// Ends the sign-in of whoever shows its refresh token or an access token, or all of the account's. One that has ended is
    /// signed out already, and ends no other.
    pub async fn logout(
        &self,
        visit: &Visit,
        caller: Option<&SignedIn>,
        token: Option<&str>,
        everywhere: bool,
    ) -> Result<(), Refused> {
        let shown = match token {
            Some(token) => self.shown_by(token).await?,
            None => caller.map(|caller| (caller.claims.account.clone(), caller.claims.sign_in.clone())),
        };
        let Some((account, sign_in)) = shown else {
            return if token.is_some() && !everywhere { Ok(()) } else { Err(Refused::signed_out()) };
        };
        if everywhere {
            self.end_all(&account, Why::SignedOut).await?;
        } else if self.sign_ins.end(&account, &sign_in, Why::SignedOut, self.clock.now()).await? {
            self.ended(&account, std::slice::from_ref(&sign_in)).await;
        }
        self.note(visit, What::SignedOut, Some(&account), Some(&sign_in)).await;
        Ok(())
    }

    /// The sign-in that a refresh token may end.
    async fn shown_by(&self, token: &str) -> Result<Option<(AccountId, SignInId)>, Refused> {
        let Some(token) = RefreshToken::parse(token) else { return Ok(None) };
        let digest = self.secrets.digest(&token.text());
        let found = self.sign_ins.sign_in(&token.sign_in).await?;
        let found = found.filter(|sign_in| sign_in.lasts(self.clock.now()) && sign_in.knows(&digest));
        Ok(found.map(|sign_in| (sign_in.account, sign_in.id)))
    }

    /// Ends every sign-in of an account.
    pub(super) async fn end_all(&self, account: &AccountId, why: Why) -> Result<(), Refused> {
        let ended = self.sign_ins.end_all(account, why, self.clock.now()).await?;
        self.ended(account, &ended).await;
        Ok(())
    }
}
