//! A host of two endpoints on a free port, and the stock clients that speak to it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use aws_sdk_cognitoidentity::config::retry::RetryConfig;
use aws_sdk_cognitoidentity::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use synapscribe_domain::Timestamp;
use synapscribe_local::{Folder, FolderObjects, GuestRate, IdentityEndpoint, Keyring, Limits, REGION, S3Endpoint};
use synapscribe_ports::{Clock, ObjectCreated, StoreError, SystemClock};
use tokio::task::JoinHandle;

pub struct Host {
    pub base: String,
    pub address: SocketAddr,
    pub keyring: Arc<Keyring>,
    pub endpoint: S3Endpoint,
    pub objects: FolderObjects,
    pub pool: String,
    pub events: Arc<Mutex<Vec<ObjectCreated>>>,
    pub listener_fails: Arc<AtomicBool>,
    pub clock: Arc<ShiftedClock>,
    root: PathBuf,
    server: JoinHandle<()>,
    _keep: Option<tempfile::TempDir>,
}

/// The real clock, moved by hand.
#[derive(Default)]
pub struct ShiftedClock(AtomicI64);

impl ShiftedClock {
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.0.load(Ordering::SeqCst))
    }
}

impl Host {
    pub async fn start() -> Self {
        Self::with(Limits::default()).await
    }

    pub async fn with(limits: Limits) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut host = Self::over(data.path().to_owned(), limits).await;
        host._keep = Some(data);
        host
    }

    pub async fn over(root: PathBuf, limits: Limits) -> Self {
        // The workspace builds the HTTP client without a default cryptography; a second test finds the first one's.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let keyring = Arc::new(Keyring::open(&root.join("host.key")).unwrap());
        let folder = Folder::open(&root.join("store"), limits).unwrap();
        let clock = Arc::new(ShiftedClock::default());
        let events: Arc<Mutex<Vec<ObjectCreated>>> = Arc::default();
        let listener_fails = Arc::new(AtomicBool::new(false));
        let listener = {
            let (events, fails) = (Arc::clone(&events), Arc::clone(&listener_fails));
            Arc::new(move |event: ObjectCreated| {
                let failing = fails.load(Ordering::SeqCst);
                if !failing {
                    events.lock().unwrap().push(event);
                }
                let result = if failing { Err(StoreError::Unavailable("told to fail".into())) } else { Ok(()) };
                Box::pin(async move { result }) as futures::future::BoxFuture<'static, _>
            })
        };
        let endpoint = S3Endpoint::new(Arc::clone(&folder), Arc::clone(&keyring), Arc::clone(&clock) as Arc<dyn Clock>, listener);
        let identities = IdentityEndpoint::new(Arc::clone(&keyring), Arc::clone(&clock) as Arc<dyn Clock>, GuestRate::default());
        let pool = identities.pool().to_owned();
        let origins = ["http://app.example".parse().unwrap()];
        let elsewhere: axum::Router = axum::Router::new().layer(axum::middleware::from_fn(synapscribe_local::s3::another_bucket));
        let app = endpoint.router(&origins).merge(identities.router()).fallback_service(elsewhere);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
        });
        let base = format!("http://{address}");
        let objects = FolderObjects::new(folder, Arc::clone(&keyring));
        objects.serve_at(&base);
        Self { base, address, keyring, endpoint, objects, pool, events, listener_fails, clock, root, server, _keep: None }
    }

    /// Stops and starts again over the same data, on another port.
    pub async fn restart(mut self) -> Self {
        self.server.abort();
        let mut next = Self::over(self.root.clone(), Limits::default()).await;
        next._keep = self._keep.take();
        next
    }

    pub fn cognito(&self) -> aws_sdk_cognitoidentity::Client {
        let config = aws_sdk_cognitoidentity::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(REGION))
            .endpoint_url(&self.base)
            .http_client(http_client())
            .retry_config(RetryConfig::disabled())
            .build();
        aws_sdk_cognitoidentity::Client::from_conf(config)
    }

    pub fn s3(&self, credentials: Credentials) -> aws_sdk_s3::Client {
        s3_at(&self.base, credentials)
    }

    /// A new guest with an S3 client, by the calls that a real app makes.
    pub async fn guest(&self) -> Guest {
        let cognito = self.cognito();
        let id = cognito.get_id().identity_pool_id(&self.pool).send().await.unwrap().identity_id.unwrap();
        let credentials = self.credentials(&id).await;
        Guest { s3: self.s3(credentials.clone()), id, credentials }
    }

    pub async fn credentials(&self, identity: &str) -> Credentials {
        let issued = self.cognito().get_credentials_for_identity().identity_id(identity).send().await.unwrap();
        let issued = issued.credentials.unwrap();
        Credentials::new(issued.access_key_id.unwrap(), issued.secret_key.unwrap(), issued.session_token, None, "cognito")
    }

    pub fn service(&self) -> aws_sdk_s3::Client {
        let keys = self.keyring.service();
        self.s3(Credentials::new(&keys.access_key_id, &keys.secret_key, None, None, "service"))
    }

    pub fn root(&self) -> &std::path::Path {
        &self.root
    }

    pub fn heard(&self) -> Vec<ObjectCreated> {
        self.events.lock().unwrap().clone()
    }

    /// Files that a broken upload could have left behind.
    pub fn drafts(&self) -> usize {
        std::fs::read_dir(self.root.join("store/incoming")).unwrap().count()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub struct Guest {
    pub s3: aws_sdk_s3::Client,
    pub id: String,
    pub credentials: Credentials,
}

impl Guest {
    pub fn key(&self, rest: &str) -> String {
        format!("lectures/{}/{rest}", self.id)
    }

    pub async fn put(&self, key: &str, body: &[u8]) {
        self.s3.put_object().bucket("synapscribe").key(key).body(body.to_vec().into()).send().await.unwrap();
    }

    pub async fn get(&self, key: &str) -> Option<Vec<u8>> {
        match self.s3.get_object().bucket("synapscribe").key(key).send().await {
            Ok(found) => Some(found.body.collect().await.unwrap().to_vec()),
            Err(error) if code(&error) == "NoSuchKey" => None,
            Err(error) => panic!("{error:?}"),
        }
    }
}

pub fn s3_at(base: &str, credentials: Credentials) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(REGION))
        .endpoint_url(base)
        .force_path_style(true)
        .credentials_provider(credentials)
        .http_client(http_client())
        .retry_config(RetryConfig::disabled())
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

fn http_client() -> aws_sdk_s3::config::SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_http()
}

/// The error code the server named; a HEAD has no body to name one, so there its status.
pub fn code<E: ProvideErrorMetadata>(error: &SdkError<E>) -> String {
    let status = error.raw_response().map(|response| response.status().as_u16().to_string());
    error.meta().code().map(str::to_owned).or(status).unwrap_or_else(|| "no answer".to_owned())
}

/// The sentence that came with the code.
pub fn sentence<E: ProvideErrorMetadata>(error: &SdkError<E>) -> &str {
    error.meta().message().unwrap_or_default()
}

/// Bytes that compress and compare badly, so that mixed-up parts show.
pub fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut noise = Vec::with_capacity(bytes + 8);
    while noise.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        noise.extend_from_slice(&state.to_be_bytes());
    }
    noise.truncate(bytes);
    noise
}
