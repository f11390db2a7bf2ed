//! The second step: pages into passages, which are found by their words from then on.

use synapscribe_domain::chunker::estimate_tokens;
use synapscribe_domain::document::{Chunker, Document, DocumentState, ReadPage};
use synapscribe_domain::{Code, Failure, Pages, Source};

use super::Making;

/// Pages held at once.
const AT_ONCE: u32 = 64;

impl Making {
    pub(super) async fn chunk(&self, document: &Document) -> Result<(), Failure> {
        self.advance(&document.id, &|d| d.state = DocumentState::Chunking).await?;
        let mut chunker = Chunker::new(&document.id);
        let mut passages = Vec::new();
        let mut from = 1;
        let mut pictures = Pictures::default();
        while from <= document.pages.unwrap_or(0) {
            let pages = self.library.pages(&document.id, Pages::new(from, from + AT_ONCE - 1)).await?;
            for page in pages.into_iter().flatten() {
                pictures.count(&page);
                passages.extend(chunker.push(&page));
            }
            from += AT_ONCE;
        }
        passages.extend(chunker.finish());
        if passages.is_empty() {
            return Err(if pictures.figures > 0 || document.kind.is_some_and(|kind| kind.has_pictures()) {
                Failure::new(Code::DocumentScanned, self.nothing_recognised())
            } else {
                Failure::new(Code::DocumentEmpty, "the document holds no text; choose another file")
            });
        }
        self.library.index(&Source::from(&document.id), &passages, "", &[]).await?;
        let tokens = passages.iter().map(|passage| estimate_tokens(&passage.text)).sum();
        let total = passages.len() as u32;
        let notes = self.told_of(&pictures);
        let cut = |d: &mut Document| {
            (d.passages, d.tokens) = (Some(total), Some(tokens));
            let untold: Vec<String> = notes.iter().filter(|note| !d.notes.contains(note)).cloned().collect();
            d.notes.extend(untold);
            d.state = DocumentState::Embedding { done: 0, total };
        };
        self.advance(&document.id, &cut).await?;
        Ok(())
    }

    /// Why there is nothing on pages that are pictures, and what to do.
    fn nothing_recognised(&self) -> String {
        let told = match &self.recogniser {
            None => "without text; have its text recognised and upload it again".to_owned(),
            Some(engine) => match engine.card().missing {
                Some(what_to_do) => format!("without text, and {what_to_do}; then upload it again"),
                None => "on which no text was recognised; check that it is the right file".to_owned(),
            },
        };
        format!("the document is pictures of pages {told}")
    }

    /// What a person should know of pages that are pictures.
    fn told_of(&self, pictures: &Pictures) -> Vec<String> {
        let pages = |n: u32| if n == 1 { "1 page is a picture".to_owned() } else { format!("{n} pages are pictures") };
        let mut notes = Vec::new();
        if pictures.recognised > 0 {
            notes.push(format!("{}; the text was recognised, and words may be wrong", pages(pictures.recognised)));
        }
        if pictures.unread > 0
            && let Some(what_to_do) = self.recogniser.as_ref().and_then(|engine| engine.card().missing)
        {
            notes.push(format!("{} whose text was not read: {what_to_do}", pages(pictures.unread)));
        }
        notes
    }
}

/// How many pages are pictures.
#[derive(Debug, Default)]
struct Pictures {
    figures: usize,
    recognised: u32,
    unread: u32,
}

impl Pictures {
    fn count(&mut self, page: &ReadPage) {
        self.figures += page.figures.len();
        self.recognised += u32::from(page.recognised);
        self.unread += u32::from(page.is_picture());
    }
}
