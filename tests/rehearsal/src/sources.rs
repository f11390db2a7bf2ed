//! An event source: hands what lies in a queue to a function, and takes off it what the function has settled.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::MessageSystemAttributeName;
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::cloud::Cloud;
use crate::events::{Message, queue_event};
use crate::function::Function;

/// What was not settled comes again after this long.
const AGAIN_SECONDS: i32 = 3;

/// A queue that feeds a function until this is dropped.
pub struct Source(JoinHandle<()>);

impl Source {
    /// Feeds a function from a queue.
    pub fn between(cloud: &Cloud, queue: &str, function: Arc<Function>) -> Self {
        let (sqs, queue) = (cloud.sqs(), queue.to_owned());
        Self(tokio::spawn(async move {
            loop {
                // An emulator that has gone ends with the test.
                if hand_on(&sqs, &queue, &function).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }))
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn hand_on(sqs: &aws_sdk_sqs::Client, queue: &str, function: &Function) -> Result<(), crate::Fault> {
    let receive = sqs.receive_message().queue_url(queue).wait_time_seconds(1).visibility_timeout(AGAIN_SECONDS);
    let receive = receive.message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount);
    let messages: Vec<Message> = receive.send().await?.messages.unwrap_or_default().into_iter().map(Message::of).collect();
    if messages.is_empty() {
        return Ok(());
    }
    let receipts: Vec<(String, String)> = messages.iter().map(|m| (m.id.clone(), m.receipt.clone())).collect();
    // A function that failed has settled nothing; one that says which messages failed has settled the others.
    let Ok(said) = function.invoke(queue_event(messages.into_iter())).await? else { return Ok(()) };
    let failed: Vec<&Value> =
        said["batchItemFailures"].as_array().into_iter().flatten().map(|failure| &failure["itemIdentifier"]).collect();
    for (id, receipt) in receipts {
        if !failed.contains(&&Value::from(id)) {
            sqs.delete_message().queue_url(queue).receipt_handle(receipt).send().await?;
        }
    }
    Ok(())
}
