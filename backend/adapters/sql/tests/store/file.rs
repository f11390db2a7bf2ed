//! The database as a file: opened, refused, copied, checked, full, and free of what was deleted.

use std::time::{Duration, Instant};

use crate::common::{lecture, passages, person, words};
use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use synapscribe_domain::{Millis, Passage, Span, Timestamp};
use synapscribe_ports::{Job, Jobs, Lane, Library, Scope, Sessions, StoreError};
use synapscribe_sql::{OpenError, Store};

async fn raw(path: &std::path::Path) -> SqlitePool {
    SqlitePool::connect_with(SqliteConnectOptions::new().filename(path).create_if_missing(true)).await.unwrap()
}

#[tokio::test]
async fn what_was_stored_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made/on/demand/library.db");
    let ada = person("ada");
    let store = Store::open(&path).await.unwrap();
    store.add_lecture(&lecture("l1", &ada)).await.unwrap();
    store.close().await;
    let mut quickest = Duration::MAX;
    for _ in 0..5 {
        let begun = Instant::now();
        let store = Store::open(&path).await.unwrap();
        quickest = quickest.min(begun.elapsed());
        assert_eq!(store.lectures(&ada).await.unwrap().len(), 1);
        store.close().await;
    }
    println!("opening took {quickest:?}");
    assert!(!path.with_extension("db-wal").exists(), "a closed database is one file");
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    Store::open(&path).await.unwrap().close().await;
    let pool = raw(&path).await;
    sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9001, 'to come', 1, x'00', 1)")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let error = Store::open(&path).await.err().expect("it must be refused");
    assert!(matches!(error, OpenError::Newer { version: 9001 }), "{error:?}");
    assert!(matches!(Store::attach(&path).await.err(), Some(OpenError::Newer { version: 9001 })));
    assert!(error.to_string().contains("newer version of this program"), "{error}");
}

#[tokio::test]
async fn a_database_of_any_older_program_is_brought_up_to_date_with_all_that_is_in_it() {
    let steps = sqlx::migrate!("./migrations");
    let versions: Vec<i64> = steps.iter().map(|step| step.version).collect();
    let (newest, older) = versions.split_last().unwrap();
    assert!(!older.is_empty(), "{newest} is the first");
    for version in older {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.db");
        let pool = raw(&path).await;
        steps.run_to(*version, &pool).await.unwrap();
        let one = lecture("l1", &person("ada"));
        // Names that steps have changed.
        let (sources, source, begins, ends, about) = match version {
            ..10 => ("lectures", "lecture", "from_ms", "to_ms", "lecture"),
            _ => ("sources", "source", "begins", "ends", "about"),
        };
        sqlx::query(AssertSqlSafe(format!(
            "INSERT INTO {sources} (id, owner, public, created, record) VALUES ('l1', 'ada', 0, 1, $1)"
        )))
        .bind(serde_json::to_string(&one).unwrap())
        .execute(&pool)
        .await
        .unwrap();
        for statement in [
            format!("INSERT INTO passages (id, {source}, idx, {begins}, {ends}, text) VALUES ('l1:00000', 'l1', 0, 0, 900, 'the tide')"),
            format!("INSERT INTO passage_rows ({source}, first_row, last_row) VALUES ('l1', 1, 1)"),
            format!(
                "INSERT INTO sessions (id, owner, {about}, active, expires, record) VALUES ('s1', 'ada', 'l1', 1, 9,
                 '{{\"id\":\"s1\",\"owner\":\"ada\",\"lecture\":\"l1\",\"state\":\"open\",\"created\":1,\"active\":1,\"expires\":9}}')"
            ),
        ] {
            sqlx::query(AssertSqlSafe(statement)).execute(&pool).await.unwrap();
        }
        sqlx::query("INSERT INTO windows (lecture, n, from_ms, to_ms, phrases) VALUES ('l1', 0, 0, 900, $1)")
            .bind(r#"[{"span":{"from":0,"to":900},"text":"the tide","confidence":1.0,"words":[]}]"#)
            .execute(&pool)
            .await
            .unwrap();
        let job = Job::IngestLecture { lecture: one.id.clone() };
        sqlx::query("INSERT INTO jobs (key, job, due) VALUES ('ingest/l1', $1, 0)")
            .bind(serde_json::to_string(&job).unwrap())
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;

        let refused = Store::attach(&path).await.err().expect("it must be left alone");
        assert!(matches!(refused, OpenError::Older { version: lacking } if lacking == version + 1), "{refused:?}");
        let copy = folder.path().join("copy.db");
        let as_it_is = Store::as_it_is(&path).await.unwrap();
        as_it_is.backup_to(&copy).await.unwrap();
        as_it_is.close().await;
        for file in [&path, &copy] {
            let pool = raw(file).await;
            let last: i64 = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&pool).await.unwrap();
            assert_eq!(last, *version, "{} was changed", file.display());
            pool.close().await;
        }

        let store = Store::open(&path).await.unwrap_or_else(|error| panic!("from step {version}: {error}"));
        store.check().await.unwrap();
        assert_eq!(store.lecture(&one.id).await.unwrap(), Some(one.clone()), "from step {version}");
        assert_eq!(store.phrases(&one.id).await.unwrap()[0].text, "the tide", "from step {version}");
        let said = Passage::said(&one.id, 0, Span::new(Millis(0), Millis(900)), "the tide");
        assert_eq!(store.passages(&(&one.id).into()).await.unwrap(), std::slice::from_ref(&said), "from step {version}");
        let found = store.search(&Scope::of(&one.id), &words(&["tide"]), None, 3).await.unwrap();
        assert_eq!(found.into_iter().map(|c| c.passage).collect::<Vec<_>>(), [said], "from step {version}");
        let sessions = store.sessions(&person("ada"), Some(&(&one.id).into()), Timestamp(2)).await.unwrap();
        assert_eq!(sessions.len(), 1, "from step {version}");
        store.delete_lecture(&one.id).await.unwrap();
        assert_eq!(store.sessions(&person("ada"), None, Timestamp(2)).await.unwrap(), [], "from step {version}");
        if *version < 5 {
            // Lanes came later; what waited is in the right one.
            assert_eq!(store.lease(Lane::Ingests, Timestamp(1), Timestamp(2)).await.unwrap().unwrap().job, job);
        }
    }
}

#[tokio::test]
async fn whoever_attaches_makes_nothing_and_works_beside_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    assert!(Store::attach(&path).await.is_err());
    assert!(!path.exists(), "a database was made where no host is");
    let (host, ada) = (Store::open(&path).await.unwrap(), person("ada"));
    let other = Store::attach(&path).await.unwrap();
    host.add_lecture(&lecture("l1", &ada)).await.unwrap();
    other.add_lecture(&lecture("l2", &ada)).await.unwrap();
    assert_eq!((host.lectures(&ada).await.unwrap().len(), other.lectures(&ada).await.unwrap().len()), (2, 2));
}

#[tokio::test]
async fn files_of_other_programs_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.db");
    let pool = raw(&other).await;
    sqlx::query("CREATE TABLE theirs (x)").execute(&pool).await.unwrap();
    pool.close().await;
    let before = std::fs::read(&other).unwrap();
    assert!(matches!(Store::open(&other).await.err(), Some(OpenError::NotALibrary)));
    assert!(std::fs::read(&other).unwrap() == before, "another program's file was changed");

    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "this is no database, only a long enough text to be mistaken for one".repeat(90)).unwrap();
    assert!(matches!(Store::open(&text).await.err(), Some(OpenError::Store(StoreError::Corrupt(_)))));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_open_a_new_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let tasks: Vec<_> = (0..8).map(|_| tokio::spawn(Store::open(path.clone()))).collect();
    for task in tasks {
        task.await.unwrap().unwrap().check().await.unwrap();
    }
}

#[tokio::test]
async fn a_backup_is_complete_and_replaces_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("library.db")).await.unwrap();
    let ada = person("ada");
    let kept = lecture("kept", &ada);
    store.add_lecture(&kept).await.unwrap();
    store
        .index(&(&kept.id).into(), &passages(&kept.id, &["the marmot sleeps"]), "space", &[vec![0.6, 0.8].into()])
        .await
        .unwrap();
    let copy = folder.path().join("backup ' one.db");
    store.backup_to(&copy).await.unwrap();
    assert!(store.backup_to(&copy).await.is_err(), "a backup never replaces a file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let rights = std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777;
        assert_eq!(rights, 0o600, "a copy of everything that was said is its owner's alone");
    }
    store.delete_lecture(&kept.id).await.unwrap();

    let restored = Store::open(&copy).await.unwrap();
    restored.check().await.unwrap();
    for scope in [Scope::VisibleTo(ada), Scope::of(kept.id)] {
        let found = restored.search(&scope, &words(&["marmot"]), Some(("space", &[0.6, 0.8])), 3).await.unwrap();
        assert!(found.len() == 1 && found[0].text_score.is_some() && found[0].similarity.is_some(), "{found:?}");
    }
    assert!(store.backup_to("/nowhere/at/all.db").await.is_err());
}

#[tokio::test]
async fn damage_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let store = Store::open(&path).await.unwrap();
    let one = lecture("l1", &person("ada"));
    store.add_lecture(&one).await.unwrap();
    let texts: Vec<String> = (0..400).map(|n| format!("passage number {n} of a lecture that fills some pages")).collect();
    store
        .index(&(&one.id).into(), &passages(&one.id, &texts.iter().map(String::as_str).collect::<Vec<_>>()), "", &[])
        .await
        .unwrap();
    store.check().await.unwrap();
    store.close().await;
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    match Store::open(&path).await {
        Ok(store) => assert!(matches!(store.check().await, Err(StoreError::Corrupt(_)))),
        Err(error) => assert!(matches!(error, OpenError::Store(StoreError::Corrupt(_))), "{error:?}"),
    }
}

#[tokio::test]
async fn the_words_of_a_deleted_lecture_are_gone_from_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let store = Store::open(&path).await.unwrap();
    let ada = person("ada");
    for name in ["gone", "stays"] {
        let one = lecture(name, &ada);
        store.add_lecture(&one).await.unwrap();
        let text = format!("{}quokkaword spoken once", if name == "gone" { "secret" } else { "open" });
        store.index(&(&one.id).into(), &passages(&one.id, &[&text]), "", &[]).await.unwrap();
    }
    store.delete_lecture(&lecture("gone", &ada).id).await.unwrap();
    store.close().await;
    let bytes = std::fs::read(&path).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(holds("openquokkaword"), "the other lecture stays");
    assert!(!holds("secretquokkaword"), "deleted words can still be read from the file");
}

#[tokio::test]
async fn a_job_nobody_can_read_does_not_hold_up_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let store = Store::open(&path).await.unwrap();
    let pool = raw(&path).await;
    sqlx::query("INSERT INTO jobs (key, job, due, lane) VALUES ('odd', '{\"job\":\"from_the_future\"}', 0, 'ingests')")
        .execute(&pool)
        .await
        .unwrap();
    let job = Job::IngestLecture { lecture: lecture("l1", &person("ada")).id };
    store.enqueue("plain", &job, Timestamp(0)).await.unwrap();
    assert_eq!(store.lease(Lane::Ingests, Timestamp(1), Timestamp(2)).await.unwrap().unwrap().job, job);
    assert_eq!(store.depth().await.unwrap(), (0, 1, 1), "it is kept for an operator");
}
