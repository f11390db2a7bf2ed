//! What a file is, by its content, and for what we do not read, what to do about it.

use std::sync::Arc;

use synapscribe_domain::Failure;
use synapscribe_domain::document::DocumentKind;

use crate::archive::Archive;
use crate::input::Input;
use crate::{text, verdict};

/// Makers may put something before the mark of a PDF, within so many bytes.
const PDF_WITHIN: usize = 1_024;
/// What is looked at to tell text from anything else.
const HEAD: usize = 16 << 10;

/// What a file turned out to be.
pub(crate) enum Found {
    /// A PDF.
    Pdf,
    /// An archive with a document of this kind in it.
    Archive(DocumentKind, Archive),
    /// Text of whatever kind its owner says.
    Text,
}

/// Looks at a file.
pub(crate) fn find(input: &Arc<Input>) -> Result<Found, Failure> {
    let bytes = (**input).as_ref();
    if bytes.is_empty() {
        return Err(verdict::empty());
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    // Before the mark of a PDF is looked for: there may be one in the archive.
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return archived(Archive::open(Arc::clone(input))?);
    }
    if is_pdf(head) {
        return Ok(Found::Pdf);
    }
    if let Some((what, remedy)) = known(bytes) {
        return Err(verdict::known_but_not_read(what, remedy));
    }
    if head.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(old_office(bytes));
    }
    if text::looks_like_text(head) { Ok(Found::Text) } else { Err(verdict::unknown()) }
}

/// Whether the mark of a PDF is here, at the beginning or behind what a maker put before it; a text may speak of the mark.
fn is_pdf(head: &[u8]) -> bool {
    let within = &head[..head.len().min(PDF_WITHIN)];
    let Some(at) = within.windows(5).position(|mark| mark == b"%PDF-") else { return false };
    let line = within[..at].rsplit(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    !line.iter().any(u8::is_ascii_alphanumeric) || !text::looks_like_text(head)
}

fn archived(mut archive: Archive) -> Result<Found, Failure> {
    let stated = archive.part("mimetype")?.unwrap_or_default();
    let stated = String::from_utf8_lossy(&stated).trim().to_owned();
    let kind = if archive.has("META-INF/container.xml") || stated == "application/epub+zip" {
        DocumentKind::Epub
    } else if archive.has("word/document.xml") {
        DocumentKind::Word
    } else if archive.has("ppt/presentation.xml") {
        DocumentKind::Slides
    } else if stated.starts_with("application/vnd.oasis.opendocument") {
        return Err(verdict::known_but_not_read("an OpenDocument file", "save it as Word, PowerPoint or PDF"));
    } else if archive.has("xl/workbook.xml") {
        return Err(verdict::known_but_not_read("a spreadsheet", "print what matters of it to a PDF"));
    } else if archive.has("[Content_Types].xml") {
        // Some makers put the document elsewhere and say so.
        match crate::office::start(&mut archive, "")? {
            Some(part) if part.starts_with("ppt") => DocumentKind::Slides,
            Some(part) if archive.text(&part)?.is_some_and(|text| text.contains("wordprocessingml")) => DocumentKind::Word,
            _ => return Err(verdict::unknown()),
        }
    } else {
        return Err(verdict::known_but_not_read("an archive", "unpack it and upload the documents in it"));
    };
    Ok(Found::Archive(kind, archive))
}

/// Files of other kinds: what they are called, and what to do.
fn known(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const PICTURE: (&str, &str) = ("a picture", "put it into a document, or have its text recognised");
    const SOUND: (&str, &str) = ("a recording", "upload it as a lecture");
    const SAVE: &str = "save it as Word or PDF";
    const PRINT: &str = "print it to a PDF";
    let marks: [(&[u8], (&str, &str)); 16] = [
        (b"\x89PNG", PICTURE),
        (b"\xFF\xD8\xFF", PICTURE),
        (b"GIF8", PICTURE),
        (b"II*\0", PICTURE),
        (b"MM\0*", PICTURE),
        (b"ID3", SOUND),
        (b"OggS", SOUND),
        (b"fLaC", SOUND),
        (b"RIFF", SOUND),
        (b"{\\rtf", ("rich text", SAVE)),
        (b"%!PS", ("PostScript", PRINT)),
        (b"AT&TFORM", ("a DjVu file", PRINT)),
        (b"\x1F\x8B", ("an archive", "unpack it and upload the documents in it")),
        (b"Rar!", ("an archive", "unpack it and upload the documents in it")),
        (b"7z\xBC\xAF", ("an archive", "unpack it and upload the documents in it")),
        (b"\x7FELF", ("a program", "upload a document")),
    ];
    if let Some((_, told)) = marks.into_iter().find(|(mark, _)| bytes.starts_with(mark)) {
        return Some(told);
    }
    if bytes.get(60..68) == Some(b"BOOKMOBI") {
        return Some(("a Kindle book", "upload it as EPUB or PDF"));
    }
    let start =
        String::from_utf8_lossy(&bytes[..bytes.len().min(600)]).trim_start_matches('\u{FEFF}').trim_start().to_lowercase();
    let page =
        start.starts_with("<!doctype html") || start.starts_with("<html") || start.contains("<html") && start.starts_with('<');
    page.then_some(("a web page", PRINT))
}

/// The container of old office programs, in which newer ones put documents that are locked.
fn old_office(bytes: &[u8]) -> Failure {
    let within = &bytes[..bytes.len().min(1 << 20)];
    let wide = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let names = |name: &str| {
        let name = wide(name);
        within.windows(name.len()).any(|part| part == name)
    };
    if names("EncryptedPackage") {
        return verdict::locked();
    }
    verdict::known_but_not_read("a document of an old office program", "save it as .docx, .pptx or PDF")
}
