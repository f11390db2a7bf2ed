//! PDFs: their pages, what they say of themselves, and their pictures. It must not know how pages are read.

mod content;
mod face;
mod labels;
mod layers;
mod outline;
mod picture;
mod places;
mod strings;

use std::sync::Arc;

use hayro::hayro_syntax::object::Dict;
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use synapscribe_domain::Failure;
use synapscribe_domain::document::{Area, OutlineEntry};

use crate::input::Input;
use crate::layout::Sheet;
use crate::verdict;

/// An open PDF.
pub(crate) struct Book {
    pdf: Pdf,
    /// For each page its place among those that the file holds; nothing for one that is missing.
    places: Vec<Option<usize>>,
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
        let places = places::of(&pdf, &catalog);
        Ok(Self { pdf, places, labels, layers })
    }

    /// How many pages there are, with those that are missing.
    pub fn len(&self) -> u32 {
        u32::try_from(self.places.len()).unwrap_or(u32::MAX)
    }

    /// Whether the end of the file is missing. One that has no end at all is looked through as a whole.
    pub fn is_cut(&self) -> bool {
        places::is_cut(self.pdf.data().as_ref())
    }

    /// A page counted from 1; nothing when it is missing.
    fn page(&self, page: u32) -> Option<&Page<'_>> {
        let place = self.places.get(page.checked_sub(1)? as usize)?;
        self.pdf.pages().get((*place)?)
    }

    /// The title and the author it gives itself.
    pub fn names(&self) -> (Option<String>, Option<String>) {
        let about = self.pdf.metadata();
        let said = |bytes: &Option<Box<[u8]>>| bytes.as_ref().and_then(|bytes| strings::name(bytes));
        (said(&about.title), said(&about.author))
    }

    /// Its table of contents.
    pub fn outline(&self) -> Vec<OutlineEntry> {
        outline::read(&self.pdf, &self.places, &catalog(&self.pdf))
    }

    /// What is printed on a page as its number, where that differs from its place.
    pub fn label(&self, page: u32) -> Option<String> {
        self.labels.label(page)
    }

    /// What is drawn on pages, one after the other; fonts are kept from one to the next.
    pub fn sheets(&self) -> Sheets<'_> {
        Sheets { book: self, fonts: face::Fonts::new(), cut: self.is_cut() }
    }

    /// A picture of a page or of a part of it.
    pub fn picture(&self, page: u32, part: Option<Area>, width: u32) -> Result<Vec<u8>, Failure> {
        if !(1..=self.len()).contains(&page) {
            return Err(Failure::not_found("page"));
        }
        picture::draw(self.page(page).ok_or_else(verdict::missing_page)?, part, width)
    }
}

fn catalog(pdf: &Pdf) -> Dict<'_> {
    pdf.xref().get::<Dict<'_>>(pdf.xref().root_id()).unwrap_or_default()
}

/// The pages of a book as they are drawn.
pub(crate) struct Sheets<'b> {
    book: &'b Book,
    fonts: face::Fonts<'b>,
    cut: bool,
}

impl Sheets<'_> {
    /// What is drawn on a page counted from 1, or why that is not in the file any more.
    pub fn sheet(&self, page: u32) -> Result<Sheet, Failure> {
        let page = self.book.page(page).ok_or_else(verdict::missing_page)?;
        let sheet = content::sheet(page, &self.fonts, &self.book.layers, self.cut);
        sheet.ok_or_else(verdict::torn_page)
    }
}
