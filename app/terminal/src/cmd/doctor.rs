//! `doctor`: tries everything a student needs, and says what to do where it does not work.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use synapscribe_client::audio::{Player, Recorder};
use synapscribe_client::protocol::discovery::EngineDto;
use synapscribe_client::protocol::rest::{EngineServerDto, HealthDto};
use synapscribe_client::{Client, ClientError, Connection, code};
use synapscribe_reader::SandboxedReader;

use super::{connect, told, unless_stopped};
use crate::cli::Global;
use crate::exit::Exit;
use crate::local;
use crate::out::{Look, Out};

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Finding {
    check: &'static str,
    /// `ok`, `missing` where something works without it, or `failed`.
    result: &'static str,
    message: String,
}

/// Checks everything.
pub async fn run(global: &Global, out: Out) -> Result<Exit> {
    tell(out, &folder(global))?;
    tell(out, &documents().await)?;
    match connect(global, out).await {
        Ok(connected) => {
            let operator = local::operator_key(global, connected.client.server());
            let exit = unless_stopped(examine(&connected.client, operator.as_deref(), out), out, "").await;
            connected.server.settle().await;
            exit
        }
        Err(error) => {
            let told = told(&error);
            tell(out, &failed("server", told.message.clone()))?;
            devices(out).await?;
            Ok(Exit::of(&told))
        }
    }
}

async fn examine(client: &Client, operator: Option<&str>, out: Out) -> Result<Exit> {
    let mut worst = Exit::Done;
    tell(out, &server(client))?;
    tell(out, &clock(client))?;
    let mut findings = vec![guest(client).await, library(client).await, socket(client).await];
    let (servers, untried) = tried(client.engine_servers().await);
    findings.extend(untried);
    findings.extend(client.discovery().engines.iter().map(|card| {
        let server = servers.iter().find(|server| server.role == card.role);
        engine(card, server)
    }));
    findings.extend(health(client.health(operator).await));
    for finding in findings {
        if finding.result == "failed" {
            worst = Exit::Failed;
        }
        tell(out, &finding)?;
    }
    devices(out).await?;
    Ok(worst)
}

fn tell(out: Out, finding: &Finding) -> std::io::Result<()> {
    out.event(finding)?;
    let sign = match finding.result {
        "ok" => out.paint(Look::Good, "✓"),
        "missing" => out.paint(Look::Dim, "–"),
        _ => out.paint(Look::Bad, "✗"),
    };
    out.line(format!("{sign} {:<12} {}", finding.check, finding.message))
}

fn ok(check: &'static str, message: impl Into<String>) -> Finding {
    Finding { check, result: "ok", message: message.into() }
}

fn missing(check: &'static str, message: impl Into<String>) -> Finding {
    Finding { check, result: "missing", message: message.into() }
}

fn failed(check: &'static str, message: impl Into<String>) -> Finding {
    Finding { check, result: "failed", message: message.into() }
}

fn folder(global: &Global) -> Finding {
    match (local::client_home(), local::data(global)) {
        (Ok(home), Ok(data)) => ok("folders", format!("{} and {}", home.root().display(), data.display())),
        (Err(error), _) => failed("folders", error.message),
        (_, Err(error)) => failed("folders", format!("{error:#}")),
    }
}

/// Whether this machine, when it is the server, can read the documents that are dropped on it.
async fn documents() -> Finding {
    let read = match SandboxedReader::this_program() {
        Ok(reader) => reader.prove(&std::env::temp_dir()).await.is_ok(),
        Err(_) => false,
    };
    if read {
        ok("documents", "PDF, EPUB, Word, PowerPoint, Markdown and plain text can be read here")
    } else {
        failed("documents", "documents cannot be read here: the program cannot start itself again to read one apart")
    }
}

fn server(client: &Client) -> Finding {
    let discovery = client.discovery();
    ok("server", format!("{} runs version {} ({})", client.server(), discovery.version, discovery.deployment))
}

/// Requests are dated by the server's clock where this machine's is wrong; other programs here may not be so kind.
fn clock(client: &Client) -> Finding {
    let off = client.clock_ahead();
    let (way, by) = if off < 0 { ("ahead of", -off) } else { ("behind", off) };
    let by = match by {
        0 => return ok("clock", "this machine's clock is right, as far as the server's is"),
        1..=7_200 => format!("{} minutes", by / 60),
        7_201..=172_800 => format!("{} hours", by / 3_600),
        _ => format!("{} days", by / 86_400),
    };
    missing("clock", format!("this machine's clock is {by} {way} the server's; it works all the same, but please set it"))
}

async fn guest(client: &Client) -> Finding {
    match client.identity().await {
        Ok(identity) => ok("guest", identity),
        Err(error) => failed("guest", error.message),
    }
}

async fn library(client: &Client) -> Finding {
    match client.lectures().await {
        Ok(lectures) => {
            let ready = lectures.iter().filter(|lecture| lecture.state == "ready").count();
            ok("library", format!("{ready} of {} lectures can be asked", lectures.len()))
        }
        Err(error) => failed("library", error.message),
    }
}

async fn socket(client: &Client) -> Finding {
    let mut connection = client.connection();
    let opened = tokio::time::timeout(Duration::from_secs(10), connection.wait_for(|state| *state == Connection::Open)).await;
    match opened {
        Ok(Ok(_)) => ok("connection", "the WebSocket opens"),
        _ => failed("connection", "the WebSocket does not open; a proxy in between may not let it through"),
    }
}

/// The servers and programs behind engines, and what is said where they could not be tried.
fn tried(told: Result<Vec<EngineServerDto>, ClientError>) -> (Vec<EngineServerDto>, Option<Finding>) {
    match told {
        Ok(servers) => (servers, None),
        // A server that is older does not try them.
        Err(error) if matches!(error.code.as_str(), code::NOT_FOUND | code::NOT_SYNAPSCRIBE) => (Vec::new(), None),
        Err(error) => (Vec::new(), Some(failed("engines", format!("they could not be tried: {}", error.message)))),
    }
}

fn engine(engine: &EngineDto, server: Option<&EngineServerDto>) -> Finding {
    // Few documents are scanned, and everything else can be read without it.
    let lacking = if engine.role == "pages" { missing } else { failed };
    if let Some(EngineServerDto { error: Some(error), .. }) = server {
        return lacking("engine", format!("{}: {}", engine.role, error.message));
    }
    let at = server.map(|server| format!(" at {}", server.server)).unwrap_or_default();
    let place = engine.sends_to.as_ref().map_or("stays on the server".to_owned(), |host| format!("is sent to {host}"));
    match &engine.missing {
        Some(what_to_do) => lacking("engine", format!("{}: {what_to_do}", engine.role)),
        None => ok("engine", format!("{}: {} ({}){at}, what it gets {place}", engine.role, engine.name, engine.model)),
    }
}

fn health(told: Result<HealthDto, ClientError>) -> Vec<Finding> {
    match told {
        Ok(health) if health.problems.is_empty() => vec![ok("health", "the server has nothing to complain of")],
        Ok(health) => health.problems.into_iter().map(|problem| failed("health", problem)).collect(),
        Err(error) => vec![failed("health", error.message)],
    }
}

async fn devices(out: Out) -> Result<()> {
    let microphone = tokio::task::spawn_blocking(|| Recorder::open(Duration::from_secs(1)).map(drop)).await?;
    tell(out, &microphone.map_or_else(|error| missing("microphone", error.message), |()| ok("microphone", "opens")))?;
    let speaker = tokio::task::spawn_blocking(|| Player::open().map(drop)).await?;
    tell(out, &speaker.map_or_else(|error| missing("loudspeaker", error.message), |()| ok("loudspeaker", "opens")))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_is_not_there_and_what_the_server_complains_of_are_failures_with_their_sentences() {
        let mut ear = EngineDto {
            role: "recognition".into(),
            name: "pocketsphinx".into(),
            model: "en-us".into(),
            sends_to: None,
            missing: None,
        };
        let well = engine(&ear, None);
        assert_eq!((well.result, well.message.contains("stays on the server")), ("ok", true));
        let mut server = EngineServerDto { role: "recognition".into(), server: "127.0.0.1:8000".into(), error: None };
        let answers = engine(&ear, Some(&server));
        assert_eq!((answers.result, answers.message.contains("at 127.0.0.1:8000")), ("ok", true), "{answers:?}");
        server.error = Some(ClientError::new("engine_failed", "the server at 127.0.0.1:8000 cannot be reached").to_dto());
        let away = failed("engine", "recognition: the server at 127.0.0.1:8000 cannot be reached");
        assert_eq!(engine(&ear, Some(&server)), away);
        ear.missing = Some("install libpocketsphinx3".into());
        assert_eq!(engine(&ear, None), failed("engine", "recognition: install libpocketsphinx3"));
        ear.role = "pages".into();
        assert_eq!(engine(&ear, None), missing("engine", "pages: install libpocketsphinx3"), "what few need is no failure");
        ear.missing = None;
        let told = missing("engine", "pages: the server at 127.0.0.1:8000 cannot be reached");
        assert_eq!(engine(&ear, Some(&server)), told, "one language of several may lack");

        let untried = |code| tried(Err(ClientError::new(code, "h does not answer"))).1;
        assert_eq!(untried(code::UNREACHABLE), Some(failed("engines", "they could not be tried: h does not answer")));
        assert_eq!(untried(code::NOT_FOUND), None, "a server that is older does not try them");

        let health_of = |problems: &[&str]| {
            let problems = problems.iter().map(|problem| (*problem).to_owned()).collect();
            health(Ok(HealthDto { status: String::new(), version: String::new(), problems }))
        };
        assert_eq!(health_of(&[]).iter().map(|finding| finding.result).collect::<Vec<_>>(), ["ok"]);
        let told = ["the library cannot be read", "the lecture l could not be prepared"];
        assert_eq!(health_of(&told), told.map(|problem| failed("health", problem)));
    }
}
