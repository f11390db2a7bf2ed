//! How the conversation answers to keys and messages.

use super::*;
use synapscribe_client::protocol::{TimingsDto, UsageDto};

pub fn lecture(id: &str, state: &str) -> LectureDto {
    LectureDto {
        lecture_id: id.into(),
        title: format!("Lecture {id}"),
        state: state.into(),
        progress: 0.4,
        duration: Some(360.0),
        bytes: None,
        format: None,
        tokens_used: None,
        created: 0,
        public: false,
        own: true,
        owner_name: None,
        added_by: "you".into(),
        s3_key: String::new(),
        error: None,
    }
}

pub fn cited(number: u32) -> ServerMessage {
    let citation = CitationDto {
        number,
        lecture_id: "a".into(),
        passage_id: "p".into(),
        from: 123.0,
        to: 137.0,
        excerpt: "the derivative of the outside".into(),
        score: 0.8,
        ..CitationDto::default()
    };
    ServerMessage::Citation { query_id: "q".into(), citation }
}

pub fn done() -> ServerMessage {
    let timings = TimingsDto { first_text_ms: Some(80), done_ms: Some(900), ..TimingsDto::default() };
    ServerMessage::AnswerDone {
        query_id: "q".into(),
        session_id: "s".into(),
        generated: false,
        found: true,
        timings,
        usage: UsageDto::default(),
    }
}

pub fn said(delta: &str) -> ServerMessage {
    ServerMessage::AnswerText { query_id: "q".into(), delta: delta.into() }
}

pub fn talking(releases: bool) -> Talk {
    let mut talk = Talk::new(Some("b".into()), releases);
    talk.listed(vec![lecture("a", "ready"), lecture("b", "ready")]);
    talk.hears = true;
    talk
}

fn press(talk: &mut Talk, code: KeyCode) -> Vec<Act> {
    talk.key(KeyEvent::new(code, KeyModifiers::NONE), Instant::now())
}

fn space(talk: &mut Talk, kind: KeyEventKind, at: Instant) -> Vec<Act> {
    talk.key(KeyEvent::new_with_kind(KeyCode::Char(' '), KeyModifiers::NONE, kind), at)
}

#[test]
fn a_question_is_spoken_while_space_is_held() {
    let mut talk = talking(true);
    assert_eq!((talk.screen, talk.lecture().unwrap().lecture_id.as_str()), (Screen::Conversation, "b"));
    let start = Instant::now();
    assert_eq!(space(&mut talk, KeyEventKind::Press, start), [Act::Hush, Act::Record]);
    assert_eq!(space(&mut talk, KeyEventKind::Repeat, start), []);
    assert_eq!(space(&mut talk, KeyEventKind::Release, start + Duration::from_secs(2)), [Act::AskRecording]);
    assert_eq!(talk.phase, Phase::Answering);
    talk.message(&said("Because."));
    talk.message(&done());
    assert_eq!(talk.phase, Phase::Speaking);
    talk.tick(start, 0.0, 0.0, false, false);
    assert_eq!((talk.phase, talk.turns[0].answer.text.as_str()), (Phase::Ready, "Because."));
}

#[test]
fn whoever_presses_before_the_microphone_is_open_waits_for_it_and_never_for_an_answer() {
    let start = Instant::now();
    for gone in [false, true] {
        let mut talk = talking(true);
        talk.hears = false;
        assert_eq!(space(&mut talk, KeyEventKind::Press, start), [Act::Hush, Act::Record]);
        if gone {
            talk.deaf("no microphone was found".into());
            assert_eq!((talk.phase, talk.notice.as_deref()), (Phase::Ready, Some("no microphone was found")));
        }
        let acts = space(&mut talk, KeyEventKind::Release, start + Duration::from_secs(2));
        assert_eq!((acts.contains(&Act::AskRecording), talk.phase), (false, Phase::Ready));
        assert!(talk.turns.is_empty() && talk.notice.is_some());
    }
}

#[test]
fn a_slip_of_the_finger_asks_nothing() {
    let mut talk = talking(true);
    let start = Instant::now();
    space(&mut talk, KeyEventKind::Press, start);
    assert_eq!(space(&mut talk, KeyEventKind::Release, start + Duration::from_millis(80)), [Act::Discard]);
    assert!(talk.notice.as_ref().unwrap().contains("Hold space"));
    assert!(talk.turns.is_empty());
}

#[test]
fn space_interrupts_an_answer_and_goes_on_to_listen_when_held() {
    for (releases, expected) in
        [(true, vec![Act::Cancel, Act::Hush, Act::Hush, Act::Record]), (false, vec![Act::Cancel, Act::Hush])]
    {
        let mut talk = talking(releases);
        talk.input = "why".into();
        assert_eq!(press(&mut talk, KeyCode::Enter), [Act::Hush, Act::AskText("why".into())]);
        talk.message(&said("Beca"));
        assert_eq!(space(&mut talk, KeyEventKind::Press, Instant::now()), expected);
        assert_eq!(talk.turns[0].note.as_deref(), Some("stopped"));
    }
}

#[test]
fn without_a_microphone_typing_works_and_the_reason_is_said() {
    let mut talk = talking(true);
    talk.no_microphone = Some("no microphone was found".into());
    assert_eq!(space(&mut talk, KeyEventKind::Press, Instant::now()), []);
    assert_eq!(talk.notice.as_deref(), Some("no microphone was found"));
    for c in "why is 2 that".chars() {
        assert_eq!(press(&mut talk, KeyCode::Char(c)), []);
    }
    assert_eq!(press(&mut talk, KeyCode::Enter), [Act::Hush, Act::AskText("why is 2 that".into())]);
    assert_eq!(press(&mut talk, KeyCode::Enter), []);
}

#[test]
fn a_number_plays_the_lecturers_own_seconds() {
    let mut talk = talking(true);
    talk.input = "why".into();
    press(&mut talk, KeyCode::Enter);
    talk.message(&cited(1));
    talk.message(&done());
    assert_eq!(press(&mut talk, KeyCode::Char('2')), []);
    let acts = press(&mut talk, KeyCode::Char('1'));
    assert!(matches!(acts.as_slice(), [Act::Hush, Act::PlayClip(cited)] if cited.from == 123.0), "{acts:?}");
    assert_eq!(talk.playhead, Some(137.0));
}

fn asked_and_cited(talk: &mut Talk, numbers: std::ops::RangeInclusive<u32>) {
    talk.input = "why".into();
    press(talk, KeyCode::Enter);
    numbers.for_each(|number| talk.message(&cited(number)));
    talk.message(&done());
}

fn played(acts: &[Act]) -> Option<u32> {
    acts.iter().find_map(|act| if let Act::PlayClip(cited) = act { Some(cited.number) } else { None })
}

#[test]
fn tab_goes_through_every_source_of_every_answer() {
    let mut talk = talking(true);
    assert_eq!(press(&mut talk, KeyCode::Tab), []);
    assert_eq!(talk.marked, None);
    asked_and_cited(&mut talk, 1..=2);
    asked_and_cited(&mut talk, 1..=11);
    let mut heard = Vec::new();
    for _ in 0..14 {
        press(&mut talk, KeyCode::Tab);
        heard.push((talk.marked.unwrap().turn, played(&press(&mut talk, KeyCode::Enter)).unwrap()));
    }
    let expected: Vec<_> = (1..=11).map(|number| (1, number)).chain([(0, 1), (0, 2), (1, 1)]).collect();
    assert_eq!(heard, expected);
    press(&mut talk, KeyCode::BackTab);
    assert_eq!(played(&press(&mut talk, KeyCode::Enter)), Some(2));
    press(&mut talk, KeyCode::Esc);
    assert_eq!((talk.marked, talk.screen), (None, Screen::Conversation));
}

#[test]
fn a_number_is_of_the_last_answer_and_begins_a_question_where_nothing_is_cited() {
    let mut talk = talking(true);
    asked_and_cited(&mut talk, 1..=2);
    talk.input = "and".into();
    press(&mut talk, KeyCode::Enter);
    talk.message(&done());
    assert_eq!(press(&mut talk, KeyCode::Char('2')), []);
    assert_eq!(talk.input, "2");
    talk.input.clear();
    asked_and_cited(&mut talk, 1..=1);
    assert_eq!(press(&mut talk, KeyCode::Char('2')), []);
    assert!(talk.notice.as_deref().is_some_and(|notice| notice.contains("no source 2")), "{:?}", talk.notice);
}

#[test]
fn escape_steps_back_one_thing_at_a_time() {
    let mut talk = talking(true);
    talk.input = "why".into();
    assert_eq!(press(&mut talk, KeyCode::Esc), []);
    talk.input = "why".into();
    press(&mut talk, KeyCode::Enter);
    assert_eq!(press(&mut talk, KeyCode::Esc), [Act::Cancel, Act::Hush]);
    assert_eq!(press(&mut talk, KeyCode::Esc), [Act::Hush, Act::Reload]);
    assert_eq!(talk.screen, Screen::Lectures);
    assert_eq!(press(&mut talk, KeyCode::Esc), [Act::Quit]);
}

#[test]
fn only_a_ready_lecture_is_opened() {
    let mut talk = Talk::new(None, true);
    assert_eq!(press(&mut talk, KeyCode::Enter), []);
    talk.listed(vec![lecture("a", "transcribing"), lecture("b", "ready")]);
    press(&mut talk, KeyCode::Enter);
    assert_eq!(talk.screen, Screen::Lectures);
    assert!(talk.notice.as_ref().unwrap().contains("still being worked on"));
    press(&mut talk, KeyCode::Down);
    press(&mut talk, KeyCode::Down);
    press(&mut talk, KeyCode::Enter);
    assert_eq!((talk.screen, talk.cursor), (Screen::Conversation, 1));
}

#[test]
fn a_full_recording_is_asked_by_itself() {
    let mut talk = talking(true);
    let start = Instant::now();
    space(&mut talk, KeyEventKind::Press, start);
    assert_eq!(talk.tick(start + Duration::from_secs(60), 0.5, 60.0, true, false), [Act::AskRecording]);
    assert_eq!(space(&mut talk, KeyEventKind::Release, start + Duration::from_secs(61)), []);
}

#[test]
fn a_failure_is_shown_where_it_belongs() {
    let mut talk = talking(true);
    talk.input = "why".into();
    press(&mut talk, KeyCode::Enter);
    talk.failed(&ClientError::new("x", "the server is away"));
    assert_eq!((talk.phase, talk.turns[0].note.as_deref()), (Phase::Ready, Some("the server is away")));
}
