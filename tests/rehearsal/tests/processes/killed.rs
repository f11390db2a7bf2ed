//! A process that is killed in the middle of an answer: another one begins again, says so, and nothing is said or kept twice.

use serde_json::json;
use synapscribe_domain::{Lecture, LectureId, LectureState, ObjectKey, PersonId, Timestamp, Visibility};
use synapscribe_ports::{Clock, Jobs, Library, SystemClock};
use synapscribe_rehearsal::{Cloud, Function, Gateway, request, socket};
use synapscribe_sql::Store;

use crate::agent::Agent;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_whose_process_is_killed_is_begun_again_by_another_and_said_and_kept_once() {
    let (cloud, data) = (Cloud::start().await.unwrap(), tempfile::tempdir().unwrap());
    let (gateway, agent) = (Gateway::start(&cloud).await.unwrap(), Agent::start().await);
    let mut variables = cloud.variables(data.path(), &gateway);
    variables.push(("SYNAPSCRIBE_AGENT_URL", agent.url.clone()));
    let store = Store::open(data.path().join("lectures.db")).await.unwrap();
    store.add_lecture(&ready("l1", "eu-central-1:ada")).await.unwrap();
    let websocket = Function::start("lambda-websocket", &variables).await.unwrap();
    let first = Function::start("lambda-answer", &variables).await.unwrap();

    let (me, connection) = (Some("eu-central-1:ada"), "L0SM9cOFvHcCIhw=");
    let mut line = gateway.connect(connection);
    websocket.invoke(socket("$connect", me, connection, None)).await.unwrap().unwrap();
    let query = json!({
        "type": "query", "queryId": "q1", "sessionId": "s1", "lectureId": "l1", "text": "What is the chain rule?",
        "traceparent": crate::agent::TRACE, "speech": { "voice": "any" },
    });
    websocket.invoke(socket("$default", me, connection, Some(query))).await.unwrap().unwrap();
    line.until("query_accepted").await.unwrap();
    let ring = cloud.delivery(&cloud.queues.answers).await.unwrap();
    let mut sound = Vec::new();
    let begun = async {
        assert_eq!(line.until("answer_text").await.unwrap().last().unwrap()["delta"], "Slopes ");
        // Up to the middle of its second piece.
        while sound.len() < 2 {
            sound.extend(line.until("audio_chunk").await.unwrap().pop());
        }
    };
    tokio::select! {
        answered = first.invoke(ring.clone()) => panic!("the answer ends before it is let: {answered:?}"),
        () = begun => {}
    }
    first.kill();

    let second = Function::start("lambda-answer", &variables).await.unwrap();
    second.invoke(ring.clone()).await.unwrap().unwrap();
    assert!(line.is_quiet(), "as long as the lease lasts nobody else answers");
    assert_eq!(cloud.jobs().recover(SystemClock.now()).await.unwrap(), 1, "the lease ends");
    agent.go_on();
    second.invoke(ring).await.unwrap().unwrap();
    let heard = line.until("answer_done").await.unwrap();
    assert_eq!(heard[0]["type"], "answer_restarted", "{heard:?}");
    let text: String = heard.iter().filter_map(|message| message["delta"].as_str()).collect();
    assert_eq!(text, "Slopes multiply.");
    sound.extend(heard.into_iter().filter(|message| message["type"] == "audio_chunk"));
    let numbers: Vec<_> = sound.iter().map(|stretch| stretch["index"].as_u64()).collect();
    assert_eq!(numbers, [0, 1, 1, 2].map(Some), "only the piece that was begun comes again, under its number: {sound:?}");
    assert_eq!(sound[1]["data"], sound[2]["data"], "one number has other words");

    let library = Function::start("lambda-library", &variables).await.unwrap();
    let reply = library.invoke(request(me, "GET", "/api/sessions/s1", None)).await.unwrap().unwrap();
    let session: serde_json::Value = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
    assert_eq!(session["turns"].as_array().unwrap().len(), 1, "{session}");
    assert_eq!(session["turns"][0]["answer"], "Slopes multiply.");
    assert_eq!(cloud.jobs().depth().await.unwrap(), (0, 0, 0));
}

pub fn ready(id: &str, owner: &str) -> Lecture {
    let (id, owner) = (LectureId::parse(id).unwrap(), PersonId::parse(owner).unwrap());
    Lecture {
        key: ObjectKey::lecture(&owner, &id, "talk.wav"),
        id,
        owner,
        visibility: Visibility::Private,
        title: "The chain rule".into(),
        state: LectureState::Ready,
        media: None,
        tokens: None,
        created: Timestamp(0),
    }
}
