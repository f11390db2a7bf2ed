//! What a process reaches while it starts, so that its first event does not wait for connections. Nothing here keeps it from starting:
//! whoever cannot be reached is noted, and that event finds out what is wrong.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use synapscribe_domain::{LectureId, ObjectKey};
use synapscribe_ports::{EmbedKind, Embedder};

use crate::deployment::Deployment;

/// Nobody is waited for longer than this.
const PATIENCE: Duration = Duration::from_secs(3);

/// A service whose first call costs the most, because a connection has to be made and encrypted. Each is asked for something that
/// nobody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warm {
    /// The tables and the gateway's management endpoint.
    Gateway,
    /// The bucket, for who reads recordings.
    Recordings,
    /// The bucket, for who reads documents.
    Documents,
    /// The bucket, for who may look into none of these.
    Bucket,
    /// The database.
    Library,
    /// The queues, for who gives others work.
    Queues,
    /// The bus of events, for who tells other systems, where there is one.
    Bus,
}

impl Deployment {
    /// Makes the connections that the first event would wait for, all at once.
    pub async fn warm(&self, services: &[Warm]) {
        futures::future::join_all(services.iter().map(|service| self.warm_one(*service))).await;
    }

    async fn warm_one(&self, service: Warm) {
        match service {
            Warm::Gateway => reach("the gateway and the tables", self.gateway.reach()).await,
            Warm::Recordings => self.look_for("lectures/warming/warming/warming").await,
            Warm::Documents => self.look_for("documents/warming/warming/warming").await,
            Warm::Bucket => reach("the bucket", self.objects.list("responses/warming/")).await,
            Warm::Library => {
                if let Ok(nothing) = LectureId::parse("warming") {
                    reach("the database", self.library.lecture(&nothing)).await;
                }
            }
            Warm::Queues => reach("the queues", self.queued.reach()).await,
            Warm::Bus => {
                if let Some(bus) = &self.bus {
                    reach("the bus of events", bus.reach()).await;
                }
            }
        }
    }

    /// Looks for an object that nobody stored.
    async fn look_for(&self, nothing: &str) {
        if let Ok(nothing) = ObjectKey::parse(nothing) {
            reach("the bucket", self.objects.head(&nothing)).await;
        }
    }
}

/// The same for whoever compares meanings, where a service of AWS does: a word is little to ask.
pub async fn warm_embedder(embedder: Option<&Arc<dyn Embedder>>) {
    if let Some(embedder) = embedder {
        reach("the embedding model", embedder.embed(&["warming".to_owned()], EmbedKind::Query)).await;
    }
}

/// Waits for a call of a service, but not for long.
pub(crate) async fn reach<T, E: Display>(service: &'static str, call: impl Future<Output = Result<T, E>>) {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(service, %error, "a service did not answer as it should while the process started"),
        Err(_) => tracing::warn!(service, "a service did not answer while the process started"),
    }
}
