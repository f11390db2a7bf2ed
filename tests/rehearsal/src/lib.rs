//! What AWS does between the processes of a deployment: it runs the functions, keeps the gateways, gives out credentials, and hands
//! on what lies in queues. The services themselves are an emulator's. It knows the published protocols and nothing of the product, but
//! for [`scene`], which puts a whole deployment together.

use std::sync::Arc;

mod cloud;
mod events;
mod frames;
mod function;
mod gateway;
mod identity;
mod interference;
mod invocations;
pub mod models;
mod onward;
mod recorder;
pub mod scene;
mod sources;

pub use cloud::{Cloud, REGION, TOKEN};
pub use events::{request, signed_post, socket};
pub use function::{Answer, Function, Streamed, XRAY_TRACE};
pub use gateway::{Gateway, Line};
pub use interference::Interference;
pub use invocations::{Called, Invocations};
pub use recorder::Recorder;
pub use scene::Scene;
pub use sources::Source;
pub use synapscribe_aws::rehearsal::Fault;

/// A deployment's functions behind its gateways and queues: what a client finds at its address.
pub struct Functions {
    /// The WebSocket's.
    pub websocket: Arc<Function>,
    /// REST's.
    pub library: Arc<Function>,
    /// That of answers that stream: REST's program once more.
    pub chat: Arc<Function>,
    /// New objects'.
    pub validate: Arc<Function>,
    /// Questions'.
    pub answer: Arc<Function>,
    /// Documents', which the workflow calls.
    pub documents: Vec<Arc<Function>>,
    _sources: [Source; 2],
}

impl Functions {
    /// Starts all of them with these variables and AgentCore at an address, and opens the gateways to them.
    pub async fn start(
        cloud: &Cloud,
        gateway: &Gateway,
        mut variables: Vec<(&'static str, String)>,
        agent: &str,
    ) -> Result<Self, Fault> {
        variables.push(("SYNAPSCRIBE_AGENT_URL", agent.to_owned()));
        let start = async |program: &'static str| {
            // In AWS every function has credentials of its own.
            let own = variables.iter().cloned().chain([("AWS_ACCESS_KEY_ID", program.to_owned())]);
            Function::start(program, &own.collect::<Vec<_>>()).await.map(Arc::new)
        };
        let (websocket, library) = (start("lambda-websocket").await?, start("lambda-library").await?);
        let (validate, answer) = (start("lambda-validate-lecture").await?, start("lambda-answer").await?);
        let own = [("AWS_ACCESS_KEY_ID", "lambda-chat".to_owned()), ("SYNAPSCRIBE_STREAMS", "true".to_owned())];
        let own: Vec<_> = variables.iter().cloned().chain(own).collect();
        let chat = Arc::new(Function::start("lambda-library", &own).await?);
        let documents = vec![start("lambda-documents").await?, start("lambda-documents").await?];
        if let Some(lambda) = cloud.lambda() {
            lambda.serve(&format!("{}-documents", cloud.name()), documents.clone());
        }
        gateway.open(Arc::clone(&websocket), Arc::clone(&library));
        // Without an issuer there are no accounts.
        if variables.iter().any(|(name, _)| *name == "SYNAPSCRIBE_ISSUER") {
            let accounts = start("lambda-accounts").await?;
            if let Some(lambda) = cloud.lambda() {
                lambda.serve(&format!("{}-accounts", cloud.name()), vec![Arc::clone(&accounts)]);
            }
            gateway.open_accounts(accounts);
        }
        let sources = [
            Source::between(cloud, &cloud.uploads, Arc::clone(&validate)),
            Source::between(cloud, &cloud.queues.answers, Arc::clone(&answer)),
        ];
        Ok(Self { websocket, library, chat, validate, answer, documents, _sources: sources })
    }
}
