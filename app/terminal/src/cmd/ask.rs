//! `ask`: one question, by text, recording or microphone, and its answer as it comes.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use synapscribe_client::audio::{Playback, Player, Recorder, wav};
use synapscribe_client::protocol::ServerMessage;
use synapscribe_client::protocol::client::SpeechWish;
use synapscribe_client::{Answer, Client, ClientError, Question, Scope, code};
use tokio::io::AsyncReadExt as _;

use super::serve::stopped;
use super::{Connected, named, served};
use crate::cli::{Ask, Global};
use crate::exit::Exit;
use crate::flow::Flow;
use crate::out::{Look, Out};
use crate::text::{self, Asked, Titles};

/// Bytes that are read of a question from the standard input.
const LONGEST_INPUT: u64 = 64 * 1024;

/// The server has this long to confirm that it stopped.
const STOPPING: Duration = Duration::from_secs(2);

/// Asks and shows the answer; Ctrl-C stops it politely.
pub async fn run(ask: &Ask, global: &Global, out: Out) -> Result<Exit> {
    // Whoever asked in vain because of this would have waited for nothing.
    if let Some(place) = &ask.save {
        wav::check_place(place)?;
    }
    served(global, out, async |connected| run_on(ask, connected, out).await).await
}

async fn run_on(ask: &Ask, connected: &Connected, out: Out) -> Result<Exit> {
    let client = &connected.client;
    let (lectures, documents) = named::sources(client, &ask.lecture, &ask.documents).await?;
    let lecture = lectures.into_iter().next().unwrap_or_default();
    let session = match &ask.session {
        // Whether a session is about these documents, the server says.
        Some(name) if !documents.is_empty() => Some(name.clone()),
        Some(name) => Some(named::session_to_ask_in(client, name, &lecture, out).await?),
        None => None,
    };
    if let Some(voice) = &ask.voice {
        client.check_voice(voice).await?;
    }
    if ask.lecture.as_deref() == Some("sample") {
        // A host that was started a moment ago may be making its sample yet.
        tokio::select! {
            ready = super::ready(client, &lecture, out) => drop(ready?),
            () = stopped() => return Ok(Exit::Cancelled),
        }
    }
    let question = if ask.text.as_deref() == Some("-") {
        match from_input(out).await? {
            Some(question) => question,
            None => return Ok(Exit::Cancelled),
        }
    } else if let Some(text) = &ask.text {
        Question::Text(text.clone())
    } else if let Some(file) = &ask.audio {
        Question::File(file.clone())
    } else {
        // The connection is made while the student speaks.
        let _ = client.connection();
        match by_microphone(client, out).await? {
            Some(question) => question,
            None => return Ok(Exit::Cancelled),
        }
    };
    let asked = Asked::of(!lecture.is_empty(), documents.len());
    let question = synapscribe_client::Ask {
        of: Scope::of(Some(lecture).filter(|id| !id.is_empty()), documents),
        session,
        question,
        playhead: ask.playhead,
        page: None,
        speech: Some(SpeechWish { speak: !ask.silent, voice: ask.voice.clone(), speed: ask.speed.unwrap_or(1.0) }),
    };
    let titles = async {
        // Answers come without them too.
        if asked == Asked::Several { named::titles(client).await.unwrap_or_default() } else { Titles::default() }
    };
    let (asking, titles) = tokio::select! {
        (answer, titles) = async { tokio::join!(client.ask(question), titles) } => (answer?, titles),
        () = stopped() => return Ok(Exit::Cancelled),
    };
    let play = ask.play || (ask.mic && !ask.silent);
    follow(client, asking, &Of { asked, titles }, play, ask.save.as_deref(), out).await
}

/// What an answer is of, as far as its reader is to be told.
pub struct Of {
    /// What was asked.
    pub asked: Asked,
    /// What citations are shown with.
    pub titles: Titles,
}

impl Of {
    /// One lecture.
    pub fn lecture() -> Self {
        Self { asked: Asked::Lecture, titles: Titles::default() }
    }
}

/// Shows an answer to its end, plays it, saves it.
pub async fn follow(client: &Client, mut answer: Answer, of: &Of, play: bool, save: Option<&Path>, out: Out) -> Result<Exit> {
    let speaker = if play { open_speaker(out).await } else { None };
    let (query, session) = (answer.query_id.clone(), answer.session_id.clone());
    let mut view = View { out, titles: &of.titles, flow: Flow::new(out.width()), in_text: false };
    let mut exit = Exit::Done;
    let mut stopping = false;
    let mut playback = Playback::default();
    let mut muted: Option<ClientError> = None;
    let mut stop = std::pin::pin!(stopped());
    loop {
        let message = tokio::select! {
            message = answer.next() => message,
            () = &mut stop, if !stopping => {
                stopping = true;
                exit = Exit::Cancelled;
                if let Some(speaker) = &speaker {
                    speaker.stop();
                }
                client.cancel(&query).await?;
                continue;
            }
            () = tokio::time::sleep(STOPPING), if stopping => break,
        };
        let Some(message) = message else { break };
        let message = message?;
        out.event(&message)?;
        view.show(&message)?;
        if let Some(speaker) = &speaker
            && !stopping
        {
            playback.take(&message, answer.so_far(), speaker);
        }
        if let ServerMessage::Error { about: Some(_), error, .. } = &message {
            // The text goes on, and what it means for whoever wants to hear it is told at its end.
            muted = Some(ClientError::from(error.clone()));
            continue;
        }
        if let ServerMessage::Error { error, .. } = &message {
            view.end_text()?;
            let error = ClientError::from(error.clone());
            if !out.json {
                out.error(&error);
            }
            exit = Exit::of(&error);
        }
        if matches!(message, ServerMessage::Cancelled { .. }) {
            exit = Exit::Cancelled;
        }
    }
    view.end_text()?;
    let mut whole = answer.into_assembled();
    if let Some(done) = &whole.done {
        let said = text::provenance(of.asked, done.generated, done.found, whole.citations.len());
        if !said.is_empty() {
            out.line(out.paint(Look::Dim, &said))?;
        }
        out.line(out.paint(Look::Dim, &text::timings(&done.timings)))?;
        out.line(out.paint(Look::Dim, &format!("to go on: --session {session}")))?;
        if save.is_some()
            && !whole.audio_complete
            && muted.is_none()
            && let Ok((audio, rate)) = client.spoken_answer(&query).await
        {
            // A connection that broke may have swallowed some of the speech; the server keeps all of it.
            (whole.audio, whole.rate) = (audio, rate);
        }
    }
    let spoken = !whole.audio.is_empty();
    if let Some(path) = save.filter(|_| spoken) {
        let (file, rate) = (PathBuf::from(path), whole.rate);
        tokio::task::spawn_blocking(move || wav::save(&file, &whole.audio, rate)).await??;
        out.line(format!("the spoken answer is in {}", path.display()))?;
    }
    if let Some(error) = unheard(muted, save, spoken, exit) {
        if save.is_some() {
            out.error(&error);
            exit = exit.worse(Exit::of(&error));
        } else {
            out.remark(&error.message);
        }
    }
    if let Some(speaker) = speaker
        && exit == Exit::Done
    {
        tokio::select! {
            () = speaker.played() => {}
            () = stopped() => {
                speaker.stop();
                exit = Exit::Cancelled;
            }
        }
    }
    Ok(exit)
}

/// What is to be said of an answer that was not spoken, or not to its end; nothing where its speech came as it should.
fn unheard(muted: Option<ClientError>, save: Option<&Path>, spoken: bool, exit: Exit) -> Option<ClientError> {
    let why = match muted {
        Some(why) => why.message,
        // An answer that failed or was stopped has said so itself.
        None if save.is_some() && !spoken && exit == Exit::Done => "the server sent no speech".to_owned(),
        None => return None,
    };
    let file = save.map(|path| path.display());
    let what = match (spoken, file) {
        (false, None) => "the answer was not spoken".to_owned(),
        (false, Some(file)) => format!("the answer was not spoken, and {file} was not written"),
        (true, None) => "the answer was not spoken to its end".to_owned(),
        (true, Some(file)) => format!("the answer was not spoken to its end, and {file} holds its beginning only"),
    };
    Some(ClientError::passing(code::NOT_SPOKEN, format!("{what}: {why}")))
}

/// The question from the standard input, to its end; `None` when it was stopped.
async fn from_input(out: Out) -> Result<Option<Question>> {
    if std::io::stdin().is_terminal() {
        out.remark("Type the question; Ctrl-D ends it, Ctrl-C gives it up.");
    }
    let mut text = String::new();
    // Longer than any question may be; the rest is not waited for.
    let mut input = tokio::io::stdin().take(LONGEST_INPUT);
    tokio::select! {
        read = input.read_to_string(&mut text) => {
            read.map_err(|error| ClientError::new(code::FILE, format!("the question cannot be read: {error}")))?;
            Ok(Some(Question::Text(text)))
        }
        () = stopped() => Ok(None),
    }
}

async fn open_speaker(out: Out) -> Option<Arc<Player>> {
    match tokio::task::spawn_blocking(Player::open).await {
        Ok(Ok(player)) => Some(Arc::new(player)),
        Ok(Err(error)) => {
            out.remark(error.message);
            None
        }
        Err(_) => None,
    }
}

/// Records until Enter; `None` when it was stopped.
async fn by_microphone(client: &Client, out: Out) -> Result<Option<Question>> {
    let longest = Duration::from_secs(client.discovery().limits.query_seconds);
    let recorder = tokio::task::spawn_blocking(move || Recorder::open(longest)).await??;
    recorder.start();
    out.event(&serde_json::json!({ "type": "listening" }))?;
    out.remark("Speak now; Enter ends the question, Ctrl-C gives it up.");
    let mut byte = [0u8; 1];
    let mut stdin = tokio::io::stdin();
    let mut full = tokio::time::interval(Duration::from_millis(100));
    loop {
        tokio::select! {
            // The end of the input ends the question too, for scripts.
            read = stdin.read(&mut byte) => if read.unwrap_or(0) == 0 || byte[0] == b'\n' { break },
            () = stopped() => return Ok(None),
            _ = full.tick() => if recorder.is_full() { break },
        }
    }
    let taken = recorder.stop().await?;
    Ok(Some(Question::Samples { samples: taken.samples, rate: synapscribe_client::audio::SPEECH_RATE }))
}

/// The answer for people, as it comes.
struct View<'a> {
    out: Out,
    titles: &'a Titles,
    flow: Flow,
    in_text: bool,
}

impl View<'_> {
    fn show(&mut self, message: &ServerMessage) -> std::io::Result<()> {
        let out = self.out;
        match message {
            ServerMessage::QueryText { text, .. } => {
                self.end_text()?;
                out.line(format!("{} {}", out.paint(Look::Dim, "you:"), out.paint(Look::Strong, text)))
            }
            ServerMessage::AnswerText { delta, .. } => {
                // After a citation the text goes on in a line of its own.
                let words = if self.in_text { delta } else { delta.trim_start() };
                self.in_text |= !words.is_empty();
                out.words(&self.flow.take(words))
            }
            ServerMessage::AnswerRestarted { .. } => {
                self.end_text()?;
                out.line(out.paint(Look::Dim, "(the answer begins again)"))
            }
            ServerMessage::Citation { citation, .. } => {
                self.end_text()?;
                out.line(format!("  {}", out.paint(Look::Place, &text::citation(citation, self.titles.of(citation)))))
            }
            ServerMessage::Cancelled { .. } => {
                self.end_text()?;
                out.line(out.paint(Look::Dim, "(stopped)"))
            }
            _ => Ok(()),
        }
    }

    fn end_text(&mut self) -> std::io::Result<()> {
        if std::mem::take(&mut self.in_text) {
            self.out.words(&format!("{}\n", self.flow.end()))?;
            self.flow.line();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_was_not_heard_says_what_became_of_the_file() {
        let away = || Some(ClientError::passing("engine_failed", "the speech server at 127.0.0.1:8001 cannot be reached"));
        let file = Some(Path::new("a.wav"));
        let said = |muted, save, spoken, exit| unheard(muted, save, spoken, exit).map(|error| error.message);
        for (save, spoken, words) in [
            (None, false, "the answer was not spoken: the speech server"),
            (file, false, "a.wav was not written: the speech server"),
            (file, true, "a.wav holds its beginning only: the speech server"),
        ] {
            let message = said(away(), save, spoken, Exit::Done).unwrap();
            assert!(message.contains(words), "{message}");
        }
        assert!(said(None, file, false, Exit::Done).unwrap().contains("not written"));
        for (save, spoken, exit) in [(file, true, Exit::Done), (None, false, Exit::Done), (file, false, Exit::Cancelled)] {
            assert_eq!(said(None, save, spoken, exit), None);
        }
    }
}
