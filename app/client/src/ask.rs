//! Asks a question and puts the answer together as it comes. Knows no device and no screen.

use std::io::Cursor;
use std::path::PathBuf;

use base64::Engine as _;
use bytes::Bytes;
use synapscribe_protocol::client::{ClientMessage, SpeechWish, UploadPurpose};
use synapscribe_protocol::rest::TurnDto;
use synapscribe_protocol::{CitationDto, ServerMessage, SourceDto, Stretches, TimingsDto, UsageDto};
use tokio::sync::mpsc;

use crate::audio::wav;
use crate::client::Client;
use crate::error::{ClientError, Result, code};
use crate::sniff::{self, Format};
use crate::upload::{Content, put_url};

/// A spoken question is short; larger files are something else.
const LARGEST_QUESTION: u64 = 25 * 1024 * 1024;

/// A question to lectures and documents.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What is asked.
    pub of: Scope,
    /// The thread to go on with; left out, a new one begins.
    pub session: Option<String>,
    /// The question.
    pub question: Question,
    /// Where in the lecture the student is, in seconds.
    pub playhead: Option<f64>,
    /// The page that the student sees, where one document is asked.
    pub page: Option<u32>,
    /// How to speak the answer; left out, with the default voice.
    pub speech: Option<SpeechWish>,
}

/// What a question is asked of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// These lectures and documents, and nothing else.
    Sources(Vec<SourceDto>),
    /// Everything that whoever asks may see.
    Everything,
}

impl Scope {
    /// One lecture.
    pub fn lecture(id: impl Into<String>) -> Self {
        Self::Sources(vec![SourceDto { lecture_id: Some(id.into()), document_id: None }])
    }

    /// These lectures and these documents.
    pub fn of(lectures: impl IntoIterator<Item = String>, documents: impl IntoIterator<Item = String>) -> Self {
        let lectures = lectures.into_iter().map(|id| SourceDto { lecture_id: Some(id), document_id: None });
        let documents = documents.into_iter().map(|id| SourceDto { lecture_id: None, document_id: Some(id) });
        Self::Sources(lectures.chain(documents).collect())
    }

    /// What is asked, in the fields of the message.
    fn named(self) -> Named {
        match self {
            Self::Everything => Named { everything: true, ..Named::default() },
            Self::Sources(mut sources) if sources.len() == 1 => {
                let only = sources.remove(0);
                Named { lecture: only.lecture_id.unwrap_or_default(), document: only.document_id, ..Named::default() }
            }
            Self::Sources(sources) => Named { sources, ..Named::default() },
        }
    }
}

/// The fields of a question that say what it is asked of; one of them is filled.
#[derive(Debug, Default, PartialEq)]
struct Named {
    lecture: String,
    document: Option<String>,
    sources: Vec<SourceDto>,
    everything: bool,
}

impl Ask {
    /// A question to one lecture, in a thread of its own.
    pub fn lecture(id: impl Into<String>, question: Question) -> Self {
        Self { of: Scope::lecture(id), session: None, question, playhead: None, page: None, speech: None }
    }
}

/// What is asked, in one of three ways.
#[derive(Debug, Clone)]
pub enum Question {
    /// In writing.
    Text(String),
    /// As a recorded file of any format the product reads.
    File(PathBuf),
    /// As mono samples from a microphone.
    Samples {
        /// The samples.
        samples: Vec<i16>,
        /// Samples a second.
        rate: u32,
    },
}

/// An answer that is coming. Dropping it before its end stops it on the server too.
pub struct Answer {
    /// The question's name.
    pub query_id: String,
    /// The thread.
    pub session_id: String,
    events: mpsc::Receiver<Result<ServerMessage>>,
    so_far: Assembled,
    ended: bool,
    // The connection lives as long as someone waits for an answer.
    _client: Client,
}

/// What was received of an answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Assembled {
    /// The question's words.
    pub question: Option<String>,
    /// The text so far.
    pub text: String,
    /// The citations so far, each number once.
    pub citations: Vec<CitationDto>,
    /// The speech so far, mono.
    pub audio: Vec<i16>,
    /// Samples a second of the speech; 0 until there is some.
    pub rate: u32,
    /// Whether the speech is whole.
    pub audio_complete: bool,
    /// How it ended, once it did.
    pub done: Option<Done>,
    stretches: Stretches,
    restarted: bool,
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Done {
    /// Whether a model wrote it.
    pub generated: bool,
    /// Whether the lecture held an answer.
    pub found: bool,
    /// When each stage was reached.
    pub timings: TimingsDto,
    /// What it cost.
    pub usage: UsageDto,
}

impl Answer {
    /// The next message; `None` after the last. Repeated speech is left out.
    pub async fn next(&mut self) -> Option<Result<ServerMessage>> {
        while !self.ended {
            match self.events.recv().await {
                None => {
                    self.ended = true;
                    return Some(Err(ClientError::passing(
                        code::UNREACHABLE,
                        "the connection ended before the answer did; ask again",
                    )));
                }
                Some(Err(error)) => {
                    self.ended = true;
                    return Some(Err(error));
                }
                Some(Ok(message)) => {
                    self.ended = message.ends_query();
                    if self.so_far.take(&message) {
                        return Some(Ok(message));
                    }
                }
            }
        }
        None
    }

    /// What was received so far.
    pub fn so_far(&self) -> &Assembled {
        &self.so_far
    }

    /// Everything that was received.
    pub fn into_assembled(self) -> Assembled {
        self.so_far
    }
}

impl Assembled {
    /// Adds a message; `false` when it says nothing new.
    pub fn take(&mut self, message: &ServerMessage) -> bool {
        match message {
            ServerMessage::AnswerRestarted { .. } => self.begin_again(),
            ServerMessage::QueryText { text, .. } => {
                // The question's words come first; when they come later, the whole answer is being told again.
                self.question = Some(text.clone());
                if !self.text.is_empty() || self.done.is_some() {
                    self.begin_again();
                }
            }
            ServerMessage::AnswerText { delta, .. } => self.text.push_str(delta),
            ServerMessage::Citation { citation, .. } => {
                if self.citations.iter().any(|known| known.number == citation.number) {
                    return false;
                }
                self.citations.push(citation.clone());
            }
            ServerMessage::AudioChunk { index, format, sample_rate, data, .. } => {
                return self.hear(*index, format, *sample_rate, data);
            }
            ServerMessage::AudioComplete { chunks, .. } => self.audio_complete = *chunks <= self.stretches.end(),
            ServerMessage::AnswerDone { generated, found, timings, usage, .. } => {
                self.done = Some(Done { generated: *generated, found: *found, timings: *timings, usage: *usage });
            }
            _ => {}
        }
        true
    }

    /// The text is void. The speech is not: it goes on where it was.
    fn begin_again(&mut self) {
        self.text.clear();
        self.citations.clear();
        (self.done, self.restarted) = (None, true);
    }

    fn hear(&mut self, index: u32, format: &str, rate: u32, data: &str) -> bool {
        let next = self.stretches.end();
        // After an interruption numbers are left out.
        if index > next && !self.restarted {
            tracing::warn!(missing = index - next, "a stretch of the spoken answer did not arrive");
        }
        let sane = (8_000..=192_000).contains(&rate) && (self.rate == 0 || self.rate == rate);
        let bytes = base64::engine::general_purpose::STANDARD.decode(data);
        match bytes {
            Ok(bytes) if format == "pcm_s16le" && sane => {
                let samples = wav::from_le_bytes(&bytes);
                let known = self.stretches.take(index, samples.len());
                self.rate = rate;
                self.audio.extend(&samples[known..]);
                if index >= next {
                    self.restarted = false;
                }
                known < samples.len()
            }
            _ => {
                tracing::warn!(%format, rate, "a stretch of speech cannot be read and is passed over");
                false
            }
        }
    }

    /// The samples of the speech that came with the last message, for a player.
    pub fn audio_from(&self, already: usize) -> &[i16] {
        self.audio.get(already..).unwrap_or_default()
    }
}

impl From<TurnDto> for Assembled {
    fn from(turn: TurnDto) -> Self {
        let done = Done { generated: turn.generated, found: turn.found, timings: turn.timings, usage: turn.usage };
        Self { question: Some(turn.question), text: turn.answer, citations: turn.citations, done: Some(done), ..Self::default() }
    }
}

/// A name for a new thread of questions.
pub fn new_session_id() -> String {
    format!("s-{}", uuid::Uuid::now_v7().simple())
}

/// Sends a question on its way.
pub(crate) async fn ask(client: &Client, ask: Ask) -> Result<Answer> {
    let query_id = format!("q-{}", uuid::Uuid::now_v7().simple());
    let session_id = ask.session.unwrap_or_else(new_session_id);
    let mut so_far = Assembled::default();
    let (text, s3_key) = match ask.question {
        Question::Text(text) => {
            let text = checked_text(&text)?;
            so_far.question = Some(text.clone());
            (Some(text), None)
        }
        Question::File(path) => {
            let (bytes, format) = read_question(path, client.discovery().limits.query_seconds).await?;
            (None, Some(send(client, &query_id, bytes, format).await?))
        }
        Question::Samples { samples, rate } => {
            let longest = client.discovery().limits.query_seconds;
            if samples.len() as u64 > longest.saturating_mul(u64::from(rate)) {
                return Err(too_long(longest));
            }
            if samples.is_empty() {
                return Err(ClientError::new(
                    code::EMPTY_QUESTION,
                    "nothing was recorded; hold the key a little longer while you speak",
                ));
            }
            let bytes = Bytes::from(wav::encode(&samples, rate));
            (None, Some(send(client, &query_id, bytes, Format::Wav).await?))
        }
    };
    let Named { lecture: lecture_id, document: document_id, sources, everything } = ask.of.named();
    let message = ClientMessage::Query {
        query_id: query_id.clone(),
        session_id: session_id.clone(),
        lecture_id,
        document_id,
        sources,
        everything,
        s3_key,
        text,
        playhead: ask.playhead,
        page: ask.page,
        speech: ask.speech,
        traceparent: None,
    };
    let events = client.socket().query(query_id.clone(), message).await?;
    Ok(Answer { query_id, session_id, events, so_far, ended: false, _client: client.clone() })
}

fn checked_text(text: &str) -> Result<String> {
    let text = text.trim();
    let longest = synapscribe_protocol::limits::QUESTION;
    if text.is_empty() {
        return Err(ClientError::new(code::EMPTY_QUESTION, "the question is empty"));
    }
    if text.chars().count() > longest {
        return Err(ClientError::new(code::LONG_QUESTION, format!("a question may have {longest} characters; ask shorter")));
    }
    Ok(text.to_owned())
}

fn too_long(longest: u64) -> ClientError {
    ClientError::new(code::TOO_LONG, format!("a spoken question may take {longest} seconds; ask shorter"))
}

/// Reads a spoken question, which may take so many seconds; the length of what is compressed is for the server to tell.
async fn read_question(path: PathBuf, longest: u64) -> Result<(Bytes, Format)> {
    let name = path.display().to_string();
    let unreadable = |error: std::io::Error| ClientError::unreadable(&name, &error);
    let meta = tokio::fs::metadata(&path).await.map_err(unreadable)?;
    if meta.len() > LARGEST_QUESTION {
        return Err(ClientError::new(
            code::TOO_LARGE,
            format!("“{name}” is too large for a question; a question is at most 25 MB"),
        ));
    }
    let bytes = Bytes::from(tokio::fs::read(&path).await.map_err(unreadable)?);
    if bytes.is_empty() {
        return Err(ClientError::new(code::EMPTY, format!("“{name}” is empty; record it again")));
    }
    let format = Format::of(&bytes).ok_or_else(|| {
        ClientError::new(
            code::TYPE,
            format!("“{name}” is not a recording this product reads; it takes mp3, wav, m4a or mp4, ogg or opus, flac and webm"),
        )
    })?;
    let seconds = match format {
        Format::Wav => sniff::wave_seconds(&mut Cursor::new(&bytes), bytes.len() as u64),
        _ => None,
    };
    if seconds.is_some_and(|seconds| seconds > longest as f64) {
        return Err(too_long(longest));
    }
    Ok((bytes, format))
}

async fn send(client: &Client, query_id: &str, bytes: Bytes, format: Format) -> Result<String> {
    let message = ClientMessage::RequestUpload {
        file_name: format!("question.{}", format.name()),
        bytes: bytes.len() as u64,
        purpose: UploadPurpose::Query,
        query_id: Some(query_id.to_owned()),
        lecture_id: None,
    };
    let place = client.socket().place(message).await?;
    put_url(client.net(), &place.url, &place.content_type, &Content::Memory(bytes)).await?;
    Ok(place.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(index: u32, samples: &[i16]) -> ServerMessage {
        let bytes: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
        ServerMessage::AudioChunk {
            query_id: "q".into(),
            index,
            format: "pcm_s16le".into(),
            sample_rate: 16_000,
            data: base64::engine::general_purpose::STANDARD.encode(bytes),
        }
    }

    #[test]
    fn speech_is_put_together_once_whatever_is_repeated() {
        let mut answer = Assembled::default();
        assert!(answer.take(&chunk(0, &[1, 2])));
        assert!(answer.take(&chunk(1, &[3])));
        assert!(!answer.take(&chunk(0, &[1, 2])));
        assert!(!answer.take(&chunk(1, &[3])));
        assert!(answer.take(&chunk(2, &[4])));
        assert_eq!(answer.audio, [1, 2, 3, 4]);
        answer.take(&ServerMessage::AudioComplete { query_id: "q".into(), chunks: 3, seconds: 0.1, s3_key: None });
        assert!(answer.audio_complete);
    }

    #[test]
    fn a_restart_voids_the_answer_but_not_the_question() {
        let question = || ServerMessage::QueryText { query_id: "q".into(), text: "why".into() };
        let said = |delta: &str| ServerMessage::AnswerText { query_id: "q".into(), delta: delta.into() };
        let mut answer = Assembled::default();
        for message in [question(), said("Because"), chunk(0, &[1]), chunk(1, &[2])] {
            answer.take(&message);
        }
        // After a reconnect the text is told again in one go, and the speech goes on.
        for message in [ServerMessage::AnswerRestarted { query_id: "q".into() }, question(), said("Because of"), chunk(2, &[3])] {
            answer.take(&message);
        }
        assert_eq!(
            (answer.question.as_deref(), answer.text.as_str(), answer.audio.as_slice()),
            (Some("why"), "Because of", [1i16, 2, 3].as_slice())
        );
        // An answer that was finished meanwhile is told again without a word about it.
        for message in [question(), said("Because of this.")] {
            answer.take(&message);
        }
        assert_eq!((answer.text.as_str(), answer.audio.len()), ("Because of this.", 3));
    }

    #[test]
    fn an_answer_that_is_begun_again_after_a_crash_is_heard_once() {
        let mut answer = Assembled::default();
        for message in [chunk(0, &[1]), chunk(1, &[2]), ServerMessage::AnswerRestarted { query_id: "q".into() }] {
            answer.take(&message);
        }
        // Whoever goes on with it does not know how much of a piece has arrived.
        assert!(!answer.take(&chunk(0, &[1])), "the beginning was taken twice");
        // The voice is cut otherwise than it was.
        assert!(answer.take(&chunk(1, &[2, 3])));
        // From here on it is worded otherwise than it was.
        assert!(answer.take(&chunk(1_000, &[4])));
        assert_eq!(answer.audio, [1, 2, 3, 4]);
        answer.take(&ServerMessage::AudioComplete { query_id: "q".into(), chunks: 1_001, seconds: 0.1, s3_key: None });
        assert!(answer.audio_complete);
    }

    #[test]
    fn nonsense_for_speech_is_passed_over() {
        let mut answer = Assembled::default();
        let mut bad = |format: &str, rate, data: &str| {
            answer.take(&ServerMessage::AudioChunk {
                query_id: "q".into(),
                index: 0,
                format: format.into(),
                sample_rate: rate,
                data: data.into(),
            })
        };
        assert!(!bad("opus", 16_000, "AAAA"));
        assert!(!bad("pcm_s16le", 0, "AAAA"));
        assert!(!bad("pcm_s16le", 16_000, "%%%"));
        assert!(answer.audio.is_empty());
    }

    #[test]
    fn what_is_asked_fills_one_field() {
        let both = Scope::of(["l".to_owned()], ["d".to_owned()]);
        let Scope::Sources(sources) = both.clone() else { panic!("{both:?}") };
        for (scope, named) in [
            (Scope::lecture("l"), Named { lecture: "l".into(), ..Named::default() }),
            (Scope::of([], ["d".to_owned()]), Named { document: Some("d".into()), ..Named::default() }),
            (both, Named { sources, ..Named::default() }),
            (Scope::Everything, Named { everything: true, ..Named::default() }),
        ] {
            assert_eq!(scope.clone().named(), named, "{scope:?}");
        }
    }

    #[test]
    fn questions_are_checked_before_they_leave() {
        assert_eq!(checked_text("  \n").unwrap_err().code, code::EMPTY_QUESTION);
        assert_eq!(checked_text(&"x".repeat(2001)).unwrap_err().code, code::LONG_QUESTION);
        assert_eq!(checked_text(" why? ").unwrap(), "why?");
    }
}
