//! How one of many processes reaches the server: who lets it in, what it trusts, and what it does when a connection breaks.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use async_trait::async_trait;
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::{Library, StoreError, StoreResult};
use synapscribe_sql::{Address, Login, Logins, PostgresLibrary};
use synapscribe_stories::{PASSWORD, Postgres};

use crate::common::{lecture, person};
use crate::front::{Authority, Gate};
use crate::{PATIENCE, at, empty};

/// Gives one password after the other, the last of them for good.
struct Passwords {
    given: Mutex<Vec<String>>,
    asked: AtomicUsize,
}

impl Passwords {
    fn of(passwords: &[&str]) -> Arc<Self> {
        let given = passwords.iter().rev().map(|password| password.to_string()).collect();
        Arc::new(Self { given: Mutex::new(given), asked: AtomicUsize::new(0) })
    }
}

#[async_trait]
impl Logins for Passwords {
    async fn login(&self) -> StoreResult<Login> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut given = self.given.lock().unwrap();
        let password = if given.len() > 1 { given.pop() } else { given.first().cloned() };
        Ok(Login { user: None, password })
    }
}

/// The address of a database without its password, at another host or port.
fn elsewhere(database: &str, host: &str, port: u16) -> Address {
    Address::parse(&format!("postgres://synapscribe@{host}:{port}/{database}")).unwrap()
}

fn login(password: &str) -> Arc<Login> {
    Arc::new(Login { user: None, password: Some(password.to_owned()) })
}

/// Ends what is connected to a database, as a server does that is started again.
fn end_connections(database: &str) {
    let others = "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert_ne!(Postgres::shared().run(database, others).unwrap(), "0");
}

async fn refusal(library: &PostgresLibrary) -> String {
    match library.lectures(&person("ada")).await {
        Err(StoreError::Unavailable(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_in_the_middle_is_told_as_such_and_the_next_call_works() {
    let (one, database) = empty().await;
    let server = Postgres::shared();
    let first = lecture("l1", &person("ada"));
    one.add_lecture(&first).await.unwrap();
    let two = at(&format!("postgres://synapscribe:open%20sesame@127.0.0.1:{}/{database}", server.port()));
    // The second process holds the lecture, so that the first is in the middle of its change for as long as we like.
    let (holds, held) = mpsc::channel();
    let (let_go, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let id = first.id.clone();
    let holding = tokio::spawn(async move {
        two.change_lecture(&id, &move |lecture| {
            holds.send(()).unwrap();
            let _ = wait.lock().unwrap().recv();
            lecture.title = "held".into();
        })
        .await
    });
    tokio::task::spawn_blocking(move || held.recv().unwrap()).await.unwrap();
    let changing = tokio::spawn({
        let (one, id) = (one.clone(), first.id.clone());
        async move { one.change_lecture(&id, &|lecture| lecture.tokens = Some(1)).await }
    });
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while server.run(&database, kill).unwrap() == "0" {
        tokio::task::yield_now().await;
    }
    let broken = changing.await.unwrap().unwrap_err();
    assert!(matches!(broken, StoreError::Unavailable(_)), "{broken:?}");
    assert!(Failure::from(broken).code.retryable());
    let_go.send(()).unwrap();
    holding.await.unwrap().unwrap();
    let changed = one.change_lecture(&first.id, &|lecture| lecture.title.push_str(" and released")).await.unwrap();
    assert_eq!((changed.title.as_str(), changed.tokens), ("held and released", None), "what broke off changed nothing");
}

#[tokio::test]
async fn connections_that_were_ended_while_they_rested_are_opened_anew() {
    let (library, database) = empty().await;
    library.lectures(&person("ada")).await.unwrap();
    end_connections(&database);
    if let Err(broken) = library.lectures(&person("ada")).await {
        assert_eq!(Failure::from(broken).code, Code::Internal);
    }
    library.lectures(&person("ada")).await.unwrap();
}

#[tokio::test]
async fn a_password_that_was_changed_is_asked_for_again_once() {
    let (_, database) = empty().await;
    let port = Postgres::shared().port();
    let passwords = Passwords::of(&["yesterday's", PASSWORD]);
    let library = PostgresLibrary::at(elsewhere(&database, "127.0.0.1", port), passwords.clone(), PATIENCE);
    library.lectures(&person("ada")).await.unwrap();
    library.lectures(&person("ada")).await.unwrap();
    assert_eq!(passwords.asked.load(Ordering::SeqCst), 2);

    let wrong = Passwords::of(&["wrong"]);
    let library = PostgresLibrary::at(elsewhere(&database, "127.0.0.1", port), wrong.clone(), PATIENCE);
    let refused = refusal(&library).await;
    assert!(refused.contains("password authentication failed") && !refused.contains("wrong"), "{refused}");
    assert_eq!(wrong.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_server_is_believed_by_its_certificate_alone() {
    let (_, database) = empty().await;
    let (ours, theirs) = (Authority::new(), Authority::new());
    let port = Postgres::shared().port();
    let reach = |port: u16, authority: &Authority| {
        PostgresLibrary::at(elsewhere(&database, "localhost", port).trusting(authority.file()), login(PASSWORD), PATIENCE)
    };
    let front = ours.front("localhost", port, None).await;
    assert_eq!(reach(front, &ours).lectures(&person("ada")).await.unwrap(), []);
    let strange = refusal(&reach(front, &theirs)).await;
    assert!(strange.contains("invalid peer certificate"), "{strange}");
    let misnamed = refusal(&reach(ours.front("db.example", port, None).await, &ours)).await;
    assert!(misnamed.contains("not valid for name"), "{misnamed}");
    let plain = refusal(&reach(port, &ours)).await;
    assert!(plain.contains("does not support TLS"), "{plain}");
}

#[tokio::test]
async fn a_token_opens_the_door_until_another_does() {
    let (_, database) = empty().await;
    let (authority, gate) = (Authority::new(), Gate::default());
    let front = authority.front("localhost", Postgres::shared().port(), Some(gate.clone())).await;
    let tokens = Passwords::of(&["early token", "late token"]);
    let library = PostgresLibrary::at(elsewhere(&database, "localhost", front).trusting(authority.file()), tokens, PATIENCE);
    *gate.good.lock().unwrap() = "early token".into();
    library.lectures(&person("ada")).await.unwrap();
    *gate.good.lock().unwrap() = "late token".into();
    end_connections(&database);
    while let Err(broken) = library.lectures(&person("ada")).await {
        assert!(
            matches!(&broken, StoreError::Unavailable(why) if !why.contains("PAM")),
            "what has grown old is not shown twice: {broken}"
        );
    }
    let shown = gate.shown.lock().unwrap().clone();
    let (last, early) = shown.split_last().unwrap();
    assert!(last == "late token" && early.len() > 1 && early.iter().all(|token| token == "early token"), "{shown:?}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up_with_the_reason() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let deaf = elsewhere("lectures", "127.0.0.1", listener.local_addr().unwrap().port());
    let library = PostgresLibrary::at(deaf, login(PASSWORD), Duration::from_secs(1));
    let given_up = refusal(&library).await;
    assert!(given_up.contains("127.0.0.1 gave no connection within 1 s"), "{given_up}");
}
