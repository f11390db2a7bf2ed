//! How every store of sessions behaves. It knows nothing of how a question is answered.

use synapscribe_domain::{
    About, Aloud, Citation, DocumentId, LectureId, Millis, Passage, PersonId, QueryId, Session, SessionId, SessionState,
    SessionSummary, Source, Span, Timestamp, Turn, TurnState, Usage,
};

use crate::sessions::Sessions;
use crate::world::{Ids, StoreError, UuidIds};

const NOW: Timestamp = Timestamp(1_000_000);

/// Runs every check.
pub async fn suite(sessions: &dyn Sessions) {
    a_session_is_added_once_and_changed(sessions).await;
    sessions_are_summed_up(sessions).await;
    a_person_sees_their_own_sessions_latest_active_first(sessions).await;
    a_session_is_about_anything_that_can_be_asked(sessions).await;
    turns_come_oldest_first_and_are_replaced(sessions).await;
    an_ended_turn_is_never_replaced_by_an_open_one(sessions).await;
    turns_of_other_sessions_are_other_turns(sessions).await;
    a_deleted_session_takes_its_turns_along(sessions).await;
    expired_sessions_are_hidden_and_then_removed(sessions).await;
    another_s_session_is_never_taken_over(sessions).await;
    of_those_who_choose_a_name_at_once_no_two_have_it(sessions).await;
}

async fn a_session_is_added_once_and_changed(sessions: &dyn Sessions) {
    let one = session(&person(), &lecture(), NOW);
    assert_eq!(sessions.session(&one.id, NOW).await.unwrap(), None, "a session nobody added");
    let early = sessions.change_session(&one.id, &|s| s.state = SessionState::Ended).await;
    assert!(matches!(early, Err(StoreError::Gone)), "what is not there cannot be changed: {early:?}");
    sessions.add_session(&one).await.unwrap();
    let again = sessions.add_session(&Session { title: Some("another".into()), ..one.clone() }).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "a session is added once: {again:?}");
    sessions.save_turn(&turn(&one, "q1", 1, TurnState::Done)).await.unwrap();
    let changed = sessions.change_session(&one.id, &|s| {
        s.state = SessionState::Ended;
        s.title = Some("“Why” \u{0} 🎓".into());
        s.touch(NOW.plus(5));
    });
    let changed = changed.await.unwrap();
    assert_eq!((changed.state, changed.active, &changed.owner), (SessionState::Ended, NOW.plus(5), &one.owner));
    assert_eq!(sessions.session(&one.id, NOW).await.unwrap().as_ref(), Some(&changed), "the change stands");
    assert_eq!(sessions.sessions(&one.owner, None, NOW).await.unwrap(), [changed], "and it is the only one");
    assert_eq!(sessions.turns(&one.id).await.unwrap().len(), 1, "changing the record keeps the turns");
}

async fn sessions_are_summed_up(sessions: &dyn Sessions) {
    let (ada, algebra, biology) = (person(), lecture(), lecture());
    let (asked, fresh) = (session(&ada, &algebra, NOW.plus(1)), session(&ada, &biology, NOW));
    for one in [&asked, &fresh] {
        sessions.add_session(one).await.unwrap();
    }
    let mut misheard = turn(&asked, "q1", 1, TurnState::Failed);
    misheard.question.clear();
    let second = Turn { question: "what is a ring?".into(), ..turn(&asked, "q2", 2, TurnState::Done) };
    let turns = [misheard, second, turn(&asked, "q3", 3, TurnState::Done)];
    for turn in turns.iter().rev() {
        sessions.save_turn(turn).await.unwrap();
    }
    let expected = [SessionSummary::of(asked, &turns), SessionSummary::of(fresh, &[])];
    assert_eq!(expected[0].title(), Some("what is a ring?"), "a session goes by its first question that was understood");
    assert_eq!(sessions.summaries(&ada, None, NOW).await.unwrap(), expected);
    assert_eq!(sessions.summaries(&ada, Some(&Source::from(&biology)), NOW).await.unwrap(), expected[1..]);
    assert_eq!(sessions.summaries(&person(), None, NOW).await.unwrap(), []);
}

async fn a_person_sees_their_own_sessions_latest_active_first(sessions: &dyn Sessions) {
    let (ada, bob, algebra, biology) = (person(), person(), lecture(), lecture());
    let early = session(&ada, &algebra, NOW);
    let late = session(&ada, &biology, NOW.plus(20));
    let woken = session(&ada, &algebra, NOW.plus(1));
    let foreign = session(&bob, &algebra, NOW.plus(30));
    for one in [&late, &early, &woken, &foreign] {
        sessions.add_session(one).await.unwrap();
    }
    let woken = sessions.change_session(&woken.id, &|s| s.touch(NOW.plus(40))).await.unwrap();
    assert_eq!(sessions.sessions(&ada, None, NOW).await.unwrap(), [woken.clone(), late, early.clone()]);
    assert_eq!(sessions.sessions(&ada, Some(&Source::from(&algebra)), NOW).await.unwrap(), [woken, early]);
    assert_eq!(sessions.sessions(&bob, None, NOW).await.unwrap(), [foreign]);
    assert_eq!(sessions.sessions(&bob, Some(&Source::from(&biology)), NOW).await.unwrap(), []);
}

async fn a_session_is_about_anything_that_can_be_asked(sessions: &dyn Sessions) {
    let (ada, book) = (person(), DocumentId::parse(fresh()).unwrap());
    let (algebra, book) = (Source::from(&lecture()), Source::from(&book));
    let several = About::only(vec![algebra.clone(), book.clone()]).expect("two sources");
    let begun = [About::from(algebra.clone()), book.clone().into(), several, About::Everything];
    let begun = begun.map(|about| Session::begin(SessionId::parse(fresh()).unwrap(), ada.clone(), about, NOW));
    for one in &begun {
        sessions.add_session(one).await.unwrap();
        assert_eq!(sessions.session(&one.id, NOW).await.unwrap().as_ref(), Some(one));
        let asked = Turn { about: one.about.clone(), ..turn(&session(&ada, &lecture(), NOW), "q", 1, TurnState::Done) };
        let asked = Turn { session: one.id.clone(), ..asked };
        sessions.save_turn(&asked).await.unwrap();
        assert_eq!(sessions.turns(&one.id).await.unwrap(), [asked]);
    }
    assert_eq!(sessions.sessions(&ada, Some(&book), NOW).await.unwrap(), begun[1..2], "about this source and nothing else");
    assert_eq!(sessions.sessions(&ada, Some(&algebra), NOW).await.unwrap(), begun[..1]);
    assert_eq!(sessions.sessions(&ada, None, NOW).await.unwrap().len(), begun.len());
}

async fn turns_come_oldest_first_and_are_replaced(sessions: &dyn Sessions) {
    let one = session(&person(), &lecture(), NOW);
    sessions.add_session(&one).await.unwrap();
    assert_eq!(sessions.turns(&one.id).await.unwrap(), []);
    let (first, mut second) = (turn(&one, "b", 1, TurnState::Done), turn(&one, "a", 2, TurnState::Answering));
    sessions.save_turn(&second).await.unwrap();
    sessions.save_turn(&first).await.unwrap();
    second.answer = "More of the “answer” \u{0} 🎓".into();
    sessions.save_turn(&second).await.unwrap();
    sessions.save_turn(&second).await.unwrap();
    assert_eq!(sessions.turns(&one.id).await.unwrap(), [first, second], "by when they were asked, each once");
}

async fn an_ended_turn_is_never_replaced_by_an_open_one(sessions: &dyn Sessions) {
    let one = session(&person(), &lecture(), NOW);
    sessions.add_session(&one).await.unwrap();
    for (query, end) in [("done", TurnState::Done), ("cancelled", TurnState::Cancelled), ("failed", TurnState::Failed)] {
        sessions.save_turn(&turn(&one, query, 1, TurnState::Answering)).await.unwrap();
        let mut ended = turn(&one, query, 1, end);
        ended.answer = "the end".into();
        sessions.save_turn(&ended).await.unwrap();
        // A slower process may still write where it stood.
        sessions.save_turn(&turn(&one, query, 1, TurnState::Speaking)).await.unwrap();
        let kept = sessions.turns(&one.id).await.unwrap();
        assert!(kept.contains(&ended), "a turn that is {end:?} stays as it ended: {kept:?}");
        ended.spoken = Millis(900);
        sessions.save_turn(&ended).await.unwrap();
        assert!(sessions.turns(&one.id).await.unwrap().contains(&ended), "an ended turn may be completed");
    }
    assert_eq!(sessions.turns(&one.id).await.unwrap().len(), 3);
}

async fn turns_of_other_sessions_are_other_turns(sessions: &dyn Sessions) {
    let (one, two) = (session(&person(), &lecture(), NOW), session(&person(), &lecture(), NOW));
    for each in [&one, &two] {
        sessions.add_session(each).await.unwrap();
    }
    // Query names are chosen by clients, so two people may choose the same one.
    let (mine, theirs) = (turn(&one, "same", 1, TurnState::Done), turn(&two, "same", 2, TurnState::Answering));
    sessions.save_turn(&mine).await.unwrap();
    sessions.save_turn(&theirs).await.unwrap();
    assert_eq!(sessions.turns(&one.id).await.unwrap(), [mine]);
    assert_eq!(sessions.turns(&two.id).await.unwrap(), [theirs]);
}

async fn a_deleted_session_takes_its_turns_along(sessions: &dyn Sessions) {
    let owner = person();
    let (gone, stays) = (session(&owner, &lecture(), NOW), session(&owner, &lecture(), NOW));
    for each in [&gone, &stays] {
        sessions.add_session(each).await.unwrap();
        sessions.save_turn(&turn(each, "q", 1, TurnState::Answering)).await.unwrap();
    }
    sessions.delete_session(&gone.id).await.unwrap();
    sessions.delete_session(&gone.id).await.unwrap();
    // The answer may still have been on its way.
    let late = sessions.save_turn(&turn(&gone, "q", 1, TurnState::Done)).await;
    assert!(matches!(late, Err(StoreError::Gone)), "{late:?}");
    let late = sessions.change_session(&gone.id, &|s| s.touch(NOW.plus(9))).await;
    assert!(matches!(late, Err(StoreError::Gone)), "{late:?}");
    assert_eq!(sessions.session(&gone.id, NOW).await.unwrap(), None);
    assert_eq!(sessions.turns(&gone.id).await.unwrap(), []);
    assert_eq!(sessions.sessions(&owner, None, NOW).await.unwrap(), std::slice::from_ref(&stays));
    assert_eq!(sessions.turns(&stays.id).await.unwrap().len(), 1, "other sessions stay");
}

async fn expired_sessions_are_hidden_and_then_removed(sessions: &dyn Sessions) {
    let owner = person();
    let (old, young) = (session(&owner, &lecture(), NOW), session(&owner, &lecture(), NOW.plus(10)));
    for each in [&old, &young] {
        sessions.add_session(each).await.unwrap();
        sessions.save_turn(&turn(each, "q", 1, TurnState::Done)).await.unwrap();
    }
    let last = old.expires.plus(-1);
    assert!(sessions.session(&old.id, last).await.unwrap().is_some(), "a session lives until it expires");
    assert_eq!(sessions.session(&old.id, old.expires).await.unwrap(), None, "an expired session is gone for its reader");
    assert_eq!(sessions.sessions(&owner, None, old.expires).await.unwrap(), std::slice::from_ref(&young));
    assert!(sessions.expire(old.expires).await.unwrap() >= 1);
    assert_eq!(sessions.expire(old.expires).await.unwrap(), 0, "what expired is removed once");
    assert_eq!(sessions.turns(&old.id).await.unwrap(), [], "with its turns");
    assert_eq!(sessions.session(&old.id, NOW).await.unwrap(), None);
    assert_eq!(sessions.turns(&young.id).await.unwrap().len(), 1);
}

async fn another_s_session_is_never_taken_over(sessions: &dyn Sessions) {
    let mine = session(&person(), &lecture(), NOW);
    sessions.add_session(&mine).await.unwrap();
    sessions.save_turn(&turn(&mine, "q", 1, TurnState::Done)).await.unwrap();
    // Names of sessions are chosen by clients.
    let named_alike = |now| Session::begin(mine.id.clone(), person(), lecture(), now);
    let refused = sessions.add_session(&named_alike(NOW)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(sessions.session(&mine.id, NOW).await.unwrap(), Some(mine.clone()));
    assert_eq!(sessions.turns(&mine.id).await.unwrap().len(), 1);

    let theirs = named_alike(mine.expires);
    sessions.add_session(&theirs).await.unwrap();
    assert_eq!(sessions.session(&mine.id, mine.expires).await.unwrap(), Some(theirs), "an expired session's name is free");
    assert_eq!(sessions.turns(&mine.id).await.unwrap(), [], "and its turns are nobody's");
    assert_eq!(sessions.sessions(&mine.owner, None, NOW).await.unwrap(), []);
}

async fn of_those_who_choose_a_name_at_once_no_two_have_it(sessions: &dyn Sessions) {
    for _ in 0..4 {
        let one = session(&person(), &lecture(), NOW);
        let two = Session::begin(one.id.clone(), person(), lecture(), NOW);
        let (first, second) = tokio::join!(sessions.add_session(&one), sessions.add_session(&two));
        let stands = match (first, second) {
            (Ok(()), Err(StoreError::Conflict)) => Some(one.clone()),
            (Err(StoreError::Conflict), Ok(())) => Some(two),
            (Err(StoreError::Conflict), Err(StoreError::Conflict)) => None,
            both => panic!("it is one person's, or nobody's: {both:?}"),
        };
        assert_eq!(sessions.session(&one.id, NOW).await.unwrap(), stands, "whoever is told that it is theirs has it");
    }
}

fn fresh() -> String {
    UuidIds.fresh()
}

fn person() -> PersonId {
    PersonId::parse(fresh()).unwrap()
}

fn lecture() -> LectureId {
    LectureId::parse(fresh()).unwrap()
}

fn session(owner: &PersonId, lecture: &LectureId, now: Timestamp) -> Session {
    Session::begin(SessionId::parse(fresh()).unwrap(), owner.clone(), lecture.clone(), now)
}

fn turn(session: &Session, query: &str, asked: i64, state: TurnState) -> Turn {
    let lecture = session.about.lecture().expect("it is about a lecture");
    let citation =
        Citation::of(1, &Passage::said(lecture, 3, Span::new(Millis(10), Millis(20)), "as she said"), "as she said", 0.7);
    Turn {
        query: QueryId::parse(query).unwrap(),
        session: session.id.clone(),
        about: session.about.clone(),
        asked: Timestamp(asked),
        playhead: Some(Millis(7)),
        question: "why?".into(),
        answer: "Because".into(),
        citations: vec![citation],
        spoken: Millis(0),
        aloud: Aloud { pieces: vec!["Because".into()], from: 3, free: 9 },
        generated: true,
        found: true,
        state,
        failure: None,
        timings: Default::default(),
        usage: Usage { tokens_in: 5, ..Usage::default() },
    }
}
