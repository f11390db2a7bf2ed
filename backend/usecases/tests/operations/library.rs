//! Reading, deleting and ending: one's own things, and nobody else's.

use synapscribe_domain::session::{RETENTION_MS, Retention};
use synapscribe_domain::{
    Failure, Lecture, LectureState, Millis, ObjectKey, Phrase, QueryId, Question, SessionState, Span, TurnEvent, TurnMachine,
    Visibility,
};
use synapscribe_ports::{Library, Notice, Objects, Sessions};
use synapscribe_usecases::editing::Correction;
use synapscribe_usecases::housekeeping::Swept;

use crate::world::{World, lecture_id, person, session_id};

/// Ada's private lecture with its recording, her session about it with one turn, and the turn's sound.
async fn home() -> (World, Lecture) {
    let world = World::new();
    let lecture = world.lecture("tides", "ada", LectureState::Ready, &["The moon pulls."]).await;
    world.put(&lecture.key, "a recording").await;
    world.put(&lecture.key.beside("vtt"), "its captions").await;
    let session = world.session("s", "ada", &lecture.id).await;
    let query = query("q1");
    let mut machine =
        TurnMachine::begin(query.clone(), session.id, lecture.id.clone(), world.now(), None, &Question::Text("why?".into()));
    machine.apply(TurnEvent::Cancel, 1).unwrap();
    world.sessions.save_turn(machine.turn()).await.unwrap();
    world.put(&ObjectKey::query(&person("ada"), &query, "webm"), "a question").await;
    world.put(&ObjectKey::response(&person("ada"), &query, "wav"), "an answer").await;
    (world, lecture)
}

fn query(name: &str) -> QueryId {
    QueryId::parse(name).unwrap()
}

#[tokio::test]
async fn other_peoples_things_answer_as_things_that_do_not_exist() {
    let (world, lecture) = home().await;
    let (reading, ending) = (world.reading(), world.ending());
    let (eve, none, nowhere) = (person("eve"), lecture_id("none"), session_id("nowhere"));
    let (theirs, session) = (&lecture.id, session_id("s"));
    let pairs: Vec<(&str, Option<Failure>, Option<Failure>)> = vec![
        ("lecture", reading.lecture(&eve, theirs).await.err(), reading.lecture(&eve, &none).await.err()),
        ("transcript", reading.transcript(&eve, theirs).await.err(), reading.transcript(&eve, &none).await.err()),
        ("report", reading.report(&eve, theirs).await.err(), reading.report(&eve, &none).await.err()),
        ("recording", reading.recording_url(&eve, theirs).await.err(), reading.recording_url(&eve, &none).await.err()),
        ("answer", reading.answer_url(&eve, &query("q1")).await.err(), reading.answer_url(&eve, &query("q9")).await.err()),
        ("deletion", reading.delete_lecture(&eve, theirs).await.err(), reading.delete_lecture(&eve, &none).await.err()),
        ("session", reading.session(&eve, &session).await.err(), reading.session(&eve, &nowhere).await.err()),
        ("its deletion", reading.delete_session(&eve, &session).await.err(), reading.delete_session(&eve, &nowhere).await.err()),
        ("its end", ending.end(&eve, &session).await.err(), ending.end(&eve, &nowhere).await.err()),
    ];
    for (what, foreign, missing) in pairs {
        assert!(foreign.is_some(), "{what} of somebody else was given");
        assert_eq!(foreign, missing, "{what}: the two can be told apart");
    }
    assert_eq!(reading.lectures(&eve).await.unwrap(), []);
    assert_eq!(reading.sessions(&eve, None).await.unwrap(), []);
    // Nothing of it had an effect.
    assert_eq!(reading.lectures(&person("ada")).await.unwrap(), [lecture]);
    assert_eq!(reading.session(&person("ada"), &session).await.unwrap().0.state, SessionState::Open);
}

#[tokio::test]
async fn ones_own_things_can_be_read() {
    let (world, lecture) = home().await;
    let (reading, ada) = (world.reading(), person("ada"));
    assert_eq!(reading.lecture(&ada, &lecture.id).await.unwrap(), lecture);
    assert!(reading.recording_url(&ada, &lecture.id).await.unwrap().contains("lectures/ada/tides/talk.wav"));
    assert!(reading.answer_url(&ada, &query("q1")).await.unwrap().contains("responses/ada/q1.wav"));
    assert!(reading.answer_url(&ada, &query("q2")).await.is_err(), "an answer that was not spoken has no address");
    assert_eq!(reading.session(&ada, &session_id("s")).await.unwrap().1.len(), 1);
    assert_eq!(reading.sessions(&ada, Some(&lecture_id("other").into())).await.unwrap(), []);
}

#[tokio::test]
async fn a_public_lecture_can_be_read_by_all_and_deleted_by_its_owner_alone() {
    let (world, lecture) = home().await;
    world.library.change_lecture(&lecture.id, &|lecture| lecture.visibility = Visibility::Public).await.unwrap();
    let reading = world.reading();
    assert!(reading.lecture(&person("eve"), &lecture.id).await.is_ok());
    assert!(reading.delete_lecture(&person("eve"), &lecture.id).await.is_err());
    assert!(reading.delete_lecture(&person("ada"), &lecture.id).await.is_ok());
}

#[tokio::test]
async fn every_open_face_of_its_owner_is_told_what_was_changed_and_nobody_else() {
    let (world, lecture) = home().await;
    let phrase = Phrase::trusted(Span::new(Millis(0), Millis(900)), "The goon pulls.");
    world.library.plan_windows(&lecture.id, &[phrase.span]).await.unwrap();
    world.library.finish_window(&lecture.id, 0, &[phrase], None).await.unwrap();
    let (desk, phone, eve) =
        (world.connect("c1", "ada").await, world.connect("c2", "ada").await, world.connect("c3", "eve").await);
    let (editing, ada) = (world.editing(), person("ada"));
    let wrong = Correction { from: Millis(0), expected: "Other words.".into(), text: "x".into() };
    editing.correct(&ada, &lecture.id, &wrong).await.unwrap_err();
    let right = Correction { expected: "The goon pulls.".into(), text: "The moon pulls.".into(), ..wrong };
    editing.correct(&ada, &lecture.id, &right).await.unwrap();
    let renamed = editing.rename_lecture(&ada, &lecture.id, "Ebb and flow").await.unwrap();
    world.reading().delete_lecture(&ada, &lecture.id).await.unwrap();
    let told = [
        Notice::LectureCorrected(lecture.id.clone()),
        Notice::LectureRenamed(Box::new(renamed)),
        Notice::LectureDeleted(lecture.id),
    ];
    assert_eq!(world.listeners.told(&desk), told);
    assert_eq!(world.listeners.told(&phone), told);
    assert_eq!(world.listeners.told(&eve), [], "it is nobody else's business");
}

#[tokio::test]
async fn of_a_public_lecture_everybody_is_told() {
    let (world, lecture) = home().await;
    world.library.change_lecture(&lecture.id, &|lecture| lecture.visibility = Visibility::Public).await.unwrap();
    let eve = world.connect("c3", "eve").await;
    world.reading().delete_lecture(&person("ada"), &lecture.id).await.unwrap();
    assert_eq!(world.listeners.told(&eve), [Notice::LectureDeleted(lecture.id)]);
}

#[tokio::test]
async fn a_deleted_lecture_takes_everything_made_from_it_along_and_nothing_else() {
    let (world, lecture) = home().await;
    // A name that begins alike must not be mistaken for it.
    let other = world.lecture("tides-2", "ada", LectureState::Ready, &["Another one."]).await;
    world.put(&other.key, "another recording").await;
    world.session("s2", "ada", &other.id).await;
    world.reading().delete_lecture(&person("ada"), &lecture.id).await.unwrap();
    assert_eq!(world.objects.keys(), [other.key], "no sound of it is left");
    assert_eq!(world.library.passages(&(&lecture.id).into()).await.unwrap(), []);
    assert!(world.sessions.session(&session_id("s"), world.now()).await.unwrap().is_none());
    assert!(world.sessions.session(&session_id("s2"), world.now()).await.unwrap().is_some());
    assert!(world.reading().lecture(&person("ada"), &other.id).await.is_ok());
    assert!(world.reading().delete_lecture(&person("ada"), &lecture.id).await.is_err(), "what is gone is not found");
}

#[tokio::test]
async fn a_deleted_session_takes_its_questions_and_answers_along() {
    let (world, lecture) = home().await;
    let spoken = |name: &str, kind: &str| ObjectKey::query(&person("ada"), &query(name), kind);
    for kind in ["aac", "opus", "wav", "bin"] {
        world.put(&spoken("q1", kind), "a question").await;
    }
    // Names that begin alike are other questions.
    let others = [spoken("q1.2", "wav"), spoken("q11", "wav")];
    for other in &others {
        world.put(other, "another session's question").await;
    }
    world.reading().delete_session(&person("ada"), &session_id("s")).await.unwrap();
    let [dotted, longer] = others;
    assert_eq!(world.objects.keys(), [lecture.key.beside("vtt"), lecture.key, dotted, longer]);
    assert!(world.turns("s").await.is_empty());
}

#[tokio::test]
async fn a_session_may_be_ended_twice_and_can_be_read_afterwards() {
    let (world, _) = home().await;
    for _ in 0..2 {
        world.ending().end(&person("ada"), &session_id("s")).await.unwrap();
    }
    let (session, turns) = world.reading().session(&person("ada"), &session_id("s")).await.unwrap();
    assert_eq!((session.state, turns.len()), (SessionState::Ended, 1));
}

#[tokio::test]
async fn the_sweep_removes_what_is_seven_days_old_and_nothing_younger() {
    let (world, lecture) = home().await;
    world.clock.pass(RETENTION_MS - 10);
    let young = ObjectKey::query(&person("ada"), &query("q2"), "wav");
    world.put(&young, "a later question").await;
    assert_eq!(world.keeping().sweep(Retention::WEEK).await.unwrap(), Swept::default());
    world.clock.pass(10);
    assert_eq!(world.keeping().sweep(Retention::WEEK).await.unwrap(), Swept { sessions: 1, objects: 2, ..Swept::default() });
    assert_eq!(
        world.objects.list("").await.unwrap().into_iter().map(|o| o.key).collect::<Vec<_>>(),
        [lecture.key.beside("vtt"), lecture.key, young]
    );
}
