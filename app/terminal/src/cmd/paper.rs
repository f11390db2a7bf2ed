//! `completions` and `man`: what shells and readers need to know of the command line.

use std::path::Path;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::out::Out;

/// Prints completions for a shell.
pub fn completions(shell: clap_complete::Shell) -> Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "synapscribe", &mut text);
    std::io::Write::write_all(&mut std::io::stdout().lock(), &text)?;
    Ok(Exit::Done)
}

/// Prints the manual page, or writes one for each command.
pub fn man(folder: Option<&Path>, out: Out) -> Result<Exit> {
    match folder {
        // `help` has no page that this one could name.
        None => clap_mangen::Man::new(Cli::command().disable_help_subcommand(true)).render(&mut std::io::stdout().lock())?,
        Some(folder) => {
            std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
            clap_mangen::generate_to(Cli::command(), folder)
                .with_context(|| format!("{} cannot be written", folder.display()))?;
            out.line(format!("the manual pages are in {}", folder.display()))?;
        }
    }
    Ok(Exit::Done)
}
