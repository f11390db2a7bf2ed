//! Objects arrive late, twice and after their lecture was deleted.

use bytes::Bytes;
use synapscribe_domain::session::Retention;
use synapscribe_domain::{LectureId, LectureState, ObjectKey, Timestamp, time::DAY_MS};
use synapscribe_ports::{Claim, Clock, Job, Jobs, Lane, Ledger, Library, ObjectCreated, Objects, SystemClock};
use synapscribe_usecases::Outcome;
use synapscribe_usecases::housekeeping::{Housekeeping, REMEMBERED_MS};

use crate::world::{World, person};

fn arrival(key: &ObjectKey, sequencer: &str) -> ObjectCreated {
    ObjectCreated { key: key.clone(), bytes: 11, sequencer: sequencer.into() }
}

/// Works off the ingests that wait, and says how many there were.
async fn ingest_all(world: &World) -> usize {
    let mut count = 0;
    let now = SystemClock.now();
    while let Some(leased) = world.store.lease(Lane::Ingests, now, now.plus(60_000)).await.unwrap() {
        let Job::IngestLecture { lecture } = &leased.job else { panic!("{leased:?}") };
        world.ingesting().ingest(lecture).await.unwrap();
        world.store.complete(leased.id).await.unwrap();
        count += 1;
    }
    count
}

const WORDS: &str = "WEBVTT\n\n00:00.000 --> 00:40.000\nfrom the captions\n\n00:40.000 --> 01:19.000\nto the end\n";

#[tokio::test]
async fn a_recording_that_arrives_after_its_lecture_was_deleted_is_not_kept() {
    let world = World::new().await;
    let id = world.lecture("l1").await;
    let key = world.store.lecture(&id).await.unwrap().unwrap().key;
    world.store.delete_lecture(&id).await.unwrap();
    assert_eq!(world.validating().object_created(&arrival(&key, "2")).await.unwrap(), Outcome::Settled);
    assert_eq!(world.store.lecture(&id).await.unwrap(), None, "it came back");
    assert_eq!(world.objects.head(&key).await.unwrap(), None, "its recording is still there");
    assert_eq!(ingest_all(&world).await, 0);

    // A recording that nobody asked a place for is a lecture all the same.
    let other = ObjectKey::lecture(&person("ada"), &LectureId::parse("l2").unwrap(), "new.wav");
    world.objects.put(&other, Bytes::from_static(b"a recording"), "audio/wav").await.unwrap();
    world.validating().object_created(&arrival(&other, "1")).await.unwrap();
    assert_eq!(ingest_all(&world).await, 1);
}

#[tokio::test]
async fn a_recording_that_is_replaced_waits_for_the_ingest_of_the_one_before_it() {
    let world = World::new().await;
    let id = world.lecture("l1").await;
    let key = world.store.lecture(&id).await.unwrap().unwrap().key;
    let arrives = async |n: &str| world.validating().object_created(&arrival(&key, n)).await.unwrap();
    assert_eq!(arrives("2").await, Outcome::InProgress, "the recording before it is being listened to");
    world.ingesting().ingest(&id).await.unwrap();
    assert_eq!(arrives("2").await, Outcome::Settled);
    assert_ne!(world.store.lecture(&id).await.unwrap().unwrap().state, LectureState::Ready, "the new one is not known yet");
    assert_eq!(ingest_all(&world).await, 1, "the new one is listened to");
    assert_eq!(world.store.lecture(&id).await.unwrap().unwrap().state, LectureState::Ready);
}

#[tokio::test]
async fn captions_that_come_later_count_when_their_words_are_others() {
    let world = World::new().await;
    let id = world.lecture("l1").await;
    let recording = world.store.lecture(&id).await.unwrap().unwrap().key;
    let captions = recording.beside("vtt");
    let put = async |text: &str| world.objects.put(&captions, Bytes::from(text.to_owned()), "text/vtt").await.unwrap();
    let arrives = async |n: &str| world.validating().object_created(&arrival(&captions, n)).await.unwrap();
    put(WORDS).await;
    assert_eq!(arrives("1").await, Outcome::InProgress, "its ingest may have looked for captions before");
    world.ingesting().ingest(&id).await.unwrap();
    assert_eq!(arrives("1").await, Outcome::Settled);
    assert_eq!(ingest_all(&world).await, 0, "these very words are there");
    let texts = async || -> Vec<String> { world.store.phrases(&id).await.unwrap().into_iter().map(|p| p.text).collect() };
    assert_eq!(texts().await, ["from the captions", "to the end"]);

    put(&WORDS.replace("to the end", "to another end")).await;
    assert_eq!(arrives("2").await, Outcome::Settled);
    assert_eq!(arrives("2").await, Outcome::Settled);
    assert_eq!(ingest_all(&world).await, 1, "an event that comes twice counts once");
    assert_eq!(texts().await, ["from the captions", "to another end"]);
    assert_eq!(world.store.lecture(&id).await.unwrap().unwrap().state, LectureState::Ready);
}

#[tokio::test]
async fn old_claims_are_swept_away() {
    let world = World::new().await;
    let now = SystemClock.now();
    let old = Timestamp(now.0 - REMEMBERED_MS - DAY_MS);
    for (key, at) in [("old", old), ("young", now)] {
        world.store.claim(key, "1", at, at.plus(1)).await.unwrap();
        world.store.finish(key, "1", "done").await.unwrap();
    }
    let store = std::sync::Arc::new(world.store.clone());
    let keeper = Housekeeping {
        sessions: store.clone(),
        library: store.clone(),
        jobs: store.clone(),
        objects: world.objects.clone(),
        ledger: store,
        clock: std::sync::Arc::new(SystemClock),
    };
    assert_eq!(keeper.sweep(Retention::WEEK).await.unwrap().claims, 1);
    assert_eq!(world.store.claim("young", "1", now, now.plus(1)).await.unwrap(), Claim::Done("done".into()));
    assert_eq!(world.store.claim("old", "1", now, now.plus(1)).await.unwrap(), Claim::Granted);
}
