//! `sessions`: threads of questions and answers.

use anyhow::Result;
use synapscribe_client::Client;
use synapscribe_client::protocol::SourceDto;
use synapscribe_client::protocol::rest::SessionDto;

use super::{Connected, explain, named};
use crate::cli::Sessions;
use crate::exit::Exit;
use crate::out::{Look, Out};
use crate::text::{self, Titles};

/// A title is a question's first words, which may be many; `--json` has them all.
const TITLE: usize = 60;

/// Lists, shows, ends and deletes sessions.
pub async fn run(action: Option<Sessions>, connected: &Connected, out: Out) -> Result<Exit> {
    let client = &connected.client;
    match action.unwrap_or(Sessions::List { lecture: None }) {
        Sessions::List { lecture } => list(client, lecture, out).await?,
        Sessions::Show { session } => show(client, &session, out).await?,
        Sessions::End { sessions } => {
            return each(&sessions, out, async |name| {
                let session = named::session(client, name).await?.session_id;
                client.end_session(&session).await?;
                out.event(&serde_json::json!({ "type": "session_ended", "sessionId": session }))?;
                Ok(out.line(format!("{session} is ended"))?)
            })
            .await;
        }
        Sessions::Delete { sessions } => {
            return each(&sessions, out, async |name| {
                let session = named::session(client, name).await?.session_id;
                client.delete_session(&session).await?;
                out.event(&serde_json::json!({ "type": "deleted", "sessionId": session }))?;
                Ok(out.line(format!("{session} is deleted"))?)
            })
            .await;
        }
    }
    Ok(Exit::Done)
}

/// Does the same with each; one that cannot be done is told of and does not keep the others.
pub async fn each(names: &[String], out: Out, work: impl AsyncFn(&str) -> Result<()>) -> Result<Exit> {
    let mut exit = Exit::Done;
    for name in names {
        if let Err(error) = work(name).await {
            exit = exit.worse(explain(&error, out));
        }
    }
    Ok(exit)
}

async fn list(client: &Client, lecture: Option<String>, out: Out) -> Result<()> {
    let lecture = match lecture {
        Some(name) => Some(named::lecture(client, &name).await?),
        None => None,
    };
    let of = lecture.clone().map(|id| SourceDto { lecture_id: Some(id), document_id: None });
    let (sessions, titles) = (client.sessions(of.as_ref()).await?, named::titles(client).await?);
    for session in &sessions {
        out.event(session)?;
        out.line(row(session, &about(session, &titles), out))?;
    }
    if sessions.is_empty() {
        let hint = lecture.as_deref().unwrap_or("sample");
        out.line(format!("There are no sessions yet. Begin one with: synapscribe ask --lecture {hint} \"…\""))?;
    }
    Ok(())
}

/// What a session is about, by the titles there are.
fn about(session: &SessionDto, titles: &Titles) -> String {
    if session.everything {
        return "everything there is".into();
    }
    let sources = session.sources.iter().flat_map(|one| [one.lecture_id.as_deref(), one.document_id.as_deref()]).flatten();
    let named = [Some(session.lecture_id.as_str()), session.document_id.as_deref()].into_iter().flatten().chain(sources);
    let named = named.filter(|id| !id.is_empty()).map(|id| titles.0.get(id).map_or("something that was deleted", String::as_str));
    named.collect::<Vec<_>>().join(" and ")
}

fn row(session: &SessionDto, about: &str, out: Out) -> String {
    let when = text::ago(session.active, text::now());
    let title = session.title.as_deref().unwrap_or(untitled(session.turn_count));
    let count = text::counted(session.turn_count, "question");
    let id = out.paint(Look::Dim, &session.session_id);
    let title = out.paint(Look::Strong, &text::short(title, TITLE));
    format!("{id}  {}  {when}  {title}  {count} about {}", session.state, text::short(about, TITLE))
}

/// What a session without a title holds: a question that was spoken has no words before it is understood.
fn untitled(turns: u32) -> &'static str {
    match turns {
        0 => "no question yet",
        1 => "a spoken question that was not understood",
        _ => "spoken questions that were not understood",
    }
}

async fn show(client: &Client, name: &str, out: Out) -> Result<()> {
    let session = client.session(&named::session(client, name).await?.session_id).await?;
    out.event(&session)?;
    let several = session.everything || session.sources.len() > 1;
    let titles = if several { named::titles(client).await? } else { Titles::default() };
    for turn in session.turns.iter().flatten() {
        out.line(format!("{} {}", out.paint(Look::Dim, "you:"), out.paint(Look::Strong, &turn.question)))?;
        out.line(&turn.answer)?;
        for cited in &turn.citations {
            out.line(format!("  {}", out.paint(Look::Place, &text::citation(cited, titles.of(cited)))))?;
        }
        if let Some(error) = &turn.error {
            out.line(format!("  {}", out.paint(Look::Bad, &error.message)))?;
        }
        out.line("")?;
    }
    Ok(())
}
