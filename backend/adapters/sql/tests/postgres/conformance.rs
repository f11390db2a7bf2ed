//! The library shows the behaviour every library must show, on the oldest and on the newest server.

use synapscribe_ports::{Schema, conformance};
use synapscribe_stories::{Postgres, Version};

use crate::{at, empty};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_a_library() {
    let (library, _) = empty().await;
    conformance::library::suite(&library).await;
    conformance::documents::suite(&library, &library).await;
    conformance::classes::suite(&library).await;
    conformance::packs::suite(&library).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_a_library_on_the_newest_server() {
    let server = Postgres::start(Version::Eighteen).unwrap();
    let library = at(&server.database().unwrap());
    library.upgrade().await.unwrap();
    conformance::library::suite(&library).await;
    conformance::documents::suite(&library, &library).await;
    conformance::classes::suite(&library).await;
    conformance::packs::suite(&library).await;
    library.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_brought_up_to_date() {
    let library = at(&Postgres::shared().database().unwrap());
    conformance::schema::suite(&library).await;
}
