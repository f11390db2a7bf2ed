//! The AWS SAM command line, which deploys and removes the stacks. It does the work; nothing of the template is known here.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use synapscribe_client::ClientError;
use tokio::process::Command;

use crate::cloud::code;

/// A folder with the template and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    folder: PathBuf,
}

impl Template {
    /// Looks whether the template is there.
    pub fn at(folder: &Path) -> Result<Self, ClientError> {
        for file in ["template.yaml", "samconfig.toml"] {
            if !folder.join(file).is_file() {
                return Err(ClientError::new(
                    "not_found",
                    format!("there is no {file} in {}; name the checkout's infra folder with --infra", folder.display()),
                ));
            }
        }
        Ok(Self { folder: folder.to_owned() })
    }

    /// Deploys with the parameters of a stage.
    pub async fn deploy(&self, stage: &str) -> Result<(), ClientError> {
        self.sam(&["deploy", "--config-env", stage, "--no-fail-on-empty-changeset"]).await
    }

    /// Removes the stacks of a stage.
    pub async fn teardown(&self, stage: &str) -> Result<(), ClientError> {
        self.sam(&["delete", "--config-env", stage, "--no-prompts"]).await
    }

    async fn sam(&self, arguments: &[&str]) -> Result<(), ClientError> {
        let mut command = Command::new("sam");
        command.current_dir(&self.folder).args(arguments);
        let status: ExitStatus = command.status().await.map_err(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                ClientError::new(code::NO_SAM, "the AWS SAM command line is not installed; get it with: pipx install aws-sam-cli")
            } else {
                ClientError::new(code::SAM, format!("sam cannot be started: {error}"))
            }
        })?;
        if status.success() {
            return Ok(());
        }
        Err(ClientError::new(code::SAM, format!("sam {} failed ({status}); what it said stands above", arguments[0])))
    }
}
