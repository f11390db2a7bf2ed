//! Events by EventBridge, as a queue behind a rule gets them.

use std::sync::Mutex;

use serde_json::Value;
use synapscribe_aws::{EventBridge, SdkConfig, rehearsal};
use synapscribe_ports::Bus;
use synapscribe_ports::conformance::herald;

use crate::cloud::Cloud;
use crate::faults::{Fault, Line};

const BUS: &str = "synapscribe-test";
const DETAIL: &str = r#"{"at":1}"#;

#[tokio::test]
async fn it_carries_events_to_whoever_listens_to_its_bus() {
    let cloud = Cloud::empty().await;
    rehearsal::bus(&cloud.config, BUS).await.unwrap();
    let queue = rehearsal::listener(&cloud.config, BUS).await.unwrap();
    let arrived = Mutex::new(Vec::<(String, String)>::new());
    let all = async || {
        let more = taken(&cloud.config, &queue).await;
        let mut arrived = arrived.lock().unwrap();
        arrived.extend(more);
        arrived.clone()
    };
    herald::bus(&EventBridge::new(&cloud.config, BUS), all).await;
}

/// Takes what lies in the listener's queue: the kind and the detail of each event.
async fn taken(config: &SdkConfig, queue: &str) -> Vec<(String, String)> {
    let sqs = aws_sdk_sqs::Client::new(config);
    let mut found = Vec::new();
    loop {
        let received = sqs.receive_message().queue_url(queue).max_number_of_messages(10).send().await.unwrap();
        let messages = received.messages.unwrap_or_default();
        if messages.is_empty() {
            return found;
        }
        for message in messages {
            sqs.delete_message().queue_url(queue).set_receipt_handle(message.receipt_handle).send().await.unwrap();
            let event: Value = serde_json::from_str(&message.body.unwrap_or_default()).unwrap();
            assert_eq!(event["source"], "synapscribe");
            found.push((event["detail-type"].as_str().unwrap_or_default().to_owned(), event["detail"].to_string()));
        }
    }
}

#[tokio::test]
async fn an_event_that_is_not_taken_is_not_taken_for_one_that_is() {
    let cloud = Cloud::empty().await;
    let nowhere = EventBridge::new(&cloud.config, "synapscribe-other").put("lecture_ready", DETAIL).await.unwrap_err();
    assert!(nowhere.to_string().contains("ResourceNotFound"), "{nowhere}");
    EventBridge::new(&cloud.config, "synapscribe-other").reach().await.unwrap_err();
    rehearsal::bus(&cloud.config, BUS).await.unwrap();
    EventBridge::new(&cloud.config, BUS).reach().await.unwrap();
    let refused = EventBridge::new(&cloud.config, BUS).put("lecture_ready", "no JSON").await.unwrap_err();
    assert!(refused.to_string().contains("MalformedDetail"), "the call itself is answered well: {refused}");

    let line = Line::to(&cloud).await;
    let bus = EventBridge::new(&line.config, BUS);
    line.fail([Fault::Refused(200, r#"{"FailedEntryCount":1,"Entries":[{"ErrorCode":"InternalFailure"}]}"#)]);
    let failed = bus.put("lecture_ready", DETAIL).await.unwrap_err();
    assert!(failed.to_string().contains("InternalFailure"), "{failed}");
    bus.put("lecture_ready", DETAIL).await.unwrap();
}
