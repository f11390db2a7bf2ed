//! A recording becomes a lecture, whatever happens meanwhile.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use synapscribe_domain::{Code, Failure, LectureState, Millis};
use synapscribe_ports::{Library, ObjectCreated, Transcriber, Window};
use tokio::sync::Notify;

use crate::world::{Before, Tape, World, person, span};

/// Long enough for anything that happens at all.
const SURELY: Duration = Duration::from_secs(20);

async fn until(condition: impl AsyncFn() -> bool) {
    while !condition().await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_is_understood_is_stored_while_the_rest_is_still_to_be_heard() {
    let world = World::new().await;
    let id = world.lecture("l1").await;
    let (store, waiting) = (world.store.clone(), id.clone());
    // The sound of the second window comes only once the words of the first are stored.
    let before: Before = Arc::new(move |second| {
        let (store, id) = (store.clone(), waiting.clone());
        async move {
            while second == 35 && !store.windows(&id).await.unwrap().iter().any(|window| window.finished) {
                tokio::task::yield_now().await;
            }
        }
        .boxed()
    });
    *world.audio.before.lock().unwrap() = Some(before);
    let ingesting = world.ingesting();
    tokio::time::timeout(SURELY, ingesting.ingest(&id)).await.expect("everybody waits for somebody else").unwrap();
    let lecture = world.store.lecture(&id).await.unwrap().unwrap();
    assert_eq!(lecture.state, LectureState::Ready);
    let words: Vec<String> = world.store.phrases(&id).await.unwrap().into_iter().map(|p| p.text).collect();
    assert_eq!(words, ["words 0.", "words 30.", "words 60."]);
    assert_eq!(world.store.waveform(&id).await.unwrap().unwrap().peaks.len(), 800, "the outline is drawn on the way");
}

#[tokio::test]
async fn windows_are_heard_at_the_same_time() {
    let world = World::new().await;
    let id = world.lecture("l1").await;
    let another = Arc::new(Notify::new());
    // What is said in the first window is known only once another one is being heard.
    world.ear.follow(move |second| {
        let another = Arc::clone(&another);
        async move {
            if second == 0 {
                another.notified().await;
            } else {
                another.notify_one();
            }
            Ok(format!("words {second}."))
        }
        .boxed()
    });
    let ingesting = world.ingesting();
    tokio::time::timeout(SURELY, ingesting.ingest(&id)).await.expect("one window waits for the one before it").unwrap();
    let words: Vec<String> = world.store.phrases(&id).await.unwrap().into_iter().map(|p| p.text).collect();
    assert_eq!(words, ["words 0.", "words 30.", "words 60."], "and kept in their order");
}

#[tokio::test]
async fn why_a_window_was_skipped_is_known_after_a_crash() {
    let world = World::new().await;
    let id = world.lecture("l1").await;
    world.ear.follow(|second| {
        async move {
            match second {
                0 => Err(Failure::new(Code::EngineFailed, "the ear broke off")),
                30 => Ok("heard".into()),
                _ => futures::future::pending().await,
            }
        }
        .boxed()
    });
    let finished = async |n: usize| world.store.windows(&id).await.unwrap().iter().filter(|w| w.finished).count() == n;
    let ingesting = world.ingesting();
    tokio::select! {
        ended = ingesting.ingest(&id) => panic!("the last window is never heard: {ended:?}"),
        // The process is killed here.
        () = until(async || finished(2).await) => {}
    }
    world.ear.heard.lock().unwrap().clear();
    world.ear.follow(|_| async { Ok("heard later".into()) }.boxed());
    world.ingesting().ingest(&id).await.unwrap();
    assert_eq!(*world.ear.heard.lock().unwrap(), [60], "only what was not finished is heard again");
    let report = world.store.report(&id).await.unwrap().unwrap();
    assert_eq!(report.skipped, [(span(0, 20_000), "the ear broke off".to_owned())]);
    let [(from, to), ..] = Tape::SPEECH;
    let first = Window { span: span(from, to), finished: true, skipped: Some("the ear broke off".into()) };
    assert_eq!(world.store.windows(&id).await.unwrap()[0], first);
}

#[tokio::test]
async fn a_lecture_deleted_while_it_is_heard_stays_deleted() {
    let world = World::new().await;
    let id = world.lecture("l1").await;
    let (store, gone) = (world.store.clone(), id.clone());
    world.ear.follow(move |second| {
        let (store, id) = (store.clone(), gone.clone());
        async move {
            if second == 30 {
                store.delete_lecture(&id).await.unwrap();
            }
            Ok("words".into())
        }
        .boxed()
    });
    world.ingesting().ingest(&id).await.unwrap();
    assert_eq!(world.store.lecture(&id).await.unwrap(), None);
    assert_eq!(world.store.phrases(&id).await.unwrap(), []);
    world.ingesting().give_up(&id, Failure::internal()).await.unwrap();
    assert_eq!(world.store.lecture(&id).await.unwrap(), None, "a late failure brings nothing back either");
}

#[tokio::test]
async fn a_title_given_while_it_is_heard_is_kept_and_a_job_that_comes_again_changes_nothing() {
    let world = World::new().await;
    let id = world.lecture("l1").await;
    let (editing, named) = (world.editing(), id.clone());
    world.ear.follow(move |second| {
        let (editing, id) = (editing.clone(), named.clone());
        async move {
            if second == 30 {
                editing.rename_lecture(&person("ada"), &id, " Chain  rule ").await?;
            }
            Ok(format!("train {second}."))
        }
        .boxed()
    });
    world.ingesting().ingest(&id).await.unwrap();
    let lecture = world.store.lecture(&id).await.unwrap().unwrap();
    assert_eq!((lecture.title.as_str(), &lecture.state), ("Chain rule", &LectureState::Ready));
    world.store.correct_phrase(&id, Millis(200), "train 0.", "chain 0.").await.unwrap();
    world.ingesting().ingest(&id).await.unwrap();
    assert_eq!(world.store.phrases(&id).await.unwrap()[0].text, "chain 0.");
}

#[tokio::test]
async fn a_recogniser_that_is_away_for_a_while_costs_no_words() {
    let world = World::new().await;
    let id = world.lecture("l1").await;
    world.ear.follow(|second| {
        let away = second == 30;
        async move { if away { Err(Failure::new(Code::EngineFailed, "it starts")) } else { Ok(format!("words {second}.")) } }
            .boxed()
    });
    let failure = world.ingesting().ingest_what_can_be_heard(&id).await.unwrap_err();
    assert!(failure.code.retryable() && failure.message == "it starts", "{failure:?}");
    let finished: Vec<bool> = world.store.windows(&id).await.unwrap().iter().map(|window| window.finished).collect();
    assert_eq!(finished, [true, false, true], "what was heard is kept, and what was not is still to be heard");

    world.ear.heard.lock().unwrap().clear();
    world.ear.follow(|second| async move { Ok(format!("words {second}.")) }.boxed());
    world.ingesting().ingest_what_can_be_heard(&id).await.unwrap();
    assert_eq!(*world.ear.heard.lock().unwrap(), [30]);
    assert_eq!(world.store.lecture(&id).await.unwrap().unwrap().state, LectureState::Ready);
    assert_eq!(world.store.report(&id).await.unwrap().unwrap().skipped, []);
    assert_eq!(world.store.phrases(&id).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_recogniser_that_hears_nothing_is_named_and_everything_is_heard_when_it_is_back() {
    let world = World::new().await;
    let id = world.lecture("l1").await;
    world.ear.follow(|_| async { Err(Failure::new(Code::EngineFailed, "the server is down")) }.boxed());
    let failure = world.ingesting().ingest(&id).await.unwrap_err();
    let ear = world.ear.card().name;
    assert!(failure.message.contains("the server is down") && failure.message.contains(&ear), "{failure}");
    world.ingesting().give_up(&id, failure).await.unwrap();

    // Its person uploads it again.
    world.ear.follow(|second| async move { Ok(format!("words {second}.")) }.boxed());
    let key = world.store.lecture(&id).await.unwrap().unwrap().key;
    let event = ObjectCreated { key, bytes: 11, sequencer: "2".into() };
    world.validating().object_created(&event).await.unwrap();
    world.ingesting().ingest(&id).await.unwrap();
    assert_eq!(world.store.phrases(&id).await.unwrap().len(), 3);
}
