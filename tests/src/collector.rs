//! A collector of traces: takes what programs export by OTLP over HTTP and reads it by OpenTelemetry's own definition.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use prost::Message as _;

use crate::StoryError;

/// A span is waited for this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// One span as it was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Which program made it.
    pub service: String,
    /// What was done.
    pub name: String,
    /// Its trace, in hexadecimal digits.
    pub trace: String,
    /// Itself.
    pub span: String,
    /// What it followed on; empty for the first of a trace.
    pub parent: String,
    /// What it was about.
    pub correlation: String,
    /// All there is to read in it.
    pub words: String,
}

/// A running collector.
pub struct Collector {
    address: String,
    spans: Arc<Mutex<Vec<Recorded>>>,
}

impl Collector {
    /// A collector on a free port; it ends with the test's process.
    pub fn start() -> Result<Self, StoryError> {
        let failed = |source| StoryError::Process { what: "starting the collector".to_owned(), source };
        let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
        let address = format!("http://{}", listener.local_addr().map_err(failed)?);
        let spans = Arc::<Mutex<Vec<Recorded>>>::default();
        let taken = Arc::clone(&spans);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let taken = Arc::clone(&taken);
                std::thread::spawn(move || drop(serve(&stream, &taken)));
            }
        });
        Ok(Self { address, spans })
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` is set to.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Every span so far.
    pub fn spans(&self) -> Vec<Recorded> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for a span of this name and about this.
    #[track_caller]
    pub fn wait_for(&self, name: &str, correlation: &str) -> Recorded {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.spans().into_iter().find(|span| span.name == name && span.correlation == correlation);
            if let Some(span) = found {
                return span;
            }
            assert!(Instant::now() < until, "no span {name} about {correlation} came, but: {:#?}", self.spans());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Takes one export after another over a connection.
fn serve(stream: &TcpStream, taken: &Mutex<Vec<Recorded>>) -> std::io::Result<()> {
    let mut input = BufReader::new(stream);
    loop {
        let (mut length, mut traces) = (0, false);
        loop {
            let mut line = String::new();
            if input.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim_end().to_ascii_lowercase();
            traces |= line.starts_with("post /v1/traces ");
            if let Some(said) = line.strip_prefix("content-length:") {
                length = said.trim().parse().unwrap_or(0);
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        input.read_exact(&mut body)?;
        if let Some(export) = traces.then(|| ExportTraceServiceRequest::decode(body.as_slice()).ok()).flatten() {
            taken.lock().unwrap_or_else(PoisonError::into_inner).extend(recorded(export));
        }
        let mut output = stream;
        output.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n")?;
    }
}

fn recorded(export: ExportTraceServiceRequest) -> Vec<Recorded> {
    let mut found = Vec::new();
    for resource in export.resource_spans {
        let service = resource.resource.map(|about| value(&about.attributes, "service.name")).unwrap_or_default();
        for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            found.push(Recorded {
                service: service.clone(),
                words: format!("{span:?}"),
                trace: hex(&span.trace_id),
                span: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                correlation: value(&span.attributes, "correlation"),
                name: span.name,
            });
        }
    }
    found
}

fn value(attributes: &[KeyValue], key: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == key);
    match found.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        _ => String::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
