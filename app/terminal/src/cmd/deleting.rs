//! `library delete`: all that is to go is looked up before anything goes, so that a slip deletes nothing.

use anyhow::Result;
use synapscribe_client::protocol::SourceDto;
use synapscribe_client::{Client, ClientError, code};

use super::{explain, named};
use crate::exit::Exit;
use crate::out::Out;

/// What is to be deleted.
struct Doomed {
    id: String,
    title: String,
    is_document: bool,
}

/// Deletes lectures and documents, all that were named or none.
pub async fn run(client: &Client, names: &[String], out: Out) -> Result<Exit> {
    let (mut found, mut exit): (Vec<Doomed>, _) = (Vec::new(), Exit::Done);
    for name in names {
        match find(client, name).await {
            // Named twice, perhaps by its identifier and by its title.
            Ok(doomed) if found.iter().any(|known| known.id == doomed.id) => {}
            Ok(doomed) => found.push(doomed),
            Err(error) => exit = exit.worse(explain(&error.into(), out)),
        }
    }
    if exit != Exit::Done {
        if names.len() > 1 {
            out.remark("Nothing was deleted.");
        }
        return Ok(exit);
    }
    for doomed in &found {
        out.remark(format!("deleting “{}” ({}) …", doomed.title, doomed.id));
        if let Err(error) = delete(client, doomed, out).await {
            exit = exit.worse(explain(&error, out));
        }
    }
    Ok(exit)
}

async fn find(client: &Client, name: &str) -> Result<Doomed, ClientError> {
    let refused = |why: String| Err(ClientError::new(code::NOT_ALLOWED, why));
    let (doomed, own) = match named::source(client, name).await? {
        SourceDto { document_id: Some(id), .. } => {
            let document = client.document(&id).await?;
            (Doomed { id, title: document.title, is_document: true }, document.own)
        }
        lecture => {
            let lecture = client.lecture(&lecture.lecture_id.unwrap_or_default()).await?;
            if lecture.added_by == "sample" {
                let why = "the sample lecture came with the host and stays; it is everybody's, and takes next to no room";
                return refused(why.into());
            }
            (Doomed { id: lecture.lecture_id, title: lecture.title, is_document: false }, lecture.own)
        }
    };
    if own { Ok(doomed) } else { refused(format!("“{}” was added by somebody else, who alone can delete it", doomed.title)) }
}

async fn delete(client: &Client, doomed: &Doomed, out: Out) -> Result<()> {
    let Doomed { id, title, is_document } = doomed;
    if *is_document {
        client.delete_document(id).await?;
    } else {
        client.delete_lecture(id).await?;
    }
    let field = if *is_document { "documentId" } else { "lectureId" };
    out.event(&serde_json::json!({ "type": "deleted", field: id }))?;
    Ok(out.line(format!("“{title}” ({id}) is deleted, with everything made of it"))?)
}
