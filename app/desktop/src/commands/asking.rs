//! Questions: sent on their way, their answers told to the window and played.

use serde::Serialize;
use synapscribe_client::audio::{Loudspeaker, SPEECH_RATE, Speech};
use synapscribe_client::protocol::client::SpeechWish;
use synapscribe_client::protocol::{ErrorDto, ServerMessage, SourceDto};
use synapscribe_client::{Answer as Coming, Ask, ClientError, Question, Scope};
use tauri::{AppHandle, Emitter as _, State};

use super::{Answer, refused};
use crate::events::{ANSWER, Heard};
use crate::shell::Shell;

/// Names of a question that is on its way.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    query_id: String,
    session_id: String,
}

/// What is told beside the server's own messages.
#[derive(Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
enum Told {
    FirstSound {
        query_id: String,
    },
    /// A stretch of speech is heard in so many milliseconds.
    Stretch {
        query_id: String,
        index: u32,
        ms: u64,
    },
    Error {
        query_id: String,
        #[serde(flatten)]
        error: ErrorDto,
    },
    /// The answer comes, and is not heard.
    #[serde(rename = "error")]
    Mute {
        about: String,
        #[serde(flatten)]
        error: ErrorDto,
    },
}

#[tauri::command]
#[allow(clippy::too_many_arguments)] // The window names each part of a question.
pub async fn ask(
    app: AppHandle,
    shell: State<'_, Shell>,
    sources: Vec<SourceDto>,
    session_id: Option<String>,
    text: Option<String>,
    recording: Option<String>,
    playhead: Option<f64>,
    page: Option<u32>,
    speech: SpeechWish,
) -> Answer<Asked> {
    // Whatever was still being said gives way, and whoever falls silent from here on means this answer.
    shell.loudspeaker.hush();
    let said = speech.speak.then(|| shell.loudspeaker.speech());
    let question = match (text, recording.and_then(|id| shell.recording(&id))) {
        (Some(text), _) => Question::Text(text),
        (None, Some(taken)) => Question::Samples { samples: taken.samples, rate: SPEECH_RATE },
        (None, None) => return Err(refused(ClientError::new("empty_question", "nothing was recorded; ask again"))),
    };
    // The window names nothing where everything is meant.
    let of = if sources.is_empty() { Scope::Everything } else { Scope::Sources(sources) };
    let ask = Ask { of, session: session_id, question, playhead, page, speech: Some(speech) };
    let client = shell.client().await.map_err(refused)?;
    let coming = client.ask(ask).await.map_err(refused)?;
    let asked = Asked { query_id: coming.query_id.clone(), session_id: coming.session_id.clone() };
    tauri::async_runtime::spawn(follow(app, coming, said, shell.loudspeaker.clone(), shell.heard.clone()));
    Ok(asked)
}

#[tauri::command]
pub async fn cancel_question(shell: State<'_, Shell>, query_id: String) -> Answer<()> {
    // The window has fallen silent itself: a question that was given up late must not silence the next one.
    shell.client().await.map_err(refused)?.cancel(&query_id).await.map_err(refused)
}

/// Tells the window of an answer and plays it.
async fn follow(app: AppHandle, mut coming: Coming, mut said: Option<Speech>, loudspeaker: Loudspeaker, heard: Heard) {
    let query_id = coming.query_id.clone();
    if let Some(said) = &mut said
        && let Err(error) = said.open().await
    {
        let _ = app.emit(ANSWER, Told::Mute { about: query_id.clone(), error: error.to_dto() });
    }
    while let Some(message) = coming.next().await {
        let message = match message {
            Ok(message) => message,
            Err(error) => {
                let _ = app.emit(ANSWER, Told::Error { query_id, error: error.to_dto() });
                return;
            }
        };
        if let Some(said) = &mut said {
            let left = said.left();
            let first = said.take(&message, coming.so_far());
            // The page takes an answer that is whole and not heard for over, and lets the lecture go on: what is to be heard of it is
            // told before its end is.
            heard.tell(&app, loudspeaker.is_speaking());
            if first {
                let _ = app.emit(ANSWER, Told::FirstSound { query_id: query_id.clone() });
            }
            if let (ServerMessage::AudioChunk { index, .. }, Some(left)) = (&message, left) {
                let (query_id, ms) = (query_id.clone(), left.as_millis() as u64);
                let _ = app.emit(ANSWER, Told::Stretch { query_id, index: *index, ms });
            }
        }
        if !matches!(message, ServerMessage::AudioChunk { .. }) {
            let _ = app.emit(ANSWER, message);
        }
    }
}
