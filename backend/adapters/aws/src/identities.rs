//! Identities from an identity pool, whose credentials reach what lies under their name. It knows no account.

use async_trait::async_trait;
use aws_sdk_cognitoidentity::Client;
use synapscribe_domain::{Failure, PersonId};
use synapscribe_ports::StoreResult;
use synapscribe_ports::accounts::Identities;

use crate::SdkConfig;
use crate::fault::{fault, reason};

/// An identity that no pool gives, behind its region.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// The identities of one pool.
#[derive(Debug, Clone)]
pub struct PoolIdentities {
    client: Client,
    pool: String,
}

impl PoolIdentities {
    /// Those of the pool with this name.
    pub fn new(config: &SdkConfig, pool: &str) -> Self {
        Self { client: Client::new(config), pool: pool.to_owned() }
    }

    /// Asks for the keys of an identity that there is not, so that the first account has a connection. Whatever Cognito answers, it
    /// was reached; asking for an identity would make one.
    pub async fn reach(&self) -> StoreResult<()> {
        let region = self.pool.split(':').next().unwrap_or_default();
        match self.client.get_credentials_for_identity().identity_id(format!("{region}:{NOBODY}")).send().await {
            Err(error) if error.as_service_error().is_none() => Err(fault(error)),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

#[async_trait]
impl Identities for PoolIdentities {
    async fn fresh(&self) -> Result<PersonId, Failure> {
        let given = self.client.get_id().identity_pool_id(&self.pool).send().await.map_err(|error| {
            tracing::error!(error = reason(&error), "the identity pool gives no identity");
            Failure::internal()
        })?;
        PersonId::parse(given.identity_id.unwrap_or_default()).map_err(|_| Failure::internal())
    }
}
