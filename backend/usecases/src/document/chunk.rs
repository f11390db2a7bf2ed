//! The second step: pages into passages, which are found by their words from then on.

use synapscribe_domain::chunker::estimate_tokens;
use synapscribe_domain::document::{Chunker, Document, DocumentState};
use synapscribe_domain::{Code, Failure, Pages, Source};

use super::Making;

/// Pages held at once.
const AT_ONCE: u32 = 64;

impl Making {
    pub(super) async fn chunk(&self, document: &Document) -> Result<(), Failure> {
        self.advance(&document.id, &|d| d.state = DocumentState::Chunking).await?;
        let mut chunker = Chunker::new(&document.id);
        let mut passages = Vec::new();
        let (mut from, mut pictures) = (1, 0);
        while from <= document.pages.unwrap_or(0) {
            let pages = self.library.pages(&document.id, Pages::new(from, from + AT_ONCE - 1)).await?;
            for page in pages.into_iter().flatten() {
                pictures += page.figures.len();
                passages.extend(chunker.push(&page));
            }
            from += AT_ONCE;
        }
        passages.extend(chunker.finish());
        if passages.is_empty() {
            return Err(if pictures > 0 || document.kind.is_some_and(|kind| kind.has_pictures()) {
                let told = "the document is pictures of pages without text; have its text recognised and upload it again";
                Failure::new(Code::DocumentScanned, told)
            } else {
                Failure::new(Code::DocumentEmpty, "the document holds no text; choose another file")
            });
        }
        self.library.index(&Source::from(&document.id), &passages, "", &[]).await?;
        let tokens = passages.iter().map(|passage| estimate_tokens(&passage.text)).sum();
        let total = passages.len() as u32;
        let cut = |d: &mut Document| {
            (d.passages, d.tokens) = (Some(total), Some(tokens));
            d.state = DocumentState::Embedding { done: 0, total };
        };
        self.advance(&document.id, &cut).await?;
        Ok(())
    }
}
