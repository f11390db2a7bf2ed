//! Letters with another code: to set another password, or to show that an address is one's own. Whatever is looked up is looked up
//! after the answer.

use synapscribe_domain::account::{EmailAddress, What};

use super::limits::Limited;
use super::{Reception, Refused, Visit, letters};

impl Reception {
    /// Sends a code to set another password with, if the address has an account.
    pub async fn forgotten(&self, visit: &Visit, email: &str) -> Result<(), Refused> {
        let email = self.addressed(visit, email).await?;
        let (reception, visit) = (self.clone(), visit.clone());
        self.errands.begin(async move {
            match reception.accounts.forgotten(&email, reception.clock.now()).await {
                Ok(code) => {
                    let account = reception.owner_of(&email).await;
                    reception.note(&visit, What::ResetAsked, account.as_ref(), None).await;
                    reception.post(code.map(|code| letters::reset(&email, &code)));
                }
                Err(error) => tracing::error!(%error, "a code could not be made"),
            }
        });
        Ok(())
    }

    /// Sends the code again that shows that an address is one's own, if one is waited for.
    pub async fn verify_again(&self, visit: &Visit, email: &str) -> Result<(), Refused> {
        let email = self.addressed(visit, email).await?;
        let reception = self.clone();
        self.errands.begin(async move {
            match reception.accounts.verify_again(&email, reception.clock.now()).await {
                Ok(code) => reception.post(code.map(|code| letters::verify(&email, &code))),
                Err(error) => tracing::error!(%error, "a code could not be made"),
            }
        });
        Ok(())
    }

    async fn addressed(&self, visit: &Visit, email: &str) -> Result<EmailAddress, Refused> {
        let email = EmailAddress::parse(email).map_err(|why| Refused::Fields(vec![("email", why.to_string())]))?;
        self.limit(visit, Limited::Letter, &email).await?;
        Ok(email)
    }
}
