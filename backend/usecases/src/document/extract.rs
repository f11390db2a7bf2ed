//! The first step: the file's pages as text, each stored as soon as a few are read, so that a crash goes on behind them.

use std::path::Path;

use synapscribe_domain::document::{Document, DocumentKind, DocumentState, Examined, FailedPage};
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::PageRead;
use tokio::sync::mpsc;

use super::Making;
use super::recognise::Recognising;
use crate::scratch;

/// Pages stored at once.
const BATCH: usize = 16;
/// So often a page may end the reading before the whole document counts as damaged.
const MOST_LOST: u32 = 10;

impl Making {
    pub(super) async fn extract(&self, document: &Document, last: bool) -> Result<(), Failure> {
        let scratch = scratch::folder(&self.scratch)?;
        let path = self.objects.as_file(&document.key, scratch.path()).await?;
        let path = path.ok_or_else(|| Failure::new(Code::DocumentCorrupt, "the file is not there any more; upload it again"))?;
        let name = document.key.file_name();
        let seen = self.reader.examine(&path, name).await?;
        self.check(&seen)?;
        self.library.save_outline(&document.id, &seen.outline).await?;
        let done = self.library.pages_read(&document.id).await?;
        let known = |d: &mut Document| {
            (d.kind, d.pages, d.author) = (Some(seen.kind), Some(seen.pages), seen.author.clone());
            // What programs write into other files as their title is seldom what they are called.
            if let (DocumentKind::Epub | DocumentKind::Markdown, Some(title)) = (seen.kind, &seen.title) {
                d.title.clone_from(title);
            }
            d.state = DocumentState::Extracting { done, total: seen.pages };
        };
        let document = self.advance(&document.id, &known).await?;
        self.read_all(&document, &path, seen.pages, last).await?;
        let failed = self.library.failed_pages(&document.id).await?;
        match failed.first() {
            Some(first) if failed.len() as u32 >= seen.pages => {
                Err(Failure::new(Code::DocumentCorrupt, format!("none of its pages can be read: {}", first.failure)))
            }
            _ => {
                let lost = failed.len() as u32;
                let notes: Vec<String> = seen.cut.then(cut).into_iter().chain(failed.iter().take(3).map(note)).collect();
                let noted = |d: &mut Document| (d.failed_pages, d.notes) = (lost, notes.clone());
                self.library.change_document(&document.id, &noted).await?;
                Ok(())
            }
        }
    }

    fn check(&self, seen: &Examined) -> Result<(), Failure> {
        match seen.pages {
            0 => Err(Failure::new(Code::DocumentEmpty, "the document has no pages; choose another file")),
            n if n > self.limits.pages => {
                let most = self.limits.pages;
                let told = format!("the document has {n} pages and may have {most}; split it into several");
                Err(Failure::new(Code::DocumentTooLong, told))
            }
            _ => Ok(()),
        }
    }

    /// Reads what is not stored yet. A page that ends the reading for good is marked, and the next ones are read without it. Where not
    /// one ever came, it is not the first page's fault but the document's.
    async fn read_all(&self, document: &Document, path: &Path, total: u32, last: bool) -> Result<(), Failure> {
        let mut recognising = Recognising::of(self, path, last);
        let mut lost = 0;
        loop {
            let from = self.library.pages_read(&document.id).await? + 1;
            if from > total {
                return Ok(());
            }
            let read = self.read_from(document, &mut recognising, path, from, total).await;
            let next = self.library.pages_read(&document.id).await? + 1;
            let failure = match read {
                Ok(()) if next > total => return Ok(()),
                Ok(()) => Failure::new(Code::PageUnreadable, "the file ends before this page"),
                Err(failure) if failure.code.retryable() || failure.code == Code::NotFound || next == 1 || lost >= MOST_LOST => {
                    return Err(failure);
                }
                Err(failure) => Failure::new(Code::PageUnreadable, failure.message),
            };
            if next <= total {
                self.library.save_pages(&document.id, &[Err(FailedPage { number: next, failure })]).await?;
            }
            lost += 1;
        }
    }

    async fn read_from(
        &self,
        document: &Document,
        recognising: &mut Recognising<'_>,
        path: &Path,
        from: u32,
        total: u32,
    ) -> Result<(), Failure> {
        let (sink, pages) = mpsc::channel::<PageRead>(BATCH);
        let reading = self.reader.pages(path, document.key.file_name(), from, sink);
        let (read, stored) = tokio::join!(reading, self.keep_all(document, recognising, pages, total));
        stored.and(read)
    }

    async fn keep_all(
        &self,
        document: &Document,
        recognising: &mut Recognising<'_>,
        mut pages: mpsc::Receiver<PageRead>,
        total: u32,
    ) -> Result<(), Failure> {
        // One at a time they would each wait for the disk.
        let mut batch = Vec::with_capacity(BATCH);
        while let Some(read) = pages.recv().await {
            let slow = recognising.is_for(&read);
            let page = match read {
                Ok(page) if slow => recognising.page(page).await,
                other => Ok(other),
            };
            let failed = page.map(|page| batch.push(page)).err();
            // What took long is stored at once, so that a crash costs one page of it.
            if slow || batch.len() == BATCH {
                self.keep(document, &mut batch, total).await?;
            }
            if let Some(failure) = failed {
                return Err(failure);
            }
        }
        self.keep(document, &mut batch, total).await
    }

    async fn keep(&self, document: &Document, batch: &mut Vec<PageRead>, total: u32) -> Result<(), Failure> {
        if batch.is_empty() {
            return Ok(());
        }
        self.library.save_pages(&document.id, batch).await?;
        batch.clear();
        let done = self.library.pages_read(&document.id).await?.min(total);
        self.advance(&document.id, &|d| d.state = DocumentState::Extracting { done, total }).await?;
        Ok(())
    }
}

fn cut() -> String {
    "the end of the file is missing, and with it maybe whole pages; copy or export the document again".to_owned()
}

fn note(page: &FailedPage) -> String {
    format!("page {} could not be read: {}", page.number, page.failure)
}
