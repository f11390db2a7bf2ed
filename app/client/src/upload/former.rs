//! Readings of one file: one that left pages unread gives way to a later one that left fewer, which takes over its title, who sees it
//! and its classes first. Knows nothing of how a file travels.

use synapscribe_protocol::SourceDto;
use synapscribe_protocol::classes::ClassDto;
use synapscribe_protocol::documents::DocumentDto;
use tokio::sync::mpsc;

use super::{UploadEvent, tell};
use crate::client::Client;
use crate::error::{ClientError, Result, code};

/// Looks at the library now that a document is ready, and gives what stands for its file from now on. `ready` tells of the document,
/// and afterwards of that. Fails only where the server is away, since what could not be passed on for that is passed on when it is back.
pub(super) async fn give_way(
    client: &Client,
    id: &str,
    ready: &mut UploadEvent,
    events: &mpsc::Sender<UploadEvent>,
) -> Result<String> {
    let documents = match client.documents().await {
        Ok(documents) => documents,
        Err(error) if error.code == code::UNREACHABLE => return Err(error),
        Err(error) => {
            tracing::warn!(correlation = id, code = %error.code, "what its file takes the place of could not be looked for");
            return Ok(id.to_owned());
        }
    };
    let mut stands = id.to_owned();
    for (former, by) in giving_way(&documents, id) {
        match take_over(client, former, by).await {
            Ok(()) => {
                stands.clone_from(&by.document_id);
                if let UploadEvent::Ready { lecture_id, title, .. } = &mut *ready {
                    lecture_id.clone_from(&by.document_id);
                    if former.title != by.title {
                        title.clone_from(&former.title);
                    }
                }
            }
            Err(error) if error.code == code::UNREACHABLE => return Err(error),
            Err(error) => {
                let (lecture_id, kept) = (by.document_id.clone(), former.document_id.clone());
                tell(events, UploadEvent::Kept { lecture_id, former: kept, error: stays(former, error).to_dto() }).await;
            }
        }
    }
    Ok(stands)
}

/// What gives way now that this document is ready, each with what takes its place; the oldest first, so that the latest title lasts.
/// The one that was brought first may be ready last.
fn giving_way<'a>(documents: &'a [DocumentDto], id: &str) -> Vec<(&'a DocumentDto, &'a DocumentDto)> {
    let Some(now) = documents.iter().find(|one| one.document_id == id) else { return Vec::new() };
    let mut readings: Vec<&'a DocumentDto> =
        documents.iter().filter(|one| one.own && one.state == "ready" && is_same_file(one, now)).collect();
    readings.sort_by_key(|one| one.created);
    let mut pairs = Vec::new();
    for &former in &readings {
        let better = |one: &&DocumentDto| one.created >= former.created && one.failed_pages < former.failed_pages;
        let by = readings.iter().copied().filter(better).min_by_key(|one| one.failed_pages);
        pairs.extend(by.map(|by| (former, by)).filter(|(former, by)| former.document_id == id || by.document_id == id));
    }
    pairs
}

/// Whether two documents are of one file, as far as the library tells: its name and its size.
fn is_same_file(one: &DocumentDto, other: &DocumentDto) -> bool {
    one.bytes.is_some() && one.bytes == other.bytes && file_name(one) == file_name(other)
}

fn file_name(document: &DocumentDto) -> Option<&str> {
    document.s3_key.rsplit('/').next()
}

/// Takes a former reading off the shelf once all that a person gave it is passed on. What one may not do comes first, so that little is
/// half done.
async fn take_over(client: &Client, former: &DocumentDto, by: &DocumentDto) -> Result<()> {
    let (from, to) = (source(former), source(by));
    for class in classes(client).await?.into_iter().filter(|class| class.sources > 0) {
        let shown = client.class(&class.class_id).await?.shown;
        let is_shown = |wanted: &SourceDto| shown.iter().any(|one| &one.source == wanted);
        if is_shown(&from) && !is_shown(&to) {
            client.show_class(&class.class_id, &to).await?;
        }
    }
    if former.public && !by.public {
        client.publish(&to, true).await?;
    }
    if former.title != by.title {
        client.rename_document(&by.document_id, &former.title).await?;
    }
    match client.delete_document(&former.document_id).await {
        // Somebody else has taken it off the shelf.
        Err(error) if error.code == code::NOT_FOUND => Ok(()),
        deleted => deleted,
    }
}

/// The classes that something may be shown to; none where the server has none.
async fn classes(client: &Client) -> Result<Vec<ClassDto>> {
    match client.classes().await {
        Err(error) if error.code == code::NOT_FOUND || error.code == code::NOT_SYNAPSCRIBE => Ok(Vec::new()),
        found => found,
    }
}

fn source(document: &DocumentDto) -> SourceDto {
    SourceDto { document_id: Some(document.document_id.clone()), ..SourceDto::default() }
}

fn stays(former: &DocumentDto, error: ClientError) -> ClientError {
    let title = former.title.trim();
    let message = format!("“{title}” as it was read before stays beside it, since not all could be passed on: {}", error.message);
    ClientError { message, ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(id: &str, created: i64, unread: u32) -> DocumentDto {
        serde_json::from_value(serde_json::json!({
            "documentId": id, "title": "Shore", "state": "ready", "progress": 1.0, "canBeAsked": true, "failedPages": unread,
            "bytes": 9, "notes": [], "created": created, "own": true, "s3Key": format!("documents/p/{id}/shore.pdf"),
        }))
        .unwrap()
    }

    #[test]
    fn a_reading_gives_way_to_a_later_one_that_left_fewer_pages_unread_whichever_was_ready_first() {
        let torn = document("torn", 1, 2);
        let others = [
            DocumentDto { own: false, ..document("theirs", 1, 2) },
            DocumentDto { bytes: Some(10), ..document("larger", 1, 2) },
            DocumentDto { state: "extracting".into(), ..document("made", 1, 2) },
            DocumentDto { s3_key: "documents/p/named/tides.pdf".into(), ..document("named", 1, 2) },
        ];
        for (unread, gives) in [(0, true), (1, true), (2, false), (3, false)] {
            let mut all = others.to_vec();
            all.extend([torn.clone(), document("new", 2, unread)]);
            for ready in ["new", "torn"] {
                let found: Vec<_> =
                    giving_way(&all, ready).into_iter().map(|(a, b)| (a.document_id.as_str(), b.document_id.as_str())).collect();
                assert_eq!(found, if gives { vec![("torn", "new")] } else { Vec::new() }, "{ready} {unread}");
            }
            assert!(giving_way(&all, "named").is_empty());
        }
        let earlier = [torn, document("better", 0, 0)];
        assert!(giving_way(&earlier, "torn").is_empty(), "what is there already takes no place");
    }
}
