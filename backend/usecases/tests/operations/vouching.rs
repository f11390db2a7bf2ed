//! Who signs with credentials that outlast a sign-in: people show a token beside the signature, guests go on without one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use synapscribe_domain::account::{AccountId, Role, SignInId};
use synapscribe_domain::{Code, Failure, PersonId, Timestamp};
use synapscribe_ports::accounts::{AccessClaims, Admission, SignedIn};
use synapscribe_ports::fakes::SetClock;
use synapscribe_usecases::accounts::Vouching;

const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn person(name: &str) -> PersonId {
    PersonId::parse(name).unwrap()
}

/// Ada has an account, whose tokens are named by whoever they are of; the others have none.
#[derive(Default)]
struct Desk {
    ended: AtomicBool,
    away: AtomicBool,
    asked: AtomicUsize,
}

impl Desk {
    fn here(&self) -> Result<(), Failure> {
        if self.away.load(Ordering::Relaxed) { Err(Failure::internal()) } else { Ok(()) }
    }
}

#[async_trait]
impl Admission for Desk {
    async fn admit(&self, token: &str) -> Result<SignedIn, Failure> {
        self.here()?;
        if self.ended.load(Ordering::Relaxed) {
            return Err(Failure::new(Code::SignedOut, "it has ended"));
        }
        let name = token.strip_prefix("of-").ok_or_else(|| Failure::new(Code::Unauthorised, "it has expired"))?;
        let claims = AccessClaims {
            account: AccountId::parse(name).unwrap(),
            person: person(name),
            sign_in: SignInId::parse("s1").unwrap(),
            role: Role::Student,
            issued: NOW,
            expires: NOW,
        };
        Ok(SignedIn { claims })
    }

    async fn still_lasts(&self, _: &SignInId) -> Result<bool, Failure> {
        self.here()?;
        Ok(!self.ended.load(Ordering::Relaxed))
    }

    async fn is_accounts(&self, one: &PersonId) -> Result<bool, Failure> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.here()?;
        Ok(*one == person("ada"))
    }

    fn issuer(&self) -> String {
        String::new()
    }
}

fn desk() -> (Arc<Desk>, Arc<SetClock>, Vouching) {
    let (desk, clock) = (Arc::new(Desk::default()), Arc::new(SetClock::at(NOW)));
    let vouching = Vouching::new(desk.clone(), clock.clone());
    (desk, clock, vouching)
}

#[tokio::test]
async fn only_a_token_of_the_same_person_speaks_for_an_identity_with_an_account() {
    let (desk, _, vouching) = desk();
    let refused = async |token: Option<&str>| vouching.admit(&person("ada"), token).await.err().map(|failure| failure.code);
    let sign_in = SignInId::parse("s1").unwrap();
    assert_eq!(vouching.admit(&person("ada"), Some("of-ada")).await.unwrap(), Some(sign_in.clone()));
    assert_eq!(vouching.may_stay(&person("ada"), Some(&sign_in)).await, Ok(()));
    for token in [None, Some("of-bob"), Some("expired"), Some("")] {
        assert_eq!(refused(token).await, Some(Code::SignedOut), "{token:?}");
    }
    desk.ended.store(true, Ordering::Relaxed);
    assert_eq!(refused(Some("of-ada")).await, Some(Code::SignedOut));
    assert_eq!(vouching.may_stay(&person("ada"), Some(&sign_in)).await.unwrap_err().code, Code::SignedOut);
    // A connection from before the identity became an account's.
    assert_eq!(vouching.may_stay(&person("ada"), None).await.unwrap_err().code, Code::SignedOut);
}

#[tokio::test]
async fn a_guest_goes_on_and_is_looked_up_now_and_then() {
    let (desk, clock, vouching) = desk();
    let bob = person("bob");
    for _ in 0..3 {
        assert_eq!(vouching.admit(&bob, None).await, Ok(None));
        assert_eq!(vouching.may_stay(&bob, None).await, Ok(()));
    }
    assert_eq!(desk.asked.load(Ordering::Relaxed), 1);
    clock.pass(19_999);
    vouching.admit(&bob, None).await.unwrap();
    assert_eq!(desk.asked.load(Ordering::Relaxed), 1);
    clock.pass(1);
    vouching.admit(&bob, None).await.unwrap();
    assert_eq!(desk.asked.load(Ordering::Relaxed), 2);
    vouching.admit(&person("eve"), None).await.unwrap();
    assert_eq!(desk.asked.load(Ordering::Relaxed), 3, "each is somebody of their own");
}

#[tokio::test]
async fn nobody_is_let_in_while_it_cannot_be_seen_who_they_are() {
    let (desk, clock, vouching) = desk();
    vouching.admit(&person("bob"), None).await.unwrap();
    desk.away.store(true, Ordering::Relaxed);
    assert_eq!(vouching.admit(&person("bob"), None).await, Ok(None), "what was learnt a moment ago is known");
    clock.pass(20_000);
    let sign_in = SignInId::parse("s1").unwrap();
    let outcomes = [
        vouching.admit(&person("bob"), None).await.map(drop),
        vouching.admit(&person("ada"), Some("of-ada")).await.map(drop),
        vouching.may_stay(&person("ada"), Some(&sign_in)).await,
        vouching.may_stay(&person("bob"), None).await,
    ];
    for outcome in outcomes {
        let failure = outcome.unwrap_err();
        assert!(failure.code == Code::Internal && failure.code.retryable(), "{failure}");
    }
}
