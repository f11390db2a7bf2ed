//! An emulated AWS with one deployment in it.

use std::path::Path;

use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_sqs::types::MessageSystemAttributeName;
use serde_json::{Value, json};
use synapscribe_aws::rehearsal::{self, Fault};
use synapscribe_aws::{QueuedJobs, Queues, SdkConfig, Site, Tables, connect};
use synapscribe_stories::Emulator;

use crate::events::{Message, queue_event};
use crate::gateway::Gateway;
use crate::invocations::Invocations;

/// Where the deployment is.
pub const REGION: &str = "us-east-1";
/// What AgentCore asks for.
pub const TOKEN: &str = "open sesame";
const NAME: &str = "synapscribe-rehearsal";
const SECRET: &str = "synapscribe/agent";

/// A deployment without its processes.
pub struct Cloud {
    emulator: Emulator,
    config: SdkConfig,
    names: Names,
    /// The bells of the lanes.
    pub queues: Queues,
    /// Where the bucket tells of new objects.
    pub uploads: String,
    /// The identity pool of its guests.
    pub pool: String,
    /// The user pool that the template makes, and its client.
    people: Option<(String, String)>,
    lambda: Option<Invocations>,
    outputs: Value,
}

/// What things are called in a deployment.
struct Names {
    tables: String,
    bucket: String,
    agent_secret: String,
    database_secret: String,
    api: String,
    /// Where other systems listen, which only the template makes.
    bus: Option<String>,
}

impl Cloud {
    /// An emulator of its own with what a deployment is made of, which is there sooner than by the template.
    pub async fn start() -> Result<Self, Fault> {
        let emulator = Emulator::start()?;
        let config = operator(&emulator).await;
        rehearsal::tables(&config, &Tables::below(NAME)).await?;
        rehearsal::bucket(&config, NAME).await?;
        let queues = rehearsal::queues(&config).await?;
        let uploads = rehearsal::queue(&config, "uploads").await?;
        rehearsal::announce(&config, NAME, &uploads).await?;
        rehearsal::secret(&config, SECRET, TOKEN).await?;
        let identity = aws_sdk_cognitoidentity::Client::new(&config);
        let pool = identity.create_identity_pool().identity_pool_name("guests").allow_unauthenticated_identities(true);
        let pool = pool.send().await?.identity_pool_id;
        let names = Names {
            tables: NAME.into(),
            bucket: NAME.into(),
            agent_secret: SECRET.into(),
            database_secret: "synapscribe/database".into(),
            api: "abc".into(),
            bus: None,
        };
        Ok(Self { emulator, config, names, queues, uploads, pool, people: None, lambda: None, outputs: Value::Null })
    }

    /// An emulator of its own with the resources that the template makes for a stage, under the names that it gives them.
    pub async fn of_template(stage: &str) -> Result<Self, Fault> {
        // The stand-ins for the gateways know signatures of this region.
        let lambda = Invocations::start().await?;
        let (emulator, given) = Emulator::with_deployment_in(stage, REGION, Some(lambda.address()))?;
        let (outputs, told) = (&given["outputs"], &given["functions"]["lambda-library"]);
        let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("the template does not say everything");
        let names = Names {
            tables: text(&told["SYNAPSCRIBE_TABLES"])?,
            bucket: text(&told["SYNAPSCRIBE_BUCKET"])?,
            agent_secret: text(&told["SYNAPSCRIBE_AGENT_SECRET"])?,
            database_secret: text(&told["SYNAPSCRIBE_DATABASE_SECRET"])?,
            api: text(&outputs["WebSocketApiId"])?,
            bus: Some(text(&outputs["EventBusName"])?),
        };
        let queues = Queues {
            arrivals: text(&told["SYNAPSCRIBE_ARRIVALS_QUEUE"])?,
            answers: text(&told["SYNAPSCRIBE_ANSWERS_QUEUE"])?,
            ingests: text(&told["SYNAPSCRIBE_INGESTS_QUEUE"])?,
        };
        let people = (text(&given["people"][0])?, text(&given["people"][1])?);
        let (uploads, pool) = (text(&outputs["UploadsQueueUrl"])?, text(&told["SYNAPSCRIBE_IDENTITY_POOL"])?);
        let config = operator(&emulator).await;
        rehearsal::without_tls(&config, &names.bucket).await?;
        let outputs = outputs.clone();
        Ok(Self { emulator, config, names, queues, uploads, pool, people: Some(people), lambda: Some(lambda), outputs })
    }

    /// Where the workflows of a template's deployment call functions.
    pub fn lambda(&self) -> Option<&Invocations> {
        self.lambda.as_ref()
    }

    /// What the template says of its deployment.
    pub fn outputs(&self) -> &Value {
        &self.outputs
    }

    /// The address that takes the place of every service.
    pub fn endpoint(&self) -> &str {
        self.emulator.endpoint()
    }

    /// What the template sets for every process, but for AgentCore's address, which its host itself does not need.
    pub fn variables(&self, data: &Path, gateway: &Gateway) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("AWS_REGION", REGION.into()),
            ("AWS_ENDPOINT_URL", self.endpoint().into()),
            ("AWS_ENDPOINT_URL_COGNITO_IDENTITY", gateway.address().into()),
            ("AWS_ACCESS_KEY_ID", "ASIAFUNCTION".into()),
            ("AWS_SECRET_ACCESS_KEY", "secret".into()),
            ("AWS_SESSION_TOKEN", "token".into()),
            ("SYNAPSCRIBE_TABLES", self.names.tables.clone()),
            ("SYNAPSCRIBE_BUCKET", self.names.bucket.clone()),
            ("SYNAPSCRIBE_GATEWAY_URL", gateway.endpoint()),
            ("SYNAPSCRIBE_PUBLIC_URL", gateway.address().into()),
            ("SYNAPSCRIBE_IDENTITY_POOL", self.pool.clone()),
            ("SYNAPSCRIBE_ARRIVALS_QUEUE", self.queues.arrivals.clone()),
            ("SYNAPSCRIBE_ANSWERS_QUEUE", self.queues.answers.clone()),
            ("SYNAPSCRIBE_INGESTS_QUEUE", self.queues.ingests.clone()),
            ("SYNAPSCRIBE_DATABASE", format!("sqlite:{}", data.join("lectures.db").display())),
            ("SYNAPSCRIBE_AGENT_SECRET", self.names.agent_secret.clone()),
        ];
        variables.extend(self.names.bus.clone().map(|bus| ("SYNAPSCRIBE_EVENT_BUS", bus)));
        variables
    }

    /// Listens to what other systems are told, and gives the address of the queue in which it lies.
    pub async fn listener(&self) -> Result<String, Fault> {
        let bus = self.names.bus.as_deref().ok_or("the deployment has no bus")?;
        rehearsal::listener(&self.config, bus).await
    }

    /// Keeps a secret under a name.
    pub async fn secret(&self, name: &str, text: &str) -> Result<(), Fault> {
        rehearsal::secret(&self.config, name, text).await
    }

    /// Lets letters come from an address.
    pub async fn sender(&self, address: &str) -> Result<(), Fault> {
        rehearsal::sender(&self.config, address).await
    }

    /// The user pool of the template's deployment and the client of it, by their names.
    pub fn user_pool(&self) -> Option<&(String, String)> {
        self.people.as_ref()
    }

    /// Lets the page of an address put recordings into storage, as the parameter `PageOrigins` does.
    pub async fn let_page(&self, origin: &str) -> Result<(), Fault> {
        rehearsal::page(&self.config, &self.names.bucket, origin).await
    }

    /// Takes the bucket's word of new recordings away.
    pub async fn silence(&self) -> Result<(), Fault> {
        rehearsal::silence(&self.config, &self.names.bucket).await
    }

    /// The letters that were sent, the oldest first: to whom, and the text.
    pub async fn post(&self) -> Result<Vec<(String, String)>, Fault> {
        let held: Value = reqwest::get(format!("{}/moto-api/data.json", self.endpoint())).await?.json().await?;
        let sent = held["ses"]["Message"].as_array().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(sent.map(|letter| (text(&letter["destinations"]["ToAddresses"][0]), text(&letter["body"]))).collect())
    }

    /// The texts of those that an address was sent.
    pub async fn letters(&self, address: &str) -> Result<Vec<String>, Fault> {
        Ok(self.post().await?.into_iter().filter(|(to, _)| to == address).map(|(_, text)| text).collect())
    }

    /// Writes who may connect to the database into the secret that the template makes, and gives its name.
    pub async fn login(&self, text: &str) -> Result<String, Fault> {
        rehearsal::rewrite_secret(&self.config, &self.names.database_secret, text).await?;
        Ok(self.names.database_secret.clone())
    }

    /// The WebSocket gateway, by the name that policies have for it.
    pub fn api(&self) -> &str {
        &self.names.api
    }

    /// What was given a name when it was made, by its place in the template.
    pub fn made(&self) -> Value {
        let Names { api, agent_secret, database_secret, .. } = &self.names;
        json!({ "Gateways.WebSocket": api, "Data.AgentSecret": agent_secret, "Database.Secret": database_secret })
    }

    /// What every process of the deployment calls it.
    pub fn name(&self) -> &str {
        &self.names.tables
    }

    /// The jobs of the deployment.
    pub fn jobs(&self) -> QueuedJobs {
        QueuedJobs::new(&self.config, &Tables::below(&self.names.tables), self.queues.clone())
    }

    /// The next messages of a queue as the event that AWS makes of them; they are taken off it. Waits a few seconds for one.
    pub async fn delivery(&self, queue: &str) -> Result<Value, Fault> {
        let sqs = self.sqs();
        let receive = sqs.receive_message().queue_url(queue).wait_time_seconds(5).max_number_of_messages(10);
        let receive = receive.message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount);
        let messages = receive.send().await?.messages.unwrap_or_default();
        if messages.is_empty() {
            return Err(format!("nothing lies in {queue}").into());
        }
        for message in &messages {
            sqs.delete_message().queue_url(queue).set_receipt_handle(message.receipt_handle.clone()).send().await?;
        }
        Ok(queue_event(messages.into_iter().map(Message::of)))
    }

    /// Has the bucket tell once more of an object, as S3 sometimes does, with its event's sequencer changed.
    pub fn retold(event: &Value, sequencer: &str) -> Value {
        let mut event = event.clone();
        for message in event["Records"].as_array_mut().into_iter().flatten() {
            let mut told: Value = serde_json::from_str(message["body"].as_str().unwrap_or_default()).unwrap_or_default();
            for record in told["Records"].as_array_mut().into_iter().flatten() {
                record["s3"]["object"]["sequencer"] = json!(sequencer);
            }
            message["body"] = json!(told.to_string());
        }
        event
    }

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.config)
    }
}

/// AWS with an operator's credentials.
async fn operator(emulator: &Emulator) -> SdkConfig {
    // Who else installed one has installed the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let site = Site { region: REGION.into(), endpoint: Some(emulator.endpoint().to_owned()) };
    let credentials = Credentials::new("AKIDOPERATOR", "secret", None, None, "test");
    connect(&site).await.into_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build()
}
