//! Secrets by name from Secrets Manager. It knows nothing of what they open.

use std::fmt;

use aws_sdk_secretsmanager::Client;
use synapscribe_ports::{StoreError, StoreResult};

use crate::SdkConfig;
use crate::fault::fault;

/// A secret's text, which no log shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub(crate) String);

impl Secret {
    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The current text of the secret with this name or ARN.
pub async fn read(config: &SdkConfig, name: &str) -> StoreResult<Secret> {
    let found = Client::new(config).get_secret_value().secret_id(name).send().await.map_err(fault)?;
    let text = found.secret_string.ok_or_else(|| StoreError::Corrupt(format!("the secret {name} is not text")))?;
    Ok(Secret(text))
}
