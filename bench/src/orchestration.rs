//! What AgentCore itself adds to a turn while many are under way: its engines do nothing but wait, and what they waited is taken off.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use synapscribe_agentcore::{AgentCore, Capacity};
use synapscribe_domain::account::WrittenCode;
use synapscribe_domain::document::{Document, FailedPage, OutlineEntry};
use synapscribe_domain::retrieval::{Candidate, Weights};
use synapscribe_domain::*;
use synapscribe_ports::*;
use synapscribe_usecases::Asking;
use synapscribe_usecases::patience::Patience;
use tokio_util::sync::CancellationToken;

use crate::table::{Better, Row, Table, percentile};
use crate::{cores, peer};

const STUDENTS: usize = 200;
const TURNS: usize = 50;
/// The tutor waits for so long on average, so that every student has a turn under way all the time; the waits are spread, so that the
/// turns are not in step.
const WAITING: Duration = Duration::from_millis(40);

/// What the bar is for.
const CORES: usize = 2;

pub fn measure(table: &mut Table) -> anyhow::Result<()> {
    let (cores, mut times, asyncio) = cores::on(CORES, |cores| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(cores).enable_all().build()?;
        let times = runtime.block_on(turns())?;
        drop(runtime);
        anyhow::Ok((cores, times, peer::measured("orchestration.py", &[])?))
    })?;
    let name = format!("orchestration: a whole turn, {STUDENTS} turns at once on {cores} cores");
    let mut add = |what: &str, ms, bar, theirs| {
        table.add(
            Row::new(format!("{name}, {what}"), ms, "ms", Better::Lower).bar(bar).peer("the same pipeline in asyncio", theirs),
        );
    };
    add("p50", percentile(&mut times, 0.5), 1.0, peer::number(&asyncio, "p50")?);
    add("p99", percentile(&mut times, 0.99), 5.0, peer::number(&asyncio, "p99")?);
    Ok(())
}

/// How long each turn of each student took beyond what its tutor waited, in milliseconds.
async fn turns() -> anyhow::Result<Vec<f64>> {
    let scripted = Arc::new(Scripted::new());
    let core = Arc::new(AgentCore::new(
        Asking {
            library: scripted.clone(),
            objects: scripted.clone(),
            audio: scripted.clone(),
            transcriber: scripted.clone(),
            tutor: scripted.clone(),
            narrator: scripted.clone(),
            embedder: Some(scripted.clone()),
            scratch: PathBuf::new(),
            patience: Patience::default(),
            weights: Weights::default(),
            limits: AudioLimits::QUESTION,
        },
        Capacity { running: STUDENTS, waiting: STUDENTS },
    ));
    let mut students = Vec::new();
    for student in 0..STUDENTS {
        let core = Arc::clone(&core);
        students.push(tokio::spawn(async move {
            let mut times = Vec::with_capacity(TURNS);
            for turn in 0..TURNS {
                let begun = Instant::now();
                let mut events = core.invoke(request(student, turn)).await?;
                let mut waited = Duration::ZERO;
                while let Some(event) = events.next().await {
                    match event {
                        AgentEvent::Failed(failure) => return Err(failure),
                        AgentEvent::Done(summary) => waited = Duration::from_nanos(summary.usage.tokens_in),
                        _ => {}
                    }
                }
                times.push((begun.elapsed() - waited).as_secs_f64() * 1000.0);
            }
            Ok(times)
        }));
    }
    let mut times = Vec::new();
    for student in students {
        times.extend(student.await??);
    }
    Ok(times)
}

fn request(student: usize, turn: usize) -> AgentRequest {
    let id = format!("{student}-{turn}");
    AgentRequest {
        work: WorkId::parse(id.clone()).expect("digits and a dash are a name"),
        session: SessionId::parse(id).expect("digits and a dash are a name"),
        scope: Scope::of(LectureId::parse("l").expect("a letter is a name")),
        question: Question::Text("What is the chain rule?".into()),
        playhead: None,
        page: None,
        history: Vec::new(),
        speech: Some(Style::default()),
        trace: None,
    }
}

/// Every port, answering at once but for the tutor.
struct Scripted {
    /// How many questions the tutor was asked.
    asked: AtomicU64,
    lecture: Lecture,
    passages: Vec<Passage>,
}

impl Scripted {
    fn new() -> Self {
        let id = LectureId::parse("l").expect("a letter is a name");
        let owner = PersonId::parse("p").expect("a letter is a name");
        let passages = (0..8)
            .map(|n| {
                Passage::said(
                    &id,
                    n as u32,
                    Span::new(Millis(n as u64 * 1000), Millis(n as u64 * 1000 + 900)),
                    "The chain rule says that slopes multiply.",
                )
            })
            .collect();
        let lecture = Lecture {
            key: ObjectKey::lecture(&owner, &id, "l.mp3"),
            id,
            owner,
            visibility: Visibility::Public,
            title: "A lecture".into(),
            state: LectureState::Ready,
            media: None,
            tokens: Some(100),
            created: Timestamp(0),
        };
        Self { asked: AtomicU64::new(0), lecture, passages }
    }
}

fn card() -> EngineCard {
    EngineCard::local("scripted", "scripted")
}

#[async_trait]
impl Tutor for Scripted {
    fn card(&self) -> EngineCard {
        card()
    }
    fn window(&self) -> Option<u32> {
        None
    }
    async fn standalone(&self, question: &str, _: &[Exchange]) -> Result<String, Failure> {
        Ok(question.to_owned())
    }
    async fn answer(&self, request: AnswerRequest) -> Result<AnswerStream, Failure> {
        let spread = self.asked.fetch_add(1, Ordering::Relaxed) * 7919 % 1000;
        let began = Instant::now();
        tokio::time::sleep(WAITING * 2 * spread as u32 / 1000).await;
        // How long it really was is told as what it read, which nobody counts here.
        let usage = Usage { tokens_in: began.elapsed().as_nanos() as u64, ..Usage::default() };
        let excerpt = request.passages[0].passage.text.clone();
        let words = excerpt.split_inclusive(' ').map(|w| Ok(AnswerPiece::Text(w.to_owned()))).collect::<Vec<_>>();
        let end = [Ok(AnswerPiece::Cite { passage: 0, excerpt }), Ok(AnswerPiece::End { generated: true, found: true, usage })];
        Ok(stream::iter(words.into_iter().chain(end)).boxed())
    }
}

#[async_trait]
impl Narrator for Scripted {
    fn card(&self) -> EngineCard {
        card()
    }
    fn voices(&self) -> Vec<VoiceCard> {
        Vec::new()
    }
    async fn speak(&self, _: &str, _: &Style) -> Result<BoxStream<'static, Result<Speech, Failure>>, Failure> {
        Ok(stream::iter([Ok(Speech { rate: 16_000, samples: vec![0.0; 1600] })]).boxed())
    }
}

#[async_trait]
impl Embedder for Scripted {
    fn card(&self) -> EngineCard {
        card()
    }
    fn dimension(&self) -> usize {
        1
    }
    async fn embed(&self, texts: &[String], _: EmbedKind) -> Result<Vec<Vec<f32>>, Failure> {
        Ok(vec![vec![1.0]; texts.len()])
    }
}

#[async_trait]
impl Transcriber for Scripted {
    fn card(&self) -> EngineCard {
        card()
    }
    async fn transcribe(&self, _: Pcm, _: &Bias, _: &CancellationToken) -> Result<Transcript, Failure> {
        Ok(Transcript::default())
    }
    fn as_dyn(&self) -> &dyn Transcriber {
        self
    }
}

#[async_trait]
impl AudioFiles for Scripted {
    async fn inspect(&self, _: &Path) -> Result<MediaFacts, Failure> {
        Err(Failure::internal())
    }
    async fn speech(&self, _: &Path) -> Result<SpeechMap, Failure> {
        Err(Failure::internal())
    }
    async fn decode(&self, _: &Path, _: tokio::sync::mpsc::Sender<Vec<f32>>) -> Result<DecodeReport, Failure> {
        Err(Failure::internal())
    }
}

#[async_trait]
impl Objects for Scripted {
    async fn put(&self, _: &ObjectKey, _: Bytes, _: &str) -> StoreResult<()> {
        Ok(())
    }
    async fn get(&self, _: &ObjectKey) -> StoreResult<Option<Bytes>> {
        Ok(None)
    }
    async fn head(&self, _: &ObjectKey) -> StoreResult<Option<ObjectInfo>> {
        Ok(None)
    }
    async fn as_file(&self, _: &ObjectKey, _: &Path) -> StoreResult<Option<PathBuf>> {
        Ok(None)
    }
    async fn list(&self, _: &str) -> StoreResult<Vec<ObjectInfo>> {
        Ok(Vec::new())
    }
    async fn delete(&self, _: &ObjectKey) -> StoreResult<()> {
        Ok(())
    }
    async fn upload_url(&self, _: &ObjectKey, _: &str, _: Option<u64>, _: u32) -> StoreResult<String> {
        Ok(String::new())
    }
    async fn download_url(&self, _: &ObjectKey, _: u32) -> StoreResult<String> {
        Ok(String::new())
    }
}

#[async_trait]
impl Classes for Scripted {
    async fn add_class(&self, _: &Class) -> StoreResult<()> {
        Ok(())
    }
    async fn change_class(&self, _: &ClassId, _: &ClassChange<'_>) -> StoreResult<Class> {
        Err(StoreError::Gone)
    }
    async fn class(&self, _: &ClassId) -> StoreResult<Option<Class>> {
        Ok(None)
    }
    async fn class_by_code(&self, _: &WrittenCode) -> StoreResult<Option<Class>> {
        Ok(None)
    }
    async fn classes_of(&self, _: &PersonId) -> StoreResult<Vec<Listed>> {
        Ok(Vec::new())
    }
    async fn delete_class(&self, _: &ClassId) -> StoreResult<()> {
        Ok(())
    }
    async fn join_class(&self, _: &ClassId, _: &Member, _: usize) -> StoreResult<Joined> {
        Err(StoreError::Gone)
    }
    async fn members(&self, _: &ClassId) -> StoreResult<Vec<Member>> {
        Ok(Vec::new())
    }
    async fn end_membership(&self, _: &ClassId, _: &MemberId) -> StoreResult<bool> {
        Ok(false)
    }
    async fn show(&self, _: &ClassId, _: &Source, _: Timestamp) -> StoreResult<()> {
        Err(StoreError::Gone)
    }
    async fn hide(&self, _: &ClassId, _: &Source) -> StoreResult<bool> {
        Ok(false)
    }
    async fn shown(&self, _: &ClassId) -> StoreResult<Vec<Shown>> {
        Ok(Vec::new())
    }
    async fn is_shown_to(&self, _: &Source, _: &PersonId) -> StoreResult<bool> {
        Ok(false)
    }
    async fn shown_to(&self, _: &Source) -> StoreResult<Vec<PersonId>> {
        Ok(Vec::new())
    }
    async fn leave_classes(&self, _: &PersonId) -> StoreResult<()> {
        Ok(())
    }
}

#[async_trait]
impl Packs for Scripted {
    async fn add_pack(&self, _: &Pack) -> StoreResult<()> {
        Ok(())
    }
    async fn change_pack(&self, _: &PackId, _: &PackChange<'_>) -> StoreResult<pack::Counted> {
        Err(StoreError::Gone)
    }
    async fn pack(&self, _: &PackId) -> StoreResult<Option<pack::Counted>> {
        Ok(None)
    }
    async fn packs(&self, _: &PersonId) -> StoreResult<Vec<pack::Counted>> {
        Ok(Vec::new())
    }
    async fn packs_of(&self, _: &PersonId) -> StoreResult<Vec<pack::Counted>> {
        Ok(Vec::new())
    }
    async fn delete_pack(&self, _: &PackId) -> StoreResult<()> {
        Ok(())
    }
    async fn keep_card(&self, _: &PackId, _: &Card, _: Option<(&SessionId, &QueryId)>, _: usize) -> StoreResult<Kept> {
        Err(StoreError::Gone)
    }
    async fn change_card(&self, _: &PackId, _: &CardId, _: &CardChange<'_>) -> StoreResult<Card> {
        Err(StoreError::Gone)
    }
    async fn remove_card(&self, _: &PackId, _: &CardId) -> StoreResult<bool> {
        Ok(false)
    }
    async fn cards(&self, _: &PackId) -> StoreResult<Vec<Card>> {
        Ok(Vec::new())
    }
    async fn show_pack(&self, _: &ClassId, _: &PackId, _: Timestamp) -> StoreResult<()> {
        Err(StoreError::Gone)
    }
    async fn hide_pack(&self, _: &ClassId, _: &PackId) -> StoreResult<bool> {
        Ok(false)
    }
    async fn packs_shown(&self, _: &ClassId) -> StoreResult<Vec<pack::Counted>> {
        Ok(Vec::new())
    }
    async fn is_pack_shown_to(&self, _: &PackId, _: &PersonId) -> StoreResult<bool> {
        Ok(false)
    }
}

#[async_trait]
impl Documents for Scripted {
    async fn add_document(&self, _: &Document) -> StoreResult<()> {
        Ok(())
    }
    async fn change_document(&self, _: &DocumentId, _: &DocumentChange<'_>) -> StoreResult<Document> {
        Err(StoreError::Gone)
    }
    async fn document(&self, _: &DocumentId) -> StoreResult<Option<Document>> {
        Ok(None)
    }
    async fn documents(&self, _: &PersonId) -> StoreResult<Vec<Document>> {
        Ok(Vec::new())
    }
    async fn abandoned_documents(&self, _: Timestamp) -> StoreResult<Vec<Document>> {
        Ok(Vec::new())
    }
    async fn delete_document(&self, _: &DocumentId) -> StoreResult<()> {
        Ok(())
    }
    async fn save_outline(&self, _: &DocumentId, _: &[OutlineEntry]) -> StoreResult<()> {
        Ok(())
    }
    async fn outline(&self, _: &DocumentId) -> StoreResult<Vec<OutlineEntry>> {
        Ok(Vec::new())
    }
    async fn save_pages(&self, _: &DocumentId, _: &[PageRead]) -> StoreResult<()> {
        Ok(())
    }
    async fn pages(&self, _: &DocumentId, _: Pages) -> StoreResult<Vec<PageRead>> {
        Ok(Vec::new())
    }
    async fn pages_read(&self, _: &DocumentId) -> StoreResult<u32> {
        Ok(0)
    }
    async fn failed_pages(&self, _: &DocumentId) -> StoreResult<Vec<FailedPage>> {
        Ok(Vec::new())
    }
    async fn set_aside(&self, _: &DocumentId, _: &str, _: u32, _: &[Meaning]) -> StoreResult<()> {
        Ok(())
    }
    async fn aside(&self, _: &DocumentId, _: &str) -> StoreResult<Vec<u32>> {
        Ok(Vec::new())
    }
    async fn clear_aside(&self, _: &DocumentId) -> StoreResult<()> {
        Ok(())
    }
}

#[async_trait]
impl Library for Scripted {
    async fn add_lecture(&self, _: &Lecture) -> StoreResult<()> {
        Ok(())
    }
    async fn change_lecture(&self, _: &LectureId, _: &LectureChange<'_>) -> StoreResult<Lecture> {
        Ok(self.lecture.clone())
    }
    async fn lecture(&self, _: &LectureId) -> StoreResult<Option<Lecture>> {
        Ok(Some(self.lecture.clone()))
    }
    async fn lectures(&self, _: &PersonId) -> StoreResult<Vec<Lecture>> {
        Ok(vec![self.lecture.clone()])
    }
    async fn abandoned(&self, _: Timestamp) -> StoreResult<Vec<Lecture>> {
        Ok(Vec::new())
    }
    async fn delete_lecture(&self, _: &LectureId) -> StoreResult<()> {
        Ok(())
    }
    async fn plan_windows(&self, _: &LectureId, _: &[Span]) -> StoreResult<()> {
        Ok(())
    }
    async fn windows(&self, _: &LectureId) -> StoreResult<Vec<Window>> {
        Ok(Vec::new())
    }
    async fn finish_window(&self, _: &LectureId, _: usize, _: &[Phrase], _: Option<&str>) -> StoreResult<()> {
        Ok(())
    }
    async fn phrases(&self, _: &LectureId) -> StoreResult<Vec<Phrase>> {
        Ok(Vec::new())
    }
    async fn correct_phrase(&self, _: &LectureId, _: Millis, _: &str, _: &str) -> StoreResult<Phrase> {
        Err(StoreError::Gone)
    }
    async fn revision(&self, _: &LectureId) -> StoreResult<u64> {
        Ok(0)
    }
    async fn note_indexed(&self, _: &LectureId, _: u64) -> StoreResult<()> {
        Ok(())
    }
    async fn stale(&self, _: Option<&str>, _: Option<&Source>) -> StoreResult<Option<Source>> {
        Ok(None)
    }
    async fn save_waveform(&self, _: &LectureId, _: &Waveform) -> StoreResult<()> {
        Ok(())
    }
    async fn waveform(&self, _: &LectureId) -> StoreResult<Option<Waveform>> {
        Ok(None)
    }
    async fn index(&self, _: &Source, _: &[Passage], _: &str, _: &[Meaning]) -> StoreResult<()> {
        Ok(())
    }
    async fn index_aside(&self, _: &DocumentId, _: &[Passage], _: &str) -> StoreResult<bool> {
        Ok(true)
    }
    async fn passages(&self, _: &Source) -> StoreResult<Vec<Passage>> {
        Ok(self.passages.clone())
    }
    async fn search(&self, _: &Scope, _: &[String], _: Option<(&str, &[f32])>, _: usize) -> StoreResult<Vec<Candidate>> {
        let found = self.passages.iter().cloned();
        Ok(found.map(|passage| Candidate { passage, text_score: Some(1.0), similarity: Some(0.5), parts: Vec::new() }).collect())
    }
    async fn save_report(&self, _: &LectureId, _: &IngestReport) -> StoreResult<()> {
        Ok(())
    }
    async fn report(&self, _: &LectureId) -> StoreResult<Option<IngestReport>> {
        Ok(None)
    }
}
