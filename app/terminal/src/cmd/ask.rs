//! `ask`: one question, by text, recording or microphone, and its answer as it comes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use synapscribe_client::audio::{Playback, Player, Recorder, wav};
use synapscribe_client::protocol::ServerMessage;
use synapscribe_client::protocol::client::SpeechWish;
use synapscribe_client::{Answer, Client, ClientError, Question};
use tokio::io::AsyncReadExt as _;

use super::connect;
use crate::cli::{Ask, Global};
use crate::exit::Exit;
use crate::out::{Look, Out};
use crate::text;

/// The server has this long to confirm that it stopped.
const STOPPING: Duration = Duration::from_secs(2);

/// Asks and shows the answer; Ctrl-C stops it politely.
pub async fn run(ask: &Ask, global: &Global, out: Out) -> Result<Exit> {
    let connected = connect(global, out).await?;
    let client = &connected.client;
    let lecture = client.resolve_lecture(&ask.lecture)?;
    if connected.server.is_own() && ask.lecture == "sample" {
        // The host was started for this question and may be making its sample yet.
        tokio::select! {
            ready = super::ready(client, &lecture, out) => drop(ready?),
            _ = tokio::signal::ctrl_c() => return Ok(Exit::Cancelled),
        }
    }
    let question = if let Some(text) = &ask.text {
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
    let question = synapscribe_client::Ask {
        lecture,
        session: ask.session.clone(),
        question,
        playhead: ask.playhead,
        speech: Some(SpeechWish { speak: !ask.silent, voice: ask.voice.clone(), speed: ask.speed.unwrap_or(1.0) }),
    };
    let asking = tokio::select! {
        answer = client.ask(question) => answer?,
        _ = tokio::signal::ctrl_c() => return Ok(Exit::Cancelled),
    };
    let play = ask.play || (ask.mic && !ask.silent);
    follow(client, asking, play, ask.save.as_deref(), out).await
}

/// Shows an answer to its end, plays it, saves it.
pub async fn follow(client: &Client, mut answer: Answer, play: bool, save: Option<&Path>, out: Out) -> Result<Exit> {
    let speaker = if play { open_speaker(out).await } else { None };
    let (query, session) = (answer.query_id.clone(), answer.session_id.clone());
    let mut view = View { out, in_text: false };
    let mut exit = Exit::Done;
    let mut stopping = false;
    let mut playback = Playback::default();
    loop {
        let message = tokio::select! {
            message = answer.next() => message,
            _ = tokio::signal::ctrl_c(), if !stopping => {
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
        let said = text::provenance(done.generated, done.found);
        if !said.is_empty() {
            out.line(out.paint(Look::Dim, said))?;
        }
        out.line(out.paint(Look::Dim, &text::timings(&done.timings)))?;
        out.line(out.paint(Look::Dim, &format!("to go on: --session {session}")))?;
        if save.is_some()
            && !whole.audio_complete
            && let Ok((audio, rate)) = client.spoken_answer(&query).await
        {
            // A connection that broke may have swallowed some of the speech; the server keeps all of it.
            (whole.audio, whole.rate) = (audio, rate);
        }
    }
    if let Some(path) = save {
        if whole.audio.is_empty() {
            out.remark("there is no spoken answer to save");
        } else {
            let (file, rate) = (PathBuf::from(path), whole.rate);
            tokio::task::spawn_blocking(move || wav::save(&file, &whole.audio, rate)).await??;
            out.line(format!("the spoken answer is in {}", path.display()))?;
        }
    }
    if let Some(speaker) = speaker
        && exit == Exit::Done
    {
        tokio::select! {
            () = speaker.played() => {}
            _ = tokio::signal::ctrl_c() => {
                speaker.stop();
                exit = Exit::Cancelled;
            }
        }
    }
    Ok(exit)
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
            _ = tokio::signal::ctrl_c() => return Ok(None),
            _ = full.tick() => if recorder.is_full() { break },
        }
    }
    let taken = recorder.stop().await?;
    Ok(Some(Question::Samples { samples: taken.samples, rate: synapscribe_client::audio::SPEECH_RATE }))
}

/// The answer for people, as it comes.
struct View {
    out: Out,
    in_text: bool,
}

impl View {
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
                out.words(words)
            }
            ServerMessage::AnswerRestarted { .. } => {
                self.end_text()?;
                out.line(out.paint(Look::Dim, "(the answer begins again)"))
            }
            ServerMessage::Citation { citation, .. } => {
                self.end_text()?;
                out.line(format!("  {}", out.paint(Look::Place, &text::citation(citation))))
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
            self.out.words("\n")?;
        }
        Ok(())
    }
}
