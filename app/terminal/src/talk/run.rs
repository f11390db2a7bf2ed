//! Connects the conversation to the keyboard, the server and the sound. Decides nothing itself.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use crossterm::event::{Event, EventStream, KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags};
use crossterm::execute;
use futures::StreamExt as _;
use synapscribe_client::audio::{Playback, Player, Recorder, SPEECH_RATE, clip};
use synapscribe_client::protocol::ServerMessage;
use synapscribe_client::protocol::rest::LectureDto;
use synapscribe_client::{Answer, Ask, Client, ClientError, Question};
use tokio::sync::mpsc;

use super::state::{Act, Phase, Screen, Talk};
use super::view::{Looks, draw};
use crate::cli::{self, Global};
use crate::cmd::{named, served};
use crate::exit::Exit;
use crate::out::Out;

/// How often the meter and the clock are looked at.
const TICK: Duration = Duration::from_millis(50);

/// How often the list of lectures is looked at while it is shown.
const RELOAD: Duration = Duration::from_secs(3);

/// Runs the full screen until the student leaves.
pub async fn run(talk: &cli::Talk, global: &Global, out: Out) -> Result<Exit> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(ClientError::new("no_terminal", "talk needs a terminal; use `ask` in scripts").into());
    }
    served(global, out, async |connected| {
        let client = connected.client.clone();
        let lecture = match &talk.lecture {
            None => None,
            // One that is not there is said so before the screen is taken.
            Some(name) => Some(client.lecture(&named::lecture(&client, name).await?).await?.lecture_id),
        };
        let screen = TheScreen::enter();
        Conversation::new(client, lecture, screen.releases, Looks { colours: out.colours() }).run(screen).await?;
        Ok(Exit::Done)
    })
    .await
}

/// The terminal as long as it is ours; it is given back however this ends.
struct TheScreen {
    terminal: ratatui::DefaultTerminal,
    releases: bool,
}

impl TheScreen {
    fn enter() -> Self {
        // The hook that `init` installs also gives the terminal back after a panic.
        let terminal = ratatui::init();
        let releases = crossterm::terminal::supports_keyboard_enhancement().unwrap_or(false);
        if releases {
            let flags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES
                | KeyboardEnhancementFlags::REPORT_EVENT_TYPES
                | KeyboardEnhancementFlags::REPORT_ALL_KEYS_AS_ESCAPE_CODES;
            let _ = execute!(std::io::stdout(), PushKeyboardEnhancementFlags(flags));
        }
        Self { terminal, releases }
    }
}

impl Drop for TheScreen {
    fn drop(&mut self) {
        if self.releases {
            let _ = execute!(std::io::stdout(), PopKeyboardEnhancementFlags);
        }
        ratatui::restore();
    }
}

/// What the tasks beside the loop report.
enum Report {
    Lectures(Result<Vec<LectureDto>, ClientError>),
    Microphone(Result<Arc<Recorder>, ClientError>),
    Speaker(Result<Arc<Player>, ClientError>),
    /// An answer begins, with the number of its question.
    Asked(u64, Box<Result<Answer, ClientError>>),
    Clip(u64, Result<synapscribe_client::audio::Clip, ClientError>),
}

struct Conversation {
    client: Client,
    talk: Talk,
    looks: Looks,
    recorder: Option<Arc<Recorder>>,
    player: Option<Arc<Player>>,
    answer: Option<Answer>,
    playback: Playback,
    session: String,
    // Counts questions and clips, so that what was given up is not taken for what came after.
    turn: u64,
    fetching: bool,
    reports: mpsc::Sender<Report>,
    inbox: mpsc::Receiver<Report>,
}

impl Conversation {
    fn new(client: Client, lecture: Option<String>, releases: bool, looks: Looks) -> Self {
        let (reports, inbox) = mpsc::channel(16);
        Self {
            client,
            talk: Talk::new(lecture, releases),
            looks,
            recorder: None,
            player: None,
            answer: None,
            playback: Playback::default(),
            session: new_session(),
            turn: 0,
            fetching: false,
            reports,
            inbox,
        }
    }

    async fn run(mut self, mut screen: TheScreen) -> Result<()> {
        let longest = Duration::from_secs(self.client.discovery().limits.query_seconds);
        self.spawn_blocking(move || Report::Microphone(Recorder::open(longest).map(Arc::new)));
        self.spawn_blocking(|| Report::Speaker(Player::open().map(Arc::new)));
        let mut connection = self.client.connection();
        self.reload();
        let mut keys = EventStream::new();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut reload = tokio::time::interval(RELOAD);
        loop {
            self.talk.connection = *connection.borrow_and_update();
            let looks = self.looks;
            screen.terminal.draw(|frame| draw(frame, &self.talk, looks))?;
            let acts = tokio::select! {
                key = keys.next() => match key {
                    Some(Ok(Event::Key(key))) => self.talk.key(key, Instant::now()),
                    Some(Ok(_)) => Vec::new(),
                    // The terminal is gone.
                    Some(Err(_)) | None => return Ok(()),
                },
                Some(report) = self.inbox.recv() => {
                    self.take(report);
                    Vec::new()
                },
                message = next(&mut self.answer) => {
                    self.heard(message);
                    Vec::new()
                },
                _ = tick.tick() => self.tick(),
                _ = reload.tick() => {
                    if self.talk.screen == Screen::Lectures {
                        self.reload();
                    }
                    Vec::new()
                },
                changed = connection.changed() => {
                    if changed.is_err() {
                        connection = self.client.connection();
                    }
                    Vec::new()
                },
            };
            for act in acts {
                if act == Act::Quit {
                    return Ok(());
                }
                self.act(act).await;
            }
        }
    }

    fn tick(&mut self) -> Vec<Act> {
        let (level, seconds, full) = self.recorder.as_ref().map_or((0.0, 0.0, false), |r| (r.level(), r.seconds(), r.is_full()));
        let sounding = self.fetching || self.player.as_ref().is_some_and(|player| !player.is_idle());
        self.talk.tick(Instant::now(), level, seconds, full, sounding)
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Record => {
                if let Some(recorder) = &self.recorder {
                    recorder.start();
                }
            }
            Act::Discard => {
                if let Some(recorder) = &self.recorder {
                    recorder.discard();
                }
            }
            Act::AskRecording => {
                let Some(recorder) = self.recorder.clone() else { return };
                self.ask(async move {
                    let taken = recorder.stop().await?;
                    Ok(Question::Samples { samples: taken.samples, rate: SPEECH_RATE })
                });
            }
            Act::AskText(text) => self.ask(async move { Ok(Question::Text(text)) }),
            Act::Cancel => {
                self.turn += 1;
                if let Some(answer) = self.answer.take() {
                    let _ = self.client.cancel(&answer.query_id).await;
                }
            }
            Act::Hush => {
                // A clip that is still being fetched is not wanted any more.
                self.turn += u64::from(std::mem::take(&mut self.fetching));
                if let Some(player) = &self.player {
                    player.stop();
                }
            }
            Act::PlayClip(cited) => {
                self.turn += 1;
                self.fetching = true;
                let (client, reports, turn) = (self.client.clone(), self.reports.clone(), self.turn);
                tokio::spawn(async move {
                    let clip = clip(&client, &cited.lecture_id, cited.from, cited.to).await;
                    let _ = reports.send(Report::Clip(turn, clip)).await;
                });
            }
            Act::Reload => {
                self.session = new_session();
                self.reload();
            }
            Act::Quit => {}
        }
    }

    fn ask(&mut self, question: impl Future<Output = Result<Question, ClientError>> + Send + 'static) {
        self.turn += 1;
        (self.answer, self.playback) = (None, Playback::default());
        let Some(lecture) = self.talk.lecture().map(|lecture| lecture.lecture_id.clone()) else { return };
        let (client, reports, turn) = (self.client.clone(), self.reports.clone(), self.turn);
        let (session, playhead) = (self.session.clone(), self.talk.playhead);
        tokio::spawn(async move {
            let asking = async {
                let question = question.await?;
                client.ask(Ask { session: Some(session), playhead, ..Ask::lecture(lecture, question) }).await
            };
            let answer = asking.await;
            let _ = reports.send(Report::Asked(turn, Box::new(answer))).await;
        });
    }

    fn take(&mut self, report: Report) {
        match report {
            Report::Lectures(Ok(lectures)) => {
                if self.talk.screen == Screen::Lectures {
                    self.talk.listed(lectures);
                }
            }
            Report::Lectures(Err(error)) => self.talk.notice = Some(error.message),
            Report::Microphone(Ok(recorder)) => {
                // Whoever pressed the key before is waiting to speak.
                if self.talk.phase == Phase::Recording {
                    recorder.start();
                }
                self.talk.hears = true;
                self.recorder = Some(recorder);
            }
            Report::Microphone(Err(error)) => self.talk.deaf(error.message),
            Report::Speaker(Ok(player)) => self.player = Some(player),
            Report::Speaker(Err(error)) => self.talk.no_speaker = Some(error.message),
            // An answer to a question that was given up is dropped, which stops it on the server too.
            Report::Asked(turn, _) | Report::Clip(turn, _) if turn != self.turn => {}
            Report::Asked(_, answer) => match *answer {
                Ok(answer) => self.answer = Some(answer),
                Err(error) => self.talk.failed(&error),
            },
            Report::Clip(_, clip) => {
                self.fetching = false;
                match (clip, &self.player) {
                    (Ok(clip), Some(player)) => {
                        player.play_f32(&clip.samples, clip.rate);
                        player.finish();
                    }
                    (Err(error), _) => {
                        self.talk.phase = Phase::Ready;
                        self.talk.notice = Some(error.message);
                    }
                    (Ok(_), None) => {}
                }
            }
        }
    }

    fn heard(&mut self, message: Option<Result<ServerMessage, ClientError>>) {
        match message {
            None => self.answer = None,
            Some(Err(error)) => {
                self.answer = None;
                self.talk.failed(&error);
            }
            Some(Ok(message)) => {
                if let (Some(player), Some(answer)) = (&self.player, &self.answer) {
                    self.playback.take(&message, answer.so_far(), player);
                }
                self.talk.message(&message);
            }
        }
    }

    fn reload(&self) {
        let (client, reports) = (self.client.clone(), self.reports.clone());
        tokio::spawn(async move {
            let lectures = client.lectures().await;
            let _ = reports.send(Report::Lectures(lectures)).await;
        });
    }

    fn spawn_blocking(&self, work: impl FnOnce() -> Report + Send + 'static) {
        let reports = self.reports.clone();
        tokio::task::spawn_blocking(move || drop(reports.blocking_send(work())));
    }
}

/// The next message of the answer that is coming; waits for ever when there is none.
async fn next(answer: &mut Option<Answer>) -> Option<Result<ServerMessage, ClientError>> {
    match answer {
        Some(answer) => answer.next().await,
        None => std::future::pending().await,
    }
}

/// Sessions are named by the client; each conversation has its own.
fn new_session() -> String {
    synapscribe_client::new_session_id()
}
