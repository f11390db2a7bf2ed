//! Deploys a stage as one operation of several steps, each of which may be done again. It knows the order and asks command lines and
//! the checkout's scripts to do the work; nothing of the templates is known here but the names of outputs and parameters.

mod checkout;
mod page;
mod schema;
mod steps;

use std::time::Instant;

use serde::Serialize;
use synapscribe_client::ClientError;

pub use checkout::{Checkout, Stage};
pub use steps::{Part, Step};

use crate::cloud::{Cloud, Site, code};
use crate::stack::Stack;
use crate::tool::Tool;
use steps::plan;

/// What the functions are built for where a stage does not say, as in the template.
const ARCHITECTURE: &str = "arm64";

/// How a deployment is wished.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Which steps.
    pub part: Part,
    /// Take the functions as they were built before.
    pub built: bool,
    /// Nobody is there to be asked before something is changed.
    pub unattended: bool,
    /// What the AWS SAM command line is told besides.
    pub sam: Vec<String>,
    /// The address of an emulator in place of every service.
    pub endpoint: Option<String>,
}

/// What is told of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Which.
    pub step: Step,
    /// Where it is.
    pub state: State,
    /// Since it began.
    pub ms: u64,
    /// What it does, or what came of it.
    pub message: String,
}

/// Where a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It begins.
    Begun,
    /// It is under way.
    Goes,
    /// It is done.
    Done,
    /// It failed.
    Failed,
}

/// A deployment that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    /// The name of its stack.
    pub stack: String,
    /// What people type.
    pub page: Option<String>,
    /// What an operator has to do yet.
    pub remarks: Vec<String>,
}

/// Brings a stage up, or up to date, and tells of every step.
pub async fn deploy(checkout: &Checkout, stage: &Stage, wish: Wish, tell: impl FnMut(Told)) -> Result<Deployed, ClientError> {
    let site = Site { region: Some(stage.region.clone()), endpoint: wish.endpoint.clone() };
    let sam = Tool::sam(checkout.infra());
    let aws = Tool::aws(checkout.root(), &stage.region, wish.endpoint.as_deref());
    // What is missing is said before anything takes its time.
    for tool in [&sam, &aws] {
        tool.present().await?;
    }
    let cloud = Cloud::connect(site).await?;
    let stack = found(&cloud, stage).await?;
    let there = stack.as_ref().is_some_and(|stack| stack.output("ReleasesBucket").is_ok());
    let steps = plan(stage, there, wish.part)?;
    let had_accounts = stack.as_ref().is_some_and(has_accounts);
    let mut work = Work { checkout, stage, wish, sam, aws, cloud, stack, had_accounts, tell };
    for step in steps {
        work.step(step).await?;
    }
    Ok(work.deployed())
}

/// Removes the stacks of a stage.
pub async fn teardown(checkout: &Checkout, stage: &Stage) -> Result<(), ClientError> {
    let sam = Tool::sam(checkout.infra());
    sam.run(&["delete", "--config-env", &stage.name, "--no-prompts"]).await
}

/// The stack of a stage, if it was deployed before and can be deployed to.
async fn found(cloud: &Cloud, stage: &Stage) -> Result<Option<Stack>, ClientError> {
    let stack = match Stack::read(cloud, &stage.stack).await {
        Err(error) if error.code == code::STACK => return Ok(None),
        other => other?,
    };
    let (name, region) = (&stage.stack, &stage.region);
    let hindrance = match stack.status.as_str() {
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "DELETE_FAILED" => Some(format!(
            "the first deployment of {name} failed and left nothing that could be changed; see why in its events, then: aws cloudformation delete-stack --region {region} --stack-name {name}; what outlives it all the same is in docs/runbook.md under Remove"
        )),
        "UPDATE_ROLLBACK_FAILED" => Some(format!(
            "{name} could not go back to what it was; see why in its events, then: aws cloudformation continue-update-rollback --region {region} --stack-name {name}"
        )),
        // What was proposed and not carried out.
        "REVIEW_IN_PROGRESS" => None,
        status if status.ends_with("_IN_PROGRESS") => {
            Some(format!("{name} is being changed by somebody ({status}); wait until that has ended, and deploy again"))
        }
        _ => None,
    };
    match hindrance {
        Some(said) => Err(ClientError::new(code::STEP, said)),
        None => Ok(Some(stack)),
    }
}

fn has_accounts(stack: &Stack) -> bool {
    stack.output("AccountsFunction").is_ok()
}

/// A deployment under way.
struct Work<'a, F> {
    checkout: &'a Checkout,
    stage: &'a Stage,
    wish: Wish,
    sam: Tool,
    aws: Tool,
    cloud: Cloud,
    stack: Option<Stack>,
    had_accounts: bool,
    tell: F,
}

impl<F: FnMut(Told)> Work<'_, F> {
    async fn step(&mut self, step: Step) -> Result<(), ClientError> {
        let begun = Instant::now();
        let what = match step {
            Step::Functions if self.wish.built => "the functions as they were built",
            Step::Functions => "building the functions; the first time takes ten minutes",
            Step::Host => "building what the machine with the GPU runs",
            Step::Stack => "the stacks and the database's schema",
            Step::Machine => "the machine with the GPU; the first time takes a quarter of an hour",
            Step::Page => "the web page",
        };
        self.say(step, State::Begun, begun, what);
        let done = match step {
            Step::Functions => self.functions().await,
            Step::Host => self.host().await,
            Step::Stack => self.stacks(step, begun).await,
            Step::Machine => self.sam(true).await.map(|()| "it fetches its programs and takes its name when it answers".into()),
            Step::Page => self.page().await,
        };
        match done {
            Ok(message) => {
                self.say(step, State::Done, begun, message);
                Ok(())
            }
            Err(error) => {
                self.say(step, State::Failed, begun, &error.message);
                let said = format!("{}: {}. What was done stays; go on with --from {step}", step, error.message);
                Err(ClientError { message: said, ..error })
            }
        }
    }

    fn say(&mut self, step: Step, state: State, begun: Instant, message: impl Into<String>) {
        let ms = begun.elapsed().as_millis() as u64;
        (self.tell)(Told { step, state, ms, message: message.into() });
    }

    async fn functions(&self) -> Result<String, ClientError> {
        let architecture = self.stage.parameter("Architecture").unwrap_or(ARCHITECTURE);
        let root = self.checkout.root();
        if !self.wish.built {
            Tool::script(root, "lambdas.sh").run(&[architecture]).await?;
        }
        Tool::script(root, "infra.sh").run(&["gather", architecture, &self.stage.region]).await?;
        Ok(format!("built for {architecture} and packed"))
    }

    async fn host(&self) -> Result<String, ClientError> {
        // AgentCore trusts the database by them.
        self.checkout.built("rds.pem")?;
        let bucket = self.output("ReleasesBucket")?;
        Tool::script(self.checkout.root(), "infra.sh").run(&["bundle"]).await?;
        for file in ["gpu-host.tar.gz", "gpu-host.tar.gz.sha256"] {
            let (from, to) = (self.checkout.built(file)?, format!("s3://{bucket}/gpu-host/{file}"));
            self.aws.run(&["s3", "cp", "--only-show-errors", &from.to_string_lossy(), &to]).await?;
        }
        Ok("the next machine that starts fetches it; one that runs takes it with: sudo synapscribe-update".into())
    }

    /// Functions refuse a database that is older than they need, and serve on with one that is newer: the schema goes first.
    async fn stacks(&mut self, step: Step, begun: Instant) -> Result<String, ClientError> {
        if let Some(function) = self.stack.as_ref().and_then(|stack| stack.output("MigrateFunction").ok()) {
            let archive = self.checkout.built("lambda-migrate.zip")?;
            let said = schema::renew(&self.aws, function, &archive).await?;
            self.say(step, State::Goes, begun, format!("the schema: {said}"));
        }
        let machine = self.stage.has_machine() && self.has_programs().await?;
        self.sam(machine).await?;
        self.stack = Some(Stack::read(&self.cloud, &self.stage.stack).await?);
        let said = schema::migrate(&self.aws, self.output("MigrateFunction")?).await?;
        let without =
            if machine || !self.stage.has_machine() { "" } else { " without the machine, whose programs are not there yet" };
        Ok(format!("they stand{without}; the schema: {said}"))
    }

    /// Whether a machine that starts now finds what it runs. One that does not would fail, and everything with it.
    async fn has_programs(&self) -> Result<bool, ClientError> {
        let Some(bucket) = self.stack.as_ref().and_then(|stack| stack.output("ReleasesBucket").ok()) else { return Ok(false) };
        let list = [
            "s3api",
            "list-objects-v2",
            "--bucket",
            bucket,
            "--prefix",
            "gpu-host/",
            "--query",
            "Contents[].Key",
            "--output",
            "text",
        ];
        Ok(self.aws.ask(&list).await?.contains("gpu-host.tar.gz"))
    }

    async fn sam(&self, machine: bool) -> Result<(), ClientError> {
        let mut arguments = vec!["deploy", "--config-env", &self.stage.name, "--no-fail-on-empty-changeset"];
        if self.wish.unattended {
            arguments.push("--no-confirm-changeset");
        }
        arguments.extend(self.wish.sam.iter().map(String::as_str));
        let held_back = self.stage.with("HostCount", "0");
        if !machine && self.stage.has_machine() {
            arguments.push("--parameter-overrides");
            arguments.extend(held_back.iter().map(String::as_str));
        }
        self.sam.run(&arguments).await
    }

    async fn page(&self) -> Result<String, ClientError> {
        let (bucket, distribution) = (self.output("PageBucket")?, self.output("PageDistributionId")?);
        let address = self.output("PageUrl")?;
        Tool::script(self.checkout.root(), "page.sh").run(&["build"]).await?;
        page::put(&self.aws, &self.checkout.root().join("ui/dist"), bucket, distribution).await?;
        Ok(format!("it is served at {address}"))
    }

    fn output(&self, key: &str) -> Result<&str, ClientError> {
        let undeployed = || {
            let said = format!("{} was not deployed yet; begin with --from stack", self.stage.stack);
            ClientError::new(code::STACK, said)
        };
        self.stack.as_ref().ok_or_else(undeployed)?.output(key)
    }

    fn deployed(self) -> Deployed {
        let page = self.stack.as_ref().and_then(|stack| stack.output("PageUrl").ok()).map(str::to_owned);
        let mut remarks = Vec::new();
        let origins = self.stage.parameter("PageOrigins").unwrap_or_default();
        if let Some(page) = page.as_deref().filter(|page| !origins.split(',').any(|origin| origin == page.trim_end_matches('/')))
        {
            remarks.push(format!(
                "the page may not call storage and REST yet: put {page} into PageOrigins of {} in samconfig.toml, and deploy again",
                self.stage.name
            ));
        }
        if !self.stage.has_machine() {
            remarks.push(format!(
                "recordings wait and questions are refused: there is no machine with a GPU before HostCount of {} is 1",
                self.stage.name
            ));
        }
        if let Some(command) = self.stage.firewall(&self.wish.sam) {
            remarks.push(format!(
                "the page has no firewall; make one: {command}; then put its output PageFirewallArn into {} in samconfig.toml, and deploy again",
                self.stage.name
            ));
        }
        if !self.had_accounts && self.stack.as_ref().is_some_and(has_accounts) {
            remarks.push(format!(
                "nobody is an operator of its accounts yet; invite somebody: AWS_REGION={} synapscribe ops invite create --role operator --stack {}",
                self.stage.region, self.stage.stack
            ));
        }
        Deployed { stack: self.stage.stack.clone(), page, remarks }
    }
}
