//! The ports in memory behave as every adapter of them has to, so that what is tested on them holds elsewhere.

use std::sync::Arc;

use async_trait::async_trait;
use synapscribe_domain::{ConnectionId, Timestamp};
use synapscribe_ports::conformance::connections::Peer;
use synapscribe_ports::conformance::{agent, audience, audio, connections, engines, jobs, ledger, library, objects, sessions};
use synapscribe_ports::fakes::{
    Ear, Listeners, Mailbox, MemoryConnections, MemoryJobs, MemoryLedger, MemoryLibrary, MemoryObjects, MemorySessions,
    ScriptedAgent, ScriptedTutor, SetClock, Voice, WavAudio, WordVectors,
};

#[tokio::test]
async fn the_stores_behave_as_every_store() {
    library::suite(&MemoryLibrary::default()).await;
    sessions::suite(&MemorySessions::default()).await;
    ledger::suite(&MemoryLedger::default()).await;
    jobs::suite(&MemoryJobs::default()).await;
    let scratch = tempfile::tempdir().unwrap();
    objects::suite(&MemoryObjects::new(Arc::new(SetClock::at(Timestamp(1)))), scratch.path()).await;
}

#[tokio::test]
async fn the_engines_behave_as_every_engine() {
    engines::tutor(&ScriptedTutor::default()).await;
    engines::narrator(&Voice::default()).await;
    engines::transcriber(&Ear::default()).await;
    engines::embedder(&WordVectors::default()).await;
    let folder = tempfile::tempdir().unwrap();
    audio::suite(&WavAudio, folder.path()).await;
}

#[tokio::test]
async fn the_agent_behaves_as_every_agent() {
    let scripted = ScriptedAgent::default();
    agent::suite(&scripted, &|| scripted.working()).await;
}

struct Letters(Mailbox);

#[async_trait]
impl Peer for Letters {
    async fn next(&mut self) -> Option<String> {
        self.0.next().await
    }
}

/// Somebody who is there until dropped and reads what they were told one by one.
struct Listener {
    listeners: Arc<Listeners>,
    connection: ConnectionId,
    read: usize,
}

#[async_trait]
impl Peer for Listener {
    async fn next(&mut self) -> Option<String> {
        let notice = self.listeners.told(&self.connection).into_iter().nth(self.read)?;
        self.read += 1;
        Some(format!("{notice:?}"))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.listeners.leave(&self.connection);
    }
}

#[tokio::test]
async fn the_gateway_and_the_audience_behave_as_all_of_them() {
    let gateway = MemoryConnections::default();
    connections::suite(&gateway, |connection| Box::new(Letters(gateway.attach(connection)))).await;
    let listeners = Arc::new(Listeners::default());
    let connect = |connection: &ConnectionId| -> Box<dyn Peer> {
        listeners.arrive(connection);
        Box::new(Listener { listeners: Arc::clone(&listeners), connection: connection.clone(), read: 0 })
    };
    audience::suite(&*listeners, connect).await;
}
