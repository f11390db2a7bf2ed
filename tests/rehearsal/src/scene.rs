//! A whole deployment: the template's resources in the emulator, its gateways, and a database.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};
use synapscribe_stories::{Daemon, PASSWORD, Postgres, program, python, run};
use tempfile::TempDir;

use crate::{Cloud, Fault, Function, Functions, Gateway, Interference, REGION, Recorder};

/// The stage whose resources the template makes here.
const STAGE: &str = "dev";

/// The name of the secret of accounts.
pub const ACCOUNTS_SECRET: &str = "synapscribe/accounts";

/// A deployment before its functions are started, with the resources that the template makes.
pub struct Scene {
    /// The services, with what the template makes.
    pub cloud: Cloud,
    /// What its people connect to.
    pub gateway: Gateway,
    /// Where its people keep their files.
    pub folder: TempDir,
    /// What takes the emulator's place for the processes, if anything does.
    pub line: Option<Interference>,
    /// Where services are that are not the emulator's own, for the processes.
    elsewhere: Vec<(&'static str, String)>,
    database: String,
    login: String,
}

impl Scene {
    /// One whose database is up to date.
    pub async fn set() -> Result<Self, Fault> {
        let scene = Self::unmigrated().await?;
        scene.migrate().await?;
        Ok(scene)
    }

    /// With somebody who notes every call to a service from the first one on.
    pub async fn watched() -> Result<(Self, Recorder), Fault> {
        let mut scene = Self::unmigrated().await?;
        let recorder = Recorder::new(scene.cloud.api());
        let services = recorder.before(scene.cloud.endpoint()).await?;
        let gateway = recorder.before(scene.gateway.address()).await?;
        let websocket = scene.gateway.endpoint().replacen("http", "ws", 1);
        scene.elsewhere = vec![
            ("AWS_ENDPOINT_URL", services),
            ("SYNAPSCRIBE_GATEWAY_URL", scene.gateway.endpoint().replace(scene.gateway.address(), &gateway)),
            ("SYNAPSCRIBE_WEBSOCKET_URL", websocket),
        ];
        scene.migrate().await?;
        Ok((scene, recorder))
    }

    async fn unmigrated() -> Result<Self, Fault> {
        let cloud = Cloud::of_template(STAGE).await?;
        let gateway = Gateway::start(&cloud).await?;
        let database = tokio::task::spawn_blocking(|| Postgres::shared().database()).await??;
        let login =
            json!({ "username": "synapscribe", "password": PASSWORD, "engine": "postgres", "port": Postgres::shared().port() });
        let login = cloud.login(&login.to_string()).await?;
        Ok(Self { cloud, gateway, folder: tempfile::tempdir()?, line: None, elsewhere: Vec::new(), database, login })
    }

    async fn migrate(&self) -> Result<(), Fault> {
        let own = self.variables().into_iter().chain([("AWS_ACCESS_KEY_ID", "lambda-migrate".to_owned())]);
        let migrate = Function::start("lambda-migrate", &own.collect::<Vec<_>>()).await?;
        migrate.invoke(json!({})).await?.map_err(|fault| format!("the schema was not brought up to date: {fault:?}"))?;
        Ok(())
    }

    /// Where its database is, with what opens it.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// With services that refuse now and then.
    pub async fn on_a_bad_day() -> Result<Self, Fault> {
        let mut scene = Self::set().await?;
        let line = Interference::before(scene.cloud.endpoint(), 3).await?;
        scene.elsewhere = vec![("AWS_ENDPOINT_URL", line.endpoint().to_owned())];
        Ok(Self { line: Some(line), ..scene })
    }

    /// With Titan, which compares meanings for functions and daemon alike.
    pub fn with_titan_at(mut self, address: &str) -> Self {
        self.elsewhere.push(("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", address.to_owned()));
        self.elsewhere.push(("SYNAPSCRIBE_TITAN_DIMENSION", "256".into()));
        self
    }

    /// With accounts, whose letters come from an address.
    pub async fn with_accounts(mut self, from: &str) -> Result<Self, Fault> {
        self.cloud.sender(from).await?;
        self.cloud.secret(ACCOUNTS_SECRET, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL").await?;
        self.elsewhere.push(("SYNAPSCRIBE_ISSUER", self.gateway.address().to_owned()));
        self.elsewhere.push(("SYNAPSCRIBE_ACCOUNTS_SECRET", ACCOUNTS_SECRET.into()));
        self.elsewhere.push(("SYNAPSCRIBE_MAIL_FROM", from.to_owned()));
        Ok(self)
    }

    /// With a user pool that keeps the passwords of accounts; gives its name.
    pub fn with_user_pool(mut self) -> Result<(Self, String), Fault> {
        let (pool, app) = self.cloud.user_pool().cloned().ok_or("the template makes no user pool")?;
        self.elsewhere.push(("SYNAPSCRIBE_USER_POOL", pool.clone()));
        self.elsewhere.push(("SYNAPSCRIBE_USER_POOL_CLIENT", app));
        Ok((self, pool))
    }

    /// What a program is told, with credentials of its own.
    pub fn variables_of(&self, program: &str) -> Vec<(&'static str, String)> {
        let mut variables = self.variables();
        variables.push(("AWS_ACCESS_KEY_ID", program.to_owned()));
        variables
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let mut variables = self.cloud.variables(self.folder.path(), &self.gateway);
        // As the template writes it: who connects is the secret's affair.
        let place = self.database.rsplit('@').next().unwrap_or_default();
        variables.push(("SYNAPSCRIBE_DATABASE", format!("postgres://{place}")));
        variables.push(("SYNAPSCRIBE_DATABASE_SECRET", self.login.clone()));
        variables.extend(self.elsewhere.iter().cloned());
        variables
    }

    /// The daemon of the GPU host, after the story has had its say.
    pub fn daemon(&self, arrange: impl FnOnce(&mut Command)) -> Result<Daemon, Fault> {
        let variables = self.variables();
        Ok(Daemon::start_with("127.0.0.1:0", |command| {
            command.envs(variables.iter().map(|(name, value)| (*name, value))).env_remove("SYNAPSCRIBE_DATA");
            command.env("AWS_ACCESS_KEY_ID", "gpu-host").env("SYNAPSCRIBE_LOG_JSON", "true");
            // It is killed in the end and clears nothing up.
            command.env("TMPDIR", self.folder.path());
            arrange(command);
        })?)
    }

    /// Its functions, which reach the daemon.
    pub async fn functions(&self, daemon: &Daemon) -> Result<Functions, Fault> {
        Functions::start(&self.cloud, &self.gateway, self.variables(), &daemon.at("")).await
    }

    /// Functions without a GPU host: nothing answers where it should be.
    pub async fn functions_alone(&self) -> Result<Functions, Fault> {
        Functions::start(&self.cloud, &self.gateway, self.variables(), "http://127.0.0.1:9").await
    }

    /// What the terminal of whoever deployed all this is told: the stack's name, where AWS is, and credentials for it.
    pub fn operator(&self) -> Vec<(&'static str, String)> {
        let functions = self.cloud.lambda().map(|lambda| lambda.address().to_owned());
        let mut told = vec![
            ("SYNAPSCRIBE_STACK", self.cloud.name().into()),
            ("AWS_REGION", REGION.into()),
            ("AWS_ENDPOINT_URL", self.cloud.endpoint().into()),
            ("AWS_ACCESS_KEY_ID", "AKIDOPERATOR".into()),
            ("AWS_SECRET_ACCESS_KEY", "secret".into()),
        ];
        told.extend(functions.map(|address| ("AWS_ENDPOINT_URL_LAMBDA", address)));
        told
    }

    /// The folders of the terminal and of AWS's own command line, which is among the stock clients.
    pub fn tools() -> Result<[PathBuf; 2], Fault> {
        let parent = |path: PathBuf| path.parent().map(Path::to_owned).ok_or("a program lies nowhere");
        Ok([parent(program("synapscribe")?)?, parent(PathBuf::from(python()))?])
    }

    /// Makes the stack, of which the template's own resources are not part here, say what it is made of.
    pub async fn with_stack(self) -> Result<Self, Fault> {
        let name = self.cloud.name().to_owned();
        let own = json!({
            "AccountsFunction": format!("{name}-accounts"),
            "PageUrl": self.gateway.address(),
            "HostInstanceId": "none",
        });
        let all = [self.cloud.outputs(), &own].into_iter().filter_map(Value::as_object).flatten();
        let outputs: Map<String, Value> = all.map(|(key, value)| (key.clone(), json!({ "Value": value }))).collect();
        let template = json!({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Resources": { "Queue": { "Type": "AWS::SQS::Queue" } },
            "Outputs": outputs,
        });
        let mut command = Command::new(python());
        command.args(["-m", "awscli", "cloudformation", "create-stack", "--stack-name", &name]);
        command.args(["--template-body", &template.to_string(), "--endpoint-url", self.cloud.endpoint(), "--region", REGION]);
        command.env("AWS_ACCESS_KEY_ID", "AKIDOPERATOR").env("AWS_SECRET_ACCESS_KEY", "secret");
        let made = tokio::task::spawn_blocking(move || run(&mut command)).await??;
        if made.status.success() { Ok(self) } else { Err(made.err.into()) }
    }
}
