//! `serve`: this machine's own host, until it is told to stop.

use anyhow::Result;

use crate::cli::{Global, Serve};
use crate::exit::Exit;
use crate::local;
use crate::out::{Look, Out};

/// Serves until Ctrl-C or a polite request to end.
pub async fn run(serve: &Serve, global: &Global, out: Out) -> Result<Exit> {
    let data = local::data(global)?;
    let mut host = local::start(&data, serve.listen).await?;
    out.event(&serde_json::json!({ "type": "serving", "address": host.url, "listen": host.listen, "data": data, "pid": std::process::id() }))?;
    out.line(format!("SynapScribe serves at {}", out.paint(Look::Strong, &host.url)))?;
    out.line(out.paint(Look::Dim, &format!("its data is in {}; Ctrl-C stops it", data.display())))?;
    if !serve.listen.ip().is_loopback() {
        out.remark("It can be reached from other machines; guests need no account, so let only people in whom you trust.");
    }
    tokio::select! {
        failed = host.wait() => failed?,
        () = stopped() => out.remark("stopping …"),
    }
    host.stop().await;
    Ok(Exit::Done)
}

/// Waits for Ctrl-C, or for the system to ask for the end.
pub async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut asked) => tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = asked.recv() => {}
            },
            Err(_) => drop(tokio::signal::ctrl_c().await),
        }
    }
    #[cfg(not(unix))]
    drop(tokio::signal::ctrl_c().await);
}
