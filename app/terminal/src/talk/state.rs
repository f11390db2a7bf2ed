//! What the conversation is at and what a key or a message makes of it. Does no I/O: it says what is to be done.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use synapscribe_client::protocol::ServerMessage;
use synapscribe_client::protocol::rest::LectureDto;
use synapscribe_client::protocol::server::CitationDto;
use synapscribe_client::{Assembled, ClientError, Connection};

use super::key::{Meaning, Stroke, TalkKey};
use super::sources::Marked;

/// A shorter press was a slip of the finger.
const SLIP: Duration = Duration::from_millis(300);

/// What is to be done outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Open the microphone's gate.
    Record,
    /// Close it and ask what was recorded.
    AskRecording,
    /// Close it and forget what was recorded.
    Discard,
    /// Ask in writing.
    AskText(String),
    /// Stop the answer on the server.
    Cancel,
    /// Fall silent.
    Hush,
    /// Play the lecturer's own seconds.
    PlayClip(CitationDto),
    /// Fetch the list of lectures.
    Reload,
    /// Leave.
    Quit,
}

/// Where the conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The student may speak.
    Ready,
    /// The student speaks.
    Recording,
    /// The question is on its way, or the answer is coming.
    Answering,
    /// The answer is whole and is being played.
    Speaking,
}

/// A question and its answer so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Turn {
    /// What was received.
    pub answer: Assembled,
    /// How it ended, when not with an answer.
    pub note: Option<String>,
}

/// Which screen is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// The list of lectures.
    Lectures,
    /// The conversation.
    Conversation,
}

/// The conversation.
#[derive(Debug)]
pub struct Talk {
    /// Which screen is shown.
    pub screen: Screen,
    /// All lectures; `None` until they are known.
    pub lectures: Option<Vec<LectureDto>>,
    /// The lecture under the cursor.
    pub cursor: usize,
    /// Where the conversation stands.
    pub phase: Phase,
    /// What was asked and answered.
    pub turns: Vec<Turn>,
    /// What is being typed.
    pub input: String,
    /// How loud the microphone is, 0 to 1.
    pub level: f32,
    /// Seconds recorded.
    pub recorded: f64,
    /// Whether the microphone is open; that takes a moment, and longer on a busy machine.
    pub hears: bool,
    /// Why there is no microphone.
    pub no_microphone: Option<String>,
    /// Why there is no loudspeaker.
    pub no_speaker: Option<String>,
    /// A word to the student.
    pub notice: Option<String>,
    /// Whether the server is in touch.
    pub connection: Connection,
    /// Lines scrolled up from the end.
    pub scroll: usize,
    /// Where in the lecture the student is, after listening to a place.
    pub playhead: Option<f64>,
    /// The source under the cursor.
    pub marked: Option<Marked>,
    pub(super) key: TalkKey,
    began: Option<Instant>,
    wanted: Option<String>,
}

impl Talk {
    /// Begins; `lecture` is chosen as soon as it is known.
    pub fn new(lecture: Option<String>, releases: bool) -> Self {
        Self {
            screen: Screen::Lectures,
            lectures: None,
            cursor: 0,
            phase: Phase::Ready,
            turns: Vec::new(),
            input: String::new(),
            level: 0.0,
            recorded: 0.0,
            hears: false,
            no_microphone: None,
            no_speaker: None,
            notice: None,
            connection: Connection::Idle,
            scroll: 0,
            playhead: None,
            marked: None,
            key: TalkKey::new(releases),
            began: None,
            wanted: lecture,
        }
    }

    /// The lecture under the cursor.
    pub fn lecture(&self) -> Option<&LectureDto> {
        self.lectures.as_ref()?.get(self.cursor)
    }

    /// Whether the talk key is held down rather than pressed twice.
    pub fn holds(&self) -> bool {
        self.key.is_held()
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, now: Instant) -> Vec<Act> {
        let pressed = key.kind != KeyEventKind::Release;
        if pressed && key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
            return vec![Act::Cancel, Act::Hush, Act::Quit];
        }
        match self.screen {
            Screen::Lectures if pressed => self.list_key(key.code),
            Screen::Lectures => Vec::new(),
            Screen::Conversation => self.conversation_key(key, now),
        }
    }

    fn list_key(&mut self, code: KeyCode) -> Vec<Act> {
        let last = self.lectures.as_ref().map_or(0, |list| list.len().saturating_sub(1));
        match code {
            KeyCode::Up | KeyCode::Char('k') => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => self.cursor = (self.cursor + 1).min(last),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = last,
            KeyCode::Enter | KeyCode::Right => self.open(),
            KeyCode::Char('r') => return vec![Act::Reload],
            KeyCode::Char('q') | KeyCode::Esc => return vec![Act::Quit],
            _ => {}
        }
        Vec::new()
    }

    fn open(&mut self) {
        let Some(lecture) = self.lecture() else { return };
        if lecture.state != "ready" {
            let why = lecture.error.as_ref().map_or("it is still being worked on".to_owned(), |error| error.message.clone());
            self.notice = Some(format!("This lecture cannot be asked: {why}."));
            return;
        }
        (self.screen, self.notice, self.scroll, self.playhead) = (Screen::Conversation, None, 0, None);
        self.turns.clear();
        self.marked = None;
    }

    fn conversation_key(&mut self, key: KeyEvent, now: Instant) -> Vec<Act> {
        // While something is typed, a space is a space.
        if key.code == KeyCode::Char(' ') && self.input.is_empty() {
            return self.talk_key(key.kind, now);
        }
        if key.kind == KeyEventKind::Release {
            return Vec::new();
        }
        match key.code {
            KeyCode::Enter if self.input.is_empty() && self.marked.is_some() => return self.play_marked(),
            KeyCode::Enter => return self.send(),
            KeyCode::Tab => self.marked = self.next_marked(true),
            KeyCode::BackTab => self.marked = self.next_marked(false),
            KeyCode::Esc => return self.step_back(),
            KeyCode::Backspace => drop(self.input.pop()),
            KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => self.input.clear(),
            // Where nothing is cited, a digit begins a question.
            KeyCode::Char(digit @ '1'..='9') if self.input.is_empty() && self.last_cites() => return self.play_number(digit),
            KeyCode::Char(c)
                if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
                    && self.input.chars().count() < synapscribe_client::protocol::limits::QUESTION =>
            {
                self.input.push(c);
            }
            KeyCode::Up => self.scroll += 1,
            KeyCode::Down => self.scroll = self.scroll.saturating_sub(1),
            KeyCode::PageUp => self.scroll += 10,
            KeyCode::PageDown => self.scroll = self.scroll.saturating_sub(10),
            _ => {}
        }
        Vec::new()
    }

    fn talk_key(&mut self, kind: KeyEventKind, now: Instant) -> Vec<Act> {
        let stroke = match kind {
            KeyEventKind::Press => Stroke::Press,
            KeyEventKind::Repeat => Stroke::Repeat,
            KeyEventKind::Release => Stroke::Release,
        };
        if matches!(self.phase, Phase::Answering | Phase::Speaking) {
            // Only a fresh press interrupts; the end of the last question's press does not.
            return if stroke == Stroke::Press { self.interrupt(now) } else { Vec::new() };
        }
        let meaning = self.key.stroke(stroke, now);
        self.mean(meaning, now)
    }

    fn interrupt(&mut self, now: Instant) -> Vec<Act> {
        let mut acts = if self.phase == Phase::Answering { self.stop() } else { vec![Act::Hush] };
        self.phase = Phase::Ready;
        self.key.reset();
        // A key that is held goes on to record; one that is pressed twice is pressed again to ask.
        if self.key.is_held() {
            let meaning = self.key.stroke(Stroke::Press, now);
            acts.extend(self.mean(meaning, now));
        }
        acts
    }

    /// Stops the answer that is coming; what of it is shown stays.
    pub(super) fn stop(&mut self) -> Vec<Act> {
        if let Some(turn) = self.turns.last_mut() {
            turn.note = Some("stopped".into());
        }
        vec![Act::Cancel, Act::Hush]
    }

    fn mean(&mut self, meaning: Meaning, now: Instant) -> Vec<Act> {
        match meaning {
            Meaning::Begin => {
                if let Some(why) = &self.no_microphone {
                    self.notice = Some(why.clone());
                    self.key.reset();
                    return Vec::new();
                }
                (self.phase, self.began, self.notice, self.recorded) = (Phase::Recording, Some(now), None, 0.0);
                vec![Act::Hush, Act::Record]
            }
            Meaning::End if self.phase == Phase::Recording && !self.hears => {
                self.phase = Phase::Ready;
                self.notice = Some("The microphone was not open yet; try once more.".into());
                vec![Act::Discard]
            }
            Meaning::End if self.phase == Phase::Recording => {
                if self.began.is_some_and(|began| now.duration_since(began) < SLIP) {
                    self.phase = Phase::Ready;
                    let how = if self.key.is_held() {
                        "Hold space while you speak."
                    } else {
                        "Press space, speak, and press space again."
                    };
                    self.notice = Some(how.into());
                    return vec![Act::Discard];
                }
                self.ask();
                vec![Act::AskRecording]
            }
            _ => Vec::new(),
        }
    }

    fn ask(&mut self) {
        self.phase = Phase::Answering;
        self.turns.push(Turn::default());
        (self.scroll, self.notice, self.marked) = (0, None, None);
    }

    fn send(&mut self) -> Vec<Act> {
        let text = self.input.trim().to_owned();
        if text.is_empty() {
            return Vec::new();
        }
        let mut acts = match self.phase {
            Phase::Answering => self.stop(),
            Phase::Recording => vec![Act::Discard],
            Phase::Ready | Phase::Speaking => vec![Act::Hush],
        };
        self.key.reset();
        self.input.clear();
        self.ask();
        if let Some(turn) = self.turns.last_mut() {
            turn.answer.question = Some(text.clone());
        }
        acts.push(Act::AskText(text));
        acts
    }

    fn step_back(&mut self) -> Vec<Act> {
        self.key.reset();
        if !self.input.is_empty() {
            self.input.clear();
            return Vec::new();
        }
        if self.marked.take().is_some() {
            return Vec::new();
        }
        match std::mem::replace(&mut self.phase, Phase::Ready) {
            Phase::Recording => vec![Act::Discard],
            Phase::Answering => self.stop(),
            Phase::Speaking => vec![Act::Hush],
            Phase::Ready => {
                (self.screen, self.notice) = (Screen::Lectures, None);
                vec![Act::Hush, Act::Reload]
            }
        }
    }

    /// Looks at the clock and at the sound.
    pub fn tick(&mut self, now: Instant, level: f32, recorded: f64, full: bool, sounding: bool) -> Vec<Act> {
        (self.level, self.recorded) = (level, recorded);
        if self.phase == Phase::Speaking && !sounding {
            self.phase = Phase::Ready;
            self.notice = None;
        }
        let meaning = if full && self.phase == Phase::Recording { Meaning::End } else { self.key.tick(now) };
        if full {
            self.key.reset();
        }
        self.mean(meaning, now)
    }

    /// Takes why there is no microphone.
    pub fn deaf(&mut self, why: String) {
        if self.phase == Phase::Recording {
            (self.phase, self.notice) = (Phase::Ready, Some(why.clone()));
            self.key.reset();
        }
        self.no_microphone = Some(why);
    }

    /// Takes the list of lectures.
    pub fn listed(&mut self, lectures: Vec<LectureDto>) {
        let held = self.wanted.take().or_else(|| self.lecture().map(|lecture| lecture.lecture_id.clone()));
        let opening = self.lectures.is_none() && held.is_some();
        self.cursor = held.and_then(|id| lectures.iter().position(|lecture| lecture.lecture_id == id)).unwrap_or(0);
        self.lectures = Some(lectures);
        if opening {
            self.open();
        }
    }

    /// Takes a message about the question that is being answered.
    pub fn message(&mut self, message: &ServerMessage) {
        let Some(turn) = self.turns.last_mut() else { return };
        turn.answer.take(message);
        match message {
            ServerMessage::Error { error, .. } => turn.note = Some(error.message.clone()),
            ServerMessage::Cancelled { .. } => turn.note = Some("stopped".into()),
            _ => {}
        }
        if message.ends_query() && self.phase == Phase::Answering {
            self.phase = Phase::Speaking;
        }
    }

    /// Takes a failure of the question that is being answered.
    pub fn failed(&mut self, error: &ClientError) {
        if self.phase == Phase::Answering {
            self.phase = Phase::Ready;
        }
        match self.turns.last_mut() {
            Some(turn) if turn.answer.done.is_none() => turn.note = Some(error.message.clone()),
            _ => self.notice = Some(error.message.clone()),
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
