//! An emulator of AWS that nobody here wrote, as a process of its own on a free port. Every one starts empty.

use std::path::Path;
use std::process::{Child, Command};

use crate::StoryError;
use crate::process::{self, end};
use crate::socket::python;

/// A running emulator.
#[derive(Debug)]
pub struct Emulator {
    child: Child,
    endpoint: String,
}

impl Emulator {
    /// An emulator with nothing in it.
    pub fn start() -> Result<Self, StoryError> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/emulator.py");
        let mut command = Command::new(python());
        command.arg(script);
        let (child, endpoint) = process::start(&mut command, "endpoint")?;
        Ok(Self { child, endpoint })
    }

    /// The address that takes the place of every service.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
