//! Events of new objects as they really come: twice, and out of order.

use serde_json::{Value, json};
use synapscribe_ports::Jobs;
use synapscribe_rehearsal::{Cloud, Function, Gateway, request, socket};

use crate::story::tone;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_come_twice_or_late_change_nothing_and_a_second_recording_is_a_second_ingest() {
    let (cloud, data) = (Cloud::start().await.unwrap(), tempfile::tempdir().unwrap());
    let gateway = Gateway::start(&cloud).await.unwrap();
    let mut variables = cloud.variables(data.path(), &gateway);
    variables.push(("SYNAPSCRIBE_AGENT_URL", "http://127.0.0.1:9".into()));
    let websocket = Function::start("lambda-websocket", &variables).await.unwrap();
    let validate = Function::start("lambda-validate-lecture", &variables).await.unwrap();
    let (me, connection) = (Some("us-east-1:ada"), "L0SM9cOFvHcCIhw=");
    let mut line = gateway.connect(connection);
    websocket.invoke(socket("$connect", me, connection, None)).await.unwrap().unwrap();
    let recording = tone();
    let wish = json!({ "type": "request_upload", "fileName": "a.wav", "bytes": recording.len() });
    websocket.invoke(socket("$default", None, connection, Some(wish))).await.unwrap().unwrap();
    let grant = line.until("upload_url").await.unwrap().pop().unwrap();
    let put = reqwest::Client::new().put(grant["uploadUrl"].as_str().unwrap());
    let put = put.header("content-type", grant["contentType"].as_str().unwrap()).body(recording);
    assert!(put.send().await.unwrap().status().is_success());
    let told = cloud.delivery(&cloud.uploads).await.unwrap();
    let (earlier, now, later) = (Cloud::retold(&told, "0055AA"), Cloud::retold(&told, "0055BB"), Cloud::retold(&told, "0055CC"));
    let settle = async |event: &Value| {
        let said = validate.invoke(event.clone()).await.unwrap().unwrap();
        assert_eq!(said, json!({ "batchItemFailures": [] }));
        cloud.jobs().depth().await.unwrap().0
    };
    assert_eq!(settle(&now).await, 1);
    assert_eq!(settle(&now).await, 1, "it came twice");
    assert_eq!(settle(&earlier).await, 1, "what came late is older than what is known");

    // As long as the first ingest has not ended, nobody may put another recording under it.
    let said = validate.invoke(later.clone()).await.unwrap().unwrap();
    assert_eq!(said["batchItemFailures"].as_array().unwrap().len(), 1, "{said}");

    // What is not ours is settled: it would come for ever.
    let test = json!({ "Records": [{
        "messageId": "m", "receiptHandle": "r", "body": json!({ "Service": "Amazon S3", "Event": "s3:TestEvent" }).to_string(),
        "attributes": { "ApproximateReceiveCount": "1" }, "messageAttributes": {}, "eventSource": "aws:sqs",
    }] });
    assert_eq!(settle(&test).await, 1);
    let library = Function::start("lambda-library", &variables).await.unwrap();
    let reply = library.invoke(request(me, "GET", "/api/lectures", None)).await.unwrap().unwrap();
    let listed: Value = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
    assert_eq!(listed["lectures"].as_array().unwrap().len(), 1, "{listed}");
}
