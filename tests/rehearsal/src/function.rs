//! A Lambda process and the Runtime API that it polls, by its published protocol.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;
use synapscribe_aws::rehearsal::Fault;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};

/// An event is handled for so long at most, as its function's settings say.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What X-Ray follows each event by.
const XRAY: &str = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1;Lineage=1:8fc0a27b:0";
/// The same as others write it: its trace, and what an event follows on there.
pub const XRAY_TRACE: [&str; 2] = ["5bef4de7ad49b0e87f6ef6c87fc2e700", "9a9197af755a6419"];

/// What a function said of an event: a response, or an error.
pub type Answer = Result<Value, Value>;

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
        let (reply, answer) = oneshot::channel();
        let invocation = Invocation { event, handed: Instant::now(), reply };
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

async fn responded(State(runtime): State<Arc<Runtime>>, Path(id): Path<String>, said: Bytes) -> StatusCode {
    settle(&runtime, &id, Ok(read(&said)))
}

async fn failed(State(runtime): State<Arc<Runtime>>, Path(id): Path<String>, said: Bytes) -> StatusCode {
    settle(&runtime, &id, Err(read(&said)))
}

/// What a function sends is JSON, whatever its headers say.
fn read(said: &Bytes) -> Value {
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
