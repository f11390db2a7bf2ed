//! Lectures and sessions as a person names them; what cannot be found is told with where to look.

use anyhow::Result;
use synapscribe_client::protocol::rest::SessionDto;
use synapscribe_client::{Client, ClientError, code};

/// The lecture's identifier.
pub async fn lecture(client: &Client, name: &str) -> Result<String, ClientError> {
    client.find_lecture(name).await.map_err(|error| hinted(error, "synapscribe library"))
}

/// A session.
pub async fn session(client: &Client, name: &str) -> Result<SessionDto, ClientError> {
    client.find_session(name).await.map_err(|error| hinted(error, "synapscribe sessions list"))
}

/// A session that is about this lecture.
pub async fn session_about(client: &Client, name: &str, lecture: &str) -> Result<String, ClientError> {
    let session = session(client, name).await?;
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
