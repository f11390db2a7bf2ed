//! Accounts beside the library: what every keeper of them must do, and what holds where many processes ask at once.

use std::sync::Arc;

use futures::future::join_all;
use synapscribe_domain::account::{
    AccountId, Digest, EmailAddress, Next, Place, Presented, Rate, Role, SealedToken, SignIn, SignInId, Taken,
};
use synapscribe_domain::{PersonId, Timestamp};
use synapscribe_ports::Schema;
use synapscribe_ports::accounts::{Accounts, Keys, Limits, NewAccount, SignIns, SigningKey};
use synapscribe_ports::conformance::accounts;
use synapscribe_ports::fakes::{CountedSecrets, PlainPasswords};
use synapscribe_sql::{PostgresAccounts, PostgresLibrary, PostgresProofs};
use synapscribe_stories::Postgres;

use crate::{at, empty};

const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn people(library: &PostgresLibrary) -> PostgresAccounts {
    PostgresAccounts::new(library.clone(), Arc::new(CountedSecrets::default()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_keeps_accounts() {
    let (library, _) = empty().await;
    let proofs = PostgresProofs::new(library.clone(), Arc::new(PlainPasswords::default()));
    accounts::people(&people(&library), &proofs).await;
    accounts::beside(&people(&library), &proofs).await;
    accounts::sign_ins(&library).await;
    accounts::invitations(&library).await;
    accounts::limits(&library).await;
    accounts::audit(&library).await;
    accounts::keys(&library).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_processes_one_renews_one_makes_the_key_and_no_more_are_let_in_than_the_rate_says() {
    let url = Postgres::shared().database().unwrap();
    let library = at(&url);
    library.upgrade().await.unwrap();
    let others: Vec<PostgresLibrary> = (0..4).map(|_| at(&url)).collect();
    let each = || others.iter().enumerate().flat_map(|(n, other)| [(n as u8 * 2, other), (n as u8 * 2 + 1, other)]);

    let (id, account) = (SignInId::parse("s").unwrap(), AccountId::parse("ada").unwrap());
    let sign_in = SignIn::new(id.clone(), account, "a laptop".into(), Place::unknown(), Digest([0; 32]), NOW);
    library.begin(&sign_in).await.unwrap();
    let presented = join_all(each().map(async |(n, other)| {
        let next = Next { digest: Digest([n + 1; 32]), sealed: SealedToken([n + 1; 32]) };
        other.present(&id, &Digest([0; 32]), &next, &Place::unknown(), NOW).await.unwrap().unwrap().1
    }));
    let presented = presented.await;
    assert_eq!(presented.iter().filter(|outcome| **outcome == Presented::Renewed).count(), 1, "{presented:?}");

    let made = join_all(each().map(async |(n, other)| {
        let key = SigningKey { kid: format!("k{n}"), made: NOW, pkcs8: vec![n] };
        other.add_signing_key(&key, None).await.unwrap()
    }));
    assert_eq!(made.await.into_iter().filter(|made| *made).count(), 1);

    let rate = Rate::each(3, 60_000);
    let taken = join_all(each().map(async |(_, other)| other.take("key", rate, NOW).await.unwrap())).await;
    assert_eq!(taken.iter().filter(|taken| matches!(taken, Taken::Allowed(_))).count(), 3, "{taken:?}");

    // Two who sign up at once with one address: the later one counts, and nobody sees a conflict.
    let registered = join_all(each().map(async |(n, other)| {
        let new = NewAccount {
            id: AccountId::parse(format!("a{n}")).unwrap(),
            email: EmailAddress::parse("ada@example.org").unwrap(),
            name: None,
            role: Role::Student,
            person: PersonId::parse("us-east-1:ada").unwrap(),
        };
        people(other).register(&new, NOW).await.map(drop)
    }));
    for registered in registered.await {
        registered.unwrap();
    }
}
