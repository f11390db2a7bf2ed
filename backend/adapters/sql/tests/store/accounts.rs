//! Accounts in a database: what every keeper of them must do, and what holds where two processes have one file open.

use std::sync::Arc;

use proptest::prelude::*;
use synapscribe_domain::Timestamp;
use synapscribe_domain::account::sign_in::GRACE_MS;
use synapscribe_domain::account::{
    AccountId, Digest, Next, Place, Presented, Rate, RefreshToken, SealedToken, SignIn, SignInId, Taken, Why,
};
use synapscribe_ports::accounts::{Limits, SignIns};
use synapscribe_ports::conformance::accounts;
use synapscribe_ports::fakes::{CountedSecrets, PlainPasswords};
use synapscribe_sql::{SqlAccounts, SqlProofs, Store};
use tempfile::TempDir;

const NOW: Timestamp = Timestamp(1_790_000_000_000);

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_accounts() {
    let folder = tempfile::tempdir().unwrap();
    let file = Store::open(folder.path().join("library.db")).await.unwrap();
    for store in [Store::open_in_memory().await.unwrap(), file] {
        let people = SqlAccounts::new(store.clone(), Arc::new(CountedSecrets::default()));
        let proofs = SqlProofs::new(store.clone(), Arc::new(PlainPasswords::default()));
        accounts::people(&people, &proofs).await;
        accounts::beside(&people, &proofs).await;
        accounts::sign_ins(&store).await;
        accounts::invitations(&store).await;
        accounts::limits(&store).await;
        accounts::audit(&store).await;
        accounts::keys(&store).await;
        store.check().await.unwrap();
    }
}

async fn two() -> (TempDir, [Store; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let stores = [Store::open(&path).await.unwrap(), Store::open(&path).await.unwrap()];
    (folder, stores)
}

fn token(id: &SignInId, n: u8) -> RefreshToken {
    RefreshToken { sign_in: id.clone(), secret: [n; 32] }
}

fn digest(token: &RefreshToken) -> Digest {
    Digest(token.secret)
}

async fn begun(store: &Store, name: &str) -> SignIn {
    let (id, account) = (SignInId::parse(name).unwrap(), AccountId::parse("ada").unwrap());
    let first = digest(&token(&id, 0));
    let sign_in = SignIn::new(id, account, "a laptop".into(), Place::unknown(), first, NOW);
    store.begin(&sign_in).await.unwrap();
    sign_in
}

fn next(id: &SignInId, made: u8) -> Next {
    Next { digest: digest(&token(id, made)), sealed: SealedToken([made; 32]) }
}

/// Many present the same token at once, over two connections.
async fn present_at_once(stores: &[Store; 2], sign_in: &SignIn, shown: u8, many: usize, now: Timestamp) -> Vec<Presented> {
    let tasks: Vec<_> = (0..many)
        .map(|n| {
            let (store, id) = (stores[n % 2].clone(), sign_in.id.clone());
            tokio::spawn(async move {
                let next = next(&id, (n % 200) as u8 + 10);
                store.present(&id, &digest(&token(&id, shown)), &next, &Place::unknown(), now).await.unwrap().unwrap().1
            })
        })
        .collect();
    let mut outcomes = Vec::with_capacity(many);
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_hundred_who_present_one_token_one_renews_and_the_rest_get_the_same() {
    let (_folder, stores) = two().await;
    let sign_in = begun(&stores[0], "s").await;
    let outcomes = present_at_once(&stores, &sign_in, 0, 200, NOW).await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Presented::Renewed).count(), 1);
    let repeated: Vec<_> = outcomes.iter().filter(|outcome| **outcome != Presented::Renewed).collect();
    assert!(repeated.iter().all(|outcome| matches!(outcome, Presented::Repeated(_)) && *outcome == repeated[0]));

    let later = NOW.plus(GRACE_MS);
    let outcomes = present_at_once(&stores, &sign_in, 0, 200, later).await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Presented::Reused).count(), 1, "it is found out once");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Presented::Revoked).count(), 199, "and nothing succeeds any more");
    for store in &stores {
        assert_eq!(store.sign_in(&sign_in.id).await.unwrap().unwrap().ended, Some((later, Why::Reused)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_succeeds_after_a_sign_in_was_ended_elsewhere() {
    let (_folder, stores) = two().await;
    for round in 0..10 {
        let sign_in = begun(&stores[0], &format!("s{round}")).await;
        let (ender, presenters) = (stores[1].clone(), present_at_once(&stores, &sign_in, 0, 20, NOW));
        let (id, account) = (sign_in.id.clone(), sign_in.account.clone());
        let ending = tokio::spawn(async move { ender.end(&account, &id, Why::Revoked, NOW).await.unwrap() });
        presenters.await;
        assert!(ending.await.unwrap());
        assert_eq!(present_at_once(&stores, &sign_in, 0, 10, NOW).await, [Presented::Revoked; 10]);
    }
}

/// What somebody does.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// They present the token that was the current one so many exchanges ago.
    Present(usize),
    /// They end the sign-in from the list.
    End,
}

/// The same, with the token that is shown and the one that may take its place.
#[derive(Debug, Clone, Copy)]
enum Act {
    Present { shown: u8, made: u8 },
    End,
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    Presented(Presented),
    Ended(bool),
}

/// By the rule alone.
fn ruled(sign_in: &mut SignIn, act: Act, now: Timestamp) -> Came {
    match act {
        Act::Present { shown, made } => {
            let id = sign_in.id.clone();
            Came::Presented(sign_in.present(&digest(&token(&id, shown)), &next(&id, made), now))
        }
        Act::End => {
            let lasts = sign_in.lasts(now);
            if lasts {
                sign_in.end(Why::Revoked, now);
            }
            Came::Ended(lasts)
        }
    }
}

/// By a store.
async fn kept_by(store: &Store, sign_in: &SignIn, act: Act, now: Timestamp) -> Came {
    let id = &sign_in.id;
    match act {
        Act::Present { shown, made } => {
            let token = digest(&token(id, shown));
            let came = store.present(id, &token, &next(id, made), &Place::unknown(), now).await;
            Came::Presented(came.unwrap().unwrap().1)
        }
        Act::End => Came::Ended(store.end(&sign_in.account, id, Why::Revoked, now).await.unwrap()),
    }
}

/// Has two processes act at each moment, and finds an order in which the rule comes to the same.
async fn in_some_order(moments: Vec<([Step; 2], i64)>) -> Result<(), TestCaseError> {
    let (_folder, stores) = two().await;
    let mut kept = begun(&stores[0], "s").await;
    let (mut now, mut current) = (NOW, vec![0u8]);
    for (n, (steps, ms)) in moments.into_iter().enumerate() {
        now = now.plus(ms);
        let acts: [Act; 2] = std::array::from_fn(|one| match steps[one] {
            Step::Present(back) => {
                let shown = current[current.len().saturating_sub(1 + back)];
                Act::Present { shown, made: (2 * n + one + 1) as u8 }
            }
            Step::End => Act::End,
        });
        let (one, other) = tokio::join!(kept_by(&stores[0], &kept, acts[0], now), kept_by(&stores[1], &kept, acts[1], now));
        let came = [one, other];
        let after = stores[n % 2].sign_in(&kept.id).await.unwrap().unwrap();
        let order = [[0, 1], [1, 0]].into_iter().find(|order| {
            let mut sign_in = kept.clone();
            order.iter().all(|one| ruled(&mut sign_in, acts[*one], now) == came[*one]) && sign_in == after
        });
        prop_assert!(order.is_some(), "{acts:?} of {kept:?} came to {came:?} and left {after:?}");
        for (act, came) in acts.iter().zip(&came) {
            if let (Act::Present { made, .. }, Came::Presented(Presented::Renewed)) = (act, came) {
                current.push(*made);
            }
        }
        kept = after;
    }
    Ok(())
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Present(0)),
        2 => (1..3usize).prop_map(Step::Present),
        1 => Just(Step::End),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever holds a copy, ends it or loses an answer meanwhile: two processes leave what one after the other would.
    #[test]
    fn two_processes_at_one_moment_come_to_what_one_after_the_other_would(
        moments in prop::collection::vec(([step(), step()], 0..3 * GRACE_MS / 2), 1..10)
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(in_some_order(moments))?;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn limits_hold_across_processes() {
    let (_folder, stores) = two().await;
    let rate = Rate::each(25, 60_000);
    let tasks: Vec<_> = (0..100)
        .map(|n| {
            let store = stores[n % 2].clone();
            tokio::spawn(async move { store.take("key", rate, NOW).await.unwrap() })
        })
        .collect();
    let mut allowed = 0;
    for task in tasks {
        allowed += usize::from(matches!(task.await.unwrap(), Taken::Allowed(_)));
    }
    assert_eq!(allowed, 25);
}
