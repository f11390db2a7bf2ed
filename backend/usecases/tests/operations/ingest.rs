//! A validated recording becomes something that answers, once, however often it is begun.

use std::sync::Arc;
use std::time::Duration;

use synapscribe_domain::{AudioFormat, Code, ConnectionId, Failure, Lecture, LectureState, MediaFacts, Millis, TranscriptSource};
use synapscribe_ports::fakes::{Ear, Manner};
use synapscribe_ports::{Job, Library, Notice, ObjectCreated, Objects, Scope};

use crate::world::{World, lecture, lecture_id, recording};

const CAPTIONS: &str = "WEBVTT\n\n00:00.000 --> 00:10.000\nThe moon pulls.\n\n00:10.000 --> 01:05.000\nThe sun pulls too.\n";

/// A recording of three stretches of speech with pauses between them, validated and in the queue.
async fn validated() -> (World, Lecture, ConnectionId) {
    let world = World::new();
    let file = recording(&[(20.0, true), (3.0, false), (20.0, true), (3.0, false), (20.0, true)]);
    let media = MediaFacts {
        format: AudioFormat::Wav,
        codec: "pcm_s16le".into(),
        duration: Millis(66_000),
        bytes: file.len() as u64,
        sample_rate: 16_000,
        channels: 1,
        damaged_packets: 0,
        truncated: false,
    };
    let state = LectureState::Transcribing { done: 0, total: 0 };
    let lecture = Lecture { media: Some(media), tokens: None, ..lecture("tides", "ada", state) };
    world.library.add_lecture(&lecture).await.unwrap();
    world.put(&lecture.key, file).await;
    let line = world.connect("c1", "ada").await;
    (world, lecture, line)
}

async fn ingest(world: &World) {
    world.ingesting().ingest(&lecture_id("tides")).await.unwrap();
}

async fn found(world: &World) -> Lecture {
    world.library.lecture(&lecture_id("tides")).await.unwrap().unwrap()
}

async fn words(world: &World) -> Vec<String> {
    world.library.phrases(&lecture_id("tides")).await.unwrap().into_iter().map(|phrase| phrase.text).collect()
}

async fn report(world: &World) -> synapscribe_domain::IngestReport {
    world.library.report(&lecture_id("tides")).await.unwrap().expect("there is a report")
}

#[tokio::test]
async fn a_recording_becomes_ready_is_found_and_reported_on() {
    let (world, _, line) = validated().await;
    for words in ["The moon pulls the water.", "The sun pulls as well.", "A spring tide is the highest."] {
        world.ear.expect(words);
    }
    ingest(&world).await;
    let lecture = found(&world).await;
    assert_eq!(lecture.state, LectureState::Ready);
    assert!(lecture.tokens.is_some_and(|tokens| tokens > 5));
    let looked = ["spring".to_owned()];
    let hits = world.library.search(&Scope::of(lecture.id.clone()), &looked, None, 9).await.unwrap();
    assert!(hits.iter().any(|hit| hit.passage.text.contains("spring tide")), "{hits:?}");
    let phrases = world.library.phrases(&lecture.id).await.unwrap();
    assert!(phrases[1].span.from.0.abs_diff(23_000) < 300, "times are the lecture's own: {:?}", phrases[1].span);
    let report = report(&world).await;
    assert_eq!((report.source, report.silences.len(), report.skipped.len()), (TranscriptSource::Recognised, 2, 0));
    assert!((report.speech_share - 60.0 / 66.0).abs() < 0.02, "{}", report.speech_share);

    let told = world.listeners.told(&line);
    let mut progress =
        told.iter().filter_map(|n| if let Notice::LectureProgress(l) = n { Some(l.state.progress()) } else { None });
    assert!(progress.clone().is_sorted() && progress.by_ref().count() >= 5, "progress goes forward: {told:?}");
    assert!(matches!(told.last(), Some(Notice::LectureReady { passages, .. }) if *passages == report.passages), "{told:?}");

    // The job may be delivered again: nobody listens twice, nothing is doubled, and it never stops being ready meanwhile.
    let before = (words(&world).await, world.library.passages(&(&lecture.id).into()).await.unwrap());
    ingest(&world).await;
    assert_eq!(world.ear.heard().len(), 3);
    assert_eq!((words(&world).await, world.library.passages(&(&lecture.id).into()).await.unwrap()), before);
    assert_eq!(world.listeners.told(&line), told, "a second delivery was told of");
}

#[tokio::test]
async fn a_lecture_that_failed_stays_as_it_is_when_its_job_comes_again() {
    let (world, lecture, line) = validated().await;
    world.put(&lecture.key, recording(&[(66.0, false)])).await;
    ingest(&world).await;
    fails(&world, &line, Code::AudioSilent).await;
    let (before, told) = (found(&world).await, world.listeners.told(&line));
    // By now there would be something to hear.
    world.put(&lecture.key, recording(&[(66.0, true)])).await;
    ingest(&world).await;
    world.ingesting().ingest_what_can_be_heard(&lecture.id).await.unwrap();
    let late = Failure::new(Code::EngineFailed, "the server was ended several times");
    world.ingesting().give_up(&lecture.id, late.clone()).await.unwrap();
    assert_eq!(found(&world).await, before);
    assert_eq!(world.ear.heard(), [], "nobody listened again");
    assert_eq!(world.listeners.told(&line), told, "nothing is told twice");

    // Nor is one that can be asked given up because a job of its was delivered too often.
    let (world, lecture, _) = validated().await;
    ingest(&world).await;
    world.ingesting().give_up(&lecture.id, late).await.unwrap();
    assert_eq!(found(&world).await.state, LectureState::Ready);
}

#[tokio::test]
async fn after_a_crash_it_goes_on_at_the_last_finished_window() {
    let (world, _, line) = validated().await;
    world.ear.behave([Manner::Well, Manner::Well, Manner::Hangs]);
    let working = tokio::spawn({
        // With the patience of a real deployment, so that the power goes before it runs out.
        let mut ingesting = world.ingesting();
        ingesting.patience = synapscribe_usecases::patience::Patience::default();
        async move { ingesting.ingest(&lecture_id("tides")).await }
    });
    let two = |notice: &Notice| matches!(notice, Notice::LectureProgress(l) if l.state == LectureState::Transcribing { done: 2, total: 3 });
    world.listeners.hear(&line, two).await;
    working.abort();
    assert!(working.await.is_err_and(|end| end.is_cancelled()));
    let before = words(&world).await;
    assert_eq!(before.len(), 2, "what was finished is stored");

    let ear = Arc::new(Ear::default());
    ear.expect("The end.");
    let mut ingesting = world.ingesting();
    ingesting.transcriber = ear.clone();
    ingesting.ingest(&lecture_id("tides")).await.unwrap();
    assert_eq!(ear.heard().len(), 1, "only what was missing is recognised");
    assert_eq!(words(&world).await, [before, vec!["The end.".into()]].concat());
    assert_eq!(found(&world).await.state, LectureState::Ready);
}

#[tokio::test]
async fn a_stretch_that_cannot_be_recognised_is_skipped_and_reported() {
    let (world, _, _) = validated().await;
    // The second stretch fails, and fails again when it is tried once more.
    world.ear.behave([Manner::Well, Manner::Fails, Manner::Fails, Manner::Well]);
    ingest(&world).await;
    assert_eq!(found(&world).await.state, LectureState::Ready);
    let report = report(&world).await;
    assert_eq!(report.skipped.len(), 1, "{report:?}");
    assert!(report.skipped[0].0.from.0.abs_diff(23_000) < 300 && report.skipped[0].1.contains("broke down"), "{report:?}");
    assert_eq!(words(&world).await.len(), 2);
}

#[tokio::test]
async fn captions_are_taken_instead_of_listening() {
    let (world, lecture, _) = validated().await;
    world.put(&lecture.key.beside("vtt"), CAPTIONS).await;
    ingest(&world).await;
    assert_eq!(world.ear.heard(), [], "nobody listened");
    assert_eq!(words(&world).await, ["The moon pulls.", "The sun pulls too."]);
    assert_eq!(report(&world).await.source, TranscriptSource::Captions);
}

#[tokio::test]
async fn captions_of_another_recording_are_not_used_and_the_report_says_why() {
    let (world, lecture, _) = validated().await;
    world.put(&lecture.key.beside("srt"), "1\n00:59:00,000 --> 00:59:10,000\nFrom elsewhere.\n").await;
    ingest(&world).await;
    let report = report(&world).await;
    assert_eq!((report.source, world.ear.heard().len()), (TranscriptSource::Recognised, 3));
    assert!(report.refused_captions.is_some_and(|why| why.contains("another recording")));
}

#[tokio::test]
async fn captions_that_come_late_replace_what_was_recognised() {
    let (world, lecture, _) = validated().await;
    ingest(&world).await;
    let key = lecture.key.beside("vtt");
    world.put(&key, CAPTIONS).await;
    let event = ObjectCreated { key, bytes: 99, sequencer: "1".into() };
    for _ in 0..2 {
        world.validating().object_created(&event).await.unwrap();
    }
    assert_eq!(world.jobs.all(), [Job::IngestLecture { lecture: lecture.id }]);
    ingest(&world).await;
    assert_eq!(words(&world).await, ["The moon pulls.", "The sun pulls too."]);
    assert_eq!(report(&world).await.source, TranscriptSource::Captions);
    // Better ones come, of the other kind.
    let key = lecture.key.beside("srt");
    world.put(&key, "1\n00:00:00,000 --> 00:01:00,000\nBoth of them pull.\n").await;
    world.validating().object_created(&ObjectCreated { key, bytes: 99, sequencer: "1".into() }).await.unwrap();
    ingest(&world).await;
    assert_eq!(words(&world).await, ["Both of them pull."]);
}

#[tokio::test]
async fn captions_that_come_before_their_recording_wait_for_it() {
    let world = World::new();
    let lecture = world.lecture("tides", "ada", LectureState::Uploading, &[]).await;
    let key = lecture.key.beside("vtt");
    world.put(&key, CAPTIONS).await;
    world.validating().object_created(&ObjectCreated { key, bytes: 99, sequencer: "1".into() }).await.unwrap();
    assert_eq!((world.jobs.all(), found(&world).await.state), (vec![], LectureState::Uploading));
}

#[tokio::test]
async fn without_vectors_the_lecture_is_ready_all_the_same_and_the_report_says_so() {
    let (world, lecture, _) = validated().await;
    world.vectors.break_down();
    world.ear.expect("A spring tide is the highest.");
    ingest(&world).await;
    assert_eq!(found(&world).await.state, LectureState::Ready);
    let notes = report(&world).await.notes;
    assert!(notes.iter().any(|note| note.contains("search by meaning is off")), "{notes:?}");
    let hits = world.library.search(&Scope::of(lecture.id), &["spring".to_owned()], None, 9).await.unwrap();
    assert!(hits.iter().any(|hit| hit.passage.text.contains("spring tide")), "{hits:?}");
}

#[tokio::test]
async fn a_recording_without_sound_without_words_or_without_its_file_fails_with_a_reason() {
    let (world, lecture, line) = validated().await;
    world.put(&lecture.key, recording(&[(66.0, false)])).await;
    ingest(&world).await;
    fails(&world, &line, Code::AudioSilent).await;

    let (world, _, line) = validated().await;
    for _ in 0..3 {
        world.ear.expect("");
    }
    ingest(&world).await;
    fails(&world, &line, Code::NothingHeard).await;

    let (world, lecture, line) = validated().await;
    world.objects.delete(&lecture.key).await.unwrap();
    ingest(&world).await;
    fails(&world, &line, Code::AudioCorrupt).await;

    let (world, lecture, line) = validated().await;
    world.put(&lecture.key, recording(&[(20.0, true)])).await;
    ingest(&world).await;
    fails(&world, &line, Code::AudioCorrupt).await;
}

async fn fails(world: &World, line: &ConnectionId, code: Code) {
    let LectureState::Failed { failure } = found(world).await.state else { panic!("{code:?} was taken") };
    assert_eq!(failure.code, code, "{failure}");
    let told =
        tokio::time::timeout(Duration::from_secs(5), world.listeners.hear(line, |n| matches!(n, Notice::LectureFailed(_))));
    told.await.expect("its owner is told");
}

#[tokio::test]
async fn a_lecture_deleted_before_its_turn_is_no_error() {
    let (world, lecture, _) = validated().await;
    world.library.delete_lecture(&lecture.id).await.unwrap();
    ingest(&world).await;
    assert_eq!(world.ear.heard(), []);
}
