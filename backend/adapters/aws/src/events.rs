//! Events by EventBridge, on one bus. It must not know what they say.

use async_trait::async_trait;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use synapscribe_ports::{Bus, BusError};

use crate::SdkConfig;
use crate::fault::reason;

/// Who tells, as rules choose by it.
const SOURCE: &str = "synapscribe";

/// A bus of EventBridge. AWS may deliver an event more than once, and in any order.
#[derive(Debug, Clone)]
pub struct EventBridge {
    client: Client,
    bus: String,
}

impl EventBridge {
    /// The bus of this name.
    pub fn new(config: &SdkConfig, bus: &str) -> Self {
        Self { client: Client::new(config), bus: bus.to_owned() }
    }

    /// Asks after the bus, so that the first event has a connection.
    pub async fn reach(&self) -> Result<(), BusError> {
        let asked = self.client.describe_event_bus().name(&self.bus).send().await;
        asked.map(drop).map_err(|error| BusError(reason(&error)))
    }
}

#[async_trait]
impl Bus for EventBridge {
    async fn put(&self, kind: &str, detail: &str) -> Result<(), BusError> {
        let entry = PutEventsRequestEntry::builder().event_bus_name(&self.bus).source(SOURCE).detail_type(kind).detail(detail);
        let put = self.client.put_events().entries(entry.build()).send().await;
        let answered = put.map_err(|error| BusError(reason(&error)))?;
        // A call that is answered well may have taken none of its events.
        if answered.failed_entry_count() == 0 {
            return Ok(());
        }
        let code = answered.entries().iter().find_map(|entry| entry.error_code());
        Err(BusError(code.unwrap_or("an event without a code").to_owned()))
    }
}
