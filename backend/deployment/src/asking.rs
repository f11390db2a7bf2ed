//! AgentCore, for the functions of a deployment that ask it; the others need not know where it is.

use std::sync::Arc;

use synapscribe_agent_client::HttpAgent;
use synapscribe_ports::Agent;
use synapscribe_usecases::converse::RECONNECT;
use synapscribe_usecases::{Conversing, Equipment, Insistent, Lines};

use crate::deployment::Deployment;
use crate::remote::Remote;
use crate::settings;

/// A deployment whose AgentCore is known.
#[derive(Clone)]
pub struct Asking {
    /// Everything else.
    pub deployment: Deployment,
    /// AgentCore.
    pub agent: Arc<dyn Agent>,
    remote: Arc<Remote>,
}

impl Deployment {
    /// Finds AgentCore and looks at its engines, so that the first question finds a connection. Only its secret has to be there.
    pub async fn asking(&self, settings: &settings::Agent) -> anyhow::Result<Asking> {
        let http = HttpAgent::new(&settings.url, None)?;
        let remote = Arc::new(Remote::at(&settings.url, http.clone()));
        let (token, told) = tokio::join!(self.secret(settings.secret.as_deref()), remote.look());
        if !told {
            // The GPU host may be off until it is needed.
            tracing::info!("AgentCore was not reached before the first event");
        }
        let agent = Arc::new(Insistent::over(Arc::new(http.with_token(token?))));
        Ok(Asking { deployment: self.clone(), agent, remote })
    }
}

impl Asking {
    /// Questions within sessions.
    pub fn conversing(&self) -> Conversing {
        let deployment = &self.deployment;
        Conversing {
            library: Arc::clone(&deployment.library),
            sessions: Arc::clone(&deployment.sessions),
            objects: Arc::clone(&deployment.objects),
            jobs: Arc::clone(&deployment.jobs),
            agent: Arc::clone(&self.agent),
            connections: Arc::clone(&deployment.connections),
            audience: Arc::clone(&deployment.audience),
            lines: Lines::default(),
            clock: Arc::clone(&deployment.clock),
            reconnect: RECONNECT,
        }
    }

    /// Asks AgentCore which engines it uses, unless that was told a moment ago.
    pub async fn look_at_engines(&self) {
        if !self.remote.look().await {
            tracing::warn!("AgentCore does not say which engines it uses");
        }
    }

    /// What a deployment works with: the engines are AgentCore's.
    pub fn equipment(&self) -> Equipment {
        Equipment {
            transcriber: Arc::clone(&self.remote) as _,
            tutor: Arc::clone(&self.remote) as _,
            narrator: Arc::clone(&self.remote) as _,
            embedder: Some(Arc::clone(&self.remote) as _),
            recogniser: None,
            objects: Arc::clone(&self.deployment.objects),
            models: None,
        }
    }
}
