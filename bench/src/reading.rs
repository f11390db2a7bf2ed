//! A book of a thousand pages from its last byte to the first question, and what answers from many pages take, through the real host.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;
use synapscribe_client::protocol::ServerMessage;
use synapscribe_client::protocol::server::SourceDto;
use synapscribe_client::{Ask, Client, Home, Question, Scope, UploadEvent, UploadOptions};

use crate::peer;
use crate::program::{Host, children, memory_mb};
use crate::table::{Better, Row, Table, percentile};

const PAGES: u32 = 1_000;
/// So many books hold ten thousand passages.
const BOOKS: u32 = 3;
const PASSAGES: u32 = 10_000;
const QUESTIONS: [&str; 6] = [
    "What is an acid?",
    "Why did the Roman Republic fall?",
    "What does a central bank do against inflation?",
    "How do the kidneys keep the blood clean?",
    "What is a normal form?",
    "What does natural selection need?",
];
const ROUNDS: usize = 4;

pub async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    eprintln!("reading: writing {BOOKS} books of {PAGES} pages");
    let books: Vec<PathBuf> = (1..=BOOKS).map(|volume| book(home.path(), volume)).collect::<Result<_, _>>()?;
    let other = reading(&books[0])?;
    // A peer that fails does not cost the other figures.
    let rival = embedding(&books[0]);

    let host = Host::start_with(false, &meaning())?;
    let client = Client::connect(&host.address, Home::at(home.path())).await?;
    let (first, peak) = followed(&host, &client, &books[0]).await?;
    let row = |what: &str, seconds| Row::new(format!("reading: {PAGES} pages, {what}"), seconds, "s", Better::Lower);
    table.add(
        row("read and cut into passages", first.searchable)
            .bar(10.0)
            .peer("PyMuPDF, its text alone", peer::number(&other, "seconds")?),
    );
    table.add(row("from the last byte until found by words", first.searchable).bar(15.0));
    let found = row("from the last byte until found by meaning", first.ready);
    if let Ok(Some(rival)) = &rival {
        let (name, seconds) = ("PyMuPDF and sentence-transformers", peer::number(rival, "seconds")?);
        table.add(found.peer(name, seconds));
        // For as much text, should the two cut it differently.
        let each = (seconds / peer::number(rival, "passages")?) / (first.ready / f64::from(first.passages));
        let faster = Row::new(format!("reading: so many times faster than {name}"), each, "×", Better::Higher);
        table.add(faster.bar(1.5).peer(name, 1.0));
    } else {
        table.add(found);
    }
    table.add(Row::new("reading: memory of the host and its reader at most", peak, "MB", Better::Lower).bar(400.0));
    let embedded = f64::from(first.passages) / (first.ready - first.searchable);
    table.add(Row::new("reading: passages embedded in a second, beside their sentences", embedded, "1/s", Better::Higher));

    let mut shelf = vec![first];
    for book in &books[1..] {
        eprintln!("reading: another book, which takes as long");
        shelf.push(followed(&host, &client, book).await?.0);
    }
    let passages: u32 = shelf.iter().map(|book| book.passages).sum();
    ensure!(passages >= PASSAGES, "{passages} passages are too few");
    let documents: Vec<String> = shelf.into_iter().map(|book| book.document).collect();
    let mut times = Vec::new();
    for round in 0..=ROUNDS {
        for question in QUESTIONS {
            let took = first_text(&client, &documents, question).await?;
            // The first round warms caches, as a session does.
            if round > 0 {
                times.push(took);
            }
        }
    }
    let row = |share: &str, ms| {
        Row::new(format!("reading: question to first text over {passages} passages, {share}"), ms, "ms", Better::Lower)
    };
    table.add(row("p50", percentile(&mut times, 0.5)).bar(150.0));
    table.add(row("p95", percentile(&mut times, 0.95)));
    rival.map(drop)
}

/// What a host needs to compare meanings, where it is there.
fn meaning() -> Vec<(&'static str, OsString)> {
    std::env::var_os("SYNAPSCRIBE_MINILM_DIR").map(|folder| ("SYNAPSCRIBE_MINILM", folder)).into_iter().collect()
}

/// Writes a book.
fn book(folder: &Path, volume: u32) -> anyhow::Result<PathBuf> {
    let path = folder.join(format!("volume {volume}.pdf"));
    let arguments: [OsString; 3] = [path.clone().into(), PAGES.to_string().into(), volume.to_string().into()];
    let written = peer::python().arg(peer::script("book.py")).args(arguments).status()?;
    ensure!(written.success(), "the book could not be written");
    Ok(path)
}

/// What the peer takes to read one.
fn reading(book: &Path) -> anyhow::Result<Value> {
    let output = peer::python().arg(peer::script("reading.py")).arg(book).output()?;
    ensure!(output.status.success(), "the peer could not read the book");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// What the peer takes to read and embed one, where this machine has it and the model that both use.
fn embedding(book: &Path) -> anyhow::Result<Option<Value>> {
    let (python, model) = (std::env::var_os("SYNAPSCRIBE_BENCH_EMBEDDING"), std::env::var_os("SYNAPSCRIBE_MINILM_DIR"));
    let Some((python, model)) = python.zip(model) else {
        eprintln!("reading: without sentence-transformers and the embedding model nobody embeds the book beside us");
        return Ok(None);
    };
    eprintln!("reading: sentence-transformers embed a book, which takes minutes");
    let mut command = Command::new(python);
    command.arg(peer::script("embedding.py")).arg(book).arg(model).env("HF_HUB_OFFLINE", "1").stderr(Stdio::inherit());
    let output = command.output().context("the peer could not be started")?;
    ensure!(output.status.success(), "the peer could not embed the book");
    Ok(Some(serde_json::from_slice(&output.stdout)?))
}

/// A book that was taken in; times in seconds since its last byte arrived.
struct Taken {
    document: String,
    passages: u32,
    searchable: f64,
    ready: f64,
}

/// Brings a book and follows it, and what memory it took at most.
async fn followed(host: &Host, client: &Client, book: &Path) -> anyhow::Result<(Taken, f64)> {
    let (over, pid) = (Arc::new(AtomicBool::new(false)), host.pid());
    let watch = tokio::task::spawn_blocking({
        let over = Arc::clone(&over);
        move || peak(pid, &over)
    });
    let (sender, mut events) = tokio::sync::mpsc::channel(64);
    let options = UploadOptions::default();
    // It owns the sender, which ends with it, so that an upload that fails is not waited for.
    let upload = async move { client.upload(book, &options, &sender).await };
    let told = async {
        let (mut arrived, mut searchable, mut ready) = (None, None, None);
        while let Some(event) = events.recv().await {
            match event {
                UploadEvent::Uploaded { .. } => arrived = Some(Instant::now()),
                UploadEvent::Processing { state, .. } if state == "embedding" => {
                    searchable.get_or_insert_with(Instant::now);
                }
                UploadEvent::Ready { .. } => {
                    ready = Some(Instant::now());
                    break;
                }
                _ => {}
            }
        }
        Some((arrived?, searchable?, ready?))
    };
    let (document, told) = tokio::join!(upload, told);
    over.store(true, Ordering::Relaxed);
    let document = document?;
    let (arrived, searchable, ready) = told.context("the host tells how far it is")?;
    let passages = client.document(&document).await?.passages.context("a book that is ready has passages")?;
    let since = |at: Instant| (at - arrived).as_secs_f64();
    Ok((Taken { document, passages, searchable: since(searchable), ready: since(ready) }, watch.await?))
}

/// The most memory that a process and its children had at once, in megabytes.
fn peak(pid: u32, over: &AtomicBool) -> f64 {
    let mut most = 0.0f64;
    while !over.load(Ordering::Relaxed) {
        most = most.max(std::iter::once(pid).chain(children(pid)).filter_map(|one| memory_mb(one).ok()).sum());
        // Looking through all processes must not take what is measured.
        std::thread::sleep(Duration::from_millis(100));
    }
    most
}

/// Milliseconds from asking to the first words of the answer.
async fn first_text(client: &Client, documents: &[String], question: &str) -> anyhow::Result<f64> {
    let question = Question::Text(question.into());
    let document = |id: &String| SourceDto { lecture_id: None, document_id: Some(id.clone()) };
    let sources = documents.iter().map(document).collect();
    let ask = Ask { of: Scope::Sources(sources), session: None, question, playhead: None, page: None, speech: None };
    let begun = Instant::now();
    let mut answer = client.ask(ask).await?;
    let mut first = None;
    while let Some(message) = answer.next().await {
        if let ServerMessage::AnswerText { .. } = message? {
            first.get_or_insert_with(|| begun.elapsed().as_secs_f64() * 1000.0);
        }
    }
    first.context("the question was not answered")
}
