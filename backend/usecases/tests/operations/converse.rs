//! Questions within a session: taken once, answered to wherever the person is, kept as they were sent.

use std::sync::Arc;
use std::time::Duration;

use synapscribe_domain::account::WrittenCode;
use synapscribe_domain::{
    About, Class, ClassId, Code, Failure, LectureState, Member, MemberId, Millis, ObjectKey, Question, Session, Timestamp,
    TurnState, Usage,
};
use synapscribe_ports::fakes::Act;
use synapscribe_ports::{AgentEvent, AnswerOrder, Classes, Exchange, Job, Jobs, Notice, Objects, Speech, SpokenWord, Summary};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::scene::{Scene, citation, done, id, spoke, whole, wrote};
use crate::world::{lecture_id, person, session_id};

#[tokio::test]
async fn a_question_is_in_the_queue_before_it_is_acknowledged_and_only_once() {
    let scene = Scene::new().await;
    let order = scene.order("q1");
    scene.accept(&order).await;
    scene.accept(&order).await;
    assert_eq!(scene.world.jobs.all(), [Job::Answer(order)]);
    let taken = Notice::QueryAccepted { query: id("q1"), session: session_id("s") };
    assert_eq!(scene.told(), [taken.clone(), taken], "asking twice is acknowledged twice");
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_and_leaves_nothing_behind() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let broken = Failure::new(Code::AudioSilent, "the recording is silent");
    world.lecture("early", "ada", LectureState::Indexing, &[]).await;
    world.lecture("broken", "ada", LectureState::Failed { failure: broken }, &[]).await;
    world.lecture("hers", "bob", LectureState::Ready, &[]).await;
    world.session("other", "ada", &lecture_id("early")).await;
    let order = || scene.order("q1");
    let spoken = |key: &str| Question::Spoken(ObjectKey::parse(key).unwrap());
    for (what, order, code) in [
        ("no words", AnswerOrder { question: Question::Text(" \n".into()), ..order() }, Code::BadMessage),
        ("a book", AnswerOrder { question: Question::Text("why? ".repeat(500)), ..order() }, Code::BadMessage),
        ("no lecture", AnswerOrder { about: lecture_id("none").into(), ..order() }, Code::NotFound),
        ("somebody's lecture", AnswerOrder { about: lecture_id("hers").into(), ..order() }, Code::NotFound),
        ("an early lecture", AnswerOrder { about: lecture_id("early").into(), ..order() }, Code::LectureNotReady),
        ("a broken lecture", AnswerOrder { about: lecture_id("broken").into(), ..order() }, Code::AudioSilent),
        ("another lecture's session", AnswerOrder { session: session_id("other"), ..order() }, Code::NotFound),
        ("somebody's recording", AnswerOrder { question: spoken("queries/bob/q1.wav"), ..order() }, Code::NotFound),
        ("a lecture as a question", AnswerOrder { question: spoken("lectures/ada/tides/talk.wav"), ..order() }, Code::NotFound),
    ] {
        let refused = scene.conversing().accept(order).await.expect_err(what);
        assert_eq!(refused.code, code, "{what}: {refused}");
        assert!(refused.message.len() > 10, "{what} is refused without a sentence");
    }
    assert_eq!(world.jobs.all(), []);
    assert_eq!(scene.told(), []);
}

#[tokio::test]
async fn what_is_another_s_is_refused_in_the_words_for_what_does_not_exist() {
    let scene = Scene::new().await;
    let (world, broken) = (&scene.world, Failure::new(Code::AudioSilent, "the recording is silent"));
    let states =
        [("ready", LectureState::Ready), ("early", LectureState::Indexing), ("broken", LectureState::Failed { failure: broken })];
    for (name, state) in states.clone() {
        world.lecture(name, "bob", state, &[]).await;
    }
    world.session("bobs", "bob", &lecture_id("ready")).await;
    let ask = async |name: &str| {
        let order = AnswerOrder { about: lecture_id(name).into(), ..scene.order("q1") };
        scene.conversing().accept(order).await.unwrap_err()
    };
    let none = ask("none").await;
    for (name, _) in states {
        assert_eq!(ask(name).await, none, "{name}");
    }
    let end = async |name: &str| world.ending().end(&person("ada"), &session_id(name)).await.unwrap_err();
    assert_eq!(end("bobs").await, end("none").await);
}

#[tokio::test]
async fn whether_it_can_be_asked_in_a_session_is_told_before_anything_is_asked() {
    let scene = Scene::new().await;
    let (world, ada, tides) = (&scene.world, person("ada"), lecture_id("tides"));
    let waves = world.lecture("waves", "ada", LectureState::Ready, &[]).await.id;
    world.session("s", "ada", &tides).await;
    world.session("ended", "ada", &tides).await;
    world.ending().end(&ada, &session_id("ended")).await.unwrap();
    world.session("bobs", "bob", &waves).await;
    let long = "x".repeat(200);
    world.session(&long, "bob", &tides).await;
    for (name, about, code) in [
        ("s", &tides, None),
        ("new", &tides, None),
        ("bobs", &tides, None),
        ("s", &waves, Some(Code::NotFound)),
        ("ended", &tides, Some(Code::SessionEnded)),
        (long.as_str(), &tides, Some(Code::Conflict)),
        ("new", &lecture_id("none"), Some(Code::NotFound)),
    ] {
        let about = About::from(about.clone());
        let told = scene.conversing().may_ask_in(&ada, &session_id(name), &about).await.err();
        let order = AnswerOrder { session: session_id(name), about, ..scene.order(&format!("in-{name:.9}")) };
        let refused = scene.conversing().accept(order).await.err();
        assert_eq!(told.as_ref().map(|failure| failure.code), code, "{name}: {told:?}");
        assert_eq!(told, refused, "{name}: a question there is answered otherwise");
    }
}

#[tokio::test]
async fn a_name_that_somebody_elses_session_has_begins_one_of_ones_own() {
    let scene = Scene::new().await;
    let (world, ada) = (&scene.world, person("ada"));
    let bobs = world.session("s", "bob", &lecture_id("tides")).await;
    scene.accept(&scene.order("q1")).await;
    let Some(Job::Answer(order)) = world.jobs.all().pop() else { panic!("it is not in the queue") };
    world.agent.play(whole());
    scene.conversing().answer(&order).await.unwrap();
    let told = scene.told();
    assert_eq!(told[0], Notice::QueryAccepted { query: id("q1"), session: session_id("s") });
    assert!(matches!(told.last(), Some(Notice::AnswerDone(turn)) if turn.session == session_id("s")), "{told:?}");

    // By its name it is listed, read, asked in, given a title, ended and deleted, and the other one stays as it was.
    let reading = world.reading();
    assert_eq!(reading.sessions(&ada, None).await.unwrap()[0].session.id, session_id("s"));
    let (session, turns) = reading.session(&ada, &session_id("s")).await.unwrap();
    assert_eq!((session.id, session.owner, turns.len()), (session_id("s"), ada.clone(), 1));
    scene.accept(&scene.order("q2")).await;
    assert_eq!(reading.sessions(&ada, None).await.unwrap().len(), 1, "it goes on where it was");
    assert_eq!(scene.conversing().about(&ada, &session_id("s")).await.unwrap(), About::from(lecture_id("tides")));
    let renamed = world.editing().rename_session(&ada, &session_id("s"), "Mine").await.unwrap().session;
    assert_eq!((renamed.id, renamed.title.as_deref()), (session_id("s"), Some("Mine")));
    world.ending().end(&ada, &session_id("s")).await.unwrap();
    assert_eq!(reading.session(&person("bob"), &session_id("s")).await.unwrap(), (bobs.clone(), vec![]));
    // What was begun beside another one is found when the other one is gone, too.
    reading.delete_session(&person("bob"), &session_id("s")).await.unwrap();
    assert_eq!(reading.session(&ada, &session_id("s")).await.unwrap().0.title.as_deref(), Some("Mine"));
    reading.delete_session(&ada, &session_id("s")).await.unwrap();
    assert_eq!(reading.sessions(&ada, None).await.unwrap(), []);
}

#[tokio::test]
async fn a_first_question_that_another_one_overtakes_goes_on_in_the_session_that_there_is() {
    let overtaken = async |by: &str| {
        let scene = Scene::new().await;
        let first = Session::begin(session_id("s"), person(by), lecture_id("tides"), scene.world.now());
        scene.world.sessions.begin_sooner(first);
        scene.accept(&scene.order("q1")).await;
        let told = [Notice::QueryAccepted { query: id("q1"), session: session_id("s") }];
        assert_eq!((scene.told().as_slice(), scene.world.jobs.all().len()), (told.as_slice(), 1), "{by}");
        let sessions = scene.world.reading().sessions(&person("ada"), None).await.unwrap();
        assert_eq!(sessions.iter().map(|summary| summary.session.id.clone()).collect::<Vec<_>>(), [session_id("s")], "{by}");
    };
    overtaken("ada").await;
    overtaken("bob").await;
}

#[tokio::test]
async fn a_name_too_long_to_stand_beside_another_is_refused() {
    let scene = Scene::new().await;
    let long = "x".repeat(200);
    scene.world.session(&long, "bob", &lecture_id("tides")).await;
    let refused = scene.conversing().accept(AnswerOrder { session: session_id(&long), ..scene.order("q1") }).await.unwrap_err();
    assert_eq!((refused.code, refused.message.contains("choose another")), (Code::Conflict, true), "{refused}");
}

#[tokio::test]
async fn whoever_is_in_a_class_asks_what_it_is_shown() {
    let scene = Scene::new().await;
    let library = &scene.world.library;
    let hers = scene.world.lecture("hers", "bob", LectureState::Ready, &[]).await;
    let id = ClassId::parse("calculus").unwrap();
    let (name, code, created) = ("Calculus".into(), WrittenCode::of([7; 8]), Timestamp(1));
    library.add_class(&Class { id: id.clone(), teacher: person("bob"), name, code, created }).await.unwrap();
    let member = MemberId::parse("m").unwrap();
    let ada = Member { id: member.clone(), person: person("ada"), name: None, joined: Timestamp(1) };
    library.join_class(&id, &ada, 9).await.unwrap();
    library.show(&id, &(&hers.id).into(), Timestamp(1)).await.unwrap();
    let order = |session| AnswerOrder { about: hers.id.clone().into(), session: session_id(session), ..scene.order("q1") };
    scene.conversing().accept(order("new")).await.unwrap();
    library.end_membership(&id, &member).await.unwrap();
    let refused = scene.conversing().accept(AnswerOrder { query: crate::scene::id("q2"), ..order("newer") }).await.unwrap_err();
    assert_eq!(refused.code, Code::NotFound, "and nobody who is not");
}

#[tokio::test]
async fn an_answer_is_passed_on_in_order_and_kept_with_its_sound() {
    let scene = Scene::new().await;
    scene.ask("q1", whole()).await;
    let query = || id("q1");
    let key = ObjectKey::parse("responses/ada/q1.wav").unwrap();
    let turn = scene.world.turns("s").await.pop().unwrap();
    let audio =
        |index, samples| Notice::Audio { query: query(), index, speech: Speech { rate: 16_000, samples: vec![0.1; samples] } };
    let expected = [
        Notice::QueryAccepted { query: query(), session: session_id("s") },
        Notice::AnswerText(query(), "The moon ".into()),
        Notice::AnswerText(query(), "pulls.".into()),
        Notice::Cited(query(), citation()),
        audio(0, 1_600),
        audio(1, 800),
        Notice::AudioComplete { query: query(), chunks: 2, length: Millis(150), key: Some(key.clone()) },
        Notice::AnswerDone(Box::new(turn.clone())),
    ];
    assert_eq!(scene.told(), expected);
    assert_eq!((turn.answer.as_str(), turn.spoken, turn.state), ("The moon pulls.", Millis(150), TurnState::Done));
    assert_eq!((turn.citations, turn.generated, turn.found), (vec![citation()], true, true));
    assert_eq!(scene.world.objects.head(&key).await.unwrap().unwrap().bytes, 44 + 2 * 2_400, "the whole sound is kept");
}

#[tokio::test]
async fn an_answered_question_is_told_again_and_not_answered_again() {
    let scene = Scene::new().await;
    scene.ask("q1", whole()).await;
    let before = scene.told().len();
    // The queue may deliver the job a second time, and the client may ask a second time.
    scene.conversing().answer(&scene.order("q1")).await.unwrap();
    let told = scene.told().split_off(before);
    assert!(
        matches!(&told[..], [Notice::QueryText(..), Notice::AnswerText(_, text), Notice::Cited(..), Notice::AnswerDone(_)]
        if text == "The moon pulls."),
        "{told:?}"
    );
    let jobs = scene.world.jobs.all().len();
    scene.accept(&scene.order("q1")).await;
    let again = scene.told().split_off(before + told.len());
    assert!(matches!(again[0], Notice::QueryAccepted { .. }), "{again:?}");
    assert_eq!(again[1..], told);
    assert_eq!(scene.world.jobs.all().len(), jobs, "it is not work any more");
    assert_eq!(scene.world.agent.requests().len(), 1, "nobody was asked twice");
}

#[tokio::test]
async fn a_question_that_failed_in_passing_is_answered_when_it_is_asked_again() {
    let scene = Scene::new().await;
    let slow = Failure::new(Code::EngineTimeout, "the engine was slow");
    scene.ask("q1", vec![AgentEvent::Retrieved, wrote("The "), AgentEvent::Failed(slow.clone())]).await;
    assert_eq!(scene.told().last(), Some(&Notice::Failed(Some(id("q1")), slow.clone())));
    let kept = scene.world.turns("s").await.pop().unwrap();
    assert_eq!((kept.answer.as_str(), kept.state, kept.failure), ("The ", TurnState::Failed, Some(slow)));

    let before = scene.told().len();
    scene.ask("q1", whole()).await;
    let told = scene.told().split_off(before);
    assert!(told.contains(&Notice::AnswerRestarted(id("q1"))), "what was shown of it is void: {told:?}");
    assert!(matches!(told.last(), Some(Notice::AnswerDone(turn)) if turn.answer == "The moon pulls."), "{told:?}");

    let hopeless = Failure::new(Code::NotFound, "there is no such recording");
    scene.ask("q2", vec![AgentEvent::Failed(hopeless)]).await;
    scene.accept(&scene.order("q2")).await;
    assert_eq!(scene.world.agent.requests().len(), 3, "what will fail again is not tried again");
    assert!(matches!(scene.told().last(), Some(Notice::Failed(Some(_), failure)) if failure.code == Code::NotFound));
}

#[tokio::test]
async fn a_question_asked_again_before_its_failed_answer_left_the_queue_is_answered() {
    let scene = Scene::new().await;
    let order = scene.order("q1");
    scene.accept(&order).await;
    let failing = scene.lease().await;
    scene.world.agent.play(vec![AgentEvent::Failed(Failure::new(Code::EngineTimeout, "the engine was slow"))]);
    scene.conversing().answer(&order).await.unwrap();
    scene.accept(&order).await;
    scene.world.jobs.complete(failing).await.unwrap();
    scene.lease().await;
    scene.world.agent.play(whole());
    scene.conversing().answer(&order).await.unwrap();
    assert!(matches!(scene.told().last(), Some(Notice::AnswerDone(turn)) if turn.answer == "The moon pulls."));
}

#[tokio::test]
async fn after_a_crash_the_answer_begins_again_and_says_so() {
    let scene = Scene::new().await;
    let order = scene.order("q1");
    scene.accept(&order).await;
    scene.world.agent.play(vec![AgentEvent::Retrieved, wrote("The moon "), AgentEvent::Cited(citation())]);
    let answering = tokio::spawn({
        let (conversing, order) = (scene.conversing(), order.clone());
        async move { conversing.answer(&order).await }
    });
    scene.world.listeners.hear(&scene.line, |notice| matches!(notice, Notice::Cited(..))).await;
    answering.abort();
    assert!(answering.await.is_err_and(|end| end.is_cancelled()), "the power went");
    let kept = scene.world.turns("s").await.pop().unwrap();
    assert_eq!((kept.answer.as_str(), kept.state), ("The moon ", TurnState::Answering), "what was sent survived");

    let before = scene.told().len();
    scene.world.agent.play(whole());
    scene.conversing().answer(&order).await.unwrap();
    let told = scene.told().split_off(before);
    assert_eq!(told.first(), Some(&Notice::AnswerRestarted(id("q1"))));
    assert_eq!(scene.world.turns("s").await.pop().unwrap().answer, "The moon pulls.", "nothing is doubled");
}

/// An answer in three pieces, the second of two stretches; stretches are told apart by how loud they are.
fn aloud(second: &str, loud: [f32; 2]) -> Vec<AgentEvent> {
    let piece = |words: &str| AgentEvent::Piece(words.to_owned());
    let stretch = |loud: f32| AgentEvent::Spoke(Speech { rate: 16_000, samples: vec![loud; 160] });
    vec![
        AgentEvent::Retrieved,
        wrote(&format!("The moon pulls. {second} ")),
        piece("The moon pulls."),
        stretch(0.1),
        piece(second),
        stretch(loud[0]),
        stretch(loud[1]),
        wrote("That is all."),
        AgentEvent::Written,
        piece("That is all."),
        stretch(0.4),
        done(),
    ]
}

/// The numbers of the stretches that were told.
fn numbers(told: &[Notice]) -> Vec<u32> {
    told.iter().filter_map(|notice| if let Notice::Audio { index, .. } = notice { Some(*index) } else { None }).collect()
}

/// How loud the stretches are that are heard: one that comes again under its number is passed over.
fn heard(told: &[Notice]) -> Vec<f32> {
    let (mut next, mut heard) = (0, Vec::new());
    for notice in told {
        if let Notice::Audio { index, speech, .. } = notice
            && *index >= next
        {
            next = index + 1;
            heard.push(speech.samples[0]);
        }
    }
    heard
}

/// Accepts a question and begins to answer it by these events, in a process that is killed when it has sent so many stretches.
async fn killed_after(scene: &Scene, stretches: usize, events: Vec<AgentEvent>) -> AnswerOrder {
    let order = scene.order("q1");
    scene.accept(&order).await;
    let mut spoken = events.iter().enumerate().filter(|(_, event)| matches!(event, AgentEvent::Spoke(_)));
    let (last, _) = spoken.nth(stretches - 1).unwrap();
    scene.world.agent.play(events.into_iter().take(last + 1));
    let answering = tokio::spawn({
        let (conversing, order) = (scene.conversing(), order.clone());
        async move { conversing.answer(&order).await }
    });
    let sent = stretches as u32 - 1;
    scene.world.listeners.hear(&scene.line, |notice| matches!(notice, Notice::Audio { index, .. } if *index == sent)).await;
    answering.abort();
    assert!(answering.await.is_err_and(|end| end.is_cancelled()), "the power went");
    order
}

#[tokio::test]
async fn after_a_crash_the_answer_is_spoken_on_where_it_stopped_and_kept_whole() {
    let events = || aloud("The sun, too.", [0.2, 0.3]);
    // The piece that was begun comes again, under the number it had, and none before it.
    for (stretches, first) in [(1, 0), (2, 1), (3, 1), (4, 3)] {
        let scene = Scene::new().await;
        let order = killed_after(&scene, stretches, events()).await;
        let before = scene.told().len();
        scene.world.agent.play(events());
        scene.conversing().answer(&order).await.unwrap();
        let told = scene.told();
        assert_eq!(numbers(&told[before..])[0], first, "killed after {stretches}: {:?}", numbers(&told));
        assert_eq!(heard(&told), [0.1, 0.2, 0.3, 0.4], "killed after {stretches}: {:?}", numbers(&told));
        let end = numbers(&told).pop().unwrap() + 1;
        assert!(
            told.iter()
                .any(|notice| matches!(notice, Notice::AudioComplete { chunks, length, .. } if *chunks == end && length.0 == 40)),
            "{told:?}"
        );
        let key = ObjectKey::parse("responses/ada/q1.wav").unwrap();
        assert_eq!(scene.world.objects.head(&key).await.unwrap().unwrap().bytes, 44 + 2 * 640, "the whole sound is kept");
        let turn = scene.world.turns("s").await.pop().unwrap();
        assert_eq!((turn.spoken, turn.state, turn.aloud.is_empty()), (Millis(40), TurnState::Done, true));
    }
}

#[tokio::test]
async fn an_answer_that_is_worded_otherwise_after_a_crash_is_spoken_from_its_first_other_piece() {
    let scene = Scene::new().await;
    let order = killed_after(&scene, 3, aloud("The sun, too.", [0.2, 0.3])).await;
    let before = scene.told().len();
    let given = numbers(&scene.told());
    scene.world.agent.play(aloud("And so does the sun.", [0.5, 0.6]));
    scene.conversing().answer(&order).await.unwrap();
    let told = scene.told();
    assert!(numbers(&told[before..]).iter().all(|number| !given.contains(number)), "one number has other words: {told:?}");
    assert_eq!(heard(&told), [0.1, 0.2, 0.3, 0.5, 0.6, 0.4], "nothing of the other words is lost");
}

#[tokio::test]
async fn words_are_told_by_their_place_in_the_answer_and_the_stretch_that_they_are_counted_from() {
    let scene = Scene::new().await;
    let word = |at, from, to| SpokenWord { at: Millis(at), from, to };
    let piece = |words: &str| AgentEvent::Piece(words.to_owned());
    let events = vec![
        AgentEvent::Retrieved,
        wrote("Große Flut.  The moon pulls."),
        piece("Große Flut."),
        spoke(160),
        piece("The moon pulls."),
        spoke(160),
        AgentEvent::Words(vec![word(0, 0, 3), word(300, 4, 8)]),
        AgentEvent::Written,
        done(),
    ];
    scene.ask("q1", events).await;
    let words = vec![word(0, 13, 16), word(300, 17, 21)];
    assert!(scene.told().contains(&Notice::Words { query: id("q1"), index: 1, words }), "{:?}", scene.told());
}

/// An answer whose person has gone in the middle of it; it goes on when it is let.
async fn left_in_the_middle(scene: &Scene, order: &AnswerOrder) -> (Arc<Notify>, JoinHandle<Result<(), Failure>>) {
    let goes_on = Arc::new(Notify::new());
    let (first, second) = (whole().into_iter().take(2), whole().into_iter().skip(2));
    let pause = [Act::Await(Arc::clone(&goes_on))];
    scene.world.agent.act(first.map(Act::Event).chain(pause).chain(second.map(Act::Event)));
    let answering = tokio::spawn({
        let (conversing, order) = (scene.conversing(), order.clone());
        async move { conversing.answer(&order).await }
    });
    scene.world.listeners.hear(&scene.line, |notice| matches!(notice, Notice::AnswerText(..))).await;
    scene.world.listeners.leave(&scene.line);
    (goes_on, answering)
}

#[tokio::test]
async fn a_stopped_answer_has_cost_what_was_asked_of_engines_until_then() {
    let spent = |characters_spoken| AgentEvent::Spent(Usage { characters_spoken, ..Usage::default() });
    let usage = Usage { tokens_out: 4, characters_spoken: 12, ..Usage::default() };
    let end = AgentEvent::Done(Summary { generated: true, found: true, usage });
    let stopped = AgentEvent::Failed(Failure::new(Code::Cancelled, "it was stopped"));
    for (last, state, expected) in [
        (vec![stopped], TurnState::Cancelled, Usage { characters_spoken: 12, ..Usage::default() }),
        (vec![AgentEvent::Written, end], TurnState::Done, usage),
    ] {
        let scene = Scene::new().await;
        let begun = vec![AgentEvent::Retrieved, wrote("The moon."), spent(9), spoke(800), spent(3)];
        scene.ask("q1", [begun, last].concat()).await;
        let turn = scene.world.turns("s").await.pop().unwrap();
        assert_eq!((turn.state, turn.usage), (state, expected));
    }
}

#[tokio::test]
async fn an_answer_follows_the_person_to_a_new_connection() {
    let scene = Scene::new().await;
    let order = scene.order("q1");
    scene.accept(&order).await;
    let (back, answering) = left_in_the_middle(&scene, &order).await;
    let new = scene.world.connect("c2", "ada").await;
    back.notify_one();
    answering.await.unwrap().unwrap();
    let told = scene.world.listeners.told(&new);
    assert_eq!(told[0], Notice::AnswerRestarted(id("q1")), "{told:?}");
    assert!(matches!(&told[1], Notice::QueryText(_, words) if words == "What causes the tides?"), "{told:?}");
    let text: String =
        told.iter().filter_map(|n| if let Notice::AnswerText(_, text) = n { Some(text.as_str()) } else { None }).collect();
    assert_eq!(text, "The moon pulls.", "the new connection hears all of it, each word once");
    assert!(matches!(told.last(), Some(Notice::AnswerDone(turn)) if turn.answer == "The moon pulls."), "{told:?}");
}

#[tokio::test]
async fn whoever_does_not_come_back_finds_what_was_sent_and_may_ask_again() {
    let scene = Scene::new().await;
    let order = scene.order("q1");
    scene.accept(&order).await;
    let (goes_on, answering) = left_in_the_middle(&scene, &order).await;
    goes_on.notify_one();
    tokio::time::timeout(Duration::from_secs(10), answering).await.expect("nobody is waited for for ever").unwrap().unwrap();
    let kept = scene.world.turns("s").await.pop().unwrap();
    assert_eq!((kept.answer.as_str(), kept.state), ("The moon ", TurnState::Failed), "only what was sent is kept");
    assert_eq!(scene.world.agent.working(), 0, "the agent was left at work");

    scene.world.listeners.arrive(&scene.line);
    scene.ask("q1", whole()).await;
    assert!(matches!(scene.told().last(), Some(Notice::AnswerDone(turn)) if turn.answer == "The moon pulls."));
}

#[tokio::test]
async fn stopping_keeps_what_was_sent_and_nothing_more() {
    let scene = Scene::new().await;
    let order = scene.order("q1");
    scene.accept(&order).await;
    // Nothing follows the first words until somebody stops it.
    scene.world.agent.play(vec![AgentEvent::Retrieved, wrote("The moon ")]);
    let answering = tokio::spawn({
        let (conversing, order) = (scene.conversing(), order.clone());
        async move { conversing.answer(&order).await }
    });
    scene.world.listeners.hear(&scene.line, |notice| matches!(notice, Notice::AnswerText(..))).await;

    // A stranger who guesses the question's name stops nothing.
    let stranger = scene.world.connect("c9", "eve").await;
    scene.conversing().cancel(&stranger, &person("eve"), &id("q1")).await.unwrap();
    assert_eq!(scene.world.listeners.told(&stranger), [Notice::Cancelled(id("q1"))]);
    assert_eq!(scene.world.agent.working(), 1, "a stranger stopped it");

    scene.conversing().cancel(&scene.line, &person("ada"), &id("q1")).await.unwrap();
    answering.await.unwrap().unwrap();
    let ends = scene.told().into_iter().filter(|notice| *notice == Notice::Cancelled(id("q1"))).count();
    assert_eq!(ends, 1, "it is told once that it was stopped: {:?}", scene.told());
    let kept = scene.world.turns("s").await.pop().unwrap();
    assert_eq!((kept.answer.as_str(), kept.state), ("The moon ", TurnState::Cancelled));
}

#[tokio::test]
async fn a_question_stopped_before_its_answer_began_is_never_answered() {
    let scene = Scene::new().await;
    let order = scene.order("q1");
    scene.accept(&order).await;
    scene.conversing().cancel(&scene.line, &person("ada"), &id("q1")).await.unwrap();
    assert_eq!(scene.told().last(), Some(&Notice::Cancelled(id("q1"))), "whoever stops it need not wait for its turn");
    scene.conversing().answer(&order).await.unwrap();
    let kept = scene.world.turns("s").await.pop().unwrap();
    assert_eq!((kept.answer.as_str(), kept.state), ("", TurnState::Cancelled));
}

#[tokio::test]
async fn an_agent_that_vanishes_or_speaks_out_of_turn_fails_the_question() {
    let scene = Scene::new().await;
    for (n, acts) in [
        vec![Act::Event(AgentEvent::Retrieved), Act::Event(wrote("The ")), Act::Vanish],
        vec![Act::Event(wrote("The moon"))],
        vec![Act::Event(AgentEvent::Retrieved), Act::Event(done())],
        vec![Act::Event(AgentEvent::Retrieved), Act::Event(AgentEvent::Written), Act::Event(wrote("P.S."))],
    ]
    .into_iter()
    .enumerate()
    {
        let order = scene.order(&format!("q{n}"));
        scene.accept(&order).await;
        scene.world.agent.act(acts);
        scene.conversing().answer(&order).await.unwrap();
        assert!(
            matches!(scene.told().last(), Some(Notice::Failed(Some(query), f)) if *query == order.query && f.code == Code::EngineFailed),
            "{n}: {:?}",
            scene.told()
        );
        assert_eq!(scene.world.agent.working(), 0, "{n}: the agent was left at work");
    }
}

#[tokio::test]
async fn a_muted_answer_is_told_without_failing_the_question() {
    let scene = Scene::new().await;
    let broken = Failure::new(Code::EngineTimeout, "the voice hangs");
    let events = vec![AgentEvent::Retrieved, wrote("The moon."), AgentEvent::Muted(broken.clone()), AgentEvent::Written, done()];
    scene.ask("q1", events).await;
    let told = scene.told();
    assert!(told.contains(&Notice::Muted(id("q1"), broken)), "{told:?}");
    assert!(matches!(told.last(), Some(Notice::AnswerDone(_))), "{told:?}");
    assert!(!told.iter().any(|notice| matches!(notice, Notice::AudioComplete { .. })), "there was no sound: {told:?}");
    assert_eq!(scene.world.objects.keys(), [], "and none is kept");
}

#[tokio::test]
async fn a_question_is_understood_with_the_last_turns_that_came_to_something() {
    let scene = Scene::new().await;
    for n in 0..8 {
        scene
            .ask(&format!("q{n}"), vec![AgentEvent::Retrieved, wrote(&format!("Answer {n}.")), AgentEvent::Written, done()])
            .await;
        scene.world.clock.pass(1_000);
    }
    scene.ask("empty", vec![AgentEvent::Failed(Failure::new(Code::EngineFailed, "no"))]).await;
    scene.world.clock.pass(1_000);
    scene.ask("last", whole()).await;
    let history = scene.world.agent.requests().pop().unwrap().history;
    let question = "What causes the tides?".to_owned();
    let expected: Vec<Exchange> =
        (2..8).map(|n| Exchange { question: question.clone(), answer: format!("Answer {n}."), playhead: None }).collect();
    assert_eq!(history, expected);
}

#[tokio::test]
async fn a_session_ended_in_the_middle_of_an_answer_stays_ended() {
    let scene = Scene::new().await;
    let order = scene.order("q1");
    scene.accept(&order).await;
    let goes_on = Arc::new(Notify::new());
    let rest = whole().into_iter().map(Act::Event);
    scene.world.agent.act([Act::Await(Arc::clone(&goes_on))].into_iter().chain(rest));
    let answering = tokio::spawn({
        let conversing = scene.conversing();
        async move { conversing.answer(&order).await }
    });
    scene.world.ending().end(&person("ada"), &session_id("s")).await.unwrap();
    goes_on.notify_one();
    answering.await.unwrap().unwrap();
    assert!(matches!(scene.told().last(), Some(Notice::AnswerDone(_))), "the answer under way is still given");
    let refused = scene.conversing().accept(scene.order("q2")).await.unwrap_err();
    assert_eq!(refused.code, Code::SessionEnded);
}

#[tokio::test]
async fn a_session_deleted_before_its_answer_leaves_no_trace() {
    let scene = Scene::new().await;
    let order = scene.order("q1");
    scene.accept(&order).await;
    // A question that waits has no turn yet, so the session does not know of its recording.
    scene.world.put(&ObjectKey::query(&person("ada"), &id("q1"), "opus"), "a question").await;
    scene.world.reading().delete_session(&person("ada"), &session_id("s")).await.unwrap();
    scene.conversing().answer(&order).await.unwrap();
    assert_eq!((scene.world.turns("s").await.len(), scene.world.agent.requests().len()), (0, 0));
    assert_eq!(scene.world.objects.keys(), [], "nothing that was said is left");
}

#[tokio::test]
async fn a_session_deleted_in_the_middle_of_an_answer_takes_its_sound_along() {
    let scene = Scene::new().await;
    let order = scene.order("q1");
    scene.accept(&order).await;
    let goes_on = Arc::new(Notify::new());
    let mut acts: Vec<Act> = whole().into_iter().map(Act::Event).collect();
    // All of it is spoken, and the end is about to come.
    acts.insert(acts.len() - 1, Act::Await(Arc::clone(&goes_on)));
    scene.world.agent.act(acts);
    let answering = tokio::spawn({
        let conversing = scene.conversing();
        async move { conversing.answer(&order).await }
    });
    scene.world.listeners.hear(&scene.line, |notice| matches!(notice, Notice::Audio { index: 1, .. })).await;
    scene.world.reading().delete_session(&person("ada"), &session_id("s")).await.unwrap();
    goes_on.notify_one();
    answering.await.unwrap().unwrap();
    assert_eq!(scene.world.objects.keys(), [], "the spoken answer outlived its session");
    assert_eq!(scene.world.turns("s").await.len(), 0);
}

#[tokio::test]
async fn without_room_the_person_is_told_at_once_and_asks_again_when_there_is() {
    let scene = Scene::new().await;
    let order = scene.order("q1");
    scene.accept(&order).await;
    scene.world.sessions.fill(true);
    let answered = tokio::time::timeout(Duration::from_secs(5), scene.conversing().answer(&order)).await;
    assert_eq!(answered.expect("nobody waits for room"), Ok(()));
    let told = scene.told();
    let Some(Notice::Failed(Some(query), failure)) = told.last() else { panic!("{told:?}") };
    assert_eq!((query, failure.code), (&id("q1"), Code::DiskFull));
    scene.world.sessions.fill(false);
    scene.ask("q1", whole()).await;
    assert!(matches!(scene.told().last(), Some(Notice::AnswerDone(_))));
}

#[tokio::test]
async fn an_answer_whose_end_found_no_room_is_given_anew_when_there_is() {
    let scene = Scene::new().await;
    let order = scene.order("q1");
    scene.accept(&order).await;
    let job = scene.lease().await;
    let goes_on = Arc::new(Notify::new());
    let (first, second) = (whole().into_iter().take(2), whole().into_iter().skip(2));
    let pause = [Act::Await(Arc::clone(&goes_on))];
    scene.world.agent.act(first.map(Act::Event).chain(pause).chain(second.map(Act::Event)));
    let answering = tokio::spawn({
        let (conversing, order) = (scene.conversing(), order.clone());
        async move { conversing.answer(&order).await }
    });
    scene.world.listeners.hear(&scene.line, |notice| matches!(notice, Notice::AnswerText(..))).await;
    scene.world.sessions.fill(true);
    goes_on.notify_one();
    answering.await.unwrap().unwrap();
    assert!(matches!(scene.told().last(), Some(Notice::Failed(Some(_), failure)) if failure.code == Code::DiskFull));
    scene.world.jobs.complete(job).await.unwrap();

    scene.world.sessions.fill(false);
    scene.accept(&order).await;
    scene.lease().await;
    scene.world.agent.play(whole());
    scene.conversing().answer(&order).await.unwrap();
    assert!(matches!(scene.told().last(), Some(Notice::AnswerDone(turn)) if turn.answer == "The moon pulls."));
}

#[tokio::test]
async fn an_answer_that_is_wanted_here_only_ends_with_its_connection_and_moves_to_no_other() {
    let scene = Scene::new().await;
    let elsewhere = scene.world.connect("c2", "ada").await;
    let order = AnswerOrder { here_only: true, ..scene.order("q1") };
    scene.accept(&order).await;
    scene.world.listeners.leave(&scene.line);
    scene.world.agent.play(whole());
    scene.conversing().answer(&order).await.unwrap();
    let turn = scene.world.turns("s").await.remove(0);
    assert_eq!((turn.state, turn.answer.as_str()), (TurnState::Cancelled, ""));
    assert_eq!(scene.world.listeners.told(&elsewhere), [], "a socket of the same person is told nothing");
    assert_eq!(scene.world.agent.working(), 0, "and nobody works on it");
}
