//! Accounts in a database: what every keeper of them must do, and what holds where two processes have one file open.

use std::sync::Arc;

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

/// Many present the same token at once, over two connections.
async fn present_at_once(stores: &[Store; 2], sign_in: &SignIn, shown: u8, many: usize, now: Timestamp) -> Vec<Presented> {
    let tasks: Vec<_> = (0..many)
        .map(|n| {
            let (store, id) = (stores[n % 2].clone(), sign_in.id.clone());
            tokio::spawn(async move {
                let made = (n % 200) as u8 + 10;
                let next = Next { digest: digest(&token(&id, made)), sealed: SealedToken([made; 32]) };
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
