//! `sessions`: threads of questions and answers.

use anyhow::Result;

use super::connect;
use crate::cli::{Global, Sessions};
use crate::exit::Exit;
use crate::out::{Look, Out};
use crate::text;

/// Lists, shows, ends and deletes sessions.
pub async fn run(action: Option<Sessions>, global: &Global, out: Out) -> Result<Exit> {
    let connected = connect(global, out).await?;
    let client = &connected.client;
    match action.unwrap_or(Sessions::List { lecture: None }) {
        Sessions::List { lecture } => {
            let lecture = lecture.map(|name| client.resolve_lecture(&name)).transpose()?;
            let sessions = client.sessions(lecture.as_deref()).await?;
            for session in &sessions {
                out.event(session)?;
                let when = text::ago(session.active, text::now());
                let title = session.title.as_deref().unwrap_or("no question yet");
                let about = match session.turn_count {
                    1 => format!("1 question about {}", session.lecture_id),
                    count => format!("{count} questions about {}", session.lecture_id),
                };
                let id = out.paint(Look::Dim, &session.session_id);
                out.line(format!("{id}  {}  {when}  {}  {about}", session.state, out.paint(Look::Strong, title)))?;
            }
            if sessions.is_empty() {
                out.line("There are no sessions yet. Begin one with: synapscribe ask --lecture sample \"…\"")?;
            }
        }
        Sessions::Show { session } => {
            let session = client.session(&session).await?;
            out.event(&session)?;
            for turn in session.turns.iter().flatten() {
                out.line(format!("{} {}", out.paint(Look::Dim, "you:"), out.paint(Look::Strong, &turn.question)))?;
                out.line(&turn.answer)?;
                for cited in &turn.citations {
                    out.line(format!("  {}", out.paint(Look::Place, &text::citation(cited))))?;
                }
                if let Some(error) = &turn.error {
                    out.line(format!("  {}", out.paint(Look::Bad, &error.message)))?;
                }
                out.line("")?;
            }
        }
        Sessions::End { session } => {
            client.end_session(&session).await?;
            out.event(&serde_json::json!({ "type": "session_ended", "sessionId": session }))?;
            out.line(format!("{session} is ended"))?;
        }
        Sessions::Delete { session } => {
            client.delete_session(&session).await?;
            out.event(&serde_json::json!({ "type": "deleted", "sessionId": session }))?;
            out.line(format!("{session} is deleted"))?;
        }
    }
    Ok(Exit::Done)
}
