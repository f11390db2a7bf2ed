//! Lectures and sessions as a person names them; what cannot be found is told with where to look.

use anyhow::Result;
use synapscribe_client::protocol::SourceDto;
use synapscribe_client::protocol::rest::SessionDto;
use synapscribe_client::{Client, ClientError, check_session_name, code};

use crate::out::Out;
use crate::text::Titles;

/// The lecture's identifier.
pub async fn lecture(client: &Client, name: &str) -> Result<String, ClientError> {
    client.find_lecture(name).await.map_err(|error| hinted(error, "synapscribe library"))
}

/// The document's identifier.
pub async fn document(client: &Client, name: &str) -> Result<String, ClientError> {
    client.find_document(name).await.map_err(|error| hinted(error, "synapscribe library"))
}

/// The identifiers of the lectures and documents that are to be asked or searched. One that is of the other kind is told with the
/// option that takes it.
pub async fn sources<'a>(
    client: &Client,
    lectures: impl IntoIterator<Item = &'a String>,
    documents: &[String],
) -> Result<(Vec<String>, Vec<String>), ClientError> {
    let mut found = (Vec::new(), Vec::new());
    for name in lectures {
        found.0.push(match lecture(client, name).await {
            Err(error) if error.code == code::NOT_FOUND && client.knows_documents() => {
                return Err(match client.find_document(name).await {
                    Ok(_) => misplaced(error, "document", name),
                    Err(_) => error,
                });
            }
            known => known?,
        });
    }
    for name in documents {
        found.1.push(match document(client, name).await {
            Err(error) if error.code == code::NOT_FOUND => {
                return Err(match client.find_lecture(name).await {
                    Ok(_) => misplaced(error, "lecture", name),
                    Err(_) => error,
                });
            }
            known => known?,
        });
    }
    Ok(found)
}

fn misplaced(error: ClientError, kind: &str, name: &str) -> ClientError {
    ClientError { message: format!("“{name}” is a {kind}; name it with --{kind}"), ..error }
}

/// A lecture or a document, by a name that only one of them has.
pub async fn source(client: &Client, name: &str) -> Result<SourceDto, ClientError> {
    client.find_source(name).await.map_err(|error| hinted(error, "synapscribe library"))
}

/// The titles of all lectures and documents there are.
pub async fn titles(client: &Client) -> Result<Titles> {
    let (lectures, documents) = (client.lectures().await?, super::library::documents(client).await?);
    let lectures = lectures.into_iter().map(|lecture| (lecture.lecture_id, lecture.title));
    Ok(Titles(lectures.chain(documents.into_iter().map(|document| (document.document_id, document.title))).collect()))
}

/// The class's identifier.
pub async fn class(client: &Client, name: &str) -> Result<String, ClientError> {
    client.find_class(name).await.map(|class| class.class_id).map_err(|error| hinted(error, "synapscribe class"))
}

/// The pack's identifier.
pub async fn pack(client: &Client, name: &str) -> Result<String, ClientError> {
    client.find_pack(name).await.map(|pack| pack.pack_id).map_err(|error| hinted(error, "synapscribe packs"))
}

/// The identifier of a pack's card.
pub async fn card(client: &Client, pack: &str, name: &str) -> Result<String, ClientError> {
    let found = client.find_card(pack, name).await.map(|card| card.card_id);
    found.map_err(|error| hinted(error, &format!("synapscribe packs show {pack}")))
}

/// A session.
pub async fn session(client: &Client, name: &str) -> Result<SessionDto, ClientError> {
    client.find_session(name).await.map_err(|error| hinted(error, "synapscribe sessions list"))
}

/// The session to ask in: one that is about this lecture, or a new one of that name, which is said, since it may be a slip.
pub async fn session_to_ask_in(client: &Client, name: &str, lecture: &str, out: Out) -> Result<String, ClientError> {
    let session = match client.find_session(name).await {
        Err(error) if error.code == code::NOT_FOUND => {
            check_session_name(name)?;
            out.remark(format!(
                "There is no session “{name}” yet: this question begins it. Those there are: synapscribe sessions list"
            ));
            return Ok(name.to_owned());
        }
        found => found?,
    };
    if session.lecture_id == lecture {
        return Ok(session.session_id);
    }
    let about = client.lecture(&session.lecture_id).await.map_or_else(|_| session.lecture_id.clone(), |l| l.title);
    Err(ClientError::new(
        code::OTHER_LECTURE,
        format!(
            "the session {} is about another lecture, “{about}”; ask that one with --lecture {}, or leave --session out",
            session.session_id, session.lecture_id
        ),
    ))
}

fn hinted(error: ClientError, command: &str) -> ClientError {
    if error.code != code::NOT_FOUND {
        return error;
    }
    ClientError { message: format!("{}; see what there is with: {command}", error.message), ..error }
}

#[cfg(test)]
mod tests {
    use synapscribe_domain::SessionId;

    use super::*;

    #[test]
    fn a_session_may_be_named_here_as_the_server_takes_it() {
        let (longest, too_long) = ("x".repeat(200), "x".repeat(201));
        for name in [
            "my-notes",
            "Week_3",
            "eu-west-1:3f2a=",
            "a.b",
            "my notes",
            "",
            ".",
            "..",
            "a..b",
            "a/b",
            "ä",
            "é1",
            &longest,
            &too_long,
        ] {
            assert_eq!(check_session_name(name).is_ok(), SessionId::parse(name).is_ok(), "{name:?}");
        }
        let told = check_session_name("my notes").unwrap_err();
        assert!(told.message.contains("“my notes”") && told.message.contains("- _ : = ."), "{told}");
    }
}
