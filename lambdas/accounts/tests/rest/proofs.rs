//! A keeper of passwords that asks for more than a password, cannot keep every one, is not always there, and is told what it need not
//! keep any more.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::http::Method;
use lambda_accounts::Called;
use serde_json::{Value, json};
use synapscribe_domain::account::{AccountId, EmailAddress, Password};
use synapscribe_domain::time::DAY_MS;
use synapscribe_ports::accounts::{Accounts, Challenge, Proofs, Proved};
use synapscribe_ports::fakes::{MemoryProofs, PlainPasswords};
use synapscribe_ports::{Clock, StoreError, StoreResult};

use crate::desk::{Desk, PASSWORD};

const ADA: &str = "ada@example.org";
const CODE: &str = "314159";

/// Asks for a code after the password.
struct Careful {
    passwords: MemoryProofs,
    kept: Mutex<HashSet<AccountId>>,
    away: AtomicBool,
    stuck: Mutex<Option<Stuck>>,
    /// How often a code was sent.
    sent: AtomicUsize,
}

/// How letting go of a proof comes to nothing.
#[derive(Clone)]
enum Stuck {
    /// It fails for these accounts.
    Of(Vec<AccountId>),
    /// It is never answered for this account.
    SilentOf(AccountId),
    /// It is never answered.
    Silent,
}

impl Careful {
    fn desk() -> (Desk, Arc<Self>) {
        let passwords = MemoryProofs::apart(Arc::new(PlainPasswords::default()));
        let careful = Arc::new(Self {
            passwords,
            kept: Mutex::default(),
            away: AtomicBool::default(),
            stuck: Mutex::default(),
            sent: AtomicUsize::default(),
        });
        let proofs = Arc::clone(&careful);
        (Desk::with(|reception| reception.proofs = proofs), careful)
    }

    fn count(&self) -> usize {
        self.kept.lock().unwrap().len()
    }
}

#[async_trait]
impl Proofs for Careful {
    fn refuses(&self, password: &Password) -> Option<&'static str> {
        password.expose().ends_with(' ').then_some("the password ends with a space")
    }

    async fn keep(&self, account: &AccountId, email: &EmailAddress, password: &Password) -> StoreResult<()> {
        if self.away.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("nobody is there".into()));
        }
        self.kept.lock().unwrap().insert(account.clone());
        self.passwords.keep(account, email, password).await
    }

    async fn prove(&self, account: Option<&AccountId>, password: &Password) -> StoreResult<Proved> {
        Ok(match self.passwords.prove(account, password).await? {
            Proved::Yes => {
                self.sent.fetch_add(1, Ordering::Relaxed);
                Proved::Challenged(Challenge { kind: "EMAIL_OTP".into(), session: account.unwrap().to_string() })
            }
            other => other,
        })
    }

    async fn answer(&self, account: Option<&AccountId>, challenge: &Challenge, answer: &str) -> StoreResult<Proved> {
        let theirs = account.is_some_and(|account| challenge.session == account.as_str());
        Ok(if theirs && answer == CODE { Proved::Yes } else { Proved::No })
    }

    async fn forget(&self, account: &AccountId) -> StoreResult<()> {
        let stuck = self.stuck.lock().unwrap().clone();
        match stuck {
            Some(Stuck::Of(these)) if these.contains(account) => return Err(StoreError::Unavailable("nobody is there".into())),
            Some(Stuck::SilentOf(one)) if one == *account => std::future::pending::<()>().await,
            Some(Stuck::Silent) => std::future::pending::<()>().await,
            _ => {}
        }
        self.kept.lock().unwrap().remove(account);
        self.passwords.forget(account).await
    }
}

/// Who was never verified, the oldest first.
async fn left(desk: &Desk) -> Vec<AccountId> {
    let found = desk.accounts.unverified(desk.clock.now(), None, u32::MAX).await.unwrap();
    found.into_iter().map(|one| one.id).collect()
}

/// Answers a challenge.
async fn answer(desk: &Desk, email: &str, session: &Value, answer: &str) -> crate::desk::Reply {
    let challenge = json!({ "kind": "EMAIL_OTP", "session": session, "answer": answer });
    desk.post("/api/auth/login", json!({ "email": email, "password": "", "challenge": challenge })).await
}

#[tokio::test]
async fn whoever_is_asked_for_a_second_proof_gets_in_by_both() {
    let (desk, careful) = Careful::desk();
    let login = async |email: &str| desk.post("/api/auth/login", json!({ "email": email, "password": PASSWORD })).await;
    let form = json!({ "email": ADA, "password": PASSWORD });
    assert_eq!(desk.post("/api/auth/register", form).await.status, 202);
    assert_eq!(login(ADA).await.code(), "wrong_credentials", "nobody is asked for more before the address is theirs");
    desk.join("bob@example.org").await;
    desk.join(ADA).await;

    let asked = login(ADA).await;
    assert_eq!((&asked.data()["outcome"], &asked.data()["kind"]), (&json!("challenge"), &json!("EMAIL_OTP")));
    let session = &asked.data()["session"];
    assert_eq!(answer(&desk, ADA, session, "271828").await.code(), "wrong_credentials");
    assert_eq!(answer(&desk, "bob@example.org", session, CODE).await.code(), "wrong_credentials", "a challenge is one's own");
    assert_eq!(answer(&desk, "nobody@example.org", session, CODE).await.code(), "wrong_credentials");
    let signed_in = answer(&desk, ADA, session, CODE).await;
    assert_eq!(signed_in.data()["outcome"], "signed_in");

    let called = desk.bearer(signed_in.data()["tokens"]["accessToken"].as_str().unwrap()).await;
    let wrong = json!({ "password": "tide pools at dawn" });
    assert_eq!(desk.ask(called.clone(), Method::DELETE, "/api/auth/me", Some(wrong)).await.code(), "wrong_credentials");
    let right = json!({ "password": PASSWORD });
    assert_eq!(desk.ask(called, Method::DELETE, "/api/auth/me", Some(right)).await.status, 200, "the rest was shown before");
    assert_eq!(careful.count(), 1, "what proved who they are goes with the account, and Bob's stays");
}

#[tokio::test]
async fn whoever_signs_up_with_a_strangers_address_has_no_codes_sent_there_and_learns_nothing_of_it() {
    let (desk, careful) = Careful::desk();
    let form = json!({ "email": ADA, "password": PASSWORD });
    assert_eq!(desk.post("/api/auth/register", form.clone()).await.status, 202);
    let nobody = json!({ "email": "nobody@example.org", "password": PASSWORD });
    let unknown = desk.post("/api/auth/login", nobody).await;
    assert_eq!((unknown.status, unknown.code()), (401, "wrong_credentials"));
    for _ in 0..9 {
        let refused = desk.post("/api/auth/login", form.clone()).await;
        assert_eq!((refused.status, refused.body), (unknown.status, unknown.body.clone()), "as of an address that nobody has");
    }
    assert_eq!(careful.sent.load(Ordering::Relaxed), 0);

    // However often somebody else tried, whoever showed that the address is theirs gets every code.
    let path = format!("/api/auth/verify-email?email={ADA}&code={}", desk.code(ADA));
    assert_eq!(desk.ask(Called::Nobody, Method::GET, &path, None).await.status, 200);
    desk.clock.pass(10 * 60_000);
    for sent in 1..10 {
        assert_eq!(desk.post("/api/auth/login", form.clone()).await.data()["outcome"], "challenge");
        assert_eq!(careful.sent.load(Ordering::Relaxed), sent);
    }
}

#[tokio::test]
async fn a_password_that_cannot_be_kept_is_refused_before_anything_is_done() {
    let (desk, careful) = Careful::desk();
    let why = json!({ "password": "the password ends with a space" });
    let form = json!({ "email": ADA, "password": "tide pools " });
    let reply = desk.post("/api/auth/register", form).await;
    assert_eq!((reply.status, &reply.body["details"]["fields"]), (422, &why));
    assert!(desk.letters(ADA).is_empty() && careful.count() == 0);
    desk.join(ADA).await;
    assert_eq!(desk.post("/api/auth/forgot-password", json!({ "email": ADA })).await.status, 202);
    let reset = async |password: &str| {
        let form = json!({ "email": ADA, "code": desk.code(ADA), "password": password });
        desk.post("/api/auth/reset-password", form).await
    };
    assert_eq!(reset("a quiet harbour ").await.body["details"]["fields"], why);
    assert_eq!(reset("a quiet harbour").await.status, 200, "the code was not used up");
}

#[tokio::test]
async fn what_nobody_can_reach_is_not_kept() {
    let (desk, careful) = Careful::desk();
    let register = async |email: &str| {
        let reply =
            desk.ask(Called::Nobody, Method::POST, "/api/auth/register", Some(json!({ "email": email, "password": PASSWORD })));
        assert_eq!(reply.await.status, 202);
    };
    register(ADA).await;
    register(ADA).await;
    assert_eq!(careful.count(), 1, "the later one took the place of the first");
    desk.join(ADA).await;
    register(ADA).await;
    assert_eq!(careful.count(), 1, "of whoever signs up with an address that is another's nothing is kept");
    register("late@example.org").await;
    desk.clock.pass(8 * DAY_MS);
    desk.reception.sweep().await.unwrap();
    assert_eq!(careful.count(), 1, "whoever never confirmed their address is gone");
}

#[tokio::test]
async fn who_cannot_be_let_go_of_now_is_the_next_time_and_keeps_nobody_else() {
    let (desk, careful) = Careful::desk();
    let mut waiting = Vec::new();
    for email in [ADA, "bob@example.org", "eve@example.org"] {
        let form = json!({ "email": email, "password": PASSWORD });
        assert_eq!(desk.post("/api/auth/register", form).await.status, 202);
        waiting.push(desk.accounts.account_at(&EmailAddress::parse(email).unwrap()).await.unwrap().unwrap().id);
    }
    let left = async || left(&desk).await;
    desk.clock.pass(8 * DAY_MS);

    *careful.stuck.lock().unwrap() = Some(Stuck::Of(vec![waiting[0].clone()]));
    desk.reception.sweep().await.unwrap();
    assert_eq!((left().await, careful.count()), (vec![waiting[0].clone()], 1), "as long as there is a proof there is an account");
    *careful.stuck.lock().unwrap() = Some(Stuck::Silent);
    assert!(!desk.reception.sweep_within(Duration::from_millis(20)).await);
    assert_eq!((left().await, careful.count()), (vec![waiting[0].clone()], 1), "nobody waits for who does not answer");
    *careful.stuck.lock().unwrap() = None;
    assert!(desk.reception.sweep_within(Duration::from_secs(60)).await);
    assert_eq!((left().await, careful.count()), (Vec::new(), 0));
}

#[tokio::test]
async fn however_many_cannot_be_let_go_of_the_same_sweep_comes_to_those_behind_them() {
    let (desk, careful) = Careful::desk();
    for n in 0..120 {
        let form = json!({ "email": format!("{n}@example.org"), "password": PASSWORD });
        assert_eq!(desk.post("/api/auth/register", form).await.status, 202);
    }
    desk.clock.pass(8 * DAY_MS);
    let mut stuck = left(&desk).await;
    assert_eq!(stuck.len(), 120);
    stuck.truncate(110);
    *careful.stuck.lock().unwrap() = Some(Stuck::Of(stuck.clone()));
    desk.reception.sweep().await.unwrap();
    assert_eq!((left(&desk).await, careful.count()), (stuck.clone(), 110));

    // One that never answers keeps none of the others.
    *careful.stuck.lock().unwrap() = Some(Stuck::SilentOf(stuck[0].clone()));
    desk.reception.sweep().await.unwrap();
    assert_eq!((left(&desk).await, careful.count()), (stuck[..1].to_vec(), 1));
}

#[tokio::test]
async fn what_a_sign_up_could_not_let_go_of_is_found_by_a_sweep() {
    let (desk, careful) = Careful::desk();
    let register = async || {
        let form = json!({ "email": ADA, "password": PASSWORD });
        assert_eq!(desk.post("/api/auth/register", form).await.status, 202);
    };
    register().await;
    let first = desk.accounts.account_at(&EmailAddress::parse(ADA).unwrap()).await.unwrap().unwrap().id;
    *careful.stuck.lock().unwrap() = Some(Stuck::Of(vec![first]));
    register().await;
    assert_eq!(careful.count(), 2);
    *careful.stuck.lock().unwrap() = None;
    desk.clock.pass(8 * DAY_MS);
    desk.reception.sweep().await.unwrap();
    assert_eq!(careful.count(), 0, "neither the one that was replaced nor the other is left");
}

#[tokio::test]
async fn while_the_keeper_is_away_nobody_gets_in_by_a_password_that_was_to_be_another() {
    let (desk, careful) = Careful::desk();
    let stranger = json!({ "email": ADA, "password": "a strangers own" });
    assert_eq!(desk.post("/api/auth/register", stranger.clone()).await.status, 202);
    assert_eq!(desk.post("/api/auth/forgot-password", json!({ "email": ADA })).await.status, 202);
    let reset = async || {
        let form = json!({ "email": ADA, "code": desk.code(ADA), "password": PASSWORD });
        desk.post("/api/auth/reset-password", form).await
    };
    careful.away.store(true, Ordering::Relaxed);
    assert_eq!(reset().await.status, 500);
    let code = desk.post("/api/auth/login", stranger.clone()).await.code().to_owned();
    assert_eq!(code, "wrong_credentials", "the password is still a stranger's");
    let bob = json!({ "email": "bob@example.org", "password": PASSWORD });
    assert_eq!(desk.post("/api/auth/register", bob).await.status, 500);
    assert!(desk.letters("bob@example.org").is_empty(), "nobody is sent a code to what has no password");

    careful.away.store(false, Ordering::Relaxed);
    assert_eq!(desk.post("/api/auth/forgot-password", json!({ "email": ADA })).await.status, 202);
    assert_eq!(reset().await.status, 200);
    assert_eq!(desk.post("/api/auth/login", stranger).await.code(), "wrong_credentials");
    let owner = json!({ "email": ADA, "password": PASSWORD });
    assert_eq!(desk.post("/api/auth/login", owner).await.data()["outcome"], "challenge");
    desk.join("bob@example.org").await;
    assert_eq!(careful.count(), 2, "nothing else is left");
}
