//! How AWS is reached: the region, an endpoint in place of AWS for rehearsals, and one HTTP client for all services.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// A server that takes longer to accept a connection will not answer either.
const CONNECT: Duration = Duration::from_secs(2);
/// Nothing asked of these services takes longer to begin to answer, but for what says so itself.
const READ: Duration = Duration::from_secs(10);

/// Where the services are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The region.
    pub region: String,
    /// The address of an emulator to use in place of every service.
    pub endpoint: Option<String>,
}

/// Finds the credentials of this machine and the settings that every client shares.
pub async fn connect(site: &Site) -> SdkConfig {
    let http = Builder::new();
    let in_the_clear = site.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let http = if in_the_clear { http.build_http() } else { http.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https() };
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(site.region.clone()))
        .http_client(Shared(http))
        .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(READ).build());
    if let Some(endpoint) = &site.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    loader.load().await
}

/// The HTTP client of all services, which takes the authorities of the system apart when it first connects. By itself it would do so
/// once more for every service that is set up, for a connector that nobody uses.
#[derive(Debug)]
struct Shared(SharedHttpClient);

impl HttpClient for Shared {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

/// The host that a service's calls go to, as people are told.
pub(crate) fn host(config: &SdkConfig, service: &str) -> String {
    match config.endpoint_url() {
        Some(endpoint) => endpoint.split("://").last().unwrap_or(endpoint).trim_end_matches('/').to_owned(),
        None => format!("{service}.{}.amazonaws.com", config.region().map_or("us-east-1", |region| region.as_ref())),
    }
}
