//! What the server of a deployment logs: that a statement was slow or failed, and nothing of whoever asked.

use synapscribe_ports::{Library, Scope, StoreError};
use synapscribe_stories::Postgres;

use crate::common::{lecture, passages, person, words};
use crate::{at, empty};

/// What the template sets of the server's log.
fn settings() -> Vec<(String, String)> {
    let template = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../infra/stacks/database.yaml")).unwrap();
    let told = template.lines().filter_map(|line| line.trim().split_once(": "));
    let told = told.filter(|(name, _)| name.starts_with("log_"));
    told.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_holds_slow_and_failed_statements_without_what_they_were_given() {
    let (_, database) = empty().await;
    let server = Postgres::shared();
    let settings = settings();
    assert!(settings.iter().any(|(name, _)| name == "log_min_duration_statement"), "{settings:?}");
    for (name, value) in settings {
        // Every statement is slow here.
        let value = if name == "log_min_duration_statement" { "0".to_owned() } else { value };
        server.run("postgres", &format!("ALTER DATABASE {database} SET {name} = '{value}'")).unwrap();
    }
    // Who connects from now on has them.
    let library = at(&format!("postgres://synapscribe:open%20sesame@127.0.0.1:{}/{database}", server.port()));
    let moonstone = lecture("moonstone-of-ada", &person("grandmother"));
    library.add_lecture(&moonstone).await.unwrap();
    let told = passages(&moonstone.id, &["confidentially"]);
    library.index(&(&moonstone.id).into(), &told, "space", &[]).await.unwrap();
    let found = library.search(&Scope::VisibleTo(person("grandmother")), &words(&["confidentially"]), None, 3).await.unwrap();
    assert_eq!(found.len(), 1);
    assert!(matches!(library.add_lecture(&moonstone).await, Err(StoreError::Conflict)));

    let log = server.log().unwrap();
    assert!(log.contains("duration: ") && log.contains("duplicate key"), "{log}");
    for secret in ["moonstone", "grandmother", "confidentially"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is in what operators read");
    }
}
