//! One question: what it is answered from, how it is heard and spoken, and how it ends.

use std::time::{Duration, Instant};

use futures::StreamExt;
use synapscribe_domain::aim::Aim;
use synapscribe_domain::vocabulary::Reading;
use synapscribe_domain::{Code, LectureState, Millis, ObjectKey, QueryId, Question, WorkId};
use synapscribe_ports::fakes::Manner;
use synapscribe_ports::{AgentEvent, AgentRequest, Exchange, Library, Scope, SpokenWord, Style};
use tokio_util::sync::CancellationToken;

use crate::world::{PATIENCE, World, lecture_id, person, recording, session_id};

const TIDES: [&str; 3] =
    ["The moon pulls the water of the ocean.", "The sun pulls as well, but less.", "A spring tide is the highest tide."];

fn request(question: Question) -> AgentRequest {
    AgentRequest {
        work: WorkId::parse("w").unwrap(),
        session: session_id("s"),
        scope: Scope::of(lecture_id("tides")),
        question,
        playhead: None,
        page: None,
        history: Vec::new(),
        speech: Some(Style::default()),
        trace: None,
    }
}

fn text(words: &str) -> AgentRequest {
    request(Question::Text(words.into()))
}

async fn all(world: &World, request: AgentRequest) -> Vec<AgentEvent> {
    world.asking().ask(request, CancellationToken::new()).collect().await
}

fn written(events: &[AgentEvent]) -> String {
    events.iter().filter_map(|event| if let AgentEvent::Wrote(text) = event { Some(text.as_str()) } else { None }).collect()
}

fn failure(events: &[AgentEvent]) -> Option<Code> {
    match events.last() {
        Some(AgentEvent::Failed(failure)) => Some(failure.code),
        _ => None,
    }
}

fn stretches(events: &[AgentEvent]) -> Vec<usize> {
    events
        .iter()
        .filter_map(|event| if let AgentEvent::Spoke(speech) = event { Some(speech.samples.len()) } else { None })
        .collect()
}

async fn ready(window: Option<u32>, texts: &[&str]) -> World {
    let world = World::with_window(window);
    world.lecture("tides", "ada", LectureState::Ready, texts).await;
    world
}

#[tokio::test]
async fn a_lecture_that_fits_the_window_is_read_whole_and_in_order() {
    let world = ready(Some(8_192), &TIDES).await;
    let events = all(&world, text("What is a spring tide?")).await;
    assert!(matches!(events.last(), Some(AgentEvent::Done(end)) if end.found && end.generated), "{events:?}");
    let asked = &world.tutor.asked()[0];
    assert!(asked.whole);
    assert_eq!(asked.passages.iter().map(|ranked| ranked.passage.text.as_str()).collect::<Vec<_>>(), TIDES);
    let AgentEvent::Cited(citation) = events.iter().find(|e| matches!(e, AgentEvent::Cited(_))).unwrap() else { panic!() };
    assert_eq!(
        (citation.number, citation.span().map(|span| span.from)),
        (1, Some(Millis(0))),
        "a citation plays the lecturer's own seconds"
    );
}

#[tokio::test]
async fn a_lecture_beyond_the_window_is_answered_from_its_best_passages() {
    let many: Vec<String> = (0..30).map(|n| format!("Passage {n} about the tide.")).collect();
    let mut texts: Vec<&str> = many.iter().map(String::as_str).collect();
    texts.push("Only here a spring tide is named.");
    for window in [None, Some(2_000)] {
        let world = ready(window, &texts).await;
        let events = all(&world, text("What is a spring tide?")).await;
        assert!(matches!(events.last(), Some(AgentEvent::Done(_))), "{events:?}");
        let asked = &world.tutor.asked()[0];
        assert!(!asked.whole && asked.passages.len() == 8, "{}", asked.passages.len());
        assert_eq!(asked.passages[0].passage.text, texts[30], "the passage that fits best is first");
    }
}

#[tokio::test]
async fn what_was_just_said_counts_more_than_what_was_said_elsewhere() {
    let texts: Vec<String> = (0..20).map(|n| format!("The tide comes again, number {n}.")).collect();
    let world = ready(None, &texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    all(&world, AgentRequest { playhead: Some(Millis(15 * 60_000 + 55_000)), ..text("What about the tide?") }).await;
    assert_eq!(world.tutor.asked()[0].passages[0].passage.index, 15);
}

#[tokio::test]
async fn a_lecture_without_an_answer_says_so() {
    let world = ready(None, &TIDES).await;
    let events = all(&world, text("Who wrote Carmen?")).await;
    assert!(matches!(events.last(), Some(AgentEvent::Done(end)) if !end.found), "{events:?}");
    assert!(!written(&events).is_empty());
}

#[tokio::test]
async fn a_word_that_the_lecture_says_in_another_form_is_no_slip() {
    for (said, question) in [
        ("Two doses are given a day.", "Which dose is given in three days?"),
        ("The wats of Bangkok are temples.", "Who prays in a wat?"),
    ] {
        let world = ready(Some(8_192), &[said]).await;
        all(&world, text(question)).await;
        assert_eq!(world.tutor.asked()[0].question, question);
    }
}

#[tokio::test]
async fn a_follow_up_is_understood_with_what_was_said_before() {
    let world = ready(Some(8_192), &TIDES).await;
    let before = Exchange { question: "What is a spring tide?".into(), answer: "The highest tide.".into(), playhead: None };
    all(&world, AgentRequest { history: vec![before.clone()], ..text("And why is that?") }).await;
    let asked = &world.tutor.asked()[0];
    assert_eq!(asked.question, "And why is that? (What is a spring tide?)");
    assert_eq!(asked.history, [before]);
}

#[tokio::test]
async fn a_spoken_question_is_heard_understood_and_answered() {
    let world = ready(Some(8_192), &TIDES).await;
    let key = ObjectKey::query(&person("ada"), &QueryId::parse("q").unwrap(), "wav");
    world.put(&key, recording(&[(1.5, true)])).await;
    world.ear.expect("What is a spring tide?");
    let events = all(&world, request(Question::Spoken(key))).await;
    assert_eq!(events[..2], [AgentEvent::Heard, AgentEvent::Understood("What is a spring tide?".into())]);
    assert_eq!(world.tutor.asked()[0].question, "What is a spring tide?");
    let Some(AgentEvent::Done(end)) = events.last() else { panic!("{events:?}") };
    assert_eq!(end.usage.audio_in_ms, 1_500, "what was heard is counted");
}

#[tokio::test]
async fn a_spoken_question_that_cannot_be_heard_gets_a_reason() {
    let world = ready(Some(8_192), &TIDES).await;
    let key = |name: &str| ObjectKey::query(&person("ada"), &QueryId::parse(name).unwrap(), "wav");
    world.put(&key("silent"), recording(&[(2.0, false)])).await;
    world.put(&key("long"), recording(&[(121.0, true)])).await;
    world.put(&key("short"), recording(&[(0.1, true)])).await;
    world.put(&key("text"), "What is this?").await;
    for (name, code) in [
        ("missing", Code::NotFound),
        ("silent", Code::NothingHeard),
        ("long", Code::AudioTooLong),
        ("short", Code::AudioTooShort),
        ("text", Code::AudioUnsupported),
    ] {
        assert_eq!(failure(&all(&world, request(Question::Spoken(key(name)))).await), Some(code), "{name}");
    }
    assert_eq!(world.tutor.asked().len(), 0, "nobody was asked what was not understood");
}

#[tokio::test]
async fn an_ear_that_hangs_fails_the_question_in_time() {
    let world = ready(Some(8_192), &TIDES).await;
    let key = ObjectKey::query(&person("ada"), &QueryId::parse("q").unwrap(), "wav");
    world.put(&key, recording(&[(1.5, true)])).await;
    world.ear.behave([Manner::Hangs]);
    assert_eq!(failure(&all(&world, request(Question::Spoken(key))).await), Some(Code::EngineTimeout));
}

#[tokio::test]
async fn the_answer_is_spoken_in_stretches_that_fit_a_frame_the_first_one_short() {
    let world = ready(Some(8_192), &[&TIDES.join(" ")]).await;
    let events = all(&world, text("What about the tides?")).await;
    let spoken = stretches(&events);
    assert!(spoken[0] <= 4_000 && spoken.iter().all(|samples| *samples <= 10_000), "{spoken:?}");
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let answer = plain(&written(&events));
    let characters = answer.chars().count();
    let pieces = events.iter().filter_map(|event| if let AgentEvent::Piece(piece) = event { Some(piece.as_str()) } else { None });
    assert_eq!(plain(&pieces.collect::<Vec<_>>().join(" ")), answer, "what is spoken is told piece by piece");
    let heard = spoken.iter().sum::<usize>() / 640;
    assert!(heard.abs_diff(characters) <= 3, "{heard} of {characters} characters are spoken");
    let spent: u64 = events
        .iter()
        .filter_map(|event| if let AgentEvent::Spent(usage) = event { Some(usage.characters_spoken) } else { None })
        .sum();
    assert!(matches!(events.last(), Some(AgentEvent::Done(end)) if end.usage.characters_spoken == spent && spent > 0), "{spent}");
    let silent = all(&world, AgentRequest { speech: None, ..text("What about the tides?") }).await;
    assert_eq!((stretches(&silent).len(), written(&silent)), (0, written(&events)), "in silence the words are the same");
}

#[tokio::test]
async fn a_voice_that_knows_tells_when_the_words_of_each_piece_are_spoken_and_that_is_counted() {
    let world = ready(Some(8_192), &[&TIDES.join(" ")]).await;
    world.voice.tell_words();
    let events = all(&world, text("What about the tides?")).await;
    let (mut piece, mut told) = ("", Vec::new());
    for event in &events {
        match event {
            AgentEvent::Piece(next) => piece = next.as_str(),
            AgentEvent::Words(words) => {
                let word = |place: &SpokenWord| -> String {
                    piece.chars().skip(place.from as usize).take((place.to - place.from) as usize).collect()
                };
                told.push(words.iter().map(word).collect::<Vec<_>>().join(" "));
            }
            _ => {}
        }
    }
    assert_eq!(told.join(" "), TIDES.join(" "));
    let spoken: usize = told.iter().map(|piece| piece.chars().count()).sum();
    assert!(
        matches!(events.last(), Some(AgentEvent::Done(end)) if end.usage.characters_spoken == 2 * spoken as u64),
        "{events:?}"
    );
}

#[tokio::test]
async fn a_voice_that_fails_mutes_the_answer_once_and_the_text_goes_on() {
    for (manner, code, audible) in [
        (Manner::Fails, Code::EngineFailed, false),
        (Manner::Hangs, Code::EngineTimeout, false),
        (Manner::BreaksOff, Code::EngineFailed, true),
    ] {
        let world = ready(Some(8_192), &[&TIDES.join(" ")]).await;
        world.voice.behave(manner);
        let events = all(&world, text("What about the tides?")).await;
        let muted: Vec<usize> = (0..events.len()).filter(|n| matches!(events[*n], AgentEvent::Muted(_))).collect();
        assert_eq!(muted.len(), 1, "{manner:?}: {events:?}");
        assert!(matches!(&events[muted[0]], AgentEvent::Muted(failure) if failure.code == code), "{manner:?}: {events:?}");
        assert_eq!(!stretches(&events[..muted[0]]).is_empty(), audible, "{manner:?}");
        assert_eq!(stretches(&events[muted[0]..]).len(), 0, "{manner:?}: after it was muted it speaks");
        assert_eq!(written(&events).trim(), TIDES.join(" "), "{manner:?}");
        assert!(matches!(events.last(), Some(AgentEvent::Done(_))), "{manner:?}: {events:?}");
    }
}

#[tokio::test]
async fn a_tutor_that_hangs_or_breaks_off_fails_the_question_after_what_it_wrote() {
    let world = ready(Some(8_192), &TIDES).await;
    for (question, code) in [("Please hang.", Code::EngineTimeout), ("Please break off.", Code::EngineFailed)] {
        let began = Instant::now();
        let events = all(&world, text(question)).await;
        assert_eq!((failure(&events), written(&events).as_str()), (Some(code), "It begins, "), "{question}");
        assert!(began.elapsed() < PATIENCE * 20, "{question} {:?}", began.elapsed());
    }
    assert_eq!(world.tutor.working(), 0, "what was given up is not worked on");
}

#[tokio::test]
async fn stopping_ends_it_at_once_and_stops_the_work() {
    let world = ready(Some(8_192), &TIDES).await;
    let cancel = CancellationToken::new();
    let mut events = world.asking().ask(text("Go on for ever."), cancel.clone());
    while !matches!(events.next().await, Some(AgentEvent::Wrote(_))) {}
    assert_eq!(world.tutor.working(), 1);
    cancel.cancel();
    let rest: Vec<AgentEvent> = events.collect().await;
    assert!(rest.len() == 1 && failure(&rest) == Some(Code::Cancelled), "what was on its way is not told any more: {rest:?}");
    idle(&world).await;

    let mut events = world.asking().ask(text("Go on for ever."), CancellationToken::new());
    while !matches!(events.next().await, Some(AgentEvent::Wrote(_))) {}
    drop(events);
    idle(&world).await;
}

async fn idle(world: &World) {
    let rest = async {
        while world.tutor.working() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), rest).await.expect("the tutor is stopped");
}

#[tokio::test]
async fn without_vectors_words_still_find_the_answer() {
    let world = ready(None, &TIDES).await;
    world.vectors.break_down();
    let events = all(&world, text("What is a spring tide?")).await;
    assert!(matches!(events.last(), Some(AgentEvent::Done(end)) if end.found), "{events:?}");
    assert_eq!(world.tutor.asked()[0].passages[0].passage.text, TIDES[2]);
}

#[tokio::test]
async fn only_a_lecture_that_is_ready_can_be_asked() {
    let world = World::new();
    world.lecture("tides", "ada", LectureState::Indexing, &TIDES).await;
    assert_eq!(failure(&all(&world, text("why?")).await), Some(Code::LectureNotReady));
    let elsewhere = AgentRequest { scope: Scope::of(lecture_id("nowhere")), ..text("why?") };
    assert_eq!(failure(&all(&world, elsewhere).await), Some(Code::NotFound));
}

#[tokio::test]
async fn what_was_just_said_is_answered_from_what_stands_before_the_playhead() {
    // Passages of the world are a minute apart.
    let texts: Vec<String> = (0..20).map(|n| format!("Something about the tide, number {n}.")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for window in [None, Some(8_192)] {
        let world = ready(window, &texts).await;
        let question = AgentRequest { playhead: Some(Millis(10 * 60_000 + 30_000)), ..text("What did she just say?") };
        let events = all(&world, question).await;
        assert!(matches!(events.last(), Some(AgentEvent::Done(end)) if end.found), "{events:?}");
        let asked = &world.tutor.asked()[0];
        assert!(asked.aim == Aim::JustSaid && !asked.whole && !asked.passages.is_empty(), "{asked:?}");
        assert!(asked.passages.iter().all(|ranked| (9..=10).contains(&ranked.passage.index)), "{asked:?}");
    }
}

#[tokio::test]
async fn who_asks_what_was_just_said_without_a_place_is_told_what_is_missing() {
    let world = ready(None, &TIDES).await;
    for (playhead, said) in [(None, "where in the lecture you are"), (Some(Millis(0)), "Nothing was said before")] {
        let events = all(&world, AgentRequest { playhead, ..text("What did she just say?") }).await;
        assert!(matches!(events.last(), Some(AgentEvent::Done(end)) if !end.found && !end.generated), "{events:?}");
        assert!(written(&events).contains(said) && !stretches(&events).is_empty(), "{events:?}");
        assert!(!events.iter().any(|event| matches!(event, AgentEvent::Cited(_))), "{events:?}");
    }
    assert_eq!(world.tutor.asked().len(), 0);
}

#[tokio::test]
async fn a_place_beyond_the_end_is_told_and_answered_as_at_the_end() {
    let world = ready(None, &TIDES).await;
    let beyond = Some(Millis(9 * 3_600_000));
    let events = all(&world, AgentRequest { playhead: beyond, ..text("What did she just say?") }).await;
    assert!(matches!(events.last(), Some(AgentEvent::Done(end)) if end.found), "{events:?}");
    let end = (TIDES.len() as u64 - 1) * 60_000 + 50_000;
    assert!(written(&events).starts_with(&format!("The lecture is only {} long", Millis(end))), "{}", written(&events));
    assert_eq!(world.tutor.asked()[0].playhead, Some(Millis(end)));
    // Where the place does not matter it is not worth a word.
    let events = all(&world, AgentRequest { playhead: beyond, ..text("What is a tide?") }).await;
    assert!(!written(&events).contains("only"), "{}", written(&events));
}

#[tokio::test]
async fn an_overview_is_made_from_the_beginning_to_the_end_as_far_as_it_can_be_read() {
    let texts: Vec<String> = (0..40).map(|n| format!("Part {n}. {}", "The tide rises and falls. ".repeat(12))).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for (window, most) in [(None, 40), (Some(4_000), 20), (Some(100), 1)] {
        let world = ready(window, &texts).await;
        world.library.change_lecture(&lecture_id("tides"), &|lecture| lecture.tokens = Some(50_000)).await.unwrap();
        all(&world, text("Give me an overview.")).await;
        let asked = &world.tutor.asked()[0];
        let indexes: Vec<u32> = asked.passages.iter().map(|ranked| ranked.passage.index).collect();
        assert!(!asked.whole && indexes.len() <= most && indexes.is_sorted(), "{indexes:?}");
        assert!(indexes[0] == 0 && (most == 1 || indexes.last() == Some(&39)), "{indexes:?}");
    }
    let world = ready(None, &texts).await;
    all(&world, AgentRequest { playhead: Some(Millis(5 * 60_000 - 1)), ..text("What did I miss?") }).await;
    let asked = &world.tutor.asked()[0];
    assert_eq!((asked.aim, asked.passages.len()), (Aim::SoFar, 5));
}

#[tokio::test]
async fn a_misspelt_question_is_searched_as_the_lecture_spells_it() {
    let mut texts = vec!["Nothing of the kind."; 30];
    texts.push("Only here gravitation is named.");
    let world = ready(None, &texts).await;
    world.vectors.break_down();
    all(&world, text("What is gravitasion?")).await;
    let asked = &world.tutor.asked()[0];
    assert_eq!(asked.passages[0].passage.text, texts[30]);
    assert_eq!(asked.readings, [Reading { asked: "gravitasion".into(), meant: "gravitation".into() }]);
}
