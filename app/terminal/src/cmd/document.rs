//! A document as `library` shows it: its line in the list, what became of its file, and its words page by page.

use anyhow::Result;
use serde::Serialize;
use synapscribe_client::Client;
use synapscribe_client::protocol::documents::{DocumentDto, PageDto};

use super::library::{Line, standing, unwritten};
use crate::exit::Exit;
use crate::out::{Look, Out};
use crate::text;

/// So many pages are asked for at once, as many as a server gives.
const PAGES: u32 = 50;

/// Its line in the list.
pub fn row(document: &DocumentDto, out: Out) -> String {
    let line = Line {
        id: &document.document_id,
        created: document.created,
        extent: document.pages.map(|pages| format!("{pages} p.")).unwrap_or_default(),
        state: &document.state,
        progress: document.progress,
        own: document.own,
        owner: document.owner_name.as_deref(),
        title: &document.title,
    };
    line.told(out)
}

/// A document as a JSON line, as a lecture is shown.
#[derive(Serialize)]
struct Shown<'a> {
    document: &'a DocumentDto,
}

/// Shows it and what became of its file.
pub async fn show(client: &Client, id: &str, out: Out) -> Result<Exit> {
    let document = client.document(id).await?;
    out.event(&Shown { document: &document })?;
    out.line(row(&document, out))?;
    for line in told(&document) {
        out.line(format!("  {line}"))?;
    }
    Ok(Exit::Done)
}

/// What is known of it beside its title and its state, line by line.
fn told(document: &DocumentDto) -> Vec<String> {
    let kind = document.kind.as_deref().map(|kind| match kind {
        "pdf" => "PDF",
        "epub" => "EPUB",
        "word" => "Word document",
        "markdown" => "Markdown",
        other => other,
    });
    let pages = document.pages.map(|pages| text::counted(pages, "page"));
    let passages = document.passages.map(|passages| text::counted(passages, "passage"));
    let author = document.author.as_ref().map(|author| format!("by {author}"));
    let known = [kind.map(str::to_owned), pages, passages, document.bytes.map(text::size), author];
    let known: Vec<String> = known.into_iter().flatten().collect();
    let lost = document.failed_pages;
    let lost = (lost > 0).then(|| format!("{} could not be read and cannot be asked", text::counted(lost, "page")));
    let early = document.can_be_asked && document.state != "ready";
    let early = early.then(|| "it can be asked by its words already".to_owned());
    let first = (!known.is_empty()).then(|| known.join(" · "));
    let error = document.error.as_ref().map(|error| error.message.clone());
    [first, early, lost, error].into_iter().flatten().chain(document.notes.iter().cloned()).collect()
}

/// Prints its words, page by page; what there is so far of one that is being read.
pub async fn words(client: &Client, id: &str, out: Out) -> Result<Exit> {
    let document = client.document(id).await?;
    let mut from = 1;
    loop {
        let pages = client.pages(id, from, from + PAGES - 1).await?;
        if from == 1 && document.state != "ready" {
            let standing = standing(&document.title, &document.state, document.progress);
            if pages.is_empty() {
                return Err(unwritten(document.error, "document_not_ready", &standing).into());
            }
            out.remark(format!("{standing}: these are its words so far"));
        }
        for page in &pages {
            out.event(page)?;
            print(page, out)?;
        }
        match pages.last() {
            Some(last) if pages.len() as u32 >= PAGES => from = last.number + 1,
            _ => return Ok(Exit::Done),
        }
    }
}

fn print(page: &PageDto, out: Out) -> std::io::Result<()> {
    let label = page.label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
    out.line(out.paint(Look::Place, &format!("page {}{label}", page.number)))?;
    if let Some(error) = &page.error {
        out.line(out.paint(Look::Bad, &format!("  {}", error.message)))?;
    }
    for block in &page.blocks {
        out.line(&block.text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_a_file_is_told_with_what_is_missing() {
        let document = r#"{"documentId":"d","title":"Tides","author":"Ada","kind":"pdf","state":"embedding","progress":0.5,"canBeAsked":true,
            "pages":12,"failedPages":1,"passages":40,"bytes":3440000,"notes":["page 3 could not be read: it is torn"],"created":0,
            "own":true,"s3Key":"k"}"#;
        assert_eq!(
            told(&serde_json::from_str(document).unwrap()),
            [
                "PDF · 12 pages · 40 passages · 3.4 MB · by Ada",
                "it can be asked by its words already",
                "1 page could not be read and cannot be asked",
                "page 3 could not be read: it is torn",
            ]
        );
    }
}
