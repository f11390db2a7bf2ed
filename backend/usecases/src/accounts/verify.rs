//! Showing that an address is one's own.

use synapscribe_domain::account::{EmailAddress, What, WrittenCode};

use super::limits::Limited;
use super::{Reception, Refused, Visit};

impl Reception {
    /// Takes the code that was sent.
    pub async fn verify(&self, visit: &Visit, email: &str, code: &str) -> Result<(), Refused> {
        let email = EmailAddress::parse(email).map_err(|why| Refused::Fields(vec![("email", why.to_string())]))?;
        self.limit(visit, Limited::Answer, &email).await?;
        let verified = match WrittenCode::parse(code) {
            Some(code) => self.accounts.verify(&email, &code, self.clock.now()).await?,
            None => None,
        };
        let Some(account) = verified else {
            self.note_refused(visit, What::CodeRefused, &email);
            return Err(Refused::code());
        };
        self.note(visit, What::Verified, Some(&account.id), None).await;
        Ok(())
    }
}
