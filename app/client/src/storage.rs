//! The S3 client for the server's bucket, with an endpoint of its own where the server names one. Knows no upload.

use aws_sdk_s3::config::{
    BehaviorVersion, Builder, IdentityCache, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    SharedCredentialsProvider, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::time::Duration;
use synapscribe_protocol::Discovery;

use crate::guest::Guest;
use crate::server_time::ServerTime;

/// An S3 client that acts as the guest.
pub(crate) fn client(discovery: &Discovery, guest: &Guest, time: &ServerTime) -> aws_sdk_s3::Client {
    let mut config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(discovery.region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(guest.clone()))
        .time_source(time.clone())
        // The guest caches by itself, and knows when somebody signs in or out.
        .identity_cache(IdentityCache::no_cache())
        .retry_config(RetryConfig::standard().with_max_attempts(4))
        .timeout_config(TimeoutConfig::builder().connect_timeout(Duration::from_secs(10)).build())
        // A presigned address is made before the bytes are read, so it cannot hold their checksum.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .http_client(http_client(discovery.s3_endpoint.as_deref()));
    if let Some(endpoint) = &discovery.s3_endpoint {
        // The SDK puts the bucket right behind the address, so one with a path must end in a slash.
        config = config.endpoint_url(format!("{}/", endpoint.trim_end_matches('/'))).force_path_style(true);
    }
    aws_sdk_s3::Client::from_conf(config.build())
}

/// The SDK's HTTP client; without TLS for a plain endpoint, because reading certificates takes a while.
pub(crate) fn http_client(endpoint: Option<&str>) -> SharedHttpClient {
    let builder = aws_smithy_http_client::Builder::new();
    if endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
        builder.build_http()
    } else {
        builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
    }
}
