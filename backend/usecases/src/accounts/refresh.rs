//! Renewing a sign-in: the refresh token is exchanged for the next, together with another access token.

use synapscribe_domain::account::{Next, Presented, RefreshToken, What};

use super::{Reception, Refused, Session, Visit};

impl Reception {
    /// Exchanges a refresh token.
    pub async fn refresh(&self, visit: &Visit, token: &str) -> Result<Session, Refused> {
        let token = RefreshToken::parse(token).ok_or_else(Refused::signed_out)?;
        // Looked up first: a place that others share pays only for what was made up, and a token that is good always works. So what
        // is made up costs a read even where its place has to wait; a limit before it would shut out those who share the place.
        if self.sign_ins.sign_in(&token.sign_in).await?.is_none() {
            self.limit_unknown(visit).await?;
            return Err(Refused::signed_out());
        }
        self.limit_renewal(visit, &token.sign_in).await?;
        let secret = self.secrets.random();
        let next = RefreshToken { sign_in: token.sign_in.clone(), secret };
        let exchange = Next { digest: self.secrets.digest(&next.text()), sealed: self.secrets.seal(secret, &token.secret) };
        let digest = self.secrets.digest(&token.text());
        let presented = self.sign_ins.present(&token.sign_in, &digest, &exchange, &visit.place(), self.clock.now()).await?;
        let Some((sign_in, presented)) = presented else { return Err(Refused::signed_out()) };
        let next = match presented {
            Presented::Renewed => next,
            Presented::Repeated(sealed) => {
                RefreshToken { sign_in: token.sign_in, secret: self.secrets.open(sealed, &token.secret) }
            }
            Presented::Reused => {
                self.ended(&sign_in.account, std::slice::from_ref(&sign_in.id)).await;
                self.note(visit, What::TokenReused, Some(&sign_in.account), Some(&sign_in.id)).await;
                return Err(Refused::signed_out());
            }
            Presented::Expired | Presented::Revoked => return Err(Refused::signed_out()),
        };
        // The role is read anew, so that another one holds from the next renewal on.
        let account = self.accounts.account(&sign_in.account).await?.ok_or_else(Refused::signed_out)?;
        self.session(&account, &sign_in, next).await
    }
}
