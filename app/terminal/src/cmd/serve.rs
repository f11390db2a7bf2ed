//! `serve`: this machine's own host, until it is told to stop.

use anyhow::Result;

use crate::cli::{Global, Serve};
use crate::exit::Exit;
use crate::local;
use crate::out::{Look, Out};

/// Serves until Ctrl-C or a polite request to end.
pub async fn run(serve: &Serve, global: &Global, out: Out) -> Result<Exit> {
    let data = local::data(global)?;
    // Whoever hears of the address may ask for the end at once.
    let stopped = stopped();
    let mut host = local::start(&data, serve.listen).await?;
    out.event(&serde_json::json!({ "type": "serving", "address": host.url, "listen": host.listen, "data": data, "pid": std::process::id() }))?;
    out.line(format!("SynapScribe serves at {}", out.paint(Look::Strong, &host.url)))?;
    out.line(out.paint(Look::Dim, &format!("its data is in {}; Ctrl-C stops it", data.display())))?;
    if !serve.listen.ip().is_loopback() {
        out.remark(format!(
            "It can be reached from other machines by this one's name or address and port {}; guests need no account, so let only \
             people in whom you trust.",
            host.listen.port()
        ));
    }
    tokio::select! {
        failed = host.wait() => failed?,
        () = stopped => out.remark("stopping …"),
    }
    host.stop().await;
    Ok(Exit::Done)
}

/// Ends with Ctrl-C, or when the system asks for the end; either counts from now on, and not only once it is waited for.
pub fn stopped() -> impl Future<Output = ()> + Send {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let heard = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
        async move {
            match heard {
                [Ok(mut stop), Ok(mut end)] => tokio::select! {
                    _ = stop.recv() => {}
                    _ = end.recv() => {}
                },
                _ => drop(tokio::signal::ctrl_c().await),
            }
        }
    }
    #[cfg(not(unix))]
    async {
        drop(tokio::signal::ctrl_c().await);
    }
}
