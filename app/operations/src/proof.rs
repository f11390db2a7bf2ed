//! Proves a deployment from end to end, as a student would use it: credentials, an upload, the event it raises, the work on it, an
//! answer. Each step tells how long it took, and where one fails, what is likely to be the cause.

use std::time::{Duration, Instant};

use serde::Serialize;
use synapscribe_client::protocol::client::SpeechWish;
use synapscribe_client::protocol::rest::LectureDto;
use synapscribe_client::protocol::{ServerMessage, discovery::Discovery};
use synapscribe_client::{Ask, Client, ClientError, Connection, Home, Question, UploadOptions};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::stack::Stack;

/// Eleven seconds of speech about photosynthesis.
const CLIP: &[u8] = include_bytes!("../data/probe.ogg");
/// Any recording answers this, however well it was heard: a deployment is proven, not its recogniser.
const QUESTION: &str = "What is this lecture about?";
/// How often the state of the lecture is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// The likely cause where what was asked for has nothing to do with it.
const GATEWAY: &str = "the gateway's stage or its IAM authorisation, or what the guest role may invoke";

/// How long each step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Anything that is answered at once.
    pub call: Duration,
    /// From the stored recording to the first sign of work on it.
    pub event: Duration,
    /// From there until the lecture can be asked; a GPU host that sleeps has to wake first.
    pub ready: Duration,
    /// From the question to the end of its answer.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { call: seconds(30), event: seconds(60), ready: seconds(600), answer: seconds(120) }
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It works.
    Ok,
    /// It does not.
    Failed,
    /// It was not tried, because of what failed before.
    Skipped,
}

/// One step of the proof.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// What was tried.
    pub check: &'static str,
    /// How it ended.
    pub result: Outcome,
    /// How long it took.
    pub ms: u64,
    /// What was found, or what went wrong.
    pub message: String,
    /// What is likely to be the cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The name of it in the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
}

/// What is tried, in this order.
const CHECKS: [&str; 9] = ["discovery", "credentials", "rest", "websocket", "page", "upload", "event", "ready", "answer"];

/// Something that failed, and why.
struct Fault {
    error: ClientError,
    cause: String,
}

/// A proof under way.
struct Proof<F> {
    patience: Patience,
    tell: F,
    told: usize,
}

/// The cause of a failure that the stack itself knows: a recording waits for ever where no machine is asked for.
pub fn known_cause(stack: &Stack, step: &Step) -> Option<&'static str> {
    let without_machine = stack.output("HostInstanceId").is_ok_and(|name| name == "none");
    (step.result == Outcome::Failed && step.check == "ready" && without_machine)
        .then_some("there is no GPU host: set HostCount=1 for this stage in samconfig.toml, and deploy")
}

/// Proves the deployment at an address and tells each step as it ends; what was uploaded is removed again. `true` when all is well.
pub async fn prove(server: &str, home: Home, patience: Patience, tell: impl FnMut(Step)) -> bool {
    let mut proof = Proof { patience, tell, told: 0 };
    let proven = proof.run(server, home).await.is_some();
    for check in &CHECKS[proof.told..] {
        let message = "not tried, because of what failed before".to_owned();
        (proof.tell)(Step { check, result: Outcome::Skipped, ms: 0, message, cause: None, correlation: None });
    }
    proven
}

impl<F: FnMut(Step)> Proof<F> {
    async fn run(&mut self, server: &str, home: Home) -> Option<()> {
        let client = self.step(discover(server, home)).await?;
        self.step(credentials(&client)).await?;
        self.step(rest(&client)).await?;
        let patience = self.patience;
        self.step(websocket(&client, patience.call)).await?;
        // Only the web page needs it, so everything else is tried all the same.
        let page = self.step(page(&client)).await;
        let lecture = self.step(upload(&client, patience.call)).await?;
        let used = self.use_it(&client, &lecture, patience).await;
        if let Err(error) = client.delete_lecture(&lecture).await {
            let message = format!("the lecture {lecture} was not removed: {}", error.message);
            (self.tell)(Step {
                check: "tidying",
                result: Outcome::Failed,
                ms: 0,
                message,
                cause: None,
                correlation: Some(lecture),
            });
            return None;
        }
        page.and(used)
    }

    async fn use_it(&mut self, client: &Client, lecture: &str, patience: Patience) -> Option<()> {
        self.step(event(client, lecture, patience.event)).await?;
        self.step(ready(client, lecture, patience.ready)).await?;
        self.step(answer(client, lecture, patience.answer)).await
    }

    /// Takes the next step, tells how it ended, and gives what it found.
    async fn step<T>(&mut self, work: impl Future<Output = Result<(T, String), Fault>>) -> Option<T> {
        let check = CHECKS[self.told];
        let begun = Instant::now();
        let done = work.await;
        let ms = begun.elapsed().as_millis() as u64;
        self.told += 1;
        match done {
            Ok((found, message)) => {
                (self.tell)(Step { check, result: Outcome::Ok, ms, message, cause: None, correlation: None });
                Some(found)
            }
            Err(Fault { error, cause }) => {
                let (message, correlation) = (error.message, error.correlation);
                (self.tell)(Step { check, result: Outcome::Failed, ms, message, cause: Some(cause), correlation });
                None
            }
        }
    }
}

fn because(cause: &str) -> impl FnOnce(ClientError) -> Fault {
    move |error| Fault { error, cause: cause.to_owned() }
}

async fn discover(server: &str, home: Home) -> Result<(Client, String), Fault> {
    let cause = "the address, the name in DNS, the certificate, or the distribution and lambda-library, which serve the discovery document";
    let client = Client::connect(server, home).await.map_err(because(cause))?;
    let Discovery { version, deployment, region, .. } = client.discovery();
    let message = format!("{} runs version {version} ({deployment}, {region})", client.server());
    Ok((client, message))
}

async fn credentials(client: &Client) -> Result<((), String), Fault> {
    let cause = "the identity pool does not let guests in, or its guest role does not trust the pool";
    client.identity().await.map_err(because(cause))?;
    Ok(((), "a guest was let in".into()))
}

async fn rest(client: &Client) -> Result<((), String), Fault> {
    let lectures = client.lectures().await.map_err(|error| {
        let cause = match error.code.as_str() {
            synapscribe_client::code::CREDENTIALS => GATEWAY,
            _ => "lambda-library or its database: read its log",
        };
        because(cause)(error)
    })?;
    Ok(((), format!("{} lectures are listed", lectures.len())))
}

async fn websocket(client: &Client, patience: Duration) -> Result<((), String), Fault> {
    let mut connection = client.connection();
    match timeout(patience, connection.wait_for(|state| *state == Connection::Open)).await {
        Ok(Ok(_)) => Ok(((), "the connection stands".into())),
        _ => {
            let error = ClientError::passing(synapscribe_client::code::UNREACHABLE, "the WebSocket does not open");
            Err(because("the gateway's stage or its IAM authorisation, or a proxy in between; lambda-websocket's log says more")(
                error,
            ))
        }
    }
}

async fn page(client: &Client) -> Result<((), String), Fault> {
    let cause = "the bucket's CORS rules do not name the address of the page: the parameter PageOrigins";
    match client.page_may_upload().await.map_err(because(cause))? {
        true => Ok(((), "the web page may put recordings into storage".into())),
        false => {
            let said = "storage does not let the web page put recordings into it; the app and the terminal may";
            Err(because(cause)(ClientError::new("cors", said)))
        }
    }
}

async fn upload(client: &Client, patience: Duration) -> Result<(String, String), Fault> {
    let cause = "lambda-websocket, which grants uploads, or what the grant may do: the bucket's policy, its key, or a clock that is wrong";
    let here = |error: std::io::Error| {
        because("this machine's own disk")(ClientError::new(synapscribe_client::code::DISK, error.to_string()))
    };
    let folder = tempfile::tempdir().map_err(here)?;
    let clip = folder.path().join("proof of a deployment.ogg");
    tokio::fs::write(&clip, CLIP).await.map_err(here)?;
    let (events, mut heard) = mpsc::channel(64);
    let options = UploadOptions { wait: false, ..UploadOptions::default() };
    let work = async {
        let done = client.upload(&clip, &options, &events).await;
        drop(events);
        done
    };
    let listening = async { while heard.recv().await.is_some() {} };
    let sent = timeout(patience, async { tokio::join!(work, listening).0 }).await;
    let late = || ClientError::passing(synapscribe_client::code::UPLOAD, "the recording could not be sent in time");
    let lecture = sent.unwrap_or_else(|_| Err(late())).map_err(because(cause))?;
    let message = format!("{} bytes are stored as {lecture}", CLIP.len());
    Ok((lecture, message))
}

async fn event(client: &Client, lecture: &str, patience: Duration) -> Result<((), String), Fault> {
    let cause = "the bucket tells nobody of new objects, or nobody takes what its queue delivers: the notification, the uploads queue, the log of lambda-validate-lecture, and `synapscribe ops replay --dry-run`";
    let seen = |lecture: &LectureDto| lecture.state != "uploading";
    let lecture = until(client, lecture, patience, seen).await.map_err(because(cause))?;
    if lecture.state == "failed" {
        return Err(because("what reads recordings: the log of lambda-validate-lecture")(refusal(&lecture)));
    }
    Ok(((), "the event of the upload arrived".into()))
}

async fn ready(client: &Client, lecture: &str, patience: Duration) -> Result<((), String), Fault> {
    let cause = "nothing takes recordings from their queue: is there a GPU host (HostCount=1), does it run (output HostInstanceId), and does its log say why it does not work?";
    let seen = |lecture: &LectureDto| matches!(lecture.state.as_str(), "ready" | "failed");
    let lecture = until(client, lecture, patience, seen).await.map_err(because(cause))?;
    if lecture.state == "failed" {
        return Err(because("the engines of the GPU host: its log")(refusal(&lecture)));
    }
    Ok(((), "the recording was listened to and can be asked".into()))
}

async fn answer(client: &Client, lecture: &str, patience: Duration) -> Result<((), String), Fault> {
    let ask = Ask { speech: Some(SpeechWish::default()), ..Ask::lecture(lecture, Question::Text(QUESTION.into())) };
    let begun = Instant::now();
    let untaken = "lambda-websocket, which takes questions: its log";
    let mut answer = client.ask(ask).await.map_err(because(untaken))?;
    let name = answer.query_id.clone();
    let mut first = None;
    let mut failure = None;
    let hearing = async {
        while let Some(message) = answer.next().await {
            match message {
                Ok(ServerMessage::AudioChunk { .. }) => first = first.or(Some(begun.elapsed())),
                Ok(ServerMessage::Error { error, .. }) => failure = Some(ClientError::from(error)),
                Ok(_) => {}
                Err(error) => failure = Some(error),
            }
        }
    };
    if timeout(patience, hearing).await.is_err() {
        failure = Some(ClientError::passing("no_answer", "the question was taken and not answered in time"));
    }
    if let Some(mut error) = failure {
        error.correlation.get_or_insert(name);
        let cause = match error.code.as_str() {
            "no_answer" => {
                "nobody takes questions from their queue: the log of lambda-answer, and `synapscribe ops replay --dry-run`"
            }
            "engine_failed" | "engine_timeout" => {
                "AgentCore or an engine behind it does not answer: the GPU host's log, and whether lambda-answer reaches its port"
            }
            "engine_missing" => "AgentCore does not know this deployment's secret, or an engine is not there: the GPU host's log",
            _ => "lambda-answer: its log",
        };
        return Err(because(cause)(error));
    }
    let heard = answer.into_assembled();
    let nothing = |what: &str| {
        because("the tutor or the index: ask the lecture by hand and read its report")(ClientError::new("no_answer", what))
    };
    let Some(done) = heard.done else { return Err(nothing("the answer has no end")) };
    if !done.found || heard.citations.is_empty() {
        return Err(nothing("the answer does not cite what was said"));
    }
    let Some(first) = first else {
        return Err(because("the voice of the GPU host: its log")(ClientError::new(
            synapscribe_client::code::NOT_SPOKEN,
            "the answer was written and not spoken",
        )));
    };
    Ok(((), format!("answered with a citation; first sound after {} ms", first.as_millis())))
}

/// The lecture, once it is as wanted.
async fn until(
    client: &Client,
    lecture: &str,
    patience: Duration,
    seen: impl Fn(&LectureDto) -> bool,
) -> Result<LectureDto, ClientError> {
    let begun = Instant::now();
    loop {
        let now = client.lecture(lecture).await?;
        if seen(&now) {
            return Ok(now);
        }
        if begun.elapsed() > patience {
            let said = format!("the recording is stored, and after {} s it is still {}", patience.as_secs(), now.state);
            return Err(ClientError { correlation: Some(lecture.to_owned()), ..ClientError::passing("no_progress", said) });
        }
        sleep(LOOK).await;
    }
}

fn refusal(lecture: &LectureDto) -> ClientError {
    let unknown = || ClientError::new("lecture_failed", "the lecture cannot be used, and no reason was given");
    lecture.error.clone().map_or_else(unknown, ClientError::from)
}
