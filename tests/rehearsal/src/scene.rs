//! A whole deployment: the template's resources in the emulator, its gateways, a database, and its people at their terminals.

use std::ffi::OsString;
use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Map, Value, json};
use synapscribe_stories::{Daemon, PASSWORD, Postgres, Said, program, python, run, speak};
use tempfile::TempDir;

use crate::{Cloud, Function, Functions, Gateway, Interference, REGION, Recorder};

/// The stage whose resources the template makes here.
const STAGE: &str = "dev";

/// The name of the secret of accounts.
pub const ACCOUNTS_SECRET: &str = "synapscribe/accounts";

/// The password of everybody with an account.
pub const MEMBER: &str = "tide pools at noon";

/// Somebody at a terminal, with a home of their own.
pub struct Person<'a> {
    scene: &'a Scene,
    home: PathBuf,
}

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
    pub async fn set() -> Self {
        let scene = Self::unmigrated().await;
        scene.migrate().await;
        scene
    }

    /// With somebody who notes every call to a service from the first one on.
    pub async fn watched() -> (Self, Recorder) {
        let mut scene = Self::unmigrated().await;
        let recorder = Recorder::new(scene.cloud.api());
        let services = recorder.before(scene.cloud.endpoint()).await.unwrap();
        let gateway = recorder.before(scene.gateway.address()).await.unwrap();
        let websocket = scene.gateway.endpoint().replacen("http", "ws", 1);
        scene.elsewhere = vec![
            ("AWS_ENDPOINT_URL", services),
            ("SYNAPSCRIBE_GATEWAY_URL", scene.gateway.endpoint().replace(scene.gateway.address(), &gateway)),
            ("SYNAPSCRIBE_WEBSOCKET_URL", websocket),
        ];
        scene.migrate().await;
        (scene, recorder)
    }

    async fn unmigrated() -> Self {
        let cloud = Cloud::of_template(STAGE).await.unwrap();
        let gateway = Gateway::start(&cloud).await.unwrap();
        let database = tokio::task::spawn_blocking(|| Postgres::shared().database().unwrap()).await.unwrap();
        let login =
            json!({ "username": "synapscribe", "password": PASSWORD, "engine": "postgres", "port": Postgres::shared().port() });
        let login = cloud.login(&login.to_string()).await.unwrap();
        Self { cloud, gateway, folder: tempfile::tempdir().unwrap(), line: None, elsewhere: Vec::new(), database, login }
    }

    async fn migrate(&self) {
        let own = self.variables().into_iter().chain([("AWS_ACCESS_KEY_ID", "lambda-migrate".to_owned())]);
        let migrate = Function::start("lambda-migrate", &own.collect::<Vec<_>>()).await.unwrap();
        migrate.invoke(json!({})).await.unwrap().unwrap();
    }

    /// Where its database is, with what opens it.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// With services that refuse now and then.
    pub async fn on_a_bad_day() -> Self {
        let mut scene = Self::set().await;
        let line = Interference::before(scene.cloud.endpoint(), 3).await.unwrap();
        scene.elsewhere = vec![("AWS_ENDPOINT_URL", line.endpoint().to_owned())];
        Self { line: Some(line), ..scene }
    }

    /// With Titan, which compares meanings for functions and daemon alike.
    pub fn with_titan_at(mut self, address: &str) -> Self {
        self.elsewhere.push(("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", address.to_owned()));
        self.elsewhere.push(("SYNAPSCRIBE_TITAN_DIMENSION", "256".into()));
        self
    }

    /// With accounts, whose letters come from an address.
    pub async fn with_accounts(mut self, from: &str) -> Self {
        self.cloud.sender(from).await.unwrap();
        self.cloud.secret(ACCOUNTS_SECRET, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL").await.unwrap();
        self.elsewhere.push(("SYNAPSCRIBE_ISSUER", self.gateway.address().to_owned()));
        self.elsewhere.push(("SYNAPSCRIBE_ACCOUNTS_SECRET", ACCOUNTS_SECRET.into()));
        self.elsewhere.push(("SYNAPSCRIBE_MAIL_FROM", from.to_owned()));
        self
    }

    /// With a user pool that keeps the passwords of accounts; gives its name.
    pub fn with_user_pool(mut self) -> (Self, String) {
        let (pool, app) = self.cloud.user_pool().cloned().unwrap();
        self.elsewhere.push(("SYNAPSCRIBE_USER_POOL", pool.clone()));
        self.elsewhere.push(("SYNAPSCRIBE_USER_POOL_CLIENT", app));
        (self, pool)
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
    pub fn daemon(&self, arrange: impl FnOnce(&mut Command)) -> Daemon {
        let variables = self.variables();
        Daemon::start_with("127.0.0.1:0", |command| {
            command.envs(variables.iter().map(|(name, value)| (*name, value))).env_remove("SYNAPSCRIBE_DATA");
            command.env("AWS_ACCESS_KEY_ID", "gpu-host").env("SYNAPSCRIBE_LOG_JSON", "true");
            arrange(command);
        })
        .unwrap()
    }

    /// Its functions, which reach the daemon.
    pub async fn functions(&self, daemon: &Daemon) -> Functions {
        Functions::start(&self.cloud, &self.gateway, self.variables(), &daemon.at("")).await.unwrap()
    }

    /// Functions without a GPU host: nothing answers where it should be.
    pub async fn functions_alone(&self) -> Functions {
        Functions::start(&self.cloud, &self.gateway, self.variables(), "http://127.0.0.1:9").await.unwrap()
    }

    /// Somebody whom nobody has met; the one without a name is whoever uses [`Scene::terminal`].
    pub fn person(&self, name: &str) -> Person<'_> {
        let home = self.folder.path().join(name);
        std::fs::create_dir_all(&home).unwrap();
        Person { scene: self, home }
    }

    /// Runs the terminal as one person until it ends.
    pub async fn terminal(&self, arguments: &[&str]) -> Said {
        self.person("").terminal(arguments, "").await
    }

    /// Runs the terminal as whoever deployed all this, by the name of the stack and with credentials of AWS.
    pub async fn operates(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(program("synapscribe").unwrap());
        command.arg("ops").args(arguments).arg("--json").env("HOME", self.folder.path()).envs(self.operator());
        at_home(&mut command);
        tokio::task::spawn_blocking(move || run(&mut command).unwrap()).await.unwrap()
    }

    /// What the terminal of whoever deployed all this is told: the stack's name, where AWS is, and credentials for it.
    pub fn operator(&self) -> Vec<(&'static str, OsString)> {
        // AWS's own command line is in the environment of stock clients.
        let clients = PathBuf::from(python()).parent().map(Path::to_owned).unwrap_or_default();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([clients].into_iter().chain(std::env::split_paths(&path))).unwrap();
        vec![
            ("SYNAPSCRIBE_STACK", self.cloud.name().into()),
            ("AWS_REGION", REGION.into()),
            ("AWS_ENDPOINT_URL", self.cloud.endpoint().into()),
            ("AWS_ENDPOINT_URL_LAMBDA", self.cloud.lambda().unwrap().address().into()),
            ("AWS_ACCESS_KEY_ID", "AKIDOPERATOR".into()),
            ("AWS_SECRET_ACCESS_KEY", "secret".into()),
            ("PATH", path),
        ]
    }

    /// Makes the stack, of which the template's own resources are not part here, say what it is made of.
    pub async fn with_stack(self) -> Self {
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
        tokio::task::spawn_blocking(move || run(&mut command).unwrap().well()).await.unwrap();
        self
    }

    /// Speaks a text into a file.
    pub fn recording(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        speak(text, "slt", &path).unwrap();
        path
    }

    /// Uploads a recording and waits until it can be asked.
    pub async fn lecture(&self, recording: &Path) -> String {
        self.person("").lecture(recording).await
    }
}

impl Person<'_> {
    /// Runs the terminal until it ends, with something typed.
    pub async fn terminal(&self, arguments: &[&str], typed: &str) -> Said {
        let mut typing = tempfile::tempfile().unwrap();
        typing.write_all(typed.as_bytes()).unwrap();
        typing.rewind().unwrap();
        let mut command = Command::new(program("synapscribe").unwrap());
        command.args(["--server", self.scene.gateway.address()]).args(arguments).stdin(typing);
        command.env("HOME", &self.home).env("NO_COLOR", "1");
        at_home(&mut command);
        // The gateways are served by this very process meanwhile.
        tokio::task::spawn_blocking(move || run(&mut command).unwrap()).await.unwrap()
    }

    /// Runs it with something typed, and gives whether it was content, and its last word.
    pub async fn typed(&self, arguments: &[&str], typed: &str) -> (bool, Value) {
        let said = self.terminal(&[arguments, &["--json"]].concat(), &format!("{typed}\n")).await;
        (said.status.success(), said.events().pop().unwrap_or_default())
    }

    /// Does something, and gives the last word about it.
    pub async fn does(&self, arguments: &[&str]) -> Value {
        let (done, told) = self.typed(arguments, "").await;
        assert!(done, "{arguments:?}: {told}");
        told
    }

    /// Signs up, by an invitation or without, proves their address, and signs in; gives what they are told in the end.
    pub async fn signs_up_and_in(&self, address: &str, invitation: &[&str]) -> Value {
        let sign_up = ["account", "sign-up", address, "--name", "Ada"];
        let (taken, told) = self.typed(&[&sign_up[..], invitation].concat(), MEMBER).await;
        assert!(taken, "{told}");
        let (_, refused) = self.typed(&["account", "sign-in", address], MEMBER).await;
        assert_eq!(refused["code"], "wrong_credentials", "{refused}");
        let letter = self.letter(address, 0).await;
        let code = letter.lines().find_map(|line| line.strip_prefix("    ")).unwrap().trim();
        self.does(&["account", "verify", address, code]).await;
        let (_, refused) = self.typed(&["account", "sign-in", address], "not this one").await;
        assert_eq!(refused["code"], "wrong_credentials", "{refused}");
        let (signed_in, told) = self.typed(&["account", "sign-in", address], MEMBER).await;
        assert!(signed_in, "{told}");
        told
    }

    /// Uploads a recording or a document and waits until it can be asked.
    pub async fn lecture(&self, recording: &Path) -> String {
        let last = self.does(&["upload", &recording.to_string_lossy(), "--wait"]).await;
        assert_eq!(last["state"], "ready", "{last}");
        last["lectureId"].as_str().unwrap().to_owned()
    }

    /// The letter that came last to an address, once there is one after so many.
    pub async fn letter(&self, address: &str, after: usize) -> String {
        for _ in 0..100 {
            let letters = self.scene.cloud.letters(address).await.unwrap();
            if let Some(letter) = letters.get(after..).and_then(<[String]>::last) {
                return letter.clone();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no letter came to {address}");
    }
}

/// Whatever a program remembers lies below its home, and in no keychain.
fn at_home(command: &mut Command) {
    for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "DBUS_SESSION_BUS_ADDRESS"] {
        command.env_remove(variable);
    }
}

/// The words of an answer.
pub fn text_of(said: &Said) -> String {
    said.of_type("answer_text").iter().filter_map(|line| line["delta"].as_str()).collect()
}

/// The last word about an answer.
pub fn done(said: &Said) -> Value {
    said.of_type("answer_done").pop().unwrap_or_else(|| panic!("it was not answered: {}{}", said.out, said.err))
}
