//! `demo`: the sample lecture, asked out loud, from the start of the host to the saved answer.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use synapscribe_client::audio::{Player, wav};
use synapscribe_client::{Ask, Client, Question};
use synapscribe_host::StartError;

use super::{ask, serve};
use crate::cli::{Demo, Global, LISTEN};
use crate::exit::Exit;
use crate::local::{self, Server};
use crate::out::{Look, Out};

/// Shows what the product does, then serves on when it started the host.
pub async fn run(demo: &Demo, global: &Global, out: Out) -> Result<Exit> {
    if let Some(place) = &demo.save {
        wav::check_place(place)?;
    }
    let server = host(demo, global, out).await?;
    let shown = tokio::select! {
        shown = show(demo, global, server.address(), out) => shown,
        () = serve::stopped() => Ok(Exit::Cancelled),
    };
    if let Ok(Exit::Done) = shown
        && !demo.once
    {
        out.line("")?;
        out.line(format!("Open {} or ask more: synapscribe talk --lecture sample", out.paint(Look::Strong, server.address())))?;
        if server.is_own() {
            out.line(out.paint(Look::Dim, "The host serves on; Ctrl-C stops it."))?;
            serve::stopped().await;
        }
    }
    server.settle().await;
    shown
}

/// The host to show it on. Another program may have the usual place: whoever named no other is given any that is free.
async fn host(demo: &Demo, global: &Global, out: Out) -> Result<Server> {
    match local::find_or_start(global, demo.listen, out).await {
        Err(error) if demo.listen.to_string() == LISTEN && matches!(error.downcast_ref(), Some(StartError::Taken(_))) => {
            out.remark(format!("Another program listens at {LISTEN}; a free place is taken instead."));
            local::find_or_start(global, SocketAddr::new(demo.listen.ip(), 0), out).await
        }
        found => found,
    }
}

async fn show(demo: &Demo, global: &Global, address: &str, out: Out) -> Result<Exit> {
    let client = Client::connect(address, local::client_home()?).await?;
    out.event(&serde_json::json!({ "type": "serving", "address": client.server() }))?;
    out.line(format!("SynapScribe answers at {}", out.paint(Look::Strong, client.server())))?;
    let lecture = client.resolve_lecture("sample")?;
    let title = super::ready(&client, &lecture, out).await?.title;
    out.line(format!("The lecture: {}", out.paint(Look::Strong, &title)))?;

    let recording = client.fetch("sample/question.wav").await?;
    if let Ok((samples, rate)) = wav::decode(&recording)
        && let Ok(Ok(speaker)) = tokio::task::spawn_blocking(Player::open).await
    {
        speaker.play(&samples, rate);
        speaker.played().await;
    }
    let folder = std::env::temp_dir().join(format!("synapscribe-{}", std::process::id()));
    std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let file = folder.join("question.wav");
    std::fs::write(&file, &recording).with_context(|| format!("{} cannot be written", file.display()))?;
    out.line("The question is asked out loud …")?;
    let asked = client.ask(Ask::lecture(lecture, Question::File(file))).await;
    let _ = std::fs::remove_dir_all(&folder);
    let save = match &demo.save {
        Some(path) => path.clone(),
        None => usual_place(global)?,
    };
    ask::follow(&client, asked?, &ask::Of::lecture(), true, Some(&save), out).await
}

fn usual_place(global: &Global) -> Result<PathBuf> {
    let folder = local::data(global)?.join("demo");
    std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    Ok(folder.join("answer.wav"))
}
