//! Lambda's own address, where workflows call functions: each event goes to the real process. It counts how many are under way,
//! and may be told to fail events or to hold them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::Fault;
use crate::function::Function;
use crate::models::listen;

/// Which events are meant.
type Meant = Box<dyn Fn(&Value) -> bool + Send>;

/// An event that was handed over.
#[derive(Debug, Clone)]
pub struct Called {
    /// When.
    pub at: Instant,
    /// What a function was told.
    pub event: Value,
    /// Whether its answer was an error.
    pub failed: bool,
}

#[derive(Default)]
struct Inner {
    functions: HashMap<String, Vec<Arc<Function>>>,
    next: usize,
    killed: Vec<(usize, Meant)>,
    held: Option<(usize, Meant)>,
    called: Vec<Called>,
}

/// The functions of a deployment by their names.
#[derive(Clone)]
pub struct Invocations {
    address: String,
    inner: Arc<Mutex<Inner>>,
    /// Events under way now, and at most.
    under_way: watch::Sender<(usize, usize)>,
}

impl Invocations {
    /// An address without functions.
    pub async fn start() -> Result<Self, Fault> {
        let inner = Arc::default();
        let (under_way, _) = watch::channel((0, 0));
        let mut this = Self { address: String::new(), inner, under_way };
        let routes = Router::new().route("/2015-03-31/functions/{name}/invocations", post(invoke)).with_state(this.clone());
        this.address = listen(routes).await?;
        Ok(this)
    }

    /// Where functions are called.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Puts the processes of a function behind its name; Lambda starts as many as it has events at once.
    pub fn serve(&self, name: &str, processes: Vec<Arc<Function>>) {
        self.inner().functions.insert(name.to_owned(), processes);
    }

    /// The next events of this kind, so many, end as if their process had been killed.
    pub fn kill(&self, times: usize, meant: impl Fn(&Value) -> bool + Send + 'static) {
        self.inner().killed.push((times, Box::new(meant)));
    }

    /// Events of this kind wait until so many are under way at once.
    pub fn hold(&self, until: usize, meant: impl Fn(&Value) -> bool + Send + 'static) {
        self.inner().held = Some((until, Box::new(meant)));
    }

    /// The most events that were under way at once.
    pub fn most_at_once(&self) -> usize {
        self.under_way.borrow().1
    }

    /// Every event in its order.
    pub fn called(&self) -> Vec<Called> {
        self.inner().called.clone()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this event is to be killed, and how many have to be under way before it goes on.
    fn fate(&self, event: &Value) -> (bool, usize) {
        let mut inner = self.inner();
        let killed = inner.killed.iter_mut().find(|(left, meant)| *left > 0 && meant(event));
        let killed = killed.map(|(left, _)| *left -= 1).is_some();
        let held = inner.held.as_ref().filter(|(_, meant)| meant(event)).map_or(0, |(until, _)| *until);
        inner.called.push(Called { at: Instant::now(), event: event.clone(), failed: killed });
        (killed, held)
    }

    fn process(&self, name: &str) -> Option<Arc<Function>> {
        let mut inner = self.inner();
        inner.next += 1;
        let next = inner.next;
        let processes = inner.functions.get(name)?;
        processes.get(next % processes.len().max(1)).cloned()
    }

    async fn answer(&self, name: &str, event: Value) -> Result<Value, Value> {
        let (killed, until) = self.fate(&event);
        let mut under_way = self.under_way.subscribe();
        // What was held goes on together, and is not held again.
        if under_way.wait_for(|(_, most)| *most >= until).await.is_err() || killed {
            return Err(json!({ "errorType": "Runtime.ExitError", "errorMessage": "RequestId: 1 Error: Runtime exited" }));
        }
        let Some(process) = self.process(name) else {
            return Err(json!({ "errorType": "ResourceNotFoundException", "errorMessage": format!("there is no {name}") }));
        };
        match process.invoke(event).await {
            Ok(answer) => answer,
            Err(fault) => Err(json!({ "errorType": "Sandbox.Timedout", "errorMessage": fault.to_string() })),
        }
    }
}

async fn invoke(State(lambda): State<Invocations>, Path(name): Path<String>, body: Bytes) -> Response {
    let name = percent_decode_str(&name).decode_utf8_lossy().into_owned();
    let Ok(event) = serde_json::from_slice::<Value>(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    lambda.under_way.send_modify(|(now, most)| {
        *now += 1;
        *most = (*most).max(*now);
    });
    // Workflows name functions by their ARN.
    let answer = lambda.answer(name.rsplit(':').next().unwrap_or_default(), event).await;
    lambda.under_way.send_modify(|(now, _)| *now -= 1);
    match answer {
        Ok(said) => said.to_string().into_response(),
        Err(error) => ([("x-amz-function-error", "Unhandled")], error.to_string()).into_response(),
    }
}
