//! An emulator of AWS that nobody here wrote, as a process of its own on a free port. Every one starts empty.

use std::path::Path;
use std::process::{Child, Command};

use serde_json::Value;

use crate::StoryError;
use crate::process::{self, end};
use crate::said::run;
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
        Self::calling(None)
    }

    /// The same, which runs workflows and calls their functions at this address, if there is one.
    fn calling(functions: Option<&str>) -> Result<Self, StoryError> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/emulator.py");
        let mut command = Command::new(python());
        command.arg(script).args(functions);
        let (child, endpoint) = process::start(&mut command, "endpoint")?;
        Ok(Self { child, endpoint })
    }

    /// An emulator with the data, identity and queue resources of the template as one of its deployments (`dev`, `prod`) has them,
    /// and what the template gives out: `outputs`, the variables of `functions` by program and of the `host`, and the names of the user
    /// pool and its client (`people`), which a deployment has where it is told to.
    pub fn with_deployment(deployment: &str) -> Result<(Self, Value), StoryError> {
        Self::with_deployment_in(deployment, "eu-central-1", None)
    }

    /// The same in another region than the one that the deployments are meant for, and with workflows that call functions at an
    /// address.
    pub fn with_deployment_in(deployment: &str, region: &str, functions: Option<&str>) -> Result<(Self, Value), StoryError> {
        let emulator = Self::calling(functions)?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/checks/rehearse.py");
        let mut rehearse = Command::new(python());
        let said = run(rehearse.arg(script).args([emulator.endpoint(), deployment, region]))?;
        let given = serde_json::from_str(said.well().out.trim());
        Ok((emulator, given.unwrap_or_else(|error| panic!("the template's resources are not told as JSON: {error}"))))
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
