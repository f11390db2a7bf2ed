//! Traces to a collector, by OTLP over HTTP, as the variables of OpenTelemetry say.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use thiserror::Error;
use tokio::runtime::Runtime;

/// Any of these names the collector.
const COLLECTOR: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
/// A collector that takes longer is away; what it was to get is lost.
const PATIENCE: Duration = Duration::from_secs(5);

static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

/// The collector that was named cannot be used.
#[derive(Debug, Error)]
#[error("traces cannot be sent where OTEL_EXPORTER_OTLP_ENDPOINT says: {0}")]
pub struct BadExporter(String);

/// What makes spans, where a collector is named.
pub(crate) fn tracer(program: &'static str) -> Result<Option<SdkTracer>, BadExporter> {
    let set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !COLLECTOR.iter().any(set) {
        return Ok(None);
    }
    let courier = Courier::new().map_err(BadExporter)?;
    let exporter = SpanExporter::builder().with_http().with_http_client(courier).build();
    let exporter = exporter.map_err(|error| BadExporter(error.to_string()))?;
    let resource = Resource::builder();
    let resource = if set(&"OTEL_SERVICE_NAME") { resource } else { resource.with_service_name(program) };
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build();
    Ok(Some(PROVIDER.get_or_init(|| provider).tracer("synapscribe")))
}

/// Sends what was recorded, for a process that may be frozen at any moment.
pub async fn flush() {
    if PROVIDER.get().is_some() {
        let _ = tokio::task::spawn_blocking(|| PROVIDER.get().map(SdkTracerProvider::force_flush)).await;
    }
}

/// Sends what was recorded before the process ends.
pub fn end() {
    if let Some(provider) = PROVIDER.get() {
        let _ = provider.shutdown_with_timeout(PATIENCE);
    }
}

/// Carries what is exported. The exporter works on a thread of its own and waits there, so it has a runtime of its own too: a function
/// that waits for its traces must not be what they wait for.
#[derive(Debug)]
struct Courier {
    http: reqwest::Client,
    runtime: Runtime,
}

impl Courier {
    fn new() -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let tls = tls.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth();
        let http = reqwest::Client::builder().tls_backend_preconfigured(tls).timeout(PATIENCE).build();
        Ok(Self { http: http.map_err(|error| error.to_string())?, runtime })
    }
}

#[async_trait]
impl HttpClient for Courier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let request = self.http.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
        self.runtime.block_on(async {
            let answer = request.send().await?;
            let status = answer.status();
            let mut response = Response::new(answer.bytes().await?);
            *response.status_mut() = status;
            Ok(response)
        })
    }
}
