//! A guest uploads a lecture and asks it, through the Lambda processes alone.

use serde_json::{Value, json};
use synapscribe_domain::{LectureId, LectureState};
use synapscribe_ports::Library;
use synapscribe_rehearsal::{Cloud, Function, Gateway, TOKEN, request, socket};
use synapscribe_sql::Store;

use crate::agent::Agent;

/// Words that only the student uses.
const QUESTION: &str = "What is the grandmother of moonstones?";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_uploads_a_lecture_and_asks_it_through_the_processes_alone() {
    let (cloud, data) = (Cloud::start().await.unwrap(), tempfile::tempdir().unwrap());
    let (gateway, agent) = (Gateway::start(&cloud).await.unwrap(), Agent::start().await);
    let mut variables = cloud.variables(data.path(), &gateway);
    variables.push(("SYNAPSCRIBE_AGENT_URL", agent.url.clone()));
    variables.push(("SYNAPSCRIBE_LOG", "info,synapscribe=debug,lambda=debug".into()));
    let websocket = Function::start("lambda-websocket", &variables).await.unwrap();
    let validate = Function::start("lambda-validate-lecture", &variables).await.unwrap();
    let library = Function::start("lambda-library", &variables).await.unwrap();
    let answer = Function::start("lambda-answer", &variables).await.unwrap();
    for (name, function) in [("websocket", &websocket), ("validate", &validate), ("library", &library), ("answer", &answer)] {
        println!("{name}: {} ms from start to first poll", function.init().await.unwrap().as_millis());
    }

    let (guest, connection) = ("us-east-1:2f0f7a3c-0000-4000-8000-00000000cafe", "L0SM9cOFvHcCIhw=");
    let me = Some(guest);
    let mut line = gateway.connect(connection);
    let status = websocket.invoke(socket("$connect", None, connection, None)).await.unwrap().unwrap();
    assert_eq!(status["statusCode"], 401, "nobody connects without credentials");
    let status = websocket.invoke(socket("$connect", me, connection, None)).await.unwrap().unwrap();
    assert_eq!(status["statusCode"], 200);

    // The recording goes to storage by a signed address, and storage tells.
    let recording = tone();
    let wish = json!({ "type": "request_upload", "fileName": "Week 3 – chain rule.wav", "bytes": recording.len() });
    websocket.invoke(socket("$default", me, connection, Some(wish))).await.unwrap().unwrap();
    let grant = line.until("upload_url").await.unwrap().pop().unwrap();
    let lecture = grant["lectureId"].as_str().unwrap().to_owned();
    let put = reqwest::Client::new().put(grant["uploadUrl"].as_str().unwrap());
    let put = put.header("content-type", grant["contentType"].as_str().unwrap()).body(recording);
    assert!(put.send().await.unwrap().status().is_success());
    let event = cloud.delivery(&cloud.uploads).await.unwrap();
    for _ in 0..2 {
        let settled = validate.invoke(event.clone()).await.unwrap().unwrap();
        assert_eq!(settled, json!({ "batchItemFailures": [] }), "an event that comes twice is settled twice");
    }
    let told = line.until("lecture_progress").await.unwrap().pop().unwrap();
    assert_eq!(told["lectureId"], lecture.as_str(), "{told}");
    assert_eq!(
        cloud.delivery(&cloud.queues.ingests).await.unwrap()["Records"].as_array().unwrap().len(),
        1,
        "one ingest is waiting"
    );
    let listed = rest(&library, request(me, "GET", "/api/lectures", None)).await;
    assert_eq!(listed["lectures"][0]["lectureId"], lecture.as_str(), "{listed}");
    let refused = library.invoke(request(None, "GET", "/api/lectures", None)).await.unwrap().unwrap();
    assert_eq!(refused["statusCode"], 401);

    // The GPU host recognises it.
    let store = Store::open(data.path().join("lectures.db")).await.unwrap();
    let id = LectureId::parse(lecture.clone()).unwrap();
    store.change_lecture(&id, &|lecture| lecture.state = LectureState::Ready).await.unwrap();

    // A question is acknowledged at once, and its answer comes while it is written.
    let query = json!({
        "type": "query", "queryId": "q1", "sessionId": "s1", "lectureId": lecture, "text": "What is the chain rule?",
        "traceparent": crate::agent::TRACE,
    });
    // The gateway need not say again who is behind a connection.
    websocket.invoke(socket("$default", None, connection, Some(query))).await.unwrap().unwrap();
    line.until("query_accepted").await.unwrap();
    let ring = cloud.delivery(&cloud.queues.answers).await.unwrap();
    let (answered, ()) = futures::join!(answer.invoke(ring.clone()), async {
        let first = line.until("answer_text").await.unwrap().pop().unwrap();
        assert_eq!((&first["delta"], &first["queryId"]), (&json!("Slopes "), &json!("q1")));
        agent.go_on();
        let rest = line.until("answer_done").await.unwrap();
        assert_eq!(rest[0]["delta"], "multiply.", "{rest:?}");
    });
    answered.unwrap().unwrap();
    answer.invoke(ring).await.unwrap().unwrap();
    assert!(line.is_quiet(), "a ring that comes twice answers nothing twice");
    let session = rest(&library, request(me, "GET", "/api/sessions/s1", None)).await;
    assert_eq!(session["turns"][0]["answer"], "Slopes multiply.", "{session}");

    // What is refused is found in the logs by its name, and nobody by what they said or who they are.
    let both =
        json!({ "type": "query", "queryId": "q2", "sessionId": "s1", "lectureId": lecture, "text": QUESTION, "s3Key": "k" });
    websocket.invoke(socket("$default", me, connection, Some(both))).await.unwrap().unwrap();
    let error = line.until("error").await.unwrap().pop().unwrap();
    assert_eq!(error["correlation"], "q2", "{error}");
    let mut lost = request(me, "GET", "/api/lectures/nowhere", None);
    lost["headers"]["x-correlation-id"] = json!("r-mine");
    let reply = library.invoke(lost).await.unwrap().unwrap();
    assert_eq!((&reply["statusCode"], &reply["headers"]["x-correlation-id"]), (&json!(404), &json!("r-mine")), "{reply}");
    for (function, about) in [(&websocket, Some("q2")), (&answer, Some("q1")), (&library, Some("r-mine")), (&validate, None)] {
        let log = function.log();
        for line in &log {
            let said: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("a line is not JSON: {line}"));
            assert!(said["level"].is_string() && said["timestamp"].is_string(), "{said}");
            for secret in [QUESTION, "chain rule", "Slopes", guest, "192.0.2.1", TOKEN] {
                assert!(!line.contains(secret), "{secret} is in what operators read: {line}");
            }
        }
        let named = |name: &str| log.iter().any(|line| line.contains(&format!("\"correlation\":\"{name}\"")));
        assert!(about.is_none_or(named), "nothing is logged about {about:?}: {log:#?}");
    }
}

async fn rest(library: &Function, event: Value) -> Value {
    let reply = library.invoke(event).await.unwrap().unwrap();
    assert_eq!(reply["statusCode"], 200, "{reply}");
    serde_json::from_str(reply["body"].as_str().unwrap()).unwrap()
}

/// Two seconds of a tone as a WAV file.
pub fn tone() -> Vec<u8> {
    let samples: Vec<u8> = (0..32_000).flat_map(|n| (((n as f32 * 0.17).sin() * 9_000.0) as i16).to_le_bytes()).collect();
    let mut wav = Vec::new();
    wav.extend(b"RIFF");
    wav.extend((36 + samples.len() as u32).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    for part in [&16_u32.to_le_bytes()[..], &1_u16.to_le_bytes(), &1_u16.to_le_bytes(), &16_000_u32.to_le_bytes()] {
        wav.extend(part);
    }
    for part in [&32_000_u32.to_le_bytes()[..], &2_u16.to_le_bytes(), &16_u16.to_le_bytes()] {
        wav.extend(part);
    }
    wav.extend(b"data");
    wav.extend((samples.len() as u32).to_le_bytes());
    wav.extend(samples);
    wav
}
