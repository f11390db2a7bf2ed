//! An emulated AWS with the tables, queues and bucket of one deployment.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use synapscribe_aws::{Queues, SdkConfig, Site, Tables, connect, rehearsal};
use synapscribe_stories::Emulator;

const NAME: &str = "synapscribe-test";

/// The emulator with everything that a deployment finds there.
pub struct Cloud {
    _emulator: Emulator,
    pub config: SdkConfig,
    pub tables: Tables,
}

impl Cloud {
    /// An empty account.
    pub async fn empty() -> Self {
        let emulator = Emulator::start().unwrap();
        let config = at(emulator.endpoint()).await;
        Self { _emulator: emulator, config, tables: Tables::below(NAME) }
    }

    /// With the tables.
    pub async fn with_tables() -> Self {
        let cloud = Self::empty().await;
        rehearsal::tables(&cloud.config, &cloud.tables).await.unwrap();
        cloud
    }

    /// A queue for each lane.
    pub async fn queues(&self) -> Queues {
        rehearsal::queues(&self.config).await.unwrap()
    }

    /// The bucket.
    pub async fn bucket(&self) -> &'static str {
        rehearsal::bucket(&self.config, NAME).await.unwrap();
        NAME
    }
}

/// The settings of clients that find AWS at an address, with some credentials.
pub async fn at(endpoint: &str) -> SdkConfig {
    let site = Site { region: "eu-central-1".into(), endpoint: Some(endpoint.to_owned()) };
    let credentials = SharedCredentialsProvider::new(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"));
    connect(&site).await.into_builder().credentials_provider(credentials).build()
}
