//! Who signs with credentials that outlast a sign-in, as those of AWS do: an access token beside the signature says whether the sign-in
//! is still there. It knows no request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use synapscribe_domain::account::SignInId;
use synapscribe_domain::{Code, Failure, PersonId, Timestamp};
use synapscribe_ports::Clock;
use synapscribe_ports::accounts::Admission;

/// Whether an identity is an account's is asked again after so long.
const FRESH_MS: i64 = 20_000;

/// Looks at access tokens that come beside a signature.
#[derive(Clone)]
pub struct Vouching {
    admission: Arc<dyn Admission>,
    clock: Arc<dyn Clock>,
    /// Whether whoever came without a token has an account, each with when that was learnt.
    seen: Arc<Mutex<HashMap<PersonId, (bool, Timestamp)>>>,
}

impl Vouching {
    /// By what believes tokens.
    pub fn new(admission: Arc<dyn Admission>, clock: Arc<dyn Clock>) -> Self {
        Self { admission, clock, seen: Arc::default() }
    }

    /// The sign-in of whoever signed as this person, as their token states it. Guests have none and show nothing; whose identity is an
    /// account's shows a token of that account, or is told to sign in.
    pub async fn admit(&self, person: &PersonId, token: Option<&str>) -> Result<Option<SignInId>, Failure> {
        let Some(token) = token else {
            return if self.has_account(person).await? { Err(signed_out()) } else { Ok(None) };
        };
        match self.admission.admit(token).await {
            Ok(signed_in) if signed_in.claims.person == *person => Ok(Some(signed_in.claims.sign_in)),
            Ok(_) => Err(signed_out()),
            // Whatever is wrong with a token, it takes another one.
            Err(failure) if failure.code == Code::Unauthorised => Err(signed_out()),
            Err(failure) => Err(failure),
        }
    }

    /// Whether whoever was let in so may stay.
    pub async fn may_stay(&self, person: &PersonId, sign_in: Option<&SignInId>) -> Result<(), Failure> {
        let stays = match sign_in {
            Some(sign_in) => self.admission.still_lasts(sign_in).await?,
            None => !self.has_account(person).await?,
        };
        if stays { Ok(()) } else { Err(signed_out()) }
    }

    /// Whether the sign-in of whoever was let in lasts at this very moment. Whoever ends one hangs up on the connections that are noted
    /// by then, and a moment later; whoever notes one asks after that, so that neither misses the other.
    pub async fn lasts_now(&self, sign_in: &SignInId) -> Result<(), Failure> {
        if self.admission.lasts_now(sign_in).await? { Ok(()) } else { Err(signed_out()) }
    }

    async fn has_account(&self, person: &PersonId) -> Result<bool, Failure> {
        let now = self.clock.now();
        let young = |learnt: Timestamp| (0..FRESH_MS).contains(&(now.0 - learnt.0));
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(person).copied();
        if let Some((account, learnt)) = seen
            && young(learnt)
        {
            return Ok(account);
        }
        let account = self.admission.is_accounts(person).await?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, (_, learnt)| young(*learnt));
        seen.insert(person.clone(), (account, now));
        Ok(account)
    }
}

fn signed_out() -> Failure {
    Failure::new(Code::SignedOut, "you are signed out here; sign in again")
}
