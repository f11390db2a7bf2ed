//! A database that is not as this program needs it: older, newer, empty, copied.

use synapscribe_ports::{Library, Schema, UpgradeError};
use synapscribe_stories::Postgres;

use crate::common::{lecture, person};
use crate::{at, empty};

#[tokio::test]
async fn a_database_without_tables_is_refused_with_what_to_do() {
    let library = at(&Postgres::shared().database().unwrap());
    let refused = library.lectures(&person("ada")).await.unwrap_err().to_string();
    assert!(refused.contains("lambda-migrate") && refused.contains("step 0"), "{refused}");
    let upgrade = library.upgrade().await.unwrap();
    assert_eq!((upgrade.from, upgrade.applied[0].as_str()), (0, "1 library"));
    assert_eq!(library.lectures(&person("ada")).await.unwrap(), [], "it works from then on, in the same process");
}

#[tokio::test]
async fn a_newer_database_serves_on_and_is_not_migrated() {
    let (library, database) = empty().await;
    let one = lecture("l1", &person("ada"));
    library.add_lecture(&one).await.unwrap();
    let later = "INSERT INTO _sqlx_migrations VALUES (9001, 'to come', now(), true, '\\x00', 1)";
    Postgres::shared().run(&database, later).unwrap();
    let again = at(&address(&database));
    assert_eq!(again.lecture(&one.id).await.unwrap(), Some(one), "functions are replaced after the database, not with it");
    let refused = again.upgrade().await.unwrap_err();
    assert!(matches!(refused, UpgradeError::Newer { version: 9001 }), "{refused:?}");
    assert!(refused.to_string().contains("newer version"), "{refused}");
}

#[tokio::test]
async fn what_is_set_for_a_database_is_set_again_for_its_copy() {
    let (library, database) = empty().await;
    let server = Postgres::shared();
    let near =
        "SELECT current_setting('hnsw.ef_search') || current_setting('hnsw.iterative_scan') WHERE '[1]'::vector IS NOT NULL";
    assert_eq!(server.run(&database, near).unwrap(), "100relaxed_order");
    // A copy that was made by exporting and importing comes without it.
    server.run(&database, &format!("ALTER DATABASE {database} RESET ALL")).unwrap();
    assert_eq!(server.run(&database, near).unwrap(), "40off");
    let upgrade = library.upgrade().await.unwrap();
    assert!(upgrade.applied.is_empty() && upgrade.settled.contains(&"hnsw.ef_search=100".to_owned()), "{upgrade:?}");
    assert_eq!(server.run(&database, near).unwrap(), "100relaxed_order");
}

fn address(database: &str) -> String {
    format!("postgres://synapscribe:open%20sesame@127.0.0.1:{}/{database}", Postgres::shared().port())
}
