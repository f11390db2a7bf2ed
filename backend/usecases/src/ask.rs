//! One question: heard, understood, looked up, answered and spoken as one stream. Keeps nothing; sessions are the caller's.

use std::path::PathBuf;
use std::sync::Arc;

use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use synapscribe_domain::pieces::Splitter;
use synapscribe_domain::retrieval::{Ranked, Weights, fuse};
use synapscribe_domain::terms::content_words;
use synapscribe_domain::{AudioLimits, Citation, Code, Failure, Lecture, LectureState, ObjectKey, Passage, Question, Usage};
use synapscribe_ports::{
    AgentEvent, AgentRequest, AnswerPiece, AnswerRequest, AudioFiles, Bias, EmbedKind, Embedder, Library, Narrator, Objects,
    Scope, Speech, Style, Summary, Transcriber, Tutor,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::patience::{Patience, within};

/// Events held while the receiver is slow.
const EVENTS: usize = 16;
/// Pieces waiting to be spoken; writing an answer never waits for its speech below this many.
const PIECES: usize = 256;
/// Samples in one stretch of speech, so that it fits one frame of the gateway.
const STRETCH: usize = 10_000;
/// The first stretch of an answer is shorter, so that it is heard sooner.
const FIRST_STRETCH: usize = 4_000;
/// Candidates asked of each index.
const CANDIDATES: usize = 24;
/// Passages an answer is made from when the lecture does not fit the window.
const PASSAGES: usize = 8;
/// Tokens kept free for the question, the session and the answer.
const RESERVE: u32 = 2_500;

/// What is needed to answer.
pub struct Asking {
    /// Lectures.
    pub library: Arc<dyn Library>,
    /// Spoken questions.
    pub objects: Arc<dyn Objects>,
    /// Reads recordings.
    pub audio: Arc<dyn AudioFiles>,
    /// Recognises the question.
    pub transcriber: Arc<dyn Transcriber>,
    /// Writes the answer.
    pub tutor: Arc<dyn Tutor>,
    /// Speaks it.
    pub narrator: Arc<dyn Narrator>,
    /// Finds by meaning, if there is one.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// A folder for objects that are not files yet.
    pub scratch: PathBuf,
    /// How long engines may take.
    pub patience: Patience,
    /// How the two indexes are weighed.
    pub weights: Weights,
    /// The limits of a spoken question.
    pub limits: AudioLimits,
}

impl Asking {
    /// Answers as a stream whose last event is `Done` or `Failed`. Cancelling the token ends it at once, without what was
    /// still on its way; dropping the stream stops the work as well.
    pub fn ask(self: &Arc<Self>, request: AgentRequest, cancel: CancellationToken) -> BoxStream<'static, AgentEvent> {
        let (out, events) = mpsc::channel(EVENTS);
        let this = Arc::clone(self);
        let work = cancel.child_token();
        let stop = work.clone();
        tokio::spawn(async move {
            let run = async {
                let last = match this.run(&request, &out, &stop).await {
                    Ok(summary) => AgentEvent::Done(summary),
                    Err(failure) => AgentEvent::Failed(failure),
                };
                // A receiver that went away needs no last word.
                let _ = out.send(last).await;
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                () = run => {}
            }
        });
        let state = Some((events, cancel, work.drop_guard()));
        stream::unfold(state, |state| async move {
            let (mut events, cancel, guard) = state?;
            let event = tokio::select! {
                biased;
                () = cancel.cancelled() => None,
                event = events.recv() => event,
            };
            match event {
                Some(last @ (AgentEvent::Done(_) | AgentEvent::Failed(_))) => Some((last, None)),
                Some(event) => Some((event, Some((events, cancel, guard)))),
                None if cancel.is_cancelled() => {
                    Some((AgentEvent::Failed(Failure::new(Code::Cancelled, "the question was stopped")), None))
                }
                // The task ended without a last word, which only a panic in an engine does.
                None => Some((AgentEvent::Failed(Failure::internal()), None)),
            }
        })
        .boxed()
    }

    async fn run(
        &self,
        request: &AgentRequest,
        out: &mpsc::Sender<AgentEvent>,
        stop: &CancellationToken,
    ) -> Result<Summary, Failure> {
        let lecture = self.library.lecture(&request.lecture).await?.ok_or_else(|| Failure::not_found("lecture"))?;
        if lecture.state != LectureState::Ready {
            return Err(Failure::new(Code::LectureNotReady, "the lecture is still being prepared; ask again when it is ready"));
        }
        let mut usage = Usage::default();
        let question = match &request.question {
            Question::Text(text) => text.trim().to_owned(),
            Question::Spoken(key) => {
                let passages = self.library.passages(&lecture.id).await?;
                let heard = self.hear(key, &lecture, &passages, out, stop, &mut usage).await?;
                let _ = out.send(AgentEvent::Understood(heard.clone())).await;
                heard
            }
        };
        let standalone = if request.history.is_empty() {
            question.clone()
        } else {
            within(self.patience.answer, "the language engine", self.tutor.standalone(&question, &request.history)).await?
        };
        let (passages, whole) = self.retrieve(&lecture, &standalone, request).await?;
        let _ = out.send(AgentEvent::Retrieved).await;
        let order = AnswerRequest {
            title: lecture.title.clone(),
            question: standalone,
            history: request.history.clone(),
            passages: passages.clone(),
            whole,
        };
        let (pieces, to_speak) = mpsc::channel(PIECES);
        let writing = self.write(order, &passages, request.speech.is_some().then_some(pieces), out);
        let speaking = self.speak(to_speak, request.speech.as_ref(), out);
        let (summary, characters) = tokio::join!(writing, speaking);
        let mut summary = summary?;
        usage.characters_spoken += characters;
        usage += summary.usage;
        summary.usage = usage;
        Ok(summary)
    }

    /// A spoken question as words, recognised while it is still being decoded.
    async fn hear(
        &self,
        key: &ObjectKey,
        lecture: &Lecture,
        passages: &[Passage],
        out: &mpsc::Sender<AgentEvent>,
        stop: &CancellationToken,
        usage: &mut Usage,
    ) -> Result<String, Failure> {
        let path = self.objects.as_file(key, &self.scratch).await?;
        let path =
            path.ok_or_else(|| Failure::new(Code::NotFound, "the recorded question is not there; upload it and ask again"))?;
        let facts = self.audio.inspect(&path).await?;
        self.limits.check(&facts)?;
        let _ = out.send(AgentEvent::Heard).await;
        let text: String = passages.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(" ");
        let bias = Bias { lecture: Some(lecture.id.clone()), text: text.into() };
        let recognising = async {
            let mut listening = self.transcriber.listen(&bias).await?;
            let (blocks, mut heard) = mpsc::channel::<Vec<f32>>(4);
            let feeding = async {
                while let Some(block) = heard.recv().await {
                    listening.hear(&block).await?;
                }
                listening.finish(stop).await
            };
            let (decoded, transcript) = tokio::join!(self.audio.decode(&path, blocks), feeding);
            decoded?;
            transcript
        };
        let transcript = within(self.patience.recognition, "the speech recogniser", recognising).await?;
        *usage += transcript.usage;
        let words = transcript.text();
        if words.trim().is_empty() {
            return Err(Failure::new(
                Code::NothingHeard,
                "nothing was understood; speak closer to the microphone and ask again, or type the question",
            ));
        }
        Ok(words)
    }

    /// The whole lecture where it fits the model's window, else its best passages.
    async fn retrieve(&self, lecture: &Lecture, question: &str, request: &AgentRequest) -> Result<(Vec<Ranked>, bool), Failure> {
        if self.tutor.window().is_some_and(|window| lecture.tokens.unwrap_or(u32::MAX).saturating_add(RESERVE) <= window) {
            let all = self.library.passages(&lecture.id).await?;
            return Ok((all.into_iter().map(|passage| Ranked { passage, score: 1.0, similarity: None }).collect(), true));
        }
        let vector = match &self.embedder {
            None => None,
            Some(embedder) => {
                let texts = [question.to_owned()];
                match within(self.patience.meaning, "the embedding engine", embedder.embed(&texts, EmbedKind::Query)).await {
                    Ok(mut vectors) => vectors.pop().map(|v| (embedder.card().model, v)),
                    Err(failure) => {
                        // Words alone still find passages; the answer is worth more than the best order.
                        tracing::warn!(code = failure.code.as_str(), "a question was searched by words only");
                        None
                    }
                }
            }
        };
        let vector = vector.as_ref().map(|(model, v)| (model.as_str(), v.as_slice()));
        let scope = Scope::Lecture(lecture.id.clone());
        let found = self.library.search(&scope, &content_words(question), vector, CANDIDATES).await?;
        let mut ranked = fuse(found, self.weights, request.playhead);
        ranked.truncate(PASSAGES);
        Ok((ranked, false))
    }

    /// Passes the answer on as it is written, and its pieces to whoever speaks.
    async fn write(
        &self,
        order: AnswerRequest,
        passages: &[Ranked],
        pieces: Option<mpsc::Sender<String>>,
        out: &mpsc::Sender<AgentEvent>,
    ) -> Result<Summary, Failure> {
        let mut answer = within(self.patience.answer, "the language engine", self.tutor.answer(order)).await?;
        let mut splitter = Splitter::default();
        let mut number = 0;
        let say = async |piece: String| {
            if let Some(pieces) = &pieces {
                // The speaker ends early only when it cannot speak, which it has told.
                let _ = pieces.send(piece).await;
            }
        };
        loop {
            let next = async { answer.next().await.transpose() };
            match within(self.patience.answer, "the language engine", next).await? {
                Some(AnswerPiece::Text(text)) if text.is_empty() => {}
                Some(AnswerPiece::Text(text)) => {
                    let ready = splitter.push(&text);
                    let _ = out.send(AgentEvent::Wrote(text)).await;
                    for piece in ready {
                        say(piece).await;
                    }
                }
                Some(AnswerPiece::Cite { passage, excerpt }) => {
                    let Some(ranked) = passages.get(passage) else { continue };
                    number += 1;
                    let _ = out.send(AgentEvent::Cited(Citation::of(number, &ranked.passage, &excerpt, ranked.score))).await;
                }
                Some(AnswerPiece::End { generated, found, usage }) => {
                    if let Some(piece) = splitter.finish() {
                        say(piece).await;
                    }
                    let _ = out.send(AgentEvent::Written).await;
                    return Ok(Summary { generated, found, usage });
                }
                None => {
                    return Err(Failure::new(
                        Code::EngineFailed,
                        "the language engine stopped in the middle of the answer; ask again",
                    ));
                }
            }
        }
    }

    /// Speaks pieces in order and returns how many characters were spoken.
    async fn speak(&self, mut pieces: mpsc::Receiver<String>, style: Option<&Style>, out: &mpsc::Sender<AgentEvent>) -> u64 {
        let Some(style) = style else { return 0 };
        let mut characters = 0;
        let mut stretch = FIRST_STRETCH;
        while let Some(piece) = pieces.recv().await {
            characters += piece.chars().count() as u64;
            if let Err(failure) = self.speak_piece(&piece, style, out, &mut stretch).await {
                let _ = out.send(AgentEvent::Muted(failure)).await;
                break;
            }
        }
        characters
    }

    async fn speak_piece(
        &self,
        piece: &str,
        style: &Style,
        out: &mpsc::Sender<AgentEvent>,
        stretch: &mut usize,
    ) -> Result<(), Failure> {
        let mut sound = within(self.patience.speech, "the voice", self.narrator.speak(piece, style)).await?;
        loop {
            let next = async { sound.next().await.transpose() };
            let Some(speech) = within(self.patience.speech, "the voice", next).await? else { return Ok(()) };
            let mut rest = speech.samples.as_slice();
            while !rest.is_empty() {
                let (now, later) = rest.split_at(rest.len().min(*stretch));
                let _ = out.send(AgentEvent::Spoke(Speech { rate: speech.rate, samples: now.to_vec() })).await;
                *stretch = STRETCH;
                rest = later;
            }
        }
    }
}
