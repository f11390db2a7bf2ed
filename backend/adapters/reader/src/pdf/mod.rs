//! PDFs: their pages, what they say of themselves, and their pictures. It must not know how pages are read.

mod content;
mod face;
mod labels;
mod layers;
mod outline;
mod picture;
mod strings;

use std::sync::Arc;

use hayro::hayro_syntax::object::Dict;
use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use synapscribe_domain::Failure;
use synapscribe_domain::document::{Area, OutlineEntry};

use crate::input::Input;
use crate::layout::Sheet;
use crate::verdict;

/// An open PDF.
pub(crate) struct Book {
    pdf: Pdf,
    labels: labels::Labels,
    layers: layers::Layers,
}

impl Book {
    /// Opens it; every locked door and every missing page is a failure with a reason.
    pub fn open(input: Arc<Input>) -> Result<Self, Failure> {
        let pdf = Pdf::new(input).map_err(|error| match error {
            LoadPdfError::Decryption(DecryptionError::PasswordProtected) => verdict::locked(),
            LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm) => verdict::unknown_lock(),
            LoadPdfError::Decryption(_) | LoadPdfError::Invalid => verdict::corrupt(),
        })?;
        if pdf.pages().is_empty() {
            return Err(verdict::corrupt());
        }
        let catalog = catalog(&pdf);
        let (labels, layers) = (labels::Labels::of(&catalog), layers::Layers::of(&catalog));
        Ok(Self { pdf, labels, layers })
    }

    /// How many pages there are.
    pub fn len(&self) -> u32 {
        u32::try_from(self.pdf.pages().len()).unwrap_or(u32::MAX)
    }

    /// The title and the author it gives itself.
    pub fn names(&self) -> (Option<String>, Option<String>) {
        let about = self.pdf.metadata();
        let said = |bytes: &Option<Box<[u8]>>| bytes.as_ref().and_then(|bytes| strings::name(bytes));
        (said(&about.title), said(&about.author))
    }

    /// Its table of contents.
    pub fn outline(&self) -> Vec<OutlineEntry> {
        outline::read(&self.pdf, &catalog(&self.pdf))
    }

    /// What is printed on a page as its number, where that differs from its place.
    pub fn label(&self, page: u32) -> Option<String> {
        self.labels.label(page)
    }

    /// What is drawn on pages, one after the other; fonts are kept from one to the next.
    pub fn sheets(&self) -> Sheets<'_> {
        Sheets { book: self, fonts: face::Fonts::new() }
    }

    /// A picture of a page or of a part of it.
    pub fn picture(&self, page: u32, part: Option<Area>, width: u32) -> Result<Vec<u8>, Failure> {
        let at = page.checked_sub(1).ok_or_else(|| Failure::not_found("page"))?;
        let page = self.pdf.pages().get(at as usize).ok_or_else(|| Failure::not_found("page"))?;
        picture::draw(page, part, width)
    }
}

fn catalog(pdf: &Pdf) -> Dict<'_> {
    pdf.xref().get::<Dict<'_>>(pdf.xref().root_id()).unwrap_or_default()
}

/// The pages of a book as they are drawn.
pub(crate) struct Sheets<'b> {
    book: &'b Book,
    fonts: face::Fonts<'b>,
}

impl Sheets<'_> {
    /// What is drawn on a page counted from 1.
    pub fn sheet(&self, page: u32) -> Option<Sheet> {
        let page = self.book.pdf.pages().get(page.checked_sub(1)? as usize)?;
        Some(content::sheet(page, &self.fonts, &self.book.layers))
    }
}
