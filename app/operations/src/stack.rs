//! What the stack of a deployment says of itself: its outputs.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::Client;
use synapscribe_client::ClientError;

use crate::cloud::{Cloud, code, refused};

/// A deployed stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// Its name, such as `synapscribe-prod`.
    pub name: String,
    /// Its status, as CloudFormation names it.
    pub status: String,
    /// What it says of itself.
    pub outputs: BTreeMap<String, String>,
}

impl Stack {
    /// Reads a stack.
    pub async fn read(cloud: &Cloud, name: &str) -> Result<Self, ClientError> {
        let missing = || {
            ClientError::new(
                code::STACK,
                format!("there is no stack {name} in this region and account; deploy it, or name another with --stack"),
            )
        };
        let described = Client::new(&cloud.config).describe_stacks().stack_name(name).send().await;
        let described = described.map_err(|error| {
            let said = error.as_service_error().and_then(|said| said.meta().message().map(str::to_owned)).unwrap_or_default();
            if said.contains("does not exist") { missing() } else { refused("describing the stack", &error) }
        })?;
        let stack = described.stacks.and_then(|stacks| stacks.into_iter().next()).ok_or_else(missing)?;
        let outputs = stack.outputs.unwrap_or_default();
        Ok(Self {
            name: name.to_owned(),
            status: stack.stack_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            outputs: outputs.into_iter().filter_map(|output| Some((output.output_key?, output.output_value?))).collect(),
        })
    }

    /// One output.
    pub fn output(&self, key: &str) -> Result<&str, ClientError> {
        self.outputs.get(key).map(String::as_str).ok_or_else(|| {
            ClientError::new(code::STACK, format!("the stack {} has no output {key}; was it deployed whole?", self.name))
        })
    }
}
