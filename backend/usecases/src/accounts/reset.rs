//! Setting another password by a code. Whoever knew the old one is signed out everywhere.

use synapscribe_domain::account::{EmailAddress, What, Why, WrittenCode};

use super::limits::Limited;
use super::{Reception, Refused, Visit, letters};

impl Reception {
    /// Sets another password.
    pub async fn reset(&self, visit: &Visit, email: &str, code: &str, password: &str) -> Result<(), Refused> {
        let mut faults = Vec::new();
        let email = EmailAddress::parse(email).map_err(|why| faults.push(("email", why.to_string())));
        let password = self.chosen(password).map_err(|why| faults.push(("password", why.to_string())));
        let (Ok(email), Ok(password)) = (email, password) else { return Err(Refused::Fields(faults)) };
        self.limit(visit, Limited::Answer, &email).await?;
        let reset = match WrittenCode::parse(code) {
            Some(code) => self.accounts.reset(&email, &code, self.clock.now()).await?,
            None => None,
        };
        let Some(account) = reset else {
            // Whoever tries codes out waits as long as whoever has the right one.
            self.proofs.prove(None, &password).await?;
            self.note_refused(visit, What::CodeRefused, &email);
            return Err(Refused::code());
        };
        self.proofs.keep(&account.id, &email, &password).await?;
        // Only now: whoever signed up with an address that is not theirs knows the password before.
        self.accounts.confirm(&account.id).await?;
        self.end_all(&account.id, Why::PasswordChanged).await?;
        self.note(visit, What::PasswordReset, Some(&account.id), None).await;
        self.post(Some(letters::password_changed(&email)));
        Ok(())
    }
}
