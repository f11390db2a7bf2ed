//! The `synapscribe` command: reads the command line, runs it, and ends with a code that means something.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Recordings and documents are parsed in a child process, which is this very program with a hidden argument.
    synapscribe_host::run_worker_if_asked();
    synapscribe_terminal::main()
}
