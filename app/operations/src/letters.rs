//! What queues set aside because it was delivered too often, and how it goes back to where it came from.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use serde::Serialize;
use synapscribe_client::ClientError;

use crate::cloud::{Cloud, refused};
use crate::stack::Stack;

/// Messages taken at once.
const BATCH: i32 = 10;
/// A message that was taken and not put back is there again after so many seconds.
const HIDDEN: i32 = 60;

/// One queue of messages set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeadLetters {
    /// What they were about: `uploads`, `answers` or `ingests`.
    pub about: String,
    /// Where they lie.
    pub from: String,
    /// Where they go back to.
    pub to: String,
    /// How many there are, as the queue estimates.
    pub waiting: u64,
}

/// Every such queue of a stack.
pub async fn all(cloud: &Cloud, stack: &Stack) -> Result<Vec<DeadLetters>, ClientError> {
    let client = Client::new(&cloud.config);
    let mut found = Vec::new();
    for (key, from) in &stack.outputs {
        let Some(about) = key.strip_suffix("DeadLettersUrl") else { continue };
        let to = stack.output(&format!("{about}QueueUrl"))?.to_owned();
        let asked = QueueAttributeName::ApproximateNumberOfMessages;
        let told = client.get_queue_attributes().queue_url(from).attribute_names(asked.clone()).send().await;
        let told = told.map_err(|error| refused("counting the messages set aside", &error))?;
        let waiting = told.attributes().and_then(|all| all.get(&asked)?.parse().ok()).unwrap_or(0);
        found.push(DeadLetters { about: about.to_lowercase(), from: from.clone(), to, waiting });
    }
    Ok(found)
}

/// Puts the messages of a queue back, and says how many. Each is taken off only after it was put back, so one may go back twice;
/// every handler bears that. Messages that come back while it works stay for the next time.
pub async fn replay(cloud: &Cloud, letters: &DeadLetters) -> Result<u64, ClientError> {
    let client = Client::new(&cloud.config);
    let what = "putting messages back";
    let mut moved = 0;
    while moved < letters.waiting {
        let most = BATCH.min(i32::try_from(letters.waiting - moved).unwrap_or(BATCH));
        let receive = client.receive_message().queue_url(&letters.from).max_number_of_messages(most).visibility_timeout(HIDDEN);
        let received = receive.wait_time_seconds(1).send().await.map_err(|error| refused(what, &error))?;
        let messages = received.messages.unwrap_or_default();
        if messages.is_empty() {
            break;
        }
        for message in messages {
            let send = client.send_message().queue_url(&letters.to).set_message_body(message.body);
            send.send().await.map_err(|error| refused(what, &error))?;
            let delete = client.delete_message().queue_url(&letters.from).set_receipt_handle(message.receipt_handle);
            delete.send().await.map_err(|error| refused(what, &error))?;
            moved += 1;
        }
    }
    Ok(moved)
}
