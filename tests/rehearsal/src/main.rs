//! A whole deployment on this machine, for whoever wants to do to it what an operator and their students do. It stands until it is
//! interrupted; meanwhile it prints its letters and what its functions and its daemon log.

use std::time::Duration;

use synapscribe_rehearsal::{Fault, Scene};
use synapscribe_stories::Daemon;
use tokio::signal::unix::{SignalKind, signal};

/// Where its letters come from.
const FROM: &str = "no-reply@example.org";

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let (mut ended, mut closed) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    // Whatever stands by then is taken down again.
    tokio::select! {
        stood = stand() => stood,
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        _ = ended.recv() => Ok(()),
        _ = closed.recv() => Ok(()),
    }
}

async fn stand() -> Result<(), Fault> {
    println!("Setting a deployment up; this takes a few seconds...");
    let scene = Scene::set().await?.with_accounts(FROM).await?.with_stack().await?;
    let daemon = scene.daemon(|_| {})?;
    let _functions = scene.functions(&daemon).await?;
    scene.cloud.let_page(scene.gateway.address()).await?;
    tell(&scene)?;
    read_out(&scene, &daemon).await
}

/// What can be done to it, and how.
fn tell(scene: &Scene) -> Result<(), Fault> {
    let server = scene.gateway.address();
    let [programs, clients] = Scene::tools()?.map(|folder| folder.display().to_string());
    println!("A deployment stands on this machine, over an emulator of AWS. Ctrl+C ends it, and nothing of it is left.");
    println!("\nIn another terminal, first:\n\n    export PATH='{programs}:{clients}':\"$PATH\"");
    for (name, value) in scene.operator() {
        println!("    export {name}='{value}'");
    }
    println!("\nThen as a student:\n\n    synapscribe --server {server} upload LECTURE.mp3 --wait");
    println!("    synapscribe --server {server} ask --lecture ID \"What is it about?\"");
    println!("\nAnd as its operator:\n\n    synapscribe ops doctor\n    synapscribe ops outputs");
    println!("    synapscribe ops replay --dry-run\n    synapscribe ops audit\n");
    Ok(())
}

/// Prints every letter that it sends, and what its daemon logs.
async fn read_out(scene: &Scene, daemon: &Daemon) -> Result<(), Fault> {
    let (mut letters, mut lines) = (0, 0);
    loop {
        for (to, text) in scene.cloud.post().await?.into_iter().skip(letters) {
            println!("A letter to {to}:\n\n{text}\n");
            letters += 1;
        }
        for line in daemon.log().into_iter().skip(lines) {
            println!("{line}");
            lines += 1;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
