//! `search`: passages of everything, or of some lectures and documents.

use anyhow::Result;
use synapscribe_client::Search;
use synapscribe_client::protocol::search::HitDto;

use super::{Connected, named};
use crate::cli;
use crate::exit::Exit;
use crate::out::{Look, Out};
use crate::text;

/// Searches and shows what was found.
pub async fn run(search: cli::Search, connected: &Connected, out: Out) -> Result<Exit> {
    let client = &connected.client;
    let (mut sources, documents) = named::sources(client, &search.lectures, &search.documents).await?;
    sources.extend(documents);
    let found = Search { text: search.text, sources, limit: search.limit }.run(client).await?;
    for hit in &found.hits {
        out.event(hit)?;
        out.line(row(hit, out))?;
    }
    if found.hits.is_empty() {
        out.line("Nothing was found; try other words.")?;
    } else if !found.by_meaning {
        out.remark("Only words were compared, not meanings.");
    }
    Ok(Exit::Done)
}

fn row(hit: &HitDto, out: Out) -> String {
    let heading = hit.heading.as_ref().map(|heading| format!(" › {heading}")).unwrap_or_default();
    let title = out.paint(Look::Strong, &hit.title);
    format!("{title}{}\n  {}", out.paint(Look::Dim, &heading), out.paint(Look::Place, &text::citation(&hit.place, None)))
}
