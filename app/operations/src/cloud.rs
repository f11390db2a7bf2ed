//! How AWS is reached, and what its refusals mean to an operator.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::result::SdkError;
use synapscribe_client::ClientError;

/// The codes that commands of an operator fail with.
pub mod code {
    /// This machine has no credentials for AWS, or they are not accepted.
    pub const CREDENTIALS: &str = "aws_credentials";
    /// AWS refuses, or cannot be reached.
    pub const AWS: &str = "aws_refused";
    /// There is no stack of that name, or an output is missing in it.
    pub const STACK: &str = "no_stack";
    /// A command line that deploying needs is not installed.
    pub const NO_TOOL: &str = "tool_missing";
    /// A step of a deployment failed.
    pub const STEP: &str = "step_failed";
}

/// Where a deployment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The region; left out, what the environment or the profile says.
    pub region: Option<String>,
    /// The address of an emulator in place of every service.
    pub endpoint: Option<String>,
}

/// AWS with the operator's own credentials.
#[derive(Debug, Clone)]
pub struct Cloud {
    pub(crate) config: SdkConfig,
}

impl Cloud {
    /// Finds the credentials of this machine; nothing is asked yet.
    pub async fn connect(site: Site) -> Result<Self, ClientError> {
        let plain = site.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let http = if plain {
            Builder::new().build_http()
        } else {
            Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
        };
        let timeouts =
            TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).read_timeout(Duration::from_secs(30)).build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http).timeout_config(timeouts);
        if let Some(region) = site.region {
            loader = loader.region(Region::new(region));
        }
        if let Some(endpoint) = site.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        let config = loader.load().await;
        // The variable may be there and empty.
        if config.region().is_none_or(|region| region.as_ref().is_empty()) {
            return Err(ClientError::new("usage", "no region is named; give --region, or set AWS_REGION"));
        }
        Ok(Self { config })
    }
}

/// What a refusal means; `what` says what was being done.
pub(crate) fn refused<E, R>(what: &str, error: &SdkError<E, R>) -> ClientError
where
    E: aws_sdk_sqs::error::ProvideErrorMetadata,
{
    let told = error.as_service_error().map(|said| (said.code().unwrap_or_default(), said.message().unwrap_or_default()));
    match (error, told) {
        (_, Some((kind, said))) if is_about_credentials(kind) => ClientError::new(
            code::CREDENTIALS,
            format!("AWS does not accept these credentials while {what}: {said}; sign in anew, or see what the role may do"),
        ),
        (_, Some((kind, said))) => ClientError::new(code::AWS, format!("AWS refuses {what}: {}", either(said, kind))),
        (SdkError::ConstructionFailure(_), _) => ClientError::new(code::AWS, format!("{what} cannot be asked for as it is")),
        (SdkError::DispatchFailure(failure), _) if failure.is_other() || failure.is_user() => no_credentials(what),
        _ => ClientError::passing(code::AWS, format!("AWS cannot be reached for {what}; check the network and the region")),
    }
}

fn no_credentials(what: &str) -> ClientError {
    ClientError::new(
        code::CREDENTIALS,
        format!(
            "there are no credentials for {what}; set AWS_PROFILE or AWS_ACCESS_KEY_ID, or for single sign-on run: eval \"$(aws configure export-credentials --format env)\""
        ),
    )
}

fn is_about_credentials(kind: &str) -> bool {
    ["AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId"].contains(&kind)
        || ["UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure"].contains(&kind)
}

fn either<'a>(said: &'a str, otherwise: &'a str) -> &'a str {
    if said.is_empty() { otherwise } else { said }
}
