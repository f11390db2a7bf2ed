//! Who shows an access token, over everything in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use synapscribe_domain::account::{AccountId, Digest, Next, Place, Presented, Role, SignIn, SignInId, Why};
use synapscribe_domain::{Code, PersonId, Timestamp};
use synapscribe_ports::accounts::{AccessClaims, AccessTokens, Admission, SignIns};
use synapscribe_ports::conformance::accounts::{self, Behind};
use synapscribe_ports::fakes::{CountedSecrets, MemoryAccounts, MemorySignIns, PlainTokens, SetClock};
use synapscribe_ports::{StoreError, StoreResult};
use synapscribe_usecases::accounts::Admitting;

const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn people() -> Arc<MemoryAccounts> {
    Arc::new(MemoryAccounts::new(Arc::new(CountedSecrets::default())))
}

#[tokio::test]
async fn it_admits_as_everybody_who_looks_at_tokens() {
    let (people, clock) = (people(), Arc::new(SetClock::at(NOW)));
    let (tokens, sign_ins) = (Arc::new(PlainTokens::default()), Arc::new(MemorySignIns::default()));
    let admitting = Admitting::new(tokens.clone(), sign_ins.clone(), people.clone(), clock.clone());
    let behind = Behind { tokens: &*tokens, sign_ins: &*sign_ins, accounts: &*people, clock: &clock };
    accounts::admission(&admitting, behind).await;
}

#[tokio::test]
async fn nobody_is_let_in_when_it_is_unknown_for_a_minute_who_signed_out() {
    let (clock, tokens, keeper) = (Arc::new(SetClock::at(NOW)), Arc::new(PlainTokens::default()), Arc::new(Away::default()));
    let admitting = Admitting::new(tokens.clone(), keeper.clone(), people(), clock.clone());
    let claims = AccessClaims {
        account: AccountId::parse("ada").unwrap(),
        person: PersonId::parse("us-east-1:ada").unwrap(),
        sign_in: SignInId::parse("s1").unwrap(),
        role: Role::Student,
        issued: NOW,
        expires: NOW.plus(15 * 60_000),
    };
    let token = tokens.mint(&claims).await.unwrap();
    let code = async || admitting.admit(&token).await.err().map(|failure| failure.code);
    assert_eq!(code().await, None);
    keeper.0.store(true, Ordering::Relaxed);
    clock.pass(59_999);
    assert_eq!(code().await, None, "what is known is young enough");
    assert!(admitting.lasts_now(&claims.sign_in).await.is_err(), "and says nothing of this very moment");
    clock.pass(1);
    assert_eq!(code().await, Some(Code::Internal), "it may have ended a minute ago");
    assert!(admitting.still_lasts(&claims.sign_in).await.is_err());
    keeper.0.store(false, Ordering::Relaxed);
    assert_eq!(code().await, None);
}

/// Keeps no sign-ins of which any has ended, and cannot be asked while it is away.
#[derive(Default)]
struct Away(AtomicBool);

fn nobody<T>() -> StoreResult<T> {
    Err(StoreError::Unavailable("nobody is there".into()))
}

#[async_trait]
impl SignIns for Away {
    async fn begin(&self, _: &SignIn) -> StoreResult<()> {
        nobody()
    }

    async fn present(
        &self,
        _: &SignInId,
        _: &Digest,
        _: &Next,
        _: &Place,
        _: Timestamp,
    ) -> StoreResult<Option<(SignIn, Presented)>> {
        nobody()
    }

    async fn sign_in(&self, _: &SignInId) -> StoreResult<Option<SignIn>> {
        nobody()
    }

    async fn of(&self, _: &AccountId, _: Timestamp) -> StoreResult<Vec<SignIn>> {
        nobody()
    }

    async fn end(&self, _: &AccountId, _: &SignInId, _: Why, _: Timestamp) -> StoreResult<bool> {
        nobody()
    }

    async fn end_all(&self, _: &AccountId, _: Why, _: Timestamp) -> StoreResult<Vec<SignInId>> {
        nobody()
    }

    async fn ended_since(&self, _: Timestamp) -> StoreResult<Vec<SignInId>> {
        if self.0.load(Ordering::Relaxed) { nobody() } else { Ok(Vec::new()) }
    }

    async fn erase(&self, _: &AccountId, _: &PersonId) -> StoreResult<()> {
        nobody()
    }

    async fn has_departed(&self, _: &PersonId, _: Timestamp) -> StoreResult<bool> {
        nobody()
    }

    async fn forget(&self, _: Timestamp) -> StoreResult<u64> {
        nobody()
    }
}
