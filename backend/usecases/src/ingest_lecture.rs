//! A validated recording into something that answers: words, passages, vectors, and a report of what became of it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use synapscribe_domain::audio::{SPEECH_RATE, check_loudness};
use synapscribe_domain::ingest::{WINDOW_TARGET, report, windows};
use synapscribe_domain::trace::MEASURED;
use synapscribe_domain::{
    Code, Failure, Lecture, LectureId, LectureState, Millis, Pcm, Phrase, Span, TranscriptSource, captions,
};
use synapscribe_ports::{
    Audience, AudioFiles, Bias, Connections, Happening, Herald, Library, Notice, Objects, SpeechMap, Transcriber,
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::index_lecture::Indexing;
use crate::patience::{Patience, within};
use crate::turns::Turns;
use crate::{failing, scratch, tell};

/// A window is heard with this much on both sides, so that no word at its edge is cut.
const MARGIN_MS: u64 = 150;
/// So many windows missed one after the other mean that the recogniser is away.
const AWAY: usize = 3;

/// What is needed to ingest.
#[derive(Clone)]
pub struct Ingesting {
    /// Lectures.
    pub library: Arc<dyn Library>,
    /// Recordings and captions.
    pub objects: Arc<dyn Objects>,
    /// Reads recordings.
    pub audio: Arc<dyn AudioFiles>,
    /// Recognises speech.
    pub transcriber: Arc<dyn Transcriber>,
    /// Makes what is searched of the words.
    pub indexing: Indexing,
    /// Who is connected.
    pub connections: Arc<dyn Connections>,
    /// Tells them.
    pub audience: Arc<dyn Audience>,
    /// Tells other systems.
    pub herald: Arc<dyn Herald>,
    /// A folder for objects that are not files yet.
    pub scratch: PathBuf,
    /// How long engines may take.
    pub patience: Patience,
    /// Whose turn it is to look for the speech in its recording.
    pub scanning: Arc<Turns>,
    /// Whose turn it is to be recognised; as many places as the recogniser has.
    pub turns: Arc<Turns>,
}

impl Ingesting {
    /// Ingests one lecture; called again after a crash it goes on at the last finished window. What the recogniser cannot be
    /// brought to hear is skipped. A failure that may pass is returned for a retry; any other is written into the lecture's state.
    pub async fn ingest(&self, id: &LectureId) -> Result<(), Failure> {
        self.attempt(id, true).await
    }

    /// The same, but what the recogniser does not hear now is left for a later call, because it may only be away for a while.
    pub async fn ingest_what_can_be_heard(&self, id: &LectureId) -> Result<(), Failure> {
        self.attempt(id, false).await
    }

    async fn attempt(&self, id: &LectureId, last: bool) -> Result<(), Failure> {
        self.attempt_one(id, last).instrument(tracing::error_span!("ingest", correlation = id.as_str())).await
    }

    async fn attempt_one(&self, id: &LectureId, last: bool) -> Result<(), Failure> {
        let Some(lecture) = self.library.lecture(id).await? else { return Ok(()) };
        if lecture.state.is_final() {
            // The job came again after its work was done or given up: what was corrected since is kept, and so is the reason
            // that a person was told.
            return Ok(());
        }
        match self.work(&lecture, last).await {
            Ok(()) => Ok(()),
            Err(failure) if failure.code == Code::NotFound && self.library.lecture(id).await?.is_none() => {
                tracing::info!(correlation = id.as_str(), "a lecture was deleted while it was being ingested");
                Ok(())
            }
            Err(failure) if failure.code.retryable() && failure.code != Code::NothingHeard => Err(failure),
            Err(failure) => self.give_up(id, failure).await,
        }
    }

    /// Writes down that a lecture cannot be used, after retries or at once. One that can be used, because its job's end could
    /// not be noted, stays so.
    pub async fn give_up(&self, id: &LectureId, failure: Failure) -> Result<(), Failure> {
        failing::give_up(&*self.library, &*self.connections, &*self.audience, &*self.herald, id, failure).await
    }

    async fn work(&self, lecture: &Lecture, last: bool) -> Result<(), Failure> {
        let Some(media) = &lecture.media else { return Ok(()) };
        let begun = Instant::now();
        let scratch = scratch::folder(&self.scratch)?;
        let path = self.objects.as_file(&lecture.key, scratch.path()).await?;
        let path =
            path.ok_or_else(|| Failure::new(Code::AudioCorrupt, "the recording is not there any more; upload it again"))?;
        let map = {
            let _turn = self.scanning.take(windows_in(media.duration)).await;
            self.audio.speech(&path).await?
        };
        check_loudness(map.loudest_rms)?;
        self.library.save_waveform(&lecture.id, &map.waveform).await?;
        if map.length.0 * 10 < media.duration.0 * 8 {
            return Err(Failure::new(
                Code::AudioCorrupt,
                format!("only {} of {} can be decoded; copy or export the file again", map.length, media.duration),
            ));
        }
        let (mut notes, mut refused) = (Vec::new(), None);
        if map.damaged_packets > 0 {
            notes.push(format!("{} damaged pieces of the recording were left out", map.damaged_packets));
        }
        let (source, phrases, skipped) = match self.captions(lecture, media.duration, &mut refused).await? {
            Some(phrases) => (TranscriptSource::Captions, phrases, Vec::new()),
            None => {
                let skipped = self.transcribe(lecture, &path, &map, last).await?;
                (TranscriptSource::Recognised, self.library.phrases(&lecture.id).await?, skipped)
            }
        };
        if phrases.iter().all(|p| p.text.trim().is_empty()) {
            return Err(Failure::new(
                Code::NothingHeard,
                "no speech was understood in the recording; drop a caption file beside it, or try another recognition engine",
            ));
        }
        if source == TranscriptSource::Captions {
            self.library.plan_windows(&lecture.id, &[Span::new(Millis(0), media.duration)]).await?;
            self.library.finish_window(&lecture.id, 0, &phrases, None).await?;
        }
        self.advance(&lecture.id, LectureState::Indexing).await?;
        let indexed = self.indexing.index(&lecture.id, &phrases).await?;
        notes.extend(indexed.note);
        let mut made = report(source, media.duration, &map.spans, &phrases, skipped, indexed.passages);
        (made.notes, made.refused_captions) = (notes, refused);
        self.library.save_report(&lecture.id, &made).await?;
        let finish = |l: &mut Lecture| (l.state, l.tokens) = (LectureState::Ready, Some(indexed.tokens));
        let ready = self.library.change_lecture(&lecture.id, &finish).await?;
        let notice = Notice::LectureReady { lecture: Box::new(ready.clone()), passages: indexed.passages };
        tell::viewers(&*self.library, &*self.connections, &*self.audience, &ready, &notice).await;
        tracing::info!(
            target: MEASURED,
            operation = "ingest",
            ingest.ms = begun.elapsed().as_millis() as u64,
            lecture.ms = media.duration.0,
            passages.count = indexed.passages,
            failed.count = 0,
            "a lecture can be asked"
        );
        tell::systems(&*self.herald, Happening::LectureReady(ready.id.clone())).await;
        self.indexing.warm(&ready.id).await
    }

    /// The captions beside the recording, if there are any that fit it.
    async fn captions(
        &self,
        lecture: &Lecture,
        duration: Millis,
        refused: &mut Option<String>,
    ) -> Result<Option<Vec<Phrase>>, Failure> {
        for extension in ["vtt", "srt"] {
            let Some(bytes) = self.objects.get(&lecture.key.beside(extension)).await? else { continue };
            let read = captions::parse(&String::from_utf8_lossy(&bytes))
                .and_then(|phrases| captions::check_against(&phrases, duration).map(|()| phrases));
            match read {
                Ok(phrases) => {
                    *refused = None;
                    return Ok(Some(phrases));
                }
                Err(failure) => *refused = Some(failure.to_string()),
            }
        }
        Ok(None)
    }

    /// Recognises every window that is not finished yet, several at once, and returns those that could not be recognised, in
    /// this attempt or an earlier one.
    async fn transcribe(
        &self,
        lecture: &Lecture,
        path: &Path,
        map: &SpeechMap,
        last: bool,
    ) -> Result<Vec<(Span, String)>, Failure> {
        let plan = windows(&map.spans, map.length);
        let stored = self.library.windows(&lecture.id).await?;
        let mut heard = 0;
        let done: Vec<bool> = if stored.iter().map(|window| window.span).eq(plan.iter().copied()) {
            heard = stored.iter().filter(|window| window.finished && window.skipped.is_none()).count();
            stored.iter().map(|window| window.finished).collect()
        } else {
            self.library.plan_windows(&lecture.id, &plan).await?;
            vec![false; plan.len()]
        };
        let total = plan.len() as u32;
        let mut finished = done.iter().filter(|d| **d).count() as u32;
        self.advance(&lecture.id, LectureState::Transcribing { done: finished, total }).await?;

        let cancel = CancellationToken::new();
        let _stop = cancel.clone().drop_guard();
        let (blocks, decoded) = mpsc::channel::<Vec<f32>>(4);
        let decoding = self.audio.decode(path, blocks);
        let cutting = async {
            let mut slices = Slices::new(decoded);
            // Each window is a task of its own: one that waits for the store has to get on while this one waits for sound, or it
            // would keep the store from everybody.
            let mut running = JoinSet::new();
            let mut queue: VecDeque<usize> = (0..plan.len()).filter(|n| !done[*n]).collect();
            let places = self.transcriber.parallelism().max(1);
            let (mut missed, mut in_a_row) = (None, 0);
            loop {
                while running.len() < places {
                    let left = queue.len() + running.len();
                    let Some(n) = queue.pop_front() else { break };
                    let Some((start, audio)) = slices.take(plan[n]).await else { break };
                    let (this, id, span, cancel) = (self.clone(), lecture.id.clone(), plan[n], cancel.clone());
                    running.spawn(async move {
                        let _turn = this.turns.take(left).await;
                        this.window(&id, n, span, start, audio, last, &cancel).await
                    });
                }
                let Some(outcome) = running.join_next().await else { break };
                match outcome.map_err(|_| Failure::internal())?? {
                    None => (heard, in_a_row) = (heard + 1, 0),
                    Some(failure) => (missed, in_a_row) = (Some(failure), in_a_row + 1),
                }
                // The recogniser is not there at all; trying every window would only take long.
                if in_a_row >= AWAY && (heard == 0 || !last) {
                    break;
                }
                if in_a_row > 0 && !last {
                    continue;
                }
                finished += 1;
                self.advance(&lecture.id, LectureState::Transcribing { done: finished, total }).await?;
            }
            match missed {
                Some(failure) if !last => Err(failure),
                Some(failure) if heard == 0 => {
                    // Skipped windows are not heard again, and these ought to be once the recogniser is back.
                    self.library.plan_windows(&lecture.id, &plan).await?;
                    let ear = self.transcriber.card().name;
                    Err(Failure::new(failure.code, format!("nothing of the recording could be recognised ({ear}): {failure}")))
                }
                _ => Ok(()),
            }
        };
        let (decoded, cut) = tokio::join!(decoding, cutting);
        decoded?;
        cut?;
        let windows = self.library.windows(&lecture.id).await?;
        Ok(windows.into_iter().filter_map(|window| Some((window.span, window.skipped?))).collect())
    }

    /// Recognises and stores one window. What an engine that fails twice says is returned; on the last attempt the window is stored
    /// empty, with that as the reason.
    #[allow(clippy::too_many_arguments, reason = "they are a window and where it comes from")]
    async fn window(
        &self,
        id: &LectureId,
        n: usize,
        span: Span,
        start: Millis,
        audio: Pcm,
        last: bool,
        cancel: &CancellationToken,
    ) -> Result<Option<Failure>, Failure> {
        let limit = self.patience.recognition + std::time::Duration::from_millis(audio.length().0 * 4);
        let mut missed = None;
        let mut phrases = Vec::new();
        let bias = Bias::default();
        for _ in 0..2 {
            let hearing = self.transcriber.transcribe(audio.clone(), &bias, cancel);
            match within(limit, "recognition", hearing).await {
                Ok(transcript) => {
                    phrases = shifted(transcript.phrases, start, span);
                    missed = None;
                    break;
                }
                // Without an engine every window would fail; that is the lecture's failure, not the window's.
                Err(failure) if failure.code == Code::EngineMissing => return Err(failure),
                Err(failure) => missed = Some(failure),
            }
        }
        if missed.is_none() || last {
            let reason = missed.as_ref().map(|failure| failure.message.as_str());
            self.library.finish_window(id, n, &phrases, reason).await?;
        }
        Ok(missed)
    }

    async fn advance(&self, lecture: &LectureId, state: LectureState) -> Result<(), Failure> {
        let lecture = self.library.change_lecture(lecture, &|l| l.state = state.clone()).await?;
        tell::viewers(
            &*self.library,
            &*self.connections,
            &*self.audience,
            &lecture,
            &Notice::LectureProgress(Box::new(lecture.clone())),
        )
        .await;
        Ok(())
    }
}

/// About how many windows a recording makes.
fn windows_in(duration: Millis) -> usize {
    duration.0.div_ceil(WINDOW_TARGET.0) as usize
}

/// Phrase times from a window's own clock to the lecture's, kept inside the window.
fn shifted(phrases: Vec<Phrase>, start: Millis, window: Span) -> Vec<Phrase> {
    let shift = |span: Span| {
        let at = |ms: Millis| Millis((start.0 + ms.0).clamp(window.from.0, window.to.0));
        Span::new(at(span.from), at(span.to))
    };
    phrases
        .into_iter()
        .map(|mut phrase| {
            phrase.span = shift(phrase.span);
            for word in &mut phrase.words {
                word.span = shift(word.span);
            }
            phrase
        })
        .collect()
}

/// Cuts windows out of a recording that is being decoded, holding only what the next window needs.
struct Slices {
    blocks: mpsc::Receiver<Vec<f32>>,
    held: Vec<f32>,
    /// The sample that `held` begins with.
    first: usize,
    ended: bool,
}

impl Slices {
    fn new(blocks: mpsc::Receiver<Vec<f32>>) -> Self {
        Self { blocks, held: Vec::new(), first: 0, ended: false }
    }

    /// The samples of a window with its margins, and where they begin; windows are asked for in order.
    async fn take(&mut self, span: Span) -> Option<(Millis, Pcm)> {
        let per_ms = SPEECH_RATE as usize / 1000;
        let from = span.from.0.saturating_sub(MARGIN_MS) as usize * per_ms;
        let to = (span.to.0 + MARGIN_MS) as usize * per_ms;
        while self.first + self.held.len() < to && !self.ended {
            match self.blocks.recv().await {
                Some(block) => self.held.extend(block),
                None => self.ended = true,
            }
            let useless = from.saturating_sub(self.first).min(self.held.len());
            if useless > SPEECH_RATE as usize {
                self.held.drain(..useless);
                self.first += useless;
            }
        }
        let begin = from.max(self.first).min(self.first + self.held.len());
        let end = to.min(self.first + self.held.len());
        (begin < end).then(|| (Millis((begin / per_ms) as u64), Pcm(self.held[begin - self.first..end - self.first].to_vec())))
    }
}
