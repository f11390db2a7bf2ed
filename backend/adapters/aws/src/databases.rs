//! What opens a database on AWS: the secret that RDS keeps for it, or a token that stands for this process's own rights. It knows no
//! database's language.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use synapscribe_ports::{StoreError, StoreResult};

use crate::SdkConfig;
use crate::secrets::{self, Secret};

/// The service's name in signatures.
const SERVICE: &str = "rds-db";
/// What a signature writes by its number.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// How long a token opens connections, which is as long as RDS allows; one that is open stays open.
const GOOD: Duration = Duration::from_secs(15 * 60);

/// A role and its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The role.
    pub user: String,
    /// Its password.
    pub password: Secret,
}

/// What RDS writes into a secret, besides what else it knows.
#[derive(Deserialize)]
struct Written {
    username: String,
    password: String,
}

/// The role and password in the secret with this name or ARN, as they are now.
pub async fn entry(config: &SdkConfig, name: &str) -> StoreResult<Entry> {
    let secret = secrets::read(config, name).await?;
    // What cannot be read is not shown either: it may be the password by itself.
    let written: Written = serde_json::from_str(secret.reveal())
        .map_err(|_| StoreError::Corrupt(format!("the secret {name} is not JSON with a username and a password")))?;
    Ok(Entry { user: written.username, password: Secret(written.password) })
}

/// A token that opens connections for a role in place of a password, where the role may and the process's own rights allow it.
pub async fn token(config: &SdkConfig, host: &str, port: u16, user: &str) -> StoreResult<Secret> {
    let provider = config.credentials_provider().ok_or_else(|| unsigned(&"there are no credentials"))?;
    let credentials = provider.provide_credentials().await.map_err(|error| unsigned(&error))?;
    let region = config.region().ok_or_else(|| unsigned(&"there is no region"))?;
    signed(credentials, region.as_ref(), host, port, user, SystemTime::now())
}

fn signed(credentials: Credentials, region: &str, host: &str, port: u16, user: &str, now: SystemTime) -> StoreResult<Secret> {
    let identity = credentials.into();
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(GOOD);
    let params = v4::SigningParams::builder().identity(&identity).region(region).name(SERVICE).time(now).settings(settings);
    let params = params.build().map_err(|error| unsigned(&error))?.into();
    let url = format!("https://{host}:{port}/?Action=connect&DBUser={}", utf8_percent_encode(user, RESERVED));
    let mut request = http::Request::get(&url).body(()).map_err(|error| unsigned(&error))?;
    let signable = SignableRequest::new("GET", &url, std::iter::empty(), SignableBody::Bytes(&[]));
    let signable = signable.map_err(|error| unsigned(&error))?;
    let (instructions, _) = sign(signable, &params).map_err(|error| unsigned(&error))?.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    Ok(Secret(request.uri().to_string().split_off("https://".len())))
}

fn unsigned(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("no token for the database could be signed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_what_the_published_tools_make() {
        let credentials =
            Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", Some("a/token+==".into()), None, "test");
        let host = "db.cluster-x.eu-central-1.rds.amazonaws.com";
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1800432000);
        let token = signed(credentials, "eu-central-1", host, 5432, "synap_scribe@x", then).unwrap();
        let made = token.reveal();
        assert!(made.starts_with(&format!("{host}:5432/?Action=connect&DBUser=synap_scribe%40x&X-Amz-")), "{made}");
        assert!(made.contains("X-Amz-Expires=900") && made.contains("X-Amz-Security-Token=a%2Ftoken%2B%3D%3D"), "{made}");
        // By botocore's `generate_db_auth_token` at the same moment.
        let signature = "X-Amz-Signature=261fb03b55fa8c16cf448830ad020dd3679049ceb9495d53d8eb45b471736a4d";
        assert!(made.contains(signature), "{made}");
    }
}
