//! An object arrives: once, twice, late or broken, what becomes of it is the same.

use std::time::Duration;

use synapscribe_domain::{AudioFormat, Code, Lecture, LectureState, MediaFacts, Millis, ObjectKey, QueryId};
use synapscribe_ports::{Job, Ledger, Library, Notice, ObjectCreated};
use synapscribe_usecases::Outcome;

use crate::world::{World, lecture_id, person, recording};

/// An upload to ada's lecture, granted but not there yet.
async fn granted() -> (World, ObjectKey) {
    let world = World::new();
    let lecture = world.lecture("tides", "ada", LectureState::Uploading, &[]).await;
    (world, lecture.key)
}

fn event(key: &ObjectKey, sequencer: &str) -> ObjectCreated {
    ObjectCreated { key: key.clone(), bytes: 64_000, sequencer: sequencer.into() }
}

async fn created(world: &World, key: &ObjectKey, sequencer: &str) -> Outcome {
    world.validating().object_created(&event(key, sequencer)).await.unwrap()
}

async fn state(world: &World) -> LectureState {
    world.library.lecture(&lecture_id("tides")).await.unwrap().unwrap().state
}

fn ingest() -> Job {
    Job::IngestLecture { lecture: lecture_id("tides") }
}

#[tokio::test]
async fn a_recording_is_measured_queued_and_everybody_of_its_owner_is_told() {
    let (world, key) = granted().await;
    let (desk, phone, other) =
        (world.connect("c1", "ada").await, world.connect("c2", "ada").await, world.connect("c3", "bob").await);
    world.put(&key, recording(&[(3.0, true)])).await;
    assert_eq!(created(&world, &key, "1").await, Outcome::Settled);
    let found = world.library.lecture(&lecture_id("tides")).await.unwrap().unwrap();
    assert_eq!(found.media.unwrap().duration.0, 3_000);
    assert_eq!(found.state, LectureState::Transcribing { done: 0, total: 0 });
    assert_eq!(world.jobs.all(), [ingest()]);
    for line in [&desk, &phone] {
        let states = world.listeners.told(line).into_iter().map(|notice| match notice {
            Notice::LectureProgress(lecture) => lecture.state.name(),
            other => panic!("{other:?}"),
        });
        assert_eq!(states.collect::<Vec<_>>(), ["validating", "transcribing"]);
    }
    assert_eq!(world.listeners.told(&other), [], "it is nobody else's business");
}

#[tokio::test]
async fn an_event_that_comes_twice_or_too_late_changes_nothing() {
    let (world, key) = granted().await;
    world.put(&key, recording(&[(3.0, true)])).await;
    created(&world, &key, "2").await;
    world.library.change_lecture(&lecture_id("tides"), &|lecture| lecture.state = LectureState::Ready).await.unwrap();
    for sequencer in ["2", "1", "2"] {
        assert_eq!(created(&world, &key, sequencer).await, Outcome::Settled);
        assert_eq!(state(&world).await, LectureState::Ready, "{sequencer}");
    }
    assert_eq!(world.jobs.all().len(), 1);
    // A new upload under the same key is new work.
    created(&world, &key, "3").await;
    assert_ne!(state(&world).await, LectureState::Ready);
}

#[tokio::test]
async fn a_queue_that_is_full_for_a_moment_leaves_nothing_stuck() {
    let (world, key) = granted().await;
    world.put(&key, recording(&[(3.0, true)])).await;
    for (key, content, sequencer) in
        [(key.clone(), None, "1"), (key.beside("vtt"), Some("WEBVTT\n\n00:00.000 --> 00:03.000\nTides.\n"), "2")]
    {
        if let Some(content) = content {
            world.put(&key, content).await;
        }
        world.jobs.refuse_once();
        let refused = world.validating().object_created(&event(&key, sequencer)).await.unwrap_err();
        assert!(refused.code.retryable(), "{refused:?}");
        let before = world.jobs.all().len();
        assert_eq!(created(&world, &key, sequencer).await, Outcome::Settled, "{key}");
        assert_eq!(world.jobs.all().len(), before + 1, "{key} is not worked on");
        assert_eq!(state(&world).await, LectureState::Transcribing { done: 0, total: 0 });
        world.library.change_lecture(&lecture_id("tides"), &|lecture| lecture.state = LectureState::Ready).await.unwrap();
    }
}

#[tokio::test]
async fn what_fails_delivery_after_delivery_comes_again_for_a_while_and_is_then_told() {
    let (world, key) = granted().await;
    let line = world.connect("c1", "ada").await;
    world.put(&key, recording(&[(3.0, true)])).await;
    for delivery in 1..=3 {
        world.jobs.refuse_once();
        assert_eq!(world.validating().delivered(&event(&key, "1"), delivery).await, Outcome::InProgress, "{delivery}");
        assert_eq!(state(&world).await, LectureState::Validating);
    }
    world.jobs.refuse_once();
    assert_eq!(world.validating().delivered(&event(&key, "1"), 4).await, Outcome::Settled);
    assert!(matches!(state(&world).await, LectureState::Failed { failure } if failure.code == Code::DiskFull));
    assert!(matches!(world.listeners.told(&line).last(), Some(Notice::LectureFailed(_))), "whoever waits was not told");

    let (world, key) = granted().await;
    world.put(&key, recording(&[(3.0, true)])).await;
    world.jobs.refuse_once();
    world.validating().delivered(&event(&key, "1"), 1).await;
    assert_eq!(world.validating().delivered(&event(&key, "1"), 2).await, Outcome::Settled);
    assert_eq!(world.jobs.all(), [ingest()], "what passed in the meantime is no failure");
}

#[tokio::test]
async fn what_somebody_else_is_handling_is_looked_at_again_later() {
    let (world, key) = granted().await;
    world.put(&key, recording(&[(3.0, true)])).await;
    let claim = format!("object/{key}");
    world.ledger.claim(&claim, "1", world.now(), world.now().plus(15_000)).await.unwrap();
    assert_eq!(created(&world, &key, "1").await, Outcome::InProgress);
    assert_eq!(world.jobs.all(), []);
    // They never finished: after their time it is taken over.
    world.clock.pass(15_000);
    assert_eq!(created(&world, &key, "1").await, Outcome::Settled);
    assert_eq!(world.jobs.all(), [ingest()]);
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_with_a_reason_and_can_be_uploaded_again() {
    let (world, key) = granted().await;
    let line = world.connect("c1", "ada").await;
    let whole = recording(&[(3.0, true)]);
    for (n, (content, code)) in [
        (Vec::new(), Code::AudioEmpty),
        (b"An essay about tides, and not a recording of anything.".to_vec(), Code::AudioUnsupported),
        (whole[..20_000].to_vec(), Code::AudioCorrupt),
        (recording(&[(0.5, true)]), Code::AudioTooShort),
    ]
    .into_iter()
    .enumerate()
    {
        world.put(&key, content).await;
        assert_eq!(created(&world, &key, &format!("{n}")).await, Outcome::Settled);
        let LectureState::Failed { failure } = state(&world).await else { panic!("{code:?} was taken") };
        assert_eq!(failure.code, code);
        assert!(matches!(world.listeners.told(&line).last(), Some(Notice::LectureFailed(_))), "{code:?} was not told");
    }
    assert_eq!(world.jobs.all(), [], "nothing of it is work");
    world.put(&key, whole).await;
    created(&world, &key, "9").await;
    assert_eq!(world.jobs.all(), [ingest()]);
}

#[tokio::test]
async fn an_object_that_is_gone_before_it_is_looked_at_is_told() {
    let (world, key) = granted().await;
    created(&world, &key, "1").await;
    assert!(matches!(state(&world).await, LectureState::Failed { failure } if failure.message.contains("upload it again")));
}

#[tokio::test]
async fn a_recording_nobody_announced_becomes_a_lecture_of_its_own() {
    let world = World::new();
    let key = ObjectKey::lecture(&person("ada"), &lecture_id("tides"), "By_hand.wav");
    world.put(&key, recording(&[(3.0, true)])).await;
    created(&world, &key, "1").await;
    let found = world.library.lecture(&lecture_id("tides")).await.unwrap().unwrap();
    assert_eq!((found.title.as_str(), found.owner), ("By hand", person("ada")));
    assert_eq!(world.jobs.all(), [ingest()]);
}

#[tokio::test]
async fn somebody_elses_lecture_and_other_objects_are_left_alone() {
    let (world, _) = granted().await;
    let foreign = ObjectKey::lecture(&person("eve"), &lecture_id("tides"), "talk.wav");
    let question = ObjectKey::query(&person("ada"), &QueryId::parse("q").unwrap(), "wav");
    let captions = ObjectKey::lecture(&person("eve"), &lecture_id("tides"), "talk.vtt");
    for key in [foreign, question, captions] {
        world.put(&key, recording(&[(3.0, true)])).await;
        assert_eq!(created(&world, &key, "1").await, Outcome::Settled, "{key}");
    }
    let found = world.library.lecture(&lecture_id("tides")).await.unwrap().unwrap();
    assert_eq!((found.owner, found.state), (person("ada"), LectureState::Uploading));
    assert_eq!(world.jobs.all(), []);
}

#[tokio::test]
async fn captions_wait_while_their_recording_is_being_handled() {
    let (world, key) = granted().await;
    world.put(&key, recording(&[(3.0, true)])).await;
    let captions = key.beside("vtt");
    world.put(&captions, "WEBVTT\n\n00:00.000 --> 00:03.000\nTides.\n").await;
    // Somebody has measured the recording and is about to queue it.
    world.ledger.claim("arrival/tides", "0", world.now(), world.now().plus(60_000)).await.unwrap();
    let measured = MediaFacts {
        format: AudioFormat::Wav,
        codec: "pcm_s16le".into(),
        duration: Millis(3_000),
        bytes: 96_000,
        sample_rate: 16_000,
        channels: 1,
        damaged_packets: 0,
        truncated: false,
    };
    let between = |lecture: &mut Lecture| (lecture.state, lecture.media) = (LectureState::Validating, Some(measured.clone()));
    world.library.change_lecture(&lecture_id("tides"), &between).await.unwrap();
    assert_eq!(created(&world, &captions, "2").await, Outcome::InProgress);
    assert_eq!(world.jobs.all(), [], "it would be listened to twice");
    // They never finished: after their time it is taken over.
    world.clock.pass(60_000);
    assert_eq!(created(&world, &captions, "2").await, Outcome::Settled);
    assert_eq!(world.jobs.all(), [ingest()]);
}

#[tokio::test]
async fn a_recording_waits_for_what_is_done_about_its_captions_but_not_for_ever() {
    let (world, key) = granted().await;
    world.put(&key, recording(&[(3.0, true)])).await;
    // Somebody looks at captions that came at the same moment.
    world.ledger.claim("arrival/tides", "0", world.now(), world.now().plus(60_000)).await.unwrap();
    let free = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(world.jobs.all(), [], "it waits");
        world.ledger.release("arrival/tides", "0").await.unwrap();
    };
    let (outcome, ()) = tokio::join!(created(&world, &key, "1"), free);
    assert_eq!((outcome, world.jobs.all()), (Outcome::Settled, vec![ingest()]));

    // Whoever does not give the turn back has died.
    let (world, key) = granted().await;
    world.put(&key, recording(&[(3.0, true)])).await;
    world.ledger.claim("arrival/tides", "0", world.now(), world.now().plus(60_000)).await.unwrap();
    assert_eq!(created(&world, &key, "1").await, Outcome::Settled);
    assert_eq!(world.jobs.all(), [ingest()]);
}
