//! The store shows the behaviour every adapter of its ports must show, in memory and in a file.

use synapscribe_ports::conformance;
use synapscribe_sql::Store;
use tempfile::TempDir;

async fn stores() -> (TempDir, [Store; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let file = Store::open(folder.path().join("library.db")).await.unwrap();
    (folder, [Store::open_in_memory().await.unwrap(), file])
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_a_library() {
    let (_folder, stores) = stores().await;
    for store in &stores {
        conformance::library::suite(store).await;
        conformance::documents::suite(store, store).await;
        conformance::classes::suite(store).await;
        conformance::packs::suite(store).await;
        store.check().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_sessions() {
    let (_folder, stores) = stores().await;
    for store in &stores {
        conformance::sessions::suite(store).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_a_ledger() {
    let (_folder, stores) = stores().await;
    for store in &stores {
        conformance::ledger::suite(store).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_a_queue() {
    let (_folder, stores) = stores().await;
    for store in &stores {
        conformance::jobs::suite(store).await;
    }
}
