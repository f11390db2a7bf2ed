//! Whoever uses the server: a guest with an identity from the server's Cognito pool, remembered between runs, or somebody with an
//! account and its identity; and their temporary credentials, renewed before they expire. Knows no request they are used for.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, error::CredentialsError, future};
use aws_sdk_cognitoidentity::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use serde::{Deserialize, Serialize};
use synapscribe_protocol::Discovery;
use tokio::sync::Mutex;

use crate::account::{Account, Shown};
use crate::error::{ClientError, Result, code};
use crate::home::{self, Home};
use crate::server_time::ServerTime;

/// Credentials are renewed when they have this long to live, so that no request is sent with dying ones.
const AHEAD: Duration = Duration::from_secs(5 * 60);

/// What is remembered for a server. The identity is what makes a guest find their lectures again.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Remembered {
    server: String,
    pool: String,
    identity: String,
    #[serde(default)]
    credentials: Option<Keys>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Keys {
    access: String,
    secret: String,
    token: String,
    /// Seconds since 1970.
    expires: u64,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("expires", &self.expires).finish_non_exhaustive()
    }
}

impl Keys {
    fn expiry(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.expires)
    }

    fn lasts(&self, now: SystemTime) -> bool {
        self.expiry() > now + AHEAD
    }

    fn to_credentials(&self) -> Credentials {
        Credentials::new(&self.access, &self.secret, Some(self.token.clone()), Some(self.expiry()), "synapscribe-guest")
    }
}

/// What a request shows.
pub(crate) struct Pass {
    /// What it is signed with.
    pub credentials: Credentials,
    /// The access token beside the signature of somebody who signed in, whose credentials outlast their sign-in on some servers.
    pub token: Option<String>,
}

/// The guest of one server; clones share it.
#[derive(Clone)]
pub(crate) struct Guest {
    inner: Arc<Inner>,
}

struct Inner {
    cognito: aws_sdk_cognitoidentity::Client,
    server: String,
    scope: String,
    pool: String,
    home: Home,
    held: Mutex<Option<Remembered>>,
    account: Option<Account>,
    time: ServerTime,
    /// The credentials of a sign-in; they end with it, so they are not remembered.
    signed: Mutex<Option<Signed>>,
}

/// Credentials that were drawn for a sign-in.
struct Signed {
    sign_in: String,
    identity: String,
    keys: Keys,
}

impl std::fmt::Debug for Guest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guest").field("server", &self.inner.server).finish_non_exhaustive()
    }
}

impl Guest {
    /// The guest of a server, or whoever has signed in to `account`; `scope` names the server under which the identity is
    /// remembered.
    pub fn new(
        server: &str,
        scope: &str,
        discovery: &Discovery,
        home: &Home,
        account: Option<Account>,
        time: ServerTime,
    ) -> Self {
        use aws_sdk_cognitoidentity::config::{BehaviorVersion, Builder, Region, retry::RetryConfig};
        let mut config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(discovery.region.clone()))
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .http_client(crate::storage::http_client(discovery.cognito_endpoint.as_deref()))
            .allow_no_auth();
        if let Some(endpoint) = &discovery.cognito_endpoint {
            config = config.endpoint_url(endpoint);
        }
        let inner = Inner {
            cognito: aws_sdk_cognitoidentity::Client::from_conf(config.build()),
            server: server.to_owned(),
            scope: scope.to_owned(),
            pool: discovery.identity_pool_id.clone(),
            home: home.clone(),
            held: Mutex::new(None),
            account,
            time,
            signed: Mutex::new(None),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Credentials that last a while yet.
    pub async fn credentials(&self) -> Result<Credentials> {
        self.pass().await.map(|pass| pass.credentials)
    }

    /// What to show; it lasts a while yet.
    pub async fn pass(&self) -> Result<Pass> {
        self.drawn(false).await
    }

    /// Something else to show, because the server refused this.
    pub async fn renewed(&self, refused: &Pass, why: &ClientError) -> Result<Pass> {
        if why.code == code::SIGNED_OUT && !self.is_somebodys() {
            // The identity is an account's by now, and whoever has that signs in. Another request may have found out before.
            let same = |keys: &Keys| keys.access == refused.credentials.access_key_id();
            let held = self.inner.held.lock().await.clone();
            if let Some(held) = held.filter(|held| held.credentials.as_ref().is_some_and(same)) {
                self.give_up(&held.identity).await;
            }
        }
        self.drawn(true).await
    }

    async fn drawn(&self, fresh: bool) -> Result<Pass> {
        let (keys, token) = self.keys(fresh).await?;
        Ok(Pass { credentials: keys.to_credentials(), token })
    }

    /// The identity.
    pub async fn identity(&self) -> Result<String> {
        self.keys(false).await?;
        if self.is_somebodys() {
            return Ok(self.inner.signed.lock().await.as_ref().map(|signed| signed.identity.clone()).unwrap_or_default());
        }
        let held = self.inner.held.lock().await;
        Ok(held.as_ref().map(|held| held.identity.clone()).unwrap_or_default())
    }

    /// The guest's own credentials; nothing while somebody is signed in, and for a guest who never came only where the server asks
    /// for some, so that `fresh` ones are wanted.
    pub async fn visitor(&self, fresh: bool) -> Result<Option<Credentials>> {
        let known = !self.is_somebodys() && (fresh || self.inner.home.guest_file(&self.inner.scope).exists());
        if known { self.guest_keys(fresh).await.map(|keys| Some(keys.to_credentials())) } else { Ok(None) }
    }

    /// Whoever signed in: requests are made in their name, and after the server ended the sign-in not at all.
    pub fn is_somebodys(&self) -> bool {
        self.inner.account.as_ref().is_some_and(Account::is_somebodys)
    }

    /// Forgets the guest whose identity became an account's: what they had is seen by whoever signs in.
    pub async fn give_up(&self, identity: &str) {
        let inner = &*self.inner;
        let mut held = inner.held.lock().await;
        let file = inner.home.guest_file(&inner.scope);
        let known = held.take().or_else(|| home::read_json::<Remembered>(&file).filter(|known| known.pool == inner.pool));
        if known.as_ref().is_some_and(|known| known.identity == identity) {
            if let Err(error) = std::fs::remove_file(&file) {
                tracing::warn!(%error, "the guest that became an account cannot be forgotten");
            }
        } else {
            *held = known;
        }
    }

    /// Who it is, now and whenever it changes; nothing where there are no accounts.
    pub fn account(&self) -> Option<&Account> {
        self.inner.account.as_ref()
    }

    /// Keys, and the access token of whoever they are of; guests have none.
    async fn keys(&self, fresh: bool) -> Result<(Keys, Option<String>)> {
        match &self.inner.account {
            Some(account) if account.is_somebodys() => {
                self.signed_keys(account, fresh).await.map(|(keys, token)| (keys, Some(token)))
            }
            _ => self.guest_keys(fresh).await.map(|keys| (keys, None)),
        }
    }

    async fn signed_keys(&self, account: &Account, fresh: bool) -> Result<(Keys, String)> {
        let mut signed = self.inner.signed.lock().await;
        // What was refused may be of a sign-in that has ended; renewing its token tells.
        let mut shown = account.shown(fresh).await?;
        if let Some(signed) = &*signed
            && !fresh
            && signed.sign_in == shown.sign_in
            && signed.keys.lasts(self.inner.time.now())
        {
            return Ok((signed.keys.clone(), shown.access));
        }
        let mut drawn = self.draw_keys(&shown.identity, Some(&shown)).await;
        // So may the token that was kept.
        if !fresh && matches!(drawn, Err(Refusal::NotTheirs(_))) {
            shown = account.shown(true).await?;
            drawn = self.draw_keys(&shown.identity, Some(&shown)).await;
        }
        let keys = drawn.map_err(|refusal| self.explain(refusal))?;
        *signed = Some(Signed { sign_in: shown.sign_in, identity: shown.identity, keys: keys.clone() });
        Ok((keys, shown.access))
    }

    async fn guest_keys(&self, fresh: bool) -> Result<Keys> {
        let inner = &*self.inner;
        let mut held = inner.held.lock().await;
        if held.is_none() {
            *held = home::read_json::<Remembered>(&inner.home.guest_file(&inner.scope)).filter(|r| r.pool == inner.pool);
        }
        if let Some(keys) = held.as_ref().and_then(|held| held.credentials.as_ref())
            && !fresh
            && keys.lasts(inner.time.now())
        {
            return Ok(keys.clone());
        }
        let known = held.as_ref().map(|held| held.identity.clone());
        let (identity, keys) = match known {
            Some(identity) => match self.draw_keys(&identity, None).await {
                Err(Refusal::Unknown | Refusal::NotTheirs(_)) => {
                    // The server was set up anew, and the lectures of the old identity are gone with it; or it is an account's by
                    // now, and whoever has that signs in.
                    tracing::info!("the server does not know this guest any more and gets a new one");
                    self.join().await?
                }
                other => (identity, other.map_err(|refusal| self.explain(refusal))?),
            },
            None => self.join().await?,
        };
        let remembered =
            Remembered { server: inner.server.clone(), pool: inner.pool.clone(), identity, credentials: Some(keys.clone()) };
        if let Err(error) = home::write_json(&inner.home.guest_file(&inner.scope), &remembered) {
            // Everything works without the file; only the next run will be a stranger.
            tracing::warn!(%error, "the guest identity cannot be remembered");
        }
        *held = Some(remembered);
        Ok(keys)
    }

    async fn join(&self) -> Result<(String, Keys)> {
        // The SDK's futures are large, so they live on the heap.
        let answer = Box::pin(self.inner.cognito.get_id().identity_pool_id(&self.inner.pool).send()).await;
        let identity = match answer {
            Ok(answer) => answer.identity_id.ok_or_else(|| self.explain(Refusal::Other("no identity was given".into())))?,
            Err(error) => return Err(self.explain(refusal(&error))),
        };
        let keys = self.draw_keys(&identity, None).await.map_err(|refusal| self.explain(refusal))?;
        Ok((identity, keys))
    }

    async fn draw_keys(&self, identity: &str, shown: Option<&Shown>) -> std::result::Result<Keys, Refusal> {
        let mut asked = self.inner.cognito.get_credentials_for_identity().identity_id(identity);
        if let Some(shown) = shown {
            asked = asked.logins(&shown.issuer, &shown.access);
        }
        let answer = Box::pin(asked.send()).await;
        let given = answer.map_err(|error| refusal(&error))?.credentials;
        let incomplete = || Refusal::Other("the credentials are incomplete".into());
        let given = given.ok_or_else(incomplete)?;
        match (given.access_key_id, given.secret_key, given.session_token) {
            (Some(access), Some(secret), Some(token)) => {
                let expires = given.expiration.map_or(0, |time| u64::try_from(time.secs()).unwrap_or(0));
                Ok(Keys { access, secret, token, expires })
            }
            _ => Err(incomplete()),
        }
    }

    fn explain(&self, refusal: Refusal) -> ClientError {
        match refusal {
            Refusal::Unreachable => ClientError::unreachable(&self.inner.server),
            Refusal::Unknown => ClientError::new(code::CREDENTIALS, "the server knows no guests under its own identity pool"),
            Refusal::Stranger => ClientError::stranger(&self.inner.server),
            Refusal::NotTheirs(why) | Refusal::Other(why) => {
                ClientError::new(code::CREDENTIALS, format!("the server gave no guest credentials: {why}"))
            }
        }
    }
}

enum Refusal {
    /// The identity does not exist.
    Unknown,
    /// The identity is not given to whoever asks, in words.
    NotTheirs(String),
    /// Nothing answers.
    Unreachable,
    /// What answers does not speak Cognito's wire.
    Stranger,
    /// Anything else, in words.
    Other(String),
}

fn refusal<E>(error: &SdkError<E>) -> Refusal
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::ServiceError(_) if error.code() == Some("ResourceNotFoundException") => Refusal::Unknown,
        SdkError::ServiceError(_) if error.code() == Some("NotAuthorizedException") => {
            Refusal::NotTheirs(error.message().unwrap_or("it is somebody else's").to_owned())
        }
        // A refusal of Cognito's has a code; the error page of another program has none.
        SdkError::ServiceError(answer) if error.code().is_none() && answer.raw().status().is_server_error() => {
            Refusal::Unreachable
        }
        SdkError::ServiceError(_) if error.code().is_none() => Refusal::Stranger,
        SdkError::ResponseError(_) => Refusal::Stranger,
        SdkError::ServiceError(_) => Refusal::Other(error.message().or(error.code()).unwrap_or("it gave no reason").to_owned()),
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => Refusal::Unreachable,
        other => Refusal::Other(DisplayErrorContext(other).to_string()),
    }
}

impl ProvideCredentials for Guest {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async { self.credentials().await.map_err(CredentialsError::provider_error) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_renewed_ahead_of_time_and_never_printed() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(10_000);
        let keys = |expires| Keys { access: "a".into(), secret: "very secret".into(), token: "t".into(), expires };
        assert!(keys(10_000 + 301).lasts(now));
        assert!(!keys(10_000 + 299).lasts(now));
        assert!(!format!("{:?}", keys(1)).contains("very secret"));
    }
}
