//! The terminal face of SynapScribe. Forwards to the client and to the host, and holds no logic of the product.

pub mod cli;
mod cmd;
pub mod exit;
mod local;
mod out;
mod talk;
mod text;

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::out::Out;

/// Reads the command line and runs it. Nothing is set up before it is read, so that `--help` answers at once.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let out = Out::new(&cli.global);
    log(&cli.command, out);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cmd::explain(&error.into(), out).into(),
    };
    let outcome = runtime.block_on(async { Box::pin(cmd::run(cli.command, &cli.global, out)).await });
    // A thread that waits for the keyboard would hold the end up for ever.
    runtime.shutdown_timeout(Duration::from_millis(300));
    let exit: Exit = outcome.unwrap_or_else(|error| cmd::explain(&error, out));
    exit.into()
}

/// What happens inside is written beside the output: everything that matters while serving, otherwise
/// only what was asked for by SYNAPSCRIBE_LOG: a command tells its failures itself, and those of a host it started are the
/// host's to tell.
fn log(command: &Command, out: Out) {
    // Lines between those of a full screen would tear it.
    if matches!(command, Command::Talk(_)) {
        return;
    }
    let usual = if matches!(command, Command::Serve(_)) { "info,aws=warn,hyper=warn,s3s=warn" } else { "off" };
    let filter = EnvFilter::try_from_env("SYNAPSCRIBE_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let ansi = out.colours() && std::io::stderr().is_terminal();
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(ansi).with_writer(std::io::stderr).try_init();
}
