//! The terminal face of SynapScribe. Forwards to the client and to the host, and holds no logic of the product.

pub mod cli;
mod cmd;
pub mod exit;
mod flow;
mod local;
mod out;
mod talk;
mod text;

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use synapscribe_telemetry::{self as telemetry, Lines};
use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::out::Out;

/// Reads the command line and runs it. Nothing is set up before it is read, so that `--help` answers at once.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let out = Out::new(&cli.global);
    if let Err(error) = log(&cli.command, out) {
        return cmd::explain(&error.into(), out).into();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cmd::explain(&error.into(), out).into(),
    };
    let outcome = runtime.block_on(async { Box::pin(cmd::run(cli.command, &cli.global, out)).await });
    // A thread that waits for the keyboard would hold the end up for ever.
    runtime.shutdown_timeout(Duration::from_millis(300));
    telemetry::end();
    let exit: Exit = outcome.unwrap_or_else(|error| cmd::explain(&error, out));
    exit.into()
}

/// What happens inside is written beside the output: everything that matters while serving, otherwise
/// only what was asked for by SYNAPSCRIBE_LOG: a command tells its failures itself, and those of a host it started are the
/// host's to tell.
fn log(command: &Command, out: Out) -> Result<(), telemetry::BadExporter> {
    // Lines between those of a full screen would tear it.
    if matches!(command, Command::Talk(_)) {
        return Ok(());
    }
    let usual = if matches!(command, Command::Serve(_)) { "info,aws=warn,hyper=warn,s3s=warn" } else { "off" };
    let filter = EnvFilter::try_from_env("SYNAPSCRIBE_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let json = std::env::var("SYNAPSCRIBE_LOG_JSON").is_ok_and(|wanted| wanted == "true");
    let colours = out.colours() && std::io::stderr().is_terminal();
    let lines = if json { Lines::Json } else { Lines::Text { colours } };
    // Only a host has something to trace; what it would send is sent by `end`.
    if matches!(command, Command::Serve(_)) {
        return telemetry::begin("synapscribe-host", lines, filter);
    }
    telemetry::log_only(lines, filter);
    Ok(())
}
