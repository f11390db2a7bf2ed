//! What X-Ray follows is followed on from function to function, where the client records nothing of its own.

use serde_json::json;
use synapscribe_ports::Library;
use synapscribe_rehearsal::{Cloud, Function, Gateway, XRAY_TRACE, request, socket};
use synapscribe_sql::Store;
use synapscribe_stories::Collector;

use crate::agent::Agent;
use crate::killed::ready;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_is_part_of_the_trace_that_xray_began() {
    let (cloud, data) = (Cloud::start().await.unwrap(), tempfile::tempdir().unwrap());
    let (gateway, agent) = (Gateway::start(&cloud).await.unwrap(), Agent::start().await);
    let collector = Collector::start().unwrap();
    let mut variables = cloud.variables(data.path(), &gateway);
    variables.push(("SYNAPSCRIBE_AGENT_URL", agent.url.clone()));
    variables.push(("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address().to_owned()));
    let store = Store::open(data.path().join("lectures.db")).await.unwrap();
    store.add_lecture(&ready("l1", "us-east-1:ada")).await.unwrap();
    let websocket = Function::start("lambda-websocket", &variables).await.unwrap();
    let answer = Function::start("lambda-answer", &variables).await.unwrap();
    let library = Function::start("lambda-library", &variables).await.unwrap();

    let (me, connection) = (Some("us-east-1:ada"), "L0SM9cOFvHcCIhw=");
    let mut line = gateway.connect(connection);
    websocket.invoke(socket("$connect", me, connection, None)).await.unwrap().unwrap();
    let query = json!({
        "type": "query", "queryId": "q1", "sessionId": "s1", "lectureId": "l1", "text": "What is the chain rule?",
    });
    websocket.invoke(socket("$default", me, connection, Some(query))).await.unwrap().unwrap();
    line.until("query_accepted").await.unwrap();
    agent.go_on();
    answer.invoke(cloud.delivery(&cloud.queues.answers).await.unwrap()).await.unwrap().unwrap();
    line.until("answer_done").await.unwrap();
    library.invoke(request(me, "GET", "/api/lectures", None)).await.unwrap().unwrap();

    // What was traced has left a function before it says that it is done.
    let spans = collector.spans();
    let of = |name: &str| spans.iter().filter(|span| span.name == name).collect::<Vec<_>>();
    let (events, messages, answers) = (of("invocation"), of("message"), of("answer"));
    assert_eq!((events.len(), messages.len(), answers.len()), (4, 1, 1), "{spans:#?}");
    for event in &events {
        assert_eq!([&*event.trace, &*event.parent], XRAY_TRACE, "{event:?}");
    }
    assert!(events.iter().any(|event| event.span == messages[0].parent), "{spans:#?}");
    assert_eq!([&*messages[0].trace, &*answers[0].trace], [XRAY_TRACE[0]; 2]);
    assert_eq!(answers[0].parent, messages[0].span);
}
