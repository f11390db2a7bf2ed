//! A command line that deploying needs, run in the checkout. What it says goes to the standard error of this program, whose output
//! is its own.

use std::io::{ErrorKind, stderr};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use synapscribe_client::ClientError;
use tokio::process::Command;

use crate::cloud::code;

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    program: PathBuf,
    folder: PathBuf,
    /// What is asked for with every call.
    always: Vec<String>,
    /// What every call finds in its environment.
    variables: Vec<(&'static str, String)>,
    /// What to do where it is missing.
    remedy: &'static str,
}

impl Tool {
    /// The AWS SAM command line, in the folder of the template.
    pub(crate) fn sam(infra: &Path) -> Self {
        let remedy = "the AWS SAM command line is not installed; get it with: pipx install aws-sam-cli";
        Self::new("sam".into(), infra, remedy).with("SAM_CLI_TELEMETRY", "0".into())
    }

    /// The AWS command line, for a region.
    pub(crate) fn aws(root: &Path, region: &str, endpoint: Option<&str>) -> Self {
        let remedy = "the AWS command line is not installed; get it with: pipx install awscli";
        let mut tool = Self::new("aws".into(), root, remedy).with("AWS_PAGER", String::new());
        tool.always = vec!["--region".into(), region.to_owned()];
        match endpoint {
            Some(endpoint) => tool.with("AWS_ENDPOINT_URL", endpoint.to_owned()),
            None => tool,
        }
    }

    /// A script of the checkout.
    pub(crate) fn script(root: &Path, name: &str) -> Self {
        Self::new(root.join("scripts").join(name), root, "that script of the checkout is not there; is this a whole checkout?")
    }

    fn new(program: PathBuf, folder: &Path, remedy: &'static str) -> Self {
        Self { program, folder: folder.to_owned(), always: Vec::new(), variables: Vec::new(), remedy }
    }

    fn with(mut self, name: &'static str, value: String) -> Self {
        self.variables.push((name, value));
        self
    }

    /// Whether it can be started at all.
    pub(crate) async fn present(&self) -> Result<(), ClientError> {
        let mut command = Command::new(&self.program);
        command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().await.map_err(|error| self.unstarted(&error))?;
        self.content("--version", status)
    }

    /// Runs it to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Result<(), ClientError> {
        let mut command = self.command(arguments);
        let status = command.stdout(stderr()).status().await.map_err(|error| self.unstarted(&error))?;
        self.content(arguments.first().copied().unwrap_or_default(), status)
    }

    /// The same, with what it printed.
    pub(crate) async fn ask(&self, arguments: &[&str]) -> Result<String, ClientError> {
        let mut command = self.command(arguments);
        let output = command.stderr(Stdio::inherit()).output().await.map_err(|error| self.unstarted(&error))?;
        self.content(arguments.first().copied().unwrap_or_default(), output.status)?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).args(arguments).args(&self.always).kill_on_drop(true);
        command.envs(self.variables.iter().map(|(name, value)| (*name, value)));
        command
    }

    fn name(&self) -> String {
        self.program.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn unstarted(&self, error: &std::io::Error) -> ClientError {
        match error.kind() {
            ErrorKind::NotFound => ClientError::new(code::NO_TOOL, self.remedy),
            _ => ClientError::new(code::NO_TOOL, format!("{} cannot be started: {error}", self.name())),
        }
    }

    fn content(&self, what: &str, status: ExitStatus) -> Result<(), ClientError> {
        if status.success() {
            return Ok(());
        }
        Err(ClientError::new(code::STEP, format!("{} {what} failed ({status}); what it said stands above", self.name())))
    }
}
