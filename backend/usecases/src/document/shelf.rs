//! What a person sees of documents. Other people's documents answer exactly as documents that do not exist.

use std::path::PathBuf;
use std::sync::Arc;

use synapscribe_domain::document::{Area, Document, DocumentKind, FailedPage, Figure, OutlineEntry};
use synapscribe_domain::lecture::title_from_person;
use synapscribe_domain::{Code, DocumentId, Failure, Pages, PersonId, Source};
use synapscribe_ports::{Audience, Clock, Connections, Documents, Notice, Objects, PageRead, Reader, Sessions};
use tempfile::TempDir;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::library::LINK_SECONDS;
use crate::{quoting, scratch, sight, tell};

/// Pages told at once.
pub const MOST_PAGES: u32 = 50;
/// The widest picture of a page.
pub const WIDEST: u32 = 2_400;
/// The widest cover.
pub const WIDEST_COVER: u32 = 600;

/// What is needed to read and delete.
#[derive(Clone)]
pub struct Shelf {
    /// Documents.
    pub documents: Arc<dyn Documents>,
    /// Their files.
    pub objects: Arc<dyn Objects>,
    /// Sessions about them.
    pub sessions: Arc<dyn Sessions>,
    /// Makes pictures of pages, where somebody can.
    pub reader: Option<Arc<dyn Reader>>,
    /// Who is connected.
    pub connections: Arc<dyn Connections>,
    /// Tells them.
    pub audience: Arc<dyn Audience>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// A folder for objects that are not files yet.
    pub scratch: PathBuf,
    /// Pictures are made so many at once, because each takes a whole core.
    pub drawing: Arc<Semaphore>,
}

impl Shelf {
    /// Everything the person may see, newest first.
    pub async fn documents(&self, person: &PersonId) -> Result<Vec<Document>, Failure> {
        Ok(self.documents.documents(person).await?)
    }

    /// One document.
    pub async fn document(&self, person: &PersonId, id: &DocumentId) -> Result<Document, Failure> {
        let found = sight::document(&*self.documents, person, id).await?;
        found.ok_or_else(|| Failure::not_found("document"))
    }

    /// How far a document is, and the pages that could not be read.
    pub async fn status(&self, person: &PersonId, id: &DocumentId) -> Result<(Document, Vec<FailedPage>), Failure> {
        Ok((self.document(person, id).await?, self.documents.failed_pages(id).await?))
    }

    /// The figures on the pages that are read by now, each with its page.
    pub async fn figures(&self, person: &PersonId, id: &DocumentId) -> Result<Vec<(u32, Figure)>, Failure> {
        let pages = self.document(person, id).await?.pages.unwrap_or(0);
        let mut figures = Vec::new();
        for from in (1..=pages).step_by(MOST_PAGES as usize) {
            let read = self.documents.pages(id, Pages::new(from, from + MOST_PAGES - 1)).await?;
            figures.extend(read.into_iter().flatten().flat_map(|page| page.figures.into_iter().map(move |f| (page.number, f))));
        }
        Ok(figures)
    }

    /// Pages as text, no more than a few at once.
    pub async fn pages(&self, person: &PersonId, id: &DocumentId, among: Pages) -> Result<Vec<PageRead>, Failure> {
        self.document(person, id).await?;
        let most = Pages::new(among.from, among.to.min(among.from.saturating_add(MOST_PAGES - 1)));
        Ok(self.documents.pages(id, most).await?)
    }

    /// The table of contents.
    pub async fn outline(&self, person: &PersonId, id: &DocumentId) -> Result<Vec<OutlineEntry>, Failure> {
        self.document(person, id).await?;
        Ok(self.documents.outline(id).await?)
    }

    /// A page, or a part of it, as a PNG; where pages have no picture, only a figure on one of them.
    pub async fn picture(
        &self,
        person: &PersonId,
        id: &DocumentId,
        page: u32,
        part: Option<Area>,
        width: u32,
    ) -> Result<Vec<u8>, Failure> {
        let document = self.document(person, id).await?;
        let is_shown = |kind: DocumentKind| kind.has_pictures() || (part.is_some() && kind.has_figures());
        if document.kind.is_some_and(|kind| !is_shown(kind)) || document.pages.is_some_and(|pages| page > pages) {
            return Err(Failure::not_found("page"));
        }
        let reader = self.reader.as_ref().ok_or_else(|| Failure::not_found("page"))?;
        let file = self.to_draw(&document).await?;
        reader.picture(&file.path, page, part, width.clamp(16, WIDEST)).await
    }

    /// Its cover as a PNG. That it has none stays so: its file never changes.
    pub async fn cover(&self, person: &PersonId, id: &DocumentId, width: u32) -> Result<Option<Vec<u8>>, Failure> {
        let document = self.document(person, id).await?;
        if document.kind.is_some_and(|kind| !kind.has_cover()) {
            return Ok(None);
        }
        let reader = self.reader.as_ref().ok_or_else(|| Failure::not_found("cover"))?;
        let file = self.to_draw(&document).await?;
        match reader.cover(&file.path, width.clamp(16, WIDEST_COVER)).await {
            Err(failure) if failure.code == Code::NotFound => Ok(None),
            drawn => drawn.map(Some),
        }
    }

    /// Waits for a place to draw, and fetches the file.
    async fn to_draw(&self, document: &Document) -> Result<ToDraw<'_>, Failure> {
        let place = self.drawing.acquire().await.map_err(|_| Failure::internal())?;
        let scratch = scratch::folder(&self.scratch)?;
        let path = self.objects.as_file(&document.key, scratch.path()).await?;
        let path = path.ok_or_else(|| Failure::not_found("document"))?;
        Ok(ToDraw { path, _scratch: scratch, _place: place })
    }

    /// An address that serves the file.
    pub async fn file_url(&self, person: &PersonId, id: &DocumentId) -> Result<String, Failure> {
        let document = self.document(person, id).await?;
        if self.objects.head(&document.key).await?.is_none() {
            return Err(Failure::not_found("document"));
        }
        Ok(self.objects.download_url(&document.key, LINK_SECONDS).await?)
    }

    /// Gives a document of this person's another title.
    pub async fn rename(&self, person: &PersonId, id: &DocumentId, title: &str) -> Result<Document, Failure> {
        self.own(person, id).await?;
        let title = title_from_person(title)?;
        let renamed = self.documents.change_document(id, &|d| d.title.clone_from(&title)).await?;
        let interested = tell::of_document(&*self.documents, &*self.connections, &renamed).await;
        tell::all(&*self.audience, &interested, &Notice::DocumentProgress(Box::new(renamed.clone()))).await;
        Ok(renamed)
    }

    /// Deletes a document of this person's with everything made from it: its steps end, and so do sessions whose answers quote it.
    pub async fn delete(&self, person: &PersonId, id: &DocumentId) -> Result<(), Failure> {
        let document = self.own(person, id).await?;
        let source = Source::from(id);
        let interested = tell::of_document(&*self.documents, &*self.connections, &document).await;
        // As long as it is there it is known which sessions are about it.
        quoting::forget(&*self.sessions, &*self.objects, person, &source, self.clock.now()).await?;
        // Before its objects, so that whoever works on it finds that it is gone.
        self.documents.delete_document(id).await?;
        for object in self.objects.list(&format!("documents/{}/{id}/", document.owner)).await? {
            self.objects.delete(&object.key).await?;
        }
        quoting::forget(&*self.sessions, &*self.objects, person, &source, self.clock.now()).await?;
        tell::all(&*self.audience, &interested, &Notice::DocumentDeleted(id.clone())).await;
        Ok(())
    }

    async fn own(&self, person: &PersonId, id: &DocumentId) -> Result<Document, Failure> {
        let found = self.documents.document(id).await?.filter(|d| &d.owner == person);
        found.ok_or_else(|| Failure::not_found("document"))
    }
}

/// A file, as long as something of it is drawn.
struct ToDraw<'a> {
    path: PathBuf,
    _scratch: TempDir,
    _place: SemaphorePermit<'a>,
}
