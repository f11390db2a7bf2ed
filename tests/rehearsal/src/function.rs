//! A Lambda process and the Runtime API that it polls, by its published protocol.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::StreamExt;
use serde_json::{Value, json};
use synapscribe_aws::rehearsal::Fault;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};

/// An event is handled for so long at most, as its function's settings say.
const TIMEOUT: Duration = Duration::from_secs(60);

/// No answer is larger in any story.
const MOST: usize = 16 * 1024 * 1024;

/// What X-Ray follows each event by.
const XRAY: &str = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1;Lineage=1:8fc0a27b:0";
/// The same as others write it: its trace, and what an event follows on there.
pub const XRAY_TRACE: [&str; 2] = ["5bef4de7ad49b0e87f6ef6c87fc2e700", "9a9197af755a6419"];

/// What stands between the head of an answer that streams and its body.
const DELIMITER: [u8; 8] = [0; 8];
/// Parts of a body that lie unread; a story that leaves more has lost its way.
const PARTS: usize = 256;

/// What a function said of an event: a response, or an error.
pub type Answer = Result<Value, Value>;

/// An answer that comes while the function still writes it.
pub struct Streamed {
    /// Its status and headers.
    pub head: Value,
    /// What comes of its body.
    pub body: mpsc::Receiver<Bytes>,
}

struct Runtime {
    waiting: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    open: Mutex<HashMap<String, Invocation>>,
    count: AtomicU64,
    polled: watch::Sender<Option<Instant>>,
}

struct Invocation {
    event: Value,
    handed: Instant,
    reply: oneshot::Sender<(Answer, Duration)>,
    /// Where the body of an answer that streams goes; without one it is waited for, as any other.
    parts: Option<mpsc::Sender<Bytes>>,
}

/// A running function.
pub struct Function {
    child: Mutex<Child>,
    log: Mutex<Option<JoinHandle<Vec<String>>>>,
    started: Instant,
    events: mpsc::Sender<Invocation>,
    polled: watch::Receiver<Option<Instant>>,
}

impl Function {
    /// Starts one of the built programs with nothing in its environment but what AWS sets and `variables`.
    pub async fn start(program: &'static str, variables: &[(&str, String)]) -> Result<Self, Fault> {
        Self::run(Command::new(synapscribe_stories::program(program)?), variables).await
    }

    /// The same with any command that polls the Runtime API.
    pub async fn run(mut command: Command, variables: &[(&str, String)]) -> Result<Self, Fault> {
        let (events, waiting) = mpsc::channel(8);
        let (polls, polled) = watch::channel(None);
        let runtime = Arc::new(Runtime {
            waiting: tokio::sync::Mutex::new(waiting),
            open: Mutex::default(),
            count: AtomicU64::new(1),
            polled: polls,
        });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(responded))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
            .with_state(runtime);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let api = listener.local_addr()?.to_string();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        command.env_clear().stdin(Stdio::null()).stderr(Stdio::piped());
        command.env("AWS_LAMBDA_RUNTIME_API", api).env("AWS_LAMBDA_FUNCTION_NAME", "function");
        command.env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512").env("AWS_LAMBDA_FUNCTION_VERSION", "1");
        command.envs(variables.iter().map(|(name, value)| (*name, value)));
        let started = Instant::now();
        let mut child = command.spawn()?;
        let log = child.stderr.take().map(|stderr| std::thread::spawn(move || lines_of(stderr)));
        Ok(Self { child: Mutex::new(child), log: Mutex::new(log), started, events, polled })
    }

    /// From the start of the process to its first poll, with every client built and warm.
    pub async fn init(&self) -> Result<Duration, Fault> {
        let mut polled = self.polled.clone();
        let first = *tokio::time::timeout(TIMEOUT, polled.wait_for(Option::is_some)).await.map_err(|_| "it never polls")??;
        Ok(first.ok_or("it never polls")? - self.started)
    }

    /// Hands over an event and waits for what the function says.
    pub async fn invoke(&self, event: Value) -> Result<Answer, Fault> {
        Ok(self.timed(event).await?.0)
    }

    /// The same, and how long the function had the event in its hands.
    pub async fn timed(&self, event: Value) -> Result<(Answer, Duration), Fault> {
        self.hand(event, None).await
    }

    /// The same for an answer that streams: gives its head as soon as it is there, and what comes after it as it comes.
    pub async fn stream(&self, event: Value) -> Result<Streamed, Fault> {
        let (parts, body) = mpsc::channel(PARTS);
        let (answer, _) = self.hand(event, Some(parts)).await?;
        Ok(Streamed { head: answer.map_err(|error| error.to_string())?, body })
    }

    async fn hand(&self, event: Value, parts: Option<mpsc::Sender<Bytes>>) -> Result<(Answer, Duration), Fault> {
        let (reply, answer) = oneshot::channel();
        let invocation = Invocation { event, handed: Instant::now(), reply, parts };
        self.events.send(invocation).await.map_err(|_| "the function's runtime has ended")?;
        Ok(tokio::time::timeout(TIMEOUT, answer).await.map_err(|_| "the event timed out")??)
    }

    /// Ends the process and gives the lines of its log, whole, to whoever asks first.
    pub fn log(&self) -> Vec<String> {
        self.kill();
        lock(&self.log).take().and_then(|log| log.join().ok()).unwrap_or_default()
    }

    /// Ends the process in the middle of whatever it does.
    pub fn kill(&self) {
        let mut child = lock(&self.child);
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What a process writes into its log until it ends, said here as well.
fn lines_of(stderr: ChildStderr) -> Vec<String> {
    let lines = BufReader::new(stderr).lines().map_while(Result::ok);
    lines.inspect(|line| eprintln!("{line}")).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn next(State(runtime): State<Arc<Runtime>>) -> Response {
    runtime.polled.send_if_modified(|polled| polled.is_none().then(|| *polled = Some(Instant::now())).is_some());
    let Some(mut invocation) = runtime.waiting.lock().await.recv().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let id = runtime.count.fetch_add(1, Ordering::Relaxed).to_string();
    let deadline = (SystemTime::now() + TIMEOUT).duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string();
    let headers = [
        ("lambda-runtime-aws-request-id", id.clone()),
        ("lambda-runtime-deadline-ms", deadline),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:f".to_owned()),
        ("lambda-runtime-trace-id", XRAY.to_owned()),
    ];
    let event = Json(invocation.event.take());
    invocation.handed = Instant::now();
    lock(&runtime.open).insert(id, invocation);
    (headers, event).into_response()
}

async fn responded(State(runtime): State<Arc<Runtime>>, Path(id): Path<String>, headers: HeaderMap, said: Body) -> StatusCode {
    if headers.get("lambda-runtime-function-response-mode").is_some_and(|mode| mode == "streaming") {
        return streamed(&runtime, &id, said).await;
    }
    match axum::body::to_bytes(said, MOST).await {
        Ok(said) => settle(&runtime, &id, Ok(read(&said))),
        Err(_) => StatusCode::PAYLOAD_TOO_LARGE,
    }
}

/// Takes an answer as it comes: its head as JSON, eight zeroes, its body.
async fn streamed(runtime: &Runtime, id: &str, said: Body) -> StatusCode {
    let Some(mut invocation) = lock(&runtime.open).remove(id) else { return StatusCode::BAD_REQUEST };
    let mut parts = invocation.parts.take();
    let mut reply = Some(invocation.reply);
    let mut told = |head: Value| {
        if let Some(reply) = reply.take() {
            // Whoever asked may have stopped waiting.
            drop(reply.send((Ok(head), invocation.handed.elapsed())));
        }
    };
    let (mut said, mut whole, mut body_from) = (said.into_data_stream(), Vec::<u8>::new(), None);
    while let Some(part) = said.next().await {
        let Ok(part) = part else { break };
        whole.extend_from_slice(&part);
        let passed = body_from;
        if body_from.is_none() {
            body_from = whole.windows(DELIMITER.len()).position(|bytes| bytes == DELIMITER).map(|at| at + DELIMITER.len());
        }
        let (Some(from), Some(onward)) = (body_from, &parts) else { continue };
        let fresh = match passed {
            Some(_) => part,
            None => {
                told(read(&whole[..from - DELIMITER.len()]));
                Bytes::copy_from_slice(&whole[from..])
            }
        };
        if !fresh.is_empty() && onward.send(fresh).await.is_err() {
            // Nobody reads on; AWS does not tell the function of it.
            parts = None;
        }
    }
    let Some(from) = body_from else { return StatusCode::BAD_REQUEST };
    let mut head = read(&whole[..from - DELIMITER.len()]);
    head["body"] = json!(String::from_utf8_lossy(&whole[from..]));
    // Whoever waits for a whole answer gets it as one that was never in parts.
    told(head);
    StatusCode::ACCEPTED
}

async fn failed(State(runtime): State<Arc<Runtime>>, Path(id): Path<String>, said: Bytes) -> StatusCode {
    settle(&runtime, &id, Err(read(&said)))
}

/// What a function sends is JSON, whatever its headers say.
fn read(said: &[u8]) -> Value {
    serde_json::from_slice(said).unwrap_or_default()
}

fn settle(runtime: &Runtime, id: &str, answer: Answer) -> StatusCode {
    match lock(&runtime.open).remove(id) {
        // Whoever asked may have stopped waiting.
        Some(invocation) => drop(invocation.reply.send((answer, invocation.handed.elapsed()))),
        None => return StatusCode::BAD_REQUEST,
    }
    StatusCode::ACCEPTED
}
