//! One question: heard, understood, looked up, answered and spoken as one stream. Keeps nothing; sessions are the caller's.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use synapscribe_domain::aim::{Aim, Setting};
use synapscribe_domain::pieces::Splitter;
use synapscribe_domain::retrieval::{Ranked, Standpoint, Weights};
use synapscribe_domain::small_words;
use synapscribe_domain::source::Matter;
use synapscribe_domain::terms::{stem, words};
use synapscribe_domain::{AudioLimits, Citation, Code, Failure, Millis, ObjectKey, Passage, Question, Usage};
use synapscribe_ports::{
    AgentEvent, AgentRequest, AnswerPiece, AnswerRequest, AnswerStream, AudioFiles, Bias, Embedder, Library, Narrator, Objects,
    Speech, Style, Summary, Transcriber, Tutor,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::patience::{Patience, within};
use crate::scratch;

mod sources;
pub(crate) mod subject;

use subject::Subject;

/// Events held while the receiver is slow.
const EVENTS: usize = 16;
/// Pieces waiting to be spoken; writing an answer never waits for its speech below this many.
const PIECES: usize = 256;
/// Samples in one stretch of speech, so that it fits one frame of the gateway.
const STRETCH: usize = 10_000;
/// The first stretch of an answer is shorter, so that it is heard sooner.
const FIRST_STRETCH: usize = 4_000;
/// A piece waits no longer than this for when its words are spoken, and goes without.
const WORDS: Duration = Duration::from_millis(500);
/// What is said when the question is about the place where the student is, and nobody knows it.
const WHERE: &str = "I cannot tell where in the lecture you are. Play it to that place and ask again, or name what it was about.";
/// What is said when nothing comes before that place.
const NOTHING_YET: &str = "Nothing was said before that place. Let the lecture play for a moment and ask again.";
/// What is said of a page without words.
const NOTHING_THERE: &str = "Nothing can be read on that page. Turn to another one and ask again.";

/// What is needed to answer.
pub struct Asking {
    /// Lectures, and passages of everything.
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
        let answering = async move {
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
        };
        tokio::spawn(answering.in_current_span());
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
        let subject = self.subject(&request.scope).await?;
        let mut usage = Usage::default();
        let question = match &request.question {
            Question::Text(text) => text.trim().to_owned(),
            Question::Spoken(key) => {
                let heard = self.hear(key, &subject, out, stop, &mut usage).await?;
                let _ = out.send(AgentEvent::Understood(heard.clone())).await;
                let _ = out.send(AgentEvent::Spent(usage)).await;
                heard
            }
        };
        // Whoever names a place beyond the end is told, and answered as at the end.
        let beyond = subject.end().filter(|end| request.playhead.is_some_and(|playhead| playhead > *end));
        let playhead = beyond.or(request.playhead).filter(|_| subject.lecture.is_some());
        let page = request.page.filter(|_| subject.matter == Matter::Document);
        let from = playhead.map(Standpoint::Second).or(page.map(Standpoint::Page));
        // In any of its forms: who asks for one dose has heard of doses. Where not everything was read, any word may be said.
        let is_said = |word: &str| {
            let wanted = stem(word);
            let holds = |passage: &Passage| words(&passage.text).any(|said| stem(&said) == wanted);
            subject.passages.as_ref().is_none_or(|all| all.iter().any(holds))
        };
        let question = small_words::mend(&question, is_said);
        let before = request.history.last();
        let playhead_before = before.and_then(|exchange| exchange.playhead);
        let setting = Setting { playhead, asked_before: before.is_some(), playhead_before, page };
        let aim = subject.aim(Aim::of(&question, setting));
        let standalone = if before.is_none() || aim != Aim::Subject {
            question.clone()
        } else {
            within(self.patience.answer, "the language engine", self.tutor.standalone(&question, &request.history)).await?
        };
        let (matter, title) = (subject.matter, subject.title.clone());
        let sources = self.sources(subject, &standalone, aim, from).await?;
        let _ = out.send(AgentEvent::Retrieved).await;
        let passages = sources.passages.clone();
        let order = AnswerRequest {
            matter,
            title,
            question: standalone,
            aim,
            readings: sources.readings,
            playhead,
            history: request.history.clone(),
            passages: sources.passages,
            whole: sources.whole,
            compared: sources.compared,
        };
        let (pieces, to_speak) = mpsc::channel(PIECES);
        let writing = self.write(self.answer(order, beyond), &passages, request.speech.is_some().then_some(pieces), out);
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
        subject: &Subject,
        out: &mpsc::Sender<AgentEvent>,
        stop: &CancellationToken,
        usage: &mut Usage,
    ) -> Result<String, Failure> {
        let scratch = scratch::folder(&self.scratch)?;
        let path = self.objects.as_file(key, scratch.path()).await?;
        let path =
            path.ok_or_else(|| Failure::new(Code::NotFound, "the recorded question is not there; upload it and ask again"))?;
        let facts = self.audio.inspect(&path).await?;
        self.limits.check_question(&facts)?;
        let _ = out.send(AgentEvent::Heard).await;
        let text: String = subject.passages.iter().flatten().map(|p| p.text.as_str()).collect::<Vec<_>>().join(" ");
        let bias = Bias { lecture: subject.lecture.as_ref().map(|lecture| lecture.id.clone()), text: text.into() };
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

    /// The answer, or what is missing for one. `beyond` is the lecture's end, where a place after it was named.
    async fn answer(&self, order: AnswerRequest, beyond: Option<Millis>) -> Result<AnswerStream, Failure> {
        let by_place = matches!(order.aim, Aim::JustSaid | Aim::Explained | Aim::SoFar);
        let missing = match order.aim {
            Aim::JustSaid | Aim::Explained if order.playhead.is_none() => Some(WHERE),
            Aim::JustSaid | Aim::Explained | Aim::SoFar if order.passages.is_empty() => Some(NOTHING_YET),
            Aim::Page if order.passages.is_empty() => Some(NOTHING_THERE),
            _ => None,
        };
        match missing {
            None => {
                let answer = within(self.patience.answer, "the language engine", self.tutor.answer(order)).await?;
                let Some(end) = beyond.filter(|_| by_place) else { return Ok(answer) };
                let told = format!("The lecture is only {end} long, so this is about its end. ");
                Ok(stream::iter([Ok(AnswerPiece::Text(told))]).chain(answer).boxed())
            }
            Some(missing) => {
                let end = AnswerPiece::End { generated: false, found: false, usage: Usage::default() };
                Ok(stream::iter([Ok(AnswerPiece::Text(missing.to_owned())), Ok(end)]).boxed())
            }
        }
    }

    /// Passes the answer on as it is written, and its pieces to whoever speaks.
    async fn write(
        &self,
        answer: impl Future<Output = Result<AnswerStream, Failure>>,
        passages: &[Ranked],
        pieces: Option<mpsc::Sender<String>>,
        out: &mpsc::Sender<AgentEvent>,
    ) -> Result<Summary, Failure> {
        let mut answer = answer.await?;
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
            let asked = piece.chars().count() as u64;
            characters += asked;
            // Told before the voice begins, so that whoever keeps account of what was said has time for it.
            let _ = out.send(AgentEvent::Piece(piece.clone())).await;
            let _ = out.send(AgentEvent::Spent(Usage { characters_spoken: asked, ..Usage::default() })).await;
            let speaking = self.speak_piece(&piece, style, out, &mut stretch);
            let (spoken, told) = tokio::join!(speaking, self.tell_words(&piece, style, out));
            characters += told;
            if let Err(failure) = spoken {
                let _ = out.send(AgentEvent::Muted(failure)).await;
                break;
            }
        }
        characters
    }

    /// Tells when the words of a piece are spoken, if the voice knows, and returns how many characters that cost.
    async fn tell_words(&self, piece: &str, style: &Style, out: &mpsc::Sender<AgentEvent>) -> u64 {
        match tokio::time::timeout(WORDS, self.narrator.words(piece, style)).await {
            Ok(Ok(words)) if words.is_empty() => 0,
            Ok(Ok(words)) => {
                let asked = piece.chars().count() as u64;
                let _ = out.send(AgentEvent::Words(words)).await;
                let _ = out.send(AgentEvent::Spent(Usage { characters_spoken: asked, ..Usage::default() })).await;
                asked
            }
            // Nothing but a mark is missed.
            Ok(Err(_)) | Err(_) => 0,
        }
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
