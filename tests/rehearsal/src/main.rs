//! A whole deployment on this machine, for whoever wants to do to it what an operator and their students do. It stands until it is
//! interrupted; the letters that it sends are printed, between what its functions log.

use std::time::Duration;

use synapscribe_rehearsal::{Fault, Scene};

/// Where its letters come from.
const FROM: &str = "no-reply@example.org";

#[tokio::main]
async fn main() -> Result<(), Fault> {
    println!("Setting a deployment up; this takes about a minute...");
    let scene = Scene::set().await.with_accounts(FROM).await.with_stack().await;
    let daemon = scene.daemon(|_| {});
    let _functions = scene.functions(&daemon).await;
    scene.cloud.let_page(scene.gateway.address()).await?;
    tell(&scene);
    tokio::select! {
        read = read_out(&scene) => read,
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
    }
}

/// What can be done to it, and how.
fn tell(scene: &Scene) {
    let server = scene.gateway.address();
    println!("A deployment stands on this machine, over an emulator of AWS. Ctrl+C ends it, and nothing of it is left.");
    println!("\nAs a student, in another terminal:\n\n    synapscribe --server {server} upload LECTURE.mp3 --wait");
    println!("    synapscribe --server {server} ask --lecture ID \"What is it about?\"");
    println!("\nAs its operator, in one in which this was done first:\n");
    for (name, value) in scene.operator().iter().filter(|(name, _)| *name != "PATH") {
        println!("    export {name}='{}'", value.to_string_lossy());
    }
    println!(
        "\n    synapscribe ops doctor\n    synapscribe ops outputs\n    synapscribe ops replay --dry-run\n    synapscribe ops audit\n"
    );
}

/// Prints every letter that it sends.
async fn read_out(scene: &Scene) -> Result<(), Fault> {
    let mut read = 0;
    loop {
        for (to, text) in scene.cloud.post().await?.into_iter().skip(read) {
            println!("A letter to {to}:\n\n{text}\n");
            read += 1;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
