//! What failed for good: who hears the names, and for how long it is told.

use synapscribe_domain::{ConnectionId, LectureState, ObjectKey, QueryId, Question, SessionId};
use synapscribe_ports::{AnswerOrder, Job, Jobs, Library, ObjectCreated};
use synapscribe_usecases::complaints::{Complaints, Whom};

use crate::world::{World, lecture_id, person};

const DAY_MS: i64 = 24 * 3_600_000;

fn complaints(world: &World) -> Complaints {
    Complaints { jobs: world.jobs.clone(), library: world.library.clone(), clock: world.clock.clone() }
}

async fn fail(world: &World, key: &str, job: Job) {
    world.jobs.enqueue(key, &job, world.now()).await.unwrap();
    let leased = world.jobs.lease(job.lane(), world.now(), world.now().plus(1)).await.unwrap().unwrap();
    world.jobs.bury(leased.id, "the engine is away").await.unwrap();
}

fn ingest(lecture: &str) -> Job {
    Job::IngestLecture { lecture: lecture_id(lecture) }
}

fn question(about: &str) -> Job {
    Job::Answer(AnswerOrder {
        person: person("ada"),
        connection: ConnectionId::parse("c").unwrap(),
        query: QueryId::parse("q").unwrap(),
        session: SessionId::parse("s").unwrap(),
        about: lecture_id(about).into(),
        question: Question::Text("why?".into()),
        playhead: None,
        page: None,
        speech: None,
        trace: None,
        here_only: false,
    })
}

#[tokio::test]
async fn the_operator_hears_what_failed_with_its_remedy_and_strangers_hear_how_much() {
    let world = World::new();
    world.lecture("failed", "ada", LectureState::Validating, &[]).await;
    world.lecture("mended", "ada", LectureState::Ready, &[]).await;
    for lecture in ["failed", "mended", "deleted"] {
        fail(&world, lecture, ingest(lecture)).await;
    }
    // The same lecture once more, by another job.
    let key = ObjectKey::lecture(&person("ada"), &lecture_id("failed"), "a.mp3");
    fail(&world, "arrival", Job::ObjectCreated(ObjectCreated { key, bytes: 1, sequencer: "1".into() })).await;
    fail(&world, "question", question("mended")).await;

    assert_eq!(
        complaints(&world).told(Whom::Operator).await.unwrap(),
        [
            "the lecture failed could not be prepared: the engine is away; delete it and upload it again",
            "a question about the lecture mended could not be answered: the engine is away; ask it again",
        ]
    );
    let strangers = complaints(&world).told(Whom::Stranger).await.unwrap();
    assert_eq!(
        strangers,
        [
            "1 lecture could not be prepared; whoever runs the server can see why",
            "1 question could not be answered; whoever runs the server can see why",
        ]
    );

    world.clock.pass(DAY_MS + 1);
    assert_eq!(complaints(&world).told(Whom::Stranger).await.unwrap().len(), 1, "an old question is not told of any more");
    world.library.change_lecture(&lecture_id("failed"), &|lecture| lecture.state = LectureState::Ready).await.unwrap();
    assert_eq!(complaints(&world).told(Whom::Operator).await.unwrap(), [] as [String; 0], "what was put right is over");
}

#[tokio::test]
async fn when_very_much_failed_the_first_few_are_named_and_the_rest_counted() {
    let world = World::new();
    for n in 0..8 {
        let name = format!("l{n}");
        world.lecture(&name, "ada", LectureState::Validating, &[]).await;
        fail(&world, &name, ingest(&name)).await;
    }
    let told = complaints(&world).told(Whom::Operator).await.unwrap();
    assert_eq!((told.len(), told[5].as_str()), (6, "3 more failed; they are told of when these are put right"));
    let counted = complaints(&world).told(Whom::Stranger).await.unwrap();
    assert!(counted.len() == 1 && counted[0].starts_with("8 lectures could not"), "{counted:?}");
}
