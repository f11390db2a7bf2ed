//! The parent's side: reads one document in a child; a page that ends the child is left out, and another child reads the rest.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use synapscribe_domain::Failure;
use synapscribe_domain::document::{Area, DocumentKind, Examined, FailedPage};
use synapscribe_ports::{PageRead, Reader};
use synapscribe_sandbox::{Child, End, explain_opening, this_program};
use tokio::sync::mpsc;

use crate::frames::{self, Frame, Request, Verdict, Work};
use crate::limits::ReadLimits;
use crate::verdict;
use crate::worker::ARGUMENT;

/// After so many pages that end the child the document is at fault and not its pages. Each costs a child, and the time or the memory that
/// a page may take.
const MOST_FAILED: usize = 20;

/// Reads documents in child processes with limits on memory, time and output.
#[derive(Debug, Clone)]
pub struct SandboxedReader {
    /// The program to run; its `main` starts with [`crate::run_worker_if_asked`].
    pub program: PathBuf,
    /// The limits of a look at a file.
    pub examine: ReadLimits,
    /// The limits of reading it.
    pub pages: ReadLimits,
    /// The limits of drawing a page or a cover.
    pub picture: ReadLimits,
}

impl SandboxedReader {
    /// With the given program as the child and the usual limits.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), examine: ReadLimits::EXAMINE, pages: ReadLimits::PAGES, picture: ReadLimits::PICTURE }
    }

    /// With the running program as the child.
    pub fn this_program() -> io::Result<Self> {
        this_program().map(Self::new)
    }

    async fn start(&self, file: &Path, name: &str, work: Work, limits: &ReadLimits) -> Result<Worker, Failure> {
        let input = open(file).await?;
        let request = Request { work, markdown: is_markdown(name), limits: *limits };
        let request = serde_json::to_string(&request).map_err(|_| Failure::internal())?;
        let patience = Duration::from_secs(limits.wait_seconds);
        Child::start(&self.program, &[ARGUMENT, &request], input, patience).map(Worker).map_err(explain)
    }

    async fn drawn(&self, file: &Path, work: Work) -> Result<Vec<u8>, Failure> {
        let mut worker = self.start(file, "", work, &self.picture).await?;
        match worker.next().await.map_err(explain)? {
            Frame::Picture(picture) => Ok(picture),
            Frame::Verdict(Verdict::Refused(failure)) => Err(failure),
            _ => Err(verdict::corrupt()),
        }
    }
}

#[async_trait]
impl Reader for SandboxedReader {
    fn can_read(&self, _kind: DocumentKind) -> Result<(), Failure> {
        Ok(())
    }

    async fn examine(&self, file: &Path, name: &str) -> Result<Examined, Failure> {
        let mut worker = self.start(file, name, Work::Examine, &self.examine).await?;
        match worker.next().await.map_err(explain)? {
            Frame::Verdict(Verdict::Examined(examined)) => Ok(examined),
            Frame::Verdict(Verdict::Refused(failure)) => Err(failure),
            _ => Err(verdict::corrupt()),
        }
    }

    async fn pages(&self, file: &Path, name: &str, from: u32, sink: mpsc::Sender<PageRead>) -> Result<(), Failure> {
        let mut failed: Vec<FailedPage> = Vec::new();
        loop {
            let mut worker = self.start(file, name, Work::Pages { from, failed: failed.clone() }, &self.pages).await?;
            let mut at = 0;
            // Pages are sent when all of them were looked at, so one that ends the child does so before any is sent.
            let end = loop {
                match worker.next().await {
                    Ok(Frame::At(page)) => at = page,
                    Ok(Frame::Page(page)) => {
                        if sink.send(page).await.is_err() {
                            return Ok(());
                        }
                    }
                    Ok(Frame::Verdict(Verdict::Done)) => return Ok(()),
                    Ok(Frame::Verdict(Verdict::Refused(failure))) => return Err(failure),
                    Ok(_) => return Err(verdict::corrupt()),
                    Err(end) => break end,
                }
            };
            let reason = match end {
                End::TooSlow => verdict::slow_page(),
                End::TooGreedy => verdict::greedy_page(),
                End::Broken => verdict::torn_page(),
                End::NotStarted | End::HeldUp => return Err(explain(end)),
            };
            if at == 0 || failed.iter().any(|page| page.number == at) {
                return Err(explain(end));
            }
            if let Some(first) = failed.first().filter(|_| failed.len() >= MOST_FAILED) {
                return Err(verdict::too_many_pages(MOST_FAILED, first));
            }
            failed.push(FailedPage { number: at, failure: reason });
        }
    }

    async fn picture(&self, file: &Path, page: u32, part: Option<Area>, width: u32) -> Result<Vec<u8>, Failure> {
        self.drawn(file, Work::Picture { page, part, width }).await
    }

    async fn cover(&self, file: &Path, width: u32) -> Result<Vec<u8>, Failure> {
        self.drawn(file, Work::Cover { width }).await
    }
}

/// A child that reads a document.
struct Worker(Child);

impl Worker {
    /// The next frame, or why there is none.
    async fn next(&mut self) -> Result<Frame, End> {
        let frame = self.0.next(frames::longest).await?;
        frames::parse(frame).ok_or(End::Broken)
    }
}

/// Why a child ended without a verdict.
fn explain(end: End) -> Failure {
    end.of_machine().unwrap_or_else(|| match end {
        End::TooSlow => verdict::too_slow(),
        End::TooGreedy => verdict::too_greedy(),
        _ => verdict::corrupt(),
    })
}

/// Only a name tells Markdown from plain text.
fn is_markdown(name: &str) -> bool {
    let name = name.to_lowercase();
    [".md", ".markdown", ".mdown", ".mkd"].iter().any(|ending| name.ends_with(ending))
}

/// Opens a document for a child.
async fn open(path: &Path) -> Result<File, Failure> {
    let meta = tokio::fs::metadata(path).await.map_err(|error| explain_opening(&error, "document"))?;
    if !meta.is_file() {
        return Err(verdict::unknown());
    }
    if meta.len() == 0 {
        return Err(verdict::empty());
    }
    Ok(tokio::fs::File::open(path).await.map_err(|error| explain_opening(&error, "document"))?.into_std().await)
}
