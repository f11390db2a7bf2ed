//! One module for each command: it asks the client and says what it heard. Holds no logic of the product.

pub mod account;
pub mod ask;
pub mod backup;
pub mod class;
pub mod deleting;
pub mod demo;
pub mod doctor;
pub mod document;
pub mod library;
pub mod models;
pub mod named;
pub mod ops;
pub mod outbox;
pub mod packs;
pub mod paper;
pub mod people;
pub mod search;
pub mod secret;
pub mod serve;
pub mod sessions;
pub mod upload;

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::Result;
use synapscribe_client::protocol::rest::LectureDto;
use synapscribe_client::{Client, ClientError, code};
use synapscribe_host::{ArchiveError, SettingsError, StartError};

use crate::cli::{Command, Global};
use crate::exit::Exit;
use crate::local::{self, Server};
use crate::out::Out;
use serve::stopped;

/// The sample of a new host appears within this time.
const APPEARING: Duration = Duration::from_secs(30);

/// The sample is spoken and indexed within this time, on a slow machine too.
const PREPARING: Duration = Duration::from_secs(15 * 60);

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// Runs a command to its end.
pub async fn run(command: Command, global: &Global, out: Out) -> Result<Exit> {
    match command {
        Command::Serve(serve) => serve::run(&serve, global, out).await,
        Command::Demo(demo) => demo::run(&demo, global, out).await,
        Command::Ask(ask) => ask::run(&ask, global, out).await,
        Command::Talk(talk) => crate::talk::run(&talk, global, out).await,
        Command::Upload(upload) => upload::run(&upload, global, out).await,
        Command::Library { action } => {
            served(global, out, async |connected| unless_stopped(library::run(action, connected, out), out, "").await).await
        }
        Command::Search(search) => {
            served(global, out, async |connected| unless_stopped(search::run(search, connected, out), out, "").await).await
        }
        Command::Sessions { action } => {
            served(global, out, async |connected| unless_stopped(sessions::run(action, connected, out), out, "").await).await
        }
        Command::Packs { action } => {
            served(global, out, async |connected| unless_stopped(packs::run(action, connected, out), out, "").await).await
        }
        Command::Account { action } => {
            served(global, out, async |connected| unless_stopped(account::run(action, connected, out), out, "").await).await
        }
        Command::Class { action } => {
            served(global, out, async |connected| unless_stopped(class::run(action, connected, out), out, "").await).await
        }
        Command::Outbox { to } => outbox::run(to.as_deref(), global, out),
        Command::Models { action } => unless_stopped(models::run(action, global, out), out, models::STOPPED).await,
        Command::Doctor => doctor::run(global, out).await,
        Command::Ops(ops) => Box::pin(ops::run(ops, global, out)).await,
        Command::Backup { file, replace } => backup::backup(&file, replace, global, out).await,
        Command::Restore { file, replace } => backup::restore(&file, replace, global, out).await,
        Command::Completions { shell } => paper::completions(shell),
        Command::Man { out: folder } => paper::man(folder.as_deref(), out),
    }
}

/// A connected client, and the host behind it when this command started one.
pub struct Connected {
    /// The client.
    pub client: Client,
    /// The server it talks to.
    pub server: Server,
}

/// Finds the server, starts it where that is asked for by silence, and connects.
pub async fn connect(global: &Global, out: Out) -> Result<Connected> {
    let server = local::find(global, out).await?;
    match Client::connect(server.address(), local::client_home()?).await {
        Ok(client) => Ok(Connected { client, server }),
        Err(error) => {
            server.settle().await;
            Err(error.into())
        }
    }
}

/// Connects, works, and ends the host if this command started it, however the work ended: one that is merely dropped leaves its
/// jobs looking as if they had brought it down.
pub async fn served(global: &Global, out: Out, work: impl AsyncFnOnce(&Connected) -> Result<Exit>) -> Result<Exit> {
    let connected = connect(global, out).await?;
    let exit = work(&connected).await.unwrap_or_else(|error| explain(&error, out));
    connected.server.settle().await;
    Ok(exit)
}

/// Waits until a lecture can be asked. A host that has just started may not have spoken and indexed its sample yet.
pub async fn ready(client: &Client, lecture: &str, out: Out) -> Result<LectureDto> {
    let begun = Instant::now();
    let mut told = String::new();
    loop {
        match client.lecture(lecture).await {
            Ok(lecture) if lecture.state == "ready" => return Ok(lecture),
            Ok(lecture) if lecture.state == "failed" => {
                let unknown = || ClientError::new("lecture_failed", "the lecture cannot be used, and the server gave no reason");
                return Err(lecture.error.map_or_else(unknown, ClientError::from).into());
            }
            Ok(lecture) if lecture.state != told => {
                out.remark(format!("the lecture is {} …", upload::stage(&lecture.state)));
                told = lecture.state;
            }
            Ok(_) => {}
            Err(error) if error.code == code::NOT_FOUND && begun.elapsed() < APPEARING => {}
            Err(error) => return Err(error.into()),
        }
        if begun.elapsed() > PREPARING {
            return Err(
                ClientError::passing(code::UNREACHABLE, "the lecture does not become ready; look at the host's log").into()
            );
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Runs until Ctrl-C, and says what that means.
async fn unless_stopped(work: impl Future<Output = Result<Exit>>, out: Out, word: &str) -> Result<Exit> {
    tokio::select! {
        outcome = work => outcome,
        () = stopped() => {
            if !word.is_empty() {
                out.remark(word);
            }
            Ok(Exit::Cancelled)
        }
    }
}

/// The end a failed command comes to, told to whoever reads.
pub fn explain(error: &anyhow::Error, out: Out) -> Exit {
    explained(error, |told| out.error(told))
}

/// The same, for a command that tells of its failures in a way of its own.
fn explained(error: &anyhow::Error, tell: impl FnOnce(&ClientError)) -> Exit {
    if let Some(io) = error.downcast_ref::<std::io::Error>()
        && io.kind() == std::io::ErrorKind::BrokenPipe
    {
        // Whoever read has read enough.
        return Exit::Done;
    }
    let told = told(error);
    tell(&told);
    Exit::of(&told)
}

/// Any failure of a command, with the code that says how it ends.
fn told(error: &anyhow::Error) -> ClientError {
    if let Some(error) = error.downcast_ref::<ClientError>() {
        error.clone()
    } else if let Some(error) = error.downcast_ref::<ArchiveError>() {
        ClientError::new(error.code(), error.to_string())
    } else if let Some(error) = error.downcast_ref::<StartError>() {
        ClientError::new(error.code(), error.to_string())
    } else if let Some(error) = error.downcast_ref::<SettingsError>() {
        ClientError::new("setting", error.to_string())
    } else {
        ClientError::new("failed", format!("{error:#}"))
    }
}
