//! Pages that are pictures of text: what stands on them is recognised where somebody can, and a page of which it cannot is marked.
//! One at a time, as a recogniser takes a core and several documents may be under way.

use std::path::Path;

use synapscribe_domain::document::{FailedPage, ReadPage};
use synapscribe_domain::{Code, Failure};
use synapscribe_ports::PageRead;

use super::Making;
use crate::patience::within;

/// Dots across a page: about 300 for each inch of a sheet of paper, which recognisers like best.
const WIDTH: u32 = 2_400;
/// So often a page is tried before the step is tried again, or the page is marked.
const TRIES: usize = 2;
/// So many pages missed one after the other mean that the recogniser is away.
const AWAY: u32 = 3;

/// The recognition of one document's pages.
pub(super) struct Recognising<'m> {
    making: &'m Making,
    path: &'m Path,
    last: bool,
    missed: u32,
}

impl<'m> Recognising<'m> {
    /// Of the pages of this file, perhaps for the last time.
    pub(super) fn of(making: &'m Making, path: &'m Path, last: bool) -> Self {
        Self { making, path, last, missed: 0 }
    }

    /// Whether a page is a picture that somebody here can recognise.
    pub(super) fn is_for(&self, read: &PageRead) -> bool {
        let there = || self.making.recogniser.as_ref().is_some_and(|engine| engine.card().missing.is_none());
        read.as_ref().is_ok_and(ReadPage::is_picture) && there()
    }

    /// The page as it is kept. A failure that may pass is returned, unless this was the last time.
    pub(super) async fn page(&mut self, page: ReadPage) -> Result<PageRead, Failure> {
        let number = page.number;
        let unread = |failure: Failure| {
            let told = format!("it is a picture, and its text could not be recognised: {failure}");
            Err(FailedPage { number, failure: Failure::new(Code::PageUnreadable, told) })
        };
        if self.missed >= AWAY {
            let told = "text recognition failed on the pages before it; upload the same file again when it works";
            return Ok(unread(Failure::new(Code::EngineFailed, told)));
        }
        let mut tries = 0;
        let failure = loop {
            match self.recognised(&page).await {
                Ok(page) => {
                    self.missed = 0;
                    return Ok(Ok(page));
                }
                Err(failure) => {
                    tries += 1;
                    // What took too long would only take as long again.
                    if tries >= TRIES || !failure.code.retryable() || failure.code == Code::EngineTimeout {
                        break failure;
                    }
                }
            }
        };
        if failure.code.retryable() && !self.last {
            return Err(failure);
        }
        tracing::warn!(code = failure.code.as_str(), page.number = number, "the text of a page could not be recognised");
        // A page that cannot be drawn says nothing of the recogniser.
        self.missed += u32::from(failure.code != Code::PageUnreadable);
        Ok(unread(failure))
    }

    async fn recognised(&self, page: &ReadPage) -> Result<ReadPage, Failure> {
        let Some(engine) = &self.making.recogniser else { return Ok(page.clone()) };
        let picture = self.making.reader.picture(self.path, page.number, None, WIDTH).await.map_err(undrawn)?;
        let lines = within(self.making.patience.page, "text recognition", engine.recognise(&picture)).await?;
        Ok(page.clone().with_recognised(lines))
    }
}

/// Why there is no picture of the page: what a person would be told who wants to look at it does not fit here.
fn undrawn(failure: Failure) -> Failure {
    if failure.code.retryable() { failure } else { Failure::new(Code::PageUnreadable, "the picture cannot be drawn") }
}
