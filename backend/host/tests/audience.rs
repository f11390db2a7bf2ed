//! People are told over the host's own gateway as everything that tells people has to.

use std::sync::Arc;

use async_trait::async_trait;
use synapscribe_local::{Hub, Outbox};
use synapscribe_ports::Connections;
use synapscribe_ports::conformance::audience;
use synapscribe_ports::conformance::connections::Peer;
use synapscribe_wire::Announcer;

struct Socket(Outbox);

#[async_trait]
impl Peer for Socket {
    async fn next(&mut self) -> Option<String> {
        self.0.next().await
    }
}

#[tokio::test]
async fn over_the_hub() {
    let hub = Hub::new();
    let announcer = Announcer::new(Arc::new(hub.clone()) as Arc<dyn Connections>);
    audience::suite(&announcer, |connection| Box::new(Socket(hub.attach(connection)))).await;
}
