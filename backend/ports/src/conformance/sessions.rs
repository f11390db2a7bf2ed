//! How every store of sessions behaves. It knows nothing of how a question is answered.

use synapscribe_domain::{
    Citation, LectureId, Millis, PassageId, PersonId, QueryId, Session, SessionId, SessionState, Span, Timestamp, Turn,
    TurnState, Usage,
};

use crate::sessions::Sessions;
use crate::world::{Ids, UuidIds};

const NOW: Timestamp = Timestamp(1_000_000);

/// Runs every check.
pub async fn suite(sessions: &dyn Sessions) {
    a_session_is_kept_and_replaced(sessions).await;
    a_person_sees_their_own_sessions_latest_active_first(sessions).await;
    turns_come_oldest_first_and_are_replaced(sessions).await;
    an_ended_turn_is_never_replaced_by_an_open_one(sessions).await;
    turns_of_other_sessions_are_other_turns(sessions).await;
    a_deleted_session_takes_its_turns_along(sessions).await;
    expired_sessions_are_hidden_and_then_removed(sessions).await;
}

async fn a_session_is_kept_and_replaced(sessions: &dyn Sessions) {
    let mut one = session(&person(), &lecture(), NOW);
    assert_eq!(sessions.session(&one.id, NOW).await.unwrap(), None, "a session nobody saved");
    sessions.save_session(&one).await.unwrap();
    sessions.save_turn(&turn(&one, "q1", 1, TurnState::Done)).await.unwrap();
    one.state = SessionState::Ended;
    one.touch(NOW.plus(5));
    sessions.save_session(&one).await.unwrap();
    assert_eq!(sessions.session(&one.id, NOW).await.unwrap().as_ref(), Some(&one), "the later record stands");
    assert_eq!(sessions.sessions(&one.owner, None, NOW).await.unwrap(), std::slice::from_ref(&one), "and it is the only one");
    assert_eq!(sessions.turns(&one.id).await.unwrap().len(), 1, "replacing the record keeps the turns");
}

async fn a_person_sees_their_own_sessions_latest_active_first(sessions: &dyn Sessions) {
    let (ada, bob, algebra, biology) = (person(), person(), lecture(), lecture());
    let early = session(&ada, &algebra, NOW);
    let late = session(&ada, &biology, NOW.plus(20));
    let mut woken = session(&ada, &algebra, NOW.plus(1));
    let foreign = session(&bob, &algebra, NOW.plus(30));
    for one in [&late, &early, &woken, &foreign] {
        sessions.save_session(one).await.unwrap();
    }
    woken.touch(NOW.plus(40));
    sessions.save_session(&woken).await.unwrap();
    assert_eq!(sessions.sessions(&ada, None, NOW).await.unwrap(), [woken.clone(), late, early.clone()]);
    assert_eq!(sessions.sessions(&ada, Some(&algebra), NOW).await.unwrap(), [woken, early]);
    assert_eq!(sessions.sessions(&bob, None, NOW).await.unwrap(), [foreign]);
    assert_eq!(sessions.sessions(&bob, Some(&biology), NOW).await.unwrap(), []);
}

async fn turns_come_oldest_first_and_are_replaced(sessions: &dyn Sessions) {
    let one = session(&person(), &lecture(), NOW);
    sessions.save_session(&one).await.unwrap();
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
    sessions.save_session(&one).await.unwrap();
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
        sessions.save_session(each).await.unwrap();
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
        sessions.save_session(each).await.unwrap();
        sessions.save_turn(&turn(each, "q", 1, TurnState::Answering)).await.unwrap();
    }
    sessions.delete_session(&gone.id).await.unwrap();
    sessions.delete_session(&gone.id).await.unwrap();
    // The answer may still have been on its way; its store may say so with an error, but keeps nothing.
    let _ = sessions.save_turn(&turn(&gone, "q", 1, TurnState::Done)).await;
    assert_eq!(sessions.session(&gone.id, NOW).await.unwrap(), None);
    assert_eq!(sessions.turns(&gone.id).await.unwrap(), []);
    assert_eq!(sessions.sessions(&owner, None, NOW).await.unwrap(), std::slice::from_ref(&stays));
    assert_eq!(sessions.turns(&stays.id).await.unwrap().len(), 1, "other sessions stay");
}

async fn expired_sessions_are_hidden_and_then_removed(sessions: &dyn Sessions) {
    let owner = person();
    let (old, young) = (session(&owner, &lecture(), NOW), session(&owner, &lecture(), NOW.plus(10)));
    for each in [&old, &young] {
        sessions.save_session(each).await.unwrap();
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
    let citation = Citation {
        number: 1,
        lecture: session.lecture.clone(),
        passage: PassageId::of(&session.lecture, 3),
        span: Span::new(Millis(10), Millis(20)),
        excerpt: "as she said".into(),
        score: 0.7,
    };
    Turn {
        query: QueryId::parse(query).unwrap(),
        session: session.id.clone(),
        lecture: session.lecture.clone(),
        asked: Timestamp(asked),
        playhead: Some(Millis(7)),
        question: "why?".into(),
        answer: "Because".into(),
        citations: vec![citation],
        spoken: Millis(0),
        generated: true,
        found: true,
        state,
        failure: None,
        timings: Default::default(),
        usage: Usage { tokens_in: 5, ..Usage::default() },
    }
}
