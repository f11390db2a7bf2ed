//! Other systems are told what became of lectures and documents: once, and without anything depending on it.

use synapscribe_domain::document::DocumentState;
use synapscribe_domain::{Code, DocumentId, Failure, LectureState};
use synapscribe_ports::{Happening, Library, ObjectCreated};
use synapscribe_usecases::Outcome;

use crate::documents::{made, uploaded, work};
use crate::world::{World, lecture_id, recording};

/// The tides of ada, which were just uploaded, with this in their recording.
async fn arrived(world: &World, content: Vec<u8>) {
    let lecture = world.lecture("tides", "ada", LectureState::Uploading, &[]).await;
    let bytes = content.len() as u64;
    world.put(&lecture.key, content).await;
    let event = ObjectCreated { key: lecture.key, bytes, sequencer: "1".into() };
    for _ in 0..2 {
        assert_eq!(world.validating().object_created(&event).await.unwrap(), Outcome::Settled);
    }
}

async fn state(world: &World) -> LectureState {
    world.library.lecture(&lecture_id("tides")).await.unwrap().unwrap().state
}

#[tokio::test]
async fn a_lecture_that_becomes_ready_is_told_of_once_however_often_its_job_comes() {
    let world = World::new();
    arrived(&world, recording(&[(20.0, true)])).await;
    assert_eq!(world.town.told(), [], "nothing came of it yet");
    for _ in 0..2 {
        world.ingesting().ingest(&lecture_id("tides")).await.unwrap();
    }
    let late = Failure::new(Code::EngineFailed, "the server was ended several times");
    world.ingesting().give_up(&lecture_id("tides"), late).await.unwrap();
    assert_eq!(state(&world).await, LectureState::Ready);
    assert_eq!(world.town.told(), [Happening::LectureReady(lecture_id("tides"))]);
}

#[tokio::test]
async fn a_lecture_that_cannot_be_used_is_told_of_once_with_its_code_whoever_finds_out() {
    let failed = |code| [Happening::LectureFailed(lecture_id("tides"), code)];
    // When it is looked at.
    let world = World::new();
    arrived(&world, Vec::new()).await;
    assert_eq!(world.town.told(), failed(Code::AudioEmpty));

    // When it is listened to.
    let world = World::new();
    arrived(&world, recording(&[(20.0, false)])).await;
    for _ in 0..2 {
        world.ingesting().ingest(&lecture_id("tides")).await.unwrap();
    }
    assert_eq!(world.town.told(), failed(Code::AudioSilent));

    // When it is given up.
    let world = World::new();
    arrived(&world, recording(&[(20.0, true)])).await;
    let away = Failure::new(Code::EngineFailed, "the recogniser is away");
    for _ in 0..2 {
        world.ingesting().give_up(&lecture_id("tides"), away.clone()).await.unwrap();
    }
    assert_eq!(world.town.told(), failed(Code::EngineFailed));
}

#[tokio::test]
async fn documents_are_told_of_when_they_are_ready_or_fail() {
    let world = World::new();
    let ready = made(&world, "ada", "# Tides\n\nThe moon pulls.").await;
    let empty = uploaded(&world, "ada", " ").await;
    work(&world).await;
    let late = Failure::new(Code::EngineFailed, "the engine is away");
    for document in [&ready, &empty] {
        world.making().give_up(document, late.clone()).await.unwrap();
    }
    let told = [Happening::DocumentReady(ready), Happening::DocumentFailed(empty, Code::DocumentEmpty)];
    assert_eq!(world.town.told(), told);
}

#[tokio::test]
async fn what_cannot_be_told_happened_all_the_same() {
    let world = World::new();
    world.town.cut_off();
    arrived(&world, recording(&[(20.0, true)])).await;
    world.ingesting().ingest(&lecture_id("tides")).await.unwrap();
    assert_eq!(state(&world).await, LectureState::Ready);
    let document: DocumentId = made(&world, "ada", "# Tides\n\nThe moon pulls.").await;
    assert_eq!(crate::documents::state(&world, &document).await, DocumentState::Ready);

    let world = World::new();
    world.town.cut_off();
    arrived(&world, Vec::new()).await;
    assert!(matches!(state(&world).await, LectureState::Failed { failure } if failure.code == Code::AudioEmpty));
    assert_eq!(world.town.told(), []);
}
