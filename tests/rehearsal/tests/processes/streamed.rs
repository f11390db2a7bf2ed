//! An answer that is waited for in one request, behind the gateway that passes it on while it grows.

use serde_json::{Value, json};
use synapscribe_ports::{Jobs, Library};
use synapscribe_rehearsal::{Cloud, Function, Gateway, Streamed, request, signed_post};
use synapscribe_sql::Store;
use synapscribe_stories::Collector;

use crate::agent::Agent;
use crate::killed::ready;

const ADA: &str = "us-east-1:ada";

/// The events of an answer up to the first of a kind, which is the last of those returned.
async fn until(kind: &str, answer: &mut Streamed, unread: &mut String) -> Vec<Value> {
    let mut heard = Vec::new();
    loop {
        while let Some((event, rest)) = unread.split_once("\n\n") {
            let data = event
                .lines()
                .find_map(|line| line.strip_prefix("data: "))
                .map(|data| serde_json::from_str::<Value>(data).unwrap());
            *unread = rest.to_owned();
            heard.extend(data);
            if heard.last().is_some_and(|message: &Value| message["type"] == kind) {
                return heard;
            }
        }
        let part = answer.body.recv().await.unwrap_or_else(|| panic!("{kind} never comes: {heard:?}"));
        unread.push_str(std::str::from_utf8(&part).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_one_request_streams_and_is_kept_as_any_other() {
    let (cloud, data) = (Cloud::start().await.unwrap(), tempfile::tempdir().unwrap());
    let (gateway, agent) = (Gateway::start(&cloud).await.unwrap(), Agent::start().await);
    let store = Store::open(data.path().join("lectures.db")).await.unwrap();
    store.add_lecture(&ready("l1", ADA)).await.unwrap();
    let mut variables = cloud.variables(data.path(), &gateway);
    variables.push(("SYNAPSCRIBE_AGENT_URL", agent.url.clone()));
    variables.push(("SYNAPSCRIBE_STREAMING_URL", "https://def.execute-api.us-east-1.amazonaws.com/api".into()));
    let library = Function::start("lambda-library", &variables).await.unwrap();
    variables.push(("SYNAPSCRIBE_STREAMS", "true".into()));
    let collector = Collector::start().unwrap();
    variables.push(("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address().to_owned()));
    // Nothing is sent for its time alone.
    variables.push(("OTEL_BSP_SCHEDULE_DELAY", "3600000".into()));
    let sent = || ["invocation", "answer"].map(|name| collector.spans().iter().filter(|span| span.name == name).count());
    let chat = Function::start("lambda-library", &variables).await.unwrap();

    let about = json!({ "lectureId": "l1" }).to_string();
    let begun = library.invoke(request(Some(ADA), "POST", "/api/sessions", Some(&about))).await.unwrap().unwrap();
    assert_eq!(begun["statusCode"], 201, "{begun}");
    let begun: Value = serde_json::from_str(begun["body"].as_str().unwrap()).unwrap();
    let session = begun["sessionId"].as_str().unwrap();

    // Where answers cannot be passed on, it is said where they can, and a client may know that before it asks.
    let question = json!({ "queryId": "q1", "text": "What is the chain rule?" });
    let (path, body) = (format!("/sessions/{session}/turns"), question.to_string());
    let refused = library.invoke(request(Some(ADA), "POST", &format!("/api{path}"), Some(&body))).await.unwrap().unwrap();
    assert_eq!(refused["statusCode"], 501, "{refused}");
    let there = format!("https://def.execute-api.us-east-1.amazonaws.com/api{path}");
    assert!(refused["body"].as_str().unwrap().contains(&there), "{refused}");
    let known = library.invoke(request(None, "GET", "/.well-known/synapscribe.json", None)).await.unwrap().unwrap();
    let known: Value = serde_json::from_str(known["body"].as_str().unwrap()).unwrap();
    assert_eq!(there, format!("{}{path}", known["streamingUrl"].as_str().unwrap()), "{known}");

    // The first words are there while AgentCore holds the last ones back.
    let (mut answer, mut unread) = (chat.stream(signed_post(ADA, "api", &path, &question)).await.unwrap(), String::new());
    assert_eq!(answer.head["statusCode"], 200, "{}", answer.head);
    assert_eq!(answer.head["headers"]["content-type"], "text/event-stream", "{}", answer.head);
    let first = until("answer_text", &mut answer, &mut unread).await;
    assert_eq!((&first[0]["type"], &first[1]["delta"]), (&json!("query_accepted"), &json!("Slopes ")), "{first:?}");
    assert_eq!(sent(), [0, 0], "no word waits for what is traced");
    agent.go_on();
    let rest = until("answer_done", &mut answer, &mut unread).await;
    assert_eq!(rest[0]["delta"], "multiply.", "{rest:?}");
    assert!(answer.body.recv().await.is_none(), "and the answer ends by itself");
    assert_eq!(sent(), [1, 1], "what was traced has left the function before it may be frozen");
    assert_eq!(cloud.jobs().depth().await.unwrap(), (0, 0, 0), "nobody else is asked to answer it");
    let kept = library.invoke(request(Some(ADA), "GET", &format!("/api/sessions/{session}"), None)).await.unwrap().unwrap();
    let kept: Value = serde_json::from_str(kept["body"].as_str().unwrap()).unwrap();
    assert_eq!((&kept["turns"][0]["answer"], &kept["turns"][0]["state"]), (&json!("Slopes multiply."), &json!("done")), "{kept}");

    // Asked again it is told again; what is refused comes the same way; and other people's sessions are not there.
    let again = chat.invoke(signed_post(ADA, "api", &path, &question)).await.unwrap().unwrap();
    assert!(again["body"].as_str().unwrap().contains("Slopes multiply."), "{again}");
    let refused = chat.invoke(signed_post("us-east-1:bob", "api", &path, &question)).await.unwrap().unwrap();
    assert_eq!(refused["statusCode"], 404, "{refused}");
    assert!(refused["body"].as_str().unwrap().contains("not_found"), "{refused}");
}
