//! Answers that are waited for in one request: each has a queue of its own in the hub, of which nobody is told. Knows no message.

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use synapscribe_domain::ConnectionId;
use synapscribe_local::Hub;
use synapscribe_ports::Ids;
use tokio_util::sync::CancellationToken;

/// Opens them.
pub(crate) struct HubLines {
    pub hub: Hub,
    pub ids: Arc<dyn Ids>,
    /// A host that stops waits for no answer.
    pub stop: CancellationToken,
}

impl lambda_library::Lines for HubLines {
    fn open(&self) -> (ConnectionId, BoxStream<'static, String>) {
        let connection = ConnectionId::parse(self.ids.fresh()).expect("a fresh name is an identifier");
        let outbox = self.hub.attach(&connection);
        let said = stream::unfold(outbox, |mut outbox| async move { Some((outbox.next().await?, outbox)) });
        (connection, said.take_until(self.stop.clone().cancelled_owned()).boxed())
    }
}
