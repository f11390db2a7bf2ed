//! Two stores on one file, as two processes have them: claims, leases and what each keeps in memory.

use crate::common::{lecture, passages, person, words};
use synapscribe_domain::{Timestamp, Visibility};
use synapscribe_ports::{Claim, Job, Jobs, Lane, Ledger, Library, Scope};
use synapscribe_sql::Store;
use tempfile::TempDir;

const NOW: Timestamp = Timestamp(1_000);
const LATER: Timestamp = Timestamp(2_000);

async fn two() -> (TempDir, Store, Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let (one, two) = (Store::open(&path).await.unwrap(), Store::open(&path).await.unwrap());
    (folder, one, two)
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_claimed_by_one_of_them() {
    let (_folder, one, two) = two().await;
    let mut tasks = Vec::new();
    for n in 0..200 {
        let store = if n % 2 == 0 { one.clone() } else { two.clone() };
        tasks.push(tokio::spawn(async move {
            let key = format!("key-{}", n / 4);
            store.claim(&key, "1", NOW, LATER).await.unwrap() == Claim::Granted
        }));
    }
    let mut granted = 0;
    for task in tasks {
        granted += usize::from(task.await.unwrap());
    }
    assert_eq!(granted, 50, "each of fifty keys is granted exactly once");
    one.finish("key-0", "1", "done").await.unwrap();
    assert_eq!(two.claim("key-0", "1", NOW, LATER).await.unwrap(), Claim::Done("done".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_leased_by_one_of_them() {
    let (_folder, one, two) = two().await;
    for n in 0..60 {
        let job = Job::IngestLecture { lecture: lecture(&format!("l{n}"), &person("ada")).id };
        one.enqueue(&format!("key-{n}"), &job, NOW).await.unwrap();
        two.enqueue(&format!("key-{n}"), &job, NOW).await.unwrap();
    }
    assert_eq!(two.depth().await.unwrap(), (60, 0, 0), "a key is queued once across processes");
    let workers = [&one, &two, &one, &two].map(|store| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut ids = Vec::new();
            while let Some(leased) = store.lease(Lane::Ingests, NOW, LATER).await.unwrap() {
                ids.push(leased.id);
            }
            ids
        })
    });
    let mut ids = Vec::new();
    for worker in workers {
        ids.extend(worker.await.unwrap());
    }
    assert_eq!(ids.len(), 60);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 60, "no job is in two pairs of hands");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_learns_of_jobs_of_another_process() {
    let (_folder, one, two) = two().await;
    let worker = tokio::spawn(async move {
        loop {
            if let Some(leased) = two.lease(Lane::Ingests, NOW, LATER).await.unwrap() {
                break leased.job;
            }
            two.wait(Lane::Ingests).await;
        }
    });
    let job = Job::IngestLecture { lecture: lecture("l1", &person("ada")).id };
    one.enqueue("key", &job, NOW).await.unwrap();
    let found = tokio::time::timeout(std::time::Duration::from_secs(30), worker).await.expect("the worker never looked");
    assert_eq!(found.unwrap(), job);
}

#[tokio::test]
async fn each_finds_what_the_other_changes() {
    let (_folder, one, two) = two().await;
    let (ada, bob) = (person("ada"), person("bob"));
    let first = lecture("first", &ada);
    let count = async |store: &Store, who: &_| {
        let scope = Scope::VisibleTo(Clone::clone(who));
        let by_words = store.search(&scope, &words(&["marmot"]), None, 9).await.unwrap().len();
        let by_meaning = store.search(&scope, &[], Some(("space", &[0.0, 1.0])), 9).await.unwrap().len();
        (by_words, by_meaning)
    };
    assert_eq!(count(&two, &ada).await, (0, 0));
    one.add_lecture(&first).await.unwrap();
    one.index(
        &(&first.id).into(),
        &passages(&first.id, &["marmot", "marmots"]),
        "space",
        &[vec![0.0, 1.0].into(), vec![1.0, 0.0].into()],
    )
    .await
    .unwrap();
    assert_eq!(count(&two, &ada).await, (2, 2), "a word finds its other forms, and vectors of another process are compared");
    assert_eq!(count(&two, &bob).await, (0, 0));
    one.change_lecture(&first.id, &|l| l.visibility = Visibility::Public).await.unwrap();
    assert_eq!(count(&two, &bob).await, (2, 2));
    two.index(&(&first.id).into(), &passages(&first.id, &["one marmot"]), "space", &[vec![0.0, 1.0].into()]).await.unwrap();
    assert_eq!(count(&one, &ada).await, (1, 1));
    two.delete_lecture(&first.id).await.unwrap();
    assert_eq!(count(&one, &ada).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn both_write_at_once_without_an_error() {
    let (_folder, one, two) = two().await;
    let ada = person("ada");
    let writers = [one.clone(), two.clone()].into_iter().enumerate().map(|(side, store)| {
        let ada = ada.clone();
        tokio::spawn(async move {
            for n in 0..25 {
                let lecture = lecture(&format!("l-{side}-{n}"), &ada);
                store.add_lecture(&lecture).await.unwrap();
                store
                    .index(&(&lecture.id).into(), &passages(&lecture.id, &["a marmot"]), "space", &[vec![0.0, 1.0].into()])
                    .await
                    .unwrap();
                store.search(&Scope::VisibleTo(ada.clone()), &words(&["marmot"]), Some(("space", &[0.0, 1.0])), 9).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(one.lectures(&ada).await.unwrap().len(), 50);
    let found = two.search(&Scope::VisibleTo(ada), &words(&["marmot"]), Some(("space", &[0.0, 1.0])), 99).await.unwrap();
    assert_eq!(found.len(), 50);
    one.check().await.unwrap();
}
