//! An open document of any kind: what a look at it tells, its pages and their pictures; and covers, for which it is not read.

use std::io;
use std::sync::Arc;

use synapscribe_domain::Failure;
use synapscribe_domain::document::{Area, DocumentKind, Examined, FailedPage};
use synapscribe_ports::PageRead;
use synapscribe_sandbox::{allow_cpu, worker};

use crate::archive::Archive;
use crate::flow::Bound;
use crate::input::Input;
use crate::kind::{self, Found};
use crate::layout::{self, Leaf};
use crate::limits::ReadLimits;
use crate::pdf::{Book, Sheets};
use crate::{dots, epub, figures, markdown, slides, text, verdict, word};

/// So many pages are looked at to tell whether a document was scanned.
const LOOKS: u32 = 8;
/// A page has so many signs at least before it matters that most of them are unknown.
const UNKNOWN: u32 = 40;

/// A document.
pub(crate) enum Document {
    /// One with pages of its own.
    Pdf(Box<Book>),
    /// One that was cut into pages, and its file.
    Bound(Box<Bound>, Arc<Input>),
}

impl Document {
    /// Opens whatever the bytes are. Parsers of other people may panic on them.
    pub fn open(input: Input, markdown: bool, limits: &ReadLimits) -> Result<Self, Failure> {
        let input = Arc::new(input);
        let bound = match kind::find(&input)? {
            Found::Pdf => {
                let book = Book::open(input)?;
                return within(book.len(), limits).map(|()| Self::Pdf(Box::new(book)));
            }
            Found::Archive(DocumentKind::Slides, mut archive) => slides::read(&mut archive)?,
            Found::Archive(DocumentKind::Epub, mut archive) => epub::read(&mut archive)?.bind(DocumentKind::Epub),
            Found::Archive(_, mut archive) => word::read(&mut archive)?.bind(DocumentKind::Word),
            Found::Text => {
                let text = text::decode((*input).as_ref()).ok_or_else(verdict::unknown)?;
                let (flow, kind) = if markdown {
                    (markdown::read(&text), DocumentKind::Markdown)
                } else {
                    (text::read(&text), DocumentKind::Text)
                };
                if flow.len() == 0 {
                    return Err(verdict::no_text());
                }
                flow.bind(kind)
            }
        };
        within(bound.examined.pages, limits).map(|()| Self::Bound(Box::new(bound), input))
    }

    /// What a look at it tells.
    pub fn examine(self, limits: &ReadLimits) -> Examined {
        let book = match self {
            Self::Bound(bound, _) => return bound.examined,
            Self::Pdf(book) => book,
        };
        let (title, author) = book.names();
        let pages = book.len();
        let outline = worker::guarded(|| book.outline()).unwrap_or_default();
        let sheets = book.sheets();
        let looks = (0..LOOKS.min(pages)).map(|nth| 1 + nth * pages / LOOKS.min(pages));
        let (mut text, mut scans) = (false, 0);
        for page in looks {
            let leaf = leaf(&sheets, page, limits).unwrap_or_default();
            text |= !leaf.fragments.is_empty();
            scans += u32::from(leaf.is_scan());
            if text {
                break;
            }
        }
        Examined { kind: DocumentKind::Pdf, pages, title, author, outline, scanned: !text && scans > 0, cut: book.is_cut() }
    }

    /// Its pages from one on. `at` is told each page before it is looked at, and 0 when all were; pages in `failed` are not
    /// looked at.
    pub fn pages(
        self,
        from: u32,
        failed: &[FailedPage],
        limits: &ReadLimits,
        at: &mut dyn FnMut(u32) -> io::Result<()>,
        emit: &mut dyn FnMut(PageRead) -> io::Result<()>,
    ) -> io::Result<()> {
        let book = match self {
            Self::Bound(bound, _) => {
                return bound.pages.into_iter().filter(|page| page.number >= from).map(Ok).try_for_each(emit);
            }
            Self::Pdf(book) => book,
        };
        let sheets = book.sheets();
        let mut failures: Vec<FailedPage> = failed.to_vec();
        let mut leaves = Vec::with_capacity(book.len() as usize);
        for page in 1..=book.len() {
            // A page that could not be read leaves an empty one, so that the pages behind it keep their places.
            let mut read = Leaf::default();
            if !failures.iter().any(|failed| failed.number == page) {
                at(page)?;
                match leaf(&sheets, page, limits) {
                    Ok(leaf) => read = leaf,
                    Err(failure) => failures.push(FailedPage { number: page, failure }),
                }
            }
            leaves.push(read);
        }
        at(0)?;
        allow_cpu(limits.cpu_seconds);
        let outline = worker::guarded(|| book.outline()).unwrap_or_default();
        for mut page in layout::read(leaves, &outline).into_iter().filter(|page| page.number >= from) {
            page.label = book.label(page.number).or(page.label);
            emit(match failures.iter().find(|failed| failed.number == page.number) {
                Some(failed) => Err(failed.clone()),
                None => Ok(page),
            })?;
        }
        Ok(())
    }

    /// A picture of a page, or of a part of it; where pages have none, figures have.
    pub fn picture(&self, page: u32, part: Option<Area>, width: u32) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Pdf(book) => book.picture(page, part, width),
            Self::Bound(bound, input) if (1..=bound.examined.pages).contains(&page) => {
                let part = part.ok_or_else(verdict::pictureless)?;
                let figure = bound.pictures.get(page as usize - 1).and_then(|figures| figures.get(figures::nth_of(&part)));
                let figure = figure.ok_or_else(|| Failure::not_found("figure"))?;
                let picture = Archive::open(Arc::clone(input))?.part(figure)?;
                picture.and_then(|picture| dots::shrunk(&picture, width)).ok_or_else(|| Failure::not_found("figure"))
            }
            Self::Bound(..) => Err(Failure::not_found("page")),
        }
    }
}

/// A document's cover as a PNG: the picture that a book brings for it, or the first page of one that has pictures of pages.
pub(crate) fn cover(input: Input, width: u32) -> Result<Vec<u8>, Failure> {
    let input = Arc::new(input);
    match kind::find(&input)? {
        Found::Pdf => Book::open(input)?.picture(1, None, width),
        Found::Archive(DocumentKind::Epub, mut archive) => {
            let picture = epub::cover(&mut archive)?.and_then(|picture| dots::shrunk(&picture, width));
            picture.ok_or_else(verdict::coverless)
        }
        _ => Err(verdict::pictureless()),
    }
}

fn within(pages: u32, limits: &ReadLimits) -> Result<(), Failure> {
    if pages > limits.pages { Err(verdict::too_long(pages, limits.pages)) } else { Ok(()) }
}

/// A page, or why it cannot be read.
fn leaf(sheets: &Sheets<'_>, page: u32, limits: &ReadLimits) -> Result<Leaf, Failure> {
    allow_cpu(limits.page_cpu_seconds);
    let leaf = worker::guarded(|| sheets.sheet(page).map(|sheet| Leaf::of(&sheet))).ok_or_else(verdict::torn_page)??;
    let known: usize = leaf.fragments.iter().map(|fragment| fragment.weight()).sum();
    if leaf.unknown >= UNKNOWN && leaf.unknown as usize > known {
        return Err(verdict::unknown_letters());
    }
    Ok(leaf)
}

/// For fuzzing: opens bytes in this process, reads all pages and throws them away.
pub fn fuzz_document(data: &[u8]) {
    for markdown in [false, true] {
        let Ok(document) = Document::open(Input::Held(data.to_vec()), markdown, &ReadLimits { pages: 200, ..ReadLimits::PAGES })
        else {
            continue;
        };
        let mut expected = 1;
        let mut emit = |page: PageRead| {
            let number = page.map_or_else(|failed| failed.number, |page| page.number);
            assert_eq!(number, expected, "pages come in order, each once");
            expected += 1;
            Ok(())
        };
        document.pages(1, &[], &ReadLimits::PAGES, &mut |_| Ok(()), &mut emit).expect("nobody stops it");
    }
}
