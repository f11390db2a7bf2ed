//! An SQS queue for each lane of jobs, which rings for those who wait. It knows no job.
//!
//! SQS alone would neither drop a second job with the same key nor put one off without counting an attempt. So a message carries
//! nothing: whoever gets one takes the oldest job that is due. A message that comes twice, late or for a job that somebody else took
//! finds nothing to do, and a job whose message was lost is found with the next one.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::types::QueueAttributeName;
use synapscribe_ports::{Lane, StoreResult};

use crate::SdkConfig;
use crate::fault::fault;

/// Whoever waits looks again after this long, since nobody rings for leases that end.
const GLANCE_SECONDS: i32 = 10;
/// SQS holds a message back no longer than this.
const LONGEST_DELAY_SECONDS: i64 = 900;

/// Where each lane rings: the addresses of SQS queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queues {
    /// For jobs of [`Lane::Arrivals`].
    pub arrivals: String,
    /// For jobs of [`Lane::Answers`].
    pub answers: String,
    /// For jobs of [`Lane::Ingests`].
    pub ingests: String,
}

/// The bells of all lanes.
#[derive(Debug, Clone)]
pub(crate) struct Bells {
    client: Client,
    queues: Queues,
}

impl Bells {
    pub(crate) fn new(config: &SdkConfig, queues: Queues) -> Self {
        Self { client: Client::new(config), queues }
    }

    /// Tells whoever waits for the lane that there is something to do in so many milliseconds. Never before: whoever is told too
    /// soon finds nothing and is not told again.
    pub(crate) async fn ring(&self, lane: Lane, delay_ms: i64) -> StoreResult<()> {
        let seconds = (delay_ms.max(0).saturating_add(999) / 1_000).min(LONGEST_DELAY_SECONDS);
        let rung = self.client.send_message().queue_url(self.queue(lane)).message_body(lane.name());
        rung.delay_seconds(seconds as i32).send().await.map(drop).map_err(fault)
    }

    /// Asks after one of the queues, so that the first ring has a connection.
    pub(crate) async fn reach(&self) -> StoreResult<()> {
        let asked = self.client.get_queue_attributes().queue_url(&self.queues.answers);
        asked.attribute_names(QueueAttributeName::QueueArn).send().await.map(drop).map_err(fault)
    }

    /// Waits until the lane rings, or a while.
    pub(crate) async fn hear(&self, lane: Lane) {
        let queue = self.queue(lane);
        // One message wakes one worker, so that of several each hears of a job.
        let receive = self.client.receive_message().queue_url(queue).wait_time_seconds(GLANCE_SECONDS).max_number_of_messages(1);
        let patience = 2 * Duration::from_secs(GLANCE_SECONDS.unsigned_abs().into());
        let patience = TimeoutConfig::builder().read_timeout(patience).build();
        let patient = aws_sdk_sqs::config::Builder::new().timeout_config(patience);
        let received = match receive.customize().config_override(patient).send().await {
            Ok(received) => received,
            Err(error) => {
                tracing::warn!(error = %fault(error), lane = lane.name(), "the bell of a lane cannot be heard");
                return tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        for message in received.messages() {
            let Some(receipt) = message.receipt_handle() else { continue };
            if let Err(error) = self.client.delete_message().queue_url(queue).receipt_handle(receipt).send().await {
                tracing::warn!(error = %fault(error), lane = lane.name(), "a ring could not be taken off its queue and comes again");
            }
        }
    }

    fn queue(&self, lane: Lane) -> &str {
        match lane {
            Lane::Arrivals => &self.queues.arrivals,
            Lane::Answers => &self.queues.answers,
            Lane::Ingests => &self.queues.ingests,
            // Nobody waits for documents here: a state machine calls their steps.
            Lane::Documents => &self.queues.ingests,
        }
    }
}
