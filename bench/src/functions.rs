//! The functions of a deployment on AWS as processes: how long each takes from its start to its first event beside one in Python, what
//! the WebSocket's takes for itself to grant an upload, and what the one that answers adds to each line that it relays.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::routing::post;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use synapscribe_domain::{Lecture, LectureId, LectureState, ObjectKey, PersonId, Timestamp, Visibility};
use synapscribe_ports::Library;
use synapscribe_rehearsal::{Cloud, Fault, Function, Gateway, Line, socket};
use synapscribe_sql::Store;
use synapscribe_stories::{PASSWORD, Postgres};

use crate::peer;
use crate::table::{Better, Row, Table, percentile};

/// Every function of a deployment.
const FUNCTIONS: [&str; 7] = [
    "lambda-websocket",
    "lambda-answer",
    "lambda-validate-lecture",
    "lambda-library",
    "lambda-documents",
    "lambda-accounts",
    "lambda-migrate",
];
/// The clients that most of them make.
const CLIENTS: [&str; 5] = ["dynamodb", "s3", "sqs", "secretsmanager", "apigatewaymanagementapi"];
const STARTS: usize = 11;
const UPLOADS: usize = 200;
const WARMING: usize = 20;
const LINES: usize = 400;
/// A model writes about as fast.
const BETWEEN: Duration = Duration::from_millis(10);
const PERSON: &str = "us-east-1:bench";
const CONNECTION: &str = "bench=";

pub async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let (cloud, data) = (Cloud::start().await.map_err(other)?, tempfile::tempdir()?);
    let gateway = Gateway::start(&cloud).await.map_err(other)?;
    let sent = Arc::default();
    let agent = scripted(Arc::clone(&sent)).await?;
    let mut variables = cloud.variables(data.path(), &gateway);
    variables.push(("SYNAPSCRIBE_AGENT_URL", agent));
    starting(table, &deployed(&cloud, &gateway, &variables).await?).await?;

    let websocket = Function::start(FUNCTIONS[0], &variables).await.map_err(other)?;
    let mut line = gateway.connect(CONNECTION);
    said(websocket.invoke(socket("$connect", Some(PERSON), CONNECTION, None)).await)?;
    granting(table, &websocket, &mut line).await?;
    relaying(table, &cloud, &websocket, &variables, &mut line, data.path(), &sent).await
}

/// What functions are told where they share a database and people have accounts, as in a deployment; the database is brought up to date.
async fn deployed(
    cloud: &Cloud,
    gateway: &Gateway,
    variables: &[(&'static str, String)],
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let url = tokio::task::spawn_blocking(|| Postgres::shared().database()).await??;
    let login = json!({ "username": "synapscribe", "password": PASSWORD });
    cloud.secret("synapscribe/database", &login.to_string()).await.map_err(other)?;
    cloud.secret("synapscribe/accounts", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL").await.map_err(other)?;
    let mut told = variables.to_vec();
    told.push(("SYNAPSCRIBE_DATABASE", format!("postgres://{}", url.rsplit('@').next().unwrap_or_default())));
    told.push(("SYNAPSCRIBE_DATABASE_SECRET", "synapscribe/database".into()));
    told.push(("SYNAPSCRIBE_ISSUER", gateway.address().to_owned()));
    told.push(("SYNAPSCRIBE_ACCOUNTS_SECRET", "synapscribe/accounts".into()));
    told.push(("SYNAPSCRIBE_MAIL_FROM", "lectures@example.edu".into()));
    let migrate = Function::start("lambda-migrate", &told).await.map_err(other)?;
    said(migrate.invoke(json!({})).await)?;
    Ok(told)
}

/// The clients that a function makes, by the names that Python has for them.
fn clients(function: &str) -> Vec<&'static str> {
    match function {
        "lambda-accounts" => [&CLIENTS[..], &["sesv2", "cognito-identity"]].concat(),
        "lambda-migrate" => vec!["secretsmanager"],
        _ => CLIENTS.to_vec(),
    }
}

async fn starting(table: &mut Table, variables: &[(&'static str, String)]) -> anyhow::Result<()> {
    let mut ours = vec![Vec::new(); FUNCTIONS.len()];
    let mut theirs: BTreeMap<_, _> = FUNCTIONS.iter().map(|function| (clients(function), Vec::new())).collect();
    // By turns, so that whatever else the machine does meets all of them.
    for _ in 0..STARTS {
        for (function, times) in FUNCTIONS.iter().zip(&mut ours) {
            times.push(start(Function::start(function, variables).await).await?);
        }
        for (clients, times) in &mut theirs {
            let mut command = peer::python();
            command.arg(peer::script("function.py")).args(clients);
            times.push(start(Function::run(command, variables).await).await?);
        }
    }
    let theirs: BTreeMap<_, _> = theirs.into_iter().map(|(clients, mut times)| (clients, percentile(&mut times, 0.5))).collect();
    let mut least = f64::INFINITY;
    for (function, times) in FUNCTIONS.iter().zip(&mut ours) {
        let (ms, theirs) = (percentile(times, 0.5), theirs[&clients(function)]);
        least = least.min(theirs / ms);
        let name = format!("functions: {function} from its start to its first event, p50");
        table.add(Row::new(name, ms, "ms", Better::Lower).bar(60.0).peer("Python with boto3 and the same clients", theirs));
    }
    let name = "functions: the start that is least ahead of Python's";
    table.add(Row::new(name, least, "times", Better::Higher).bar(10.0));
    Ok(())
}

/// Milliseconds from the start of a process to its first poll.
async fn start(function: Result<Function, Fault>) -> anyhow::Result<f64> {
    Ok(function.map_err(other)?.init().await.map_err(other)?.as_secs_f64() * 1000.0)
}

/// The gateway names the person, and everything that is asked of another service is done by this process.
async fn granting(table: &mut Table, websocket: &Function, line: &mut Line) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for n in 0..WARMING + UPLOADS {
        let wish = json!({ "type": "request_upload", "fileName": format!("Week {n}.mp3"), "bytes": 40_000_000 });
        let asked = websocket.timed(socket("$default", Some(PERSON), CONNECTION, Some(wish))).await.map_err(other)?;
        ensure!(asked.0.is_ok_and(|reply| reply["statusCode"] == 200), "an upload was not granted");
        line.until("upload_url").await.map_err(other)?;
        if n >= WARMING {
            times.push(asked.1.as_secs_f64() * 1000.0);
        }
    }
    let name = "functions: a warm request_upload, own time, p50";
    table.add(Row::new(name, percentile(&mut times, 0.5), "ms", Better::Lower).bar(2.0));
    Ok(())
}

/// The moments at which AgentCore's lines left it.
type Sent = Arc<Mutex<Vec<Instant>>>;

async fn relaying(
    table: &mut Table,
    cloud: &Cloud,
    websocket: &Function,
    variables: &[(&'static str, String)],
    line: &mut Line,
    data: &Path,
    sent: &Sent,
) -> anyhow::Result<()> {
    let store = Store::open(data.join("lectures.db")).await?;
    store.add_lecture(&lecture()?).await?;
    let answer = Function::start("lambda-answer", variables).await.map_err(other)?;
    let query = json!({ "type": "query", "queryId": "q", "sessionId": "s", "lectureId": "l", "text": "Why?" });
    said(websocket.invoke(socket("$default", Some(PERSON), CONNECTION, Some(query))).await)?;
    line.until("query_accepted").await.map_err(other)?;
    let ring = cloud.delivery(&cloud.queues.answers).await.map_err(other)?;
    let hearing = async {
        let mut heard = Vec::new();
        loop {
            let (at, message) = line.timed().await.map_err(other)?;
            match message["type"].as_str() {
                Some("answer_text") => heard.push(at),
                Some("answer_done") => return Ok::<_, anyhow::Error>(heard),
                Some("error") => return Err(anyhow!("the question was not answered: {message}")),
                _ => {}
            }
        }
    };
    let (answered, heard) = futures::join!(answer.invoke(ring), hearing);
    said(answered)?;
    let (heard, sent) = (heard?, sent.lock().unwrap_or_else(PoisonError::into_inner).clone());
    ensure!(heard.len() == LINES && sent.len() == LINES, "{} of {} lines were relayed", heard.len(), sent.len());
    let mut added: Vec<f64> = heard.iter().zip(&sent).map(|(heard, sent)| (*heard - *sent).as_secs_f64() * 1000.0).collect();
    let name = "functions: relaying a line of AgentCore's to a connection";
    table.add(Row::new(format!("{name}, p50"), percentile(&mut added, 0.5), "ms", Better::Lower).bar(2.0));
    table.add(Row::new(format!("{name}, p95"), percentile(&mut added, 0.95), "ms", Better::Lower));
    Ok(())
}

/// AgentCore with an answer that is written down, and a note of when each of its words left.
async fn scripted(sent: Sent) -> anyhow::Result<String> {
    let invoke = async |State(sent): State<Sent>| {
        let line = |value: Value| Ok::<_, std::io::Error>(Bytes::from(format!("{value}\n")));
        let words = stream::iter(0..LINES).then(move |n| {
            let sent = Arc::clone(&sent);
            async move {
                tokio::time::sleep(BETWEEN).await;
                sent.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
                line(json!({ "type": "answer_text", "delta": format!("word{n} ") }))
            }
        });
        let usage = json!({ "tokensIn": 1, "tokensOut": 1, "audioInMs": 0, "charactersSpoken": 0 });
        let end = [json!({ "type": "written" }), json!({ "type": "done", "generated": true, "found": true, "usage": usage })];
        let begin = stream::iter([line(json!({ "type": "retrieved" }))]);
        Body::from_stream(begin.chain(words).chain(stream::iter(end.map(line))))
    };
    let routes = Router::new().route("/invoke", post(invoke)).with_state(sent);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        use axum::serve::ListenerExt;
        axum::serve(listener.tap_io(|stream| drop(stream.set_nodelay(true))), routes).await
    });
    Ok(url)
}

fn lecture() -> anyhow::Result<Lecture> {
    let (id, owner) = (LectureId::parse("l")?, PersonId::parse(PERSON)?);
    Ok(Lecture {
        key: ObjectKey::lecture(&owner, &id, "l.mp3"),
        id,
        owner,
        visibility: Visibility::Private,
        title: "A lecture".into(),
        state: LectureState::Ready,
        media: None,
        tokens: None,
        created: Timestamp(0),
    })
}

/// What a function said, unless it failed.
fn said(answer: Result<Result<Value, Value>, Fault>) -> anyhow::Result<Value> {
    answer.map_err(other)?.map_err(|error| anyhow!("{error}")).context("a function failed")
}

fn other(fault: Fault) -> anyhow::Error {
    anyhow!(fault)
}

#[cfg(test)]
mod tests {
    use super::FUNCTIONS;

    #[test]
    fn every_function_of_the_template_is_measured() {
        let template = include_str!("../../infra/stacks/compute.yaml");
        let program = |line: &'static str| line.trim().strip_prefix("CodeUri: ../build/")?.strip_suffix(".zip");
        let mut built: Vec<&str> = template.lines().filter_map(program).collect();
        let mut measured = FUNCTIONS;
        built.sort_unstable();
        // One program may be two functions.
        built.dedup();
        measured.sort_unstable();
        assert_eq!(measured.as_slice(), built);
    }
}
