//! An operator at a terminal, and AWS's own command line.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use synapscribe_stories::{Emulator, program, python, run};

/// The terminal of an operator of an emulated AWS.
pub fn operator(home: &Path, endpoint: &str) -> Command {
    let mut command = Command::new(program("synapscribe").unwrap());
    command.env_clear().env("HOME", home).env("PATH", std::env::var("PATH").unwrap_or_default()).env("NO_COLOR", "1");
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_REGION", "us-east-1").env("SYNAPSCRIBE_STACK", "synapscribe-test");
    command.env("AWS_ACCESS_KEY_ID", "AKIDOPERATOR").env("AWS_SECRET_ACCESS_KEY", "secret");
    command
}

/// AWS's own command line, on the emulator.
#[track_caller]
pub fn aws(emulator: &Emulator, arguments: &[&str]) -> Value {
    let mut command = Command::new(python());
    command.args(["-m", "awscli", "--endpoint-url", emulator.endpoint(), "--region", "us-east-1", "--output", "json"]);
    command.args(arguments).env("AWS_ACCESS_KEY_ID", "AKIDOPERATOR").env("AWS_SECRET_ACCESS_KEY", "secret");
    let said = run(&mut command).unwrap().well();
    serde_json::from_str(&said.out).unwrap_or_default()
}
