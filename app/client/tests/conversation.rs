//! Questions and answers over the WebSocket against a scripted server: garbage, silence, breaks and cancellations.

mod scripted;

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::ws::Message;
use scripted::{Script, brisk};
use serde_json::json;
use synapscribe_client::protocol::ServerMessage;
use synapscribe_client::{Answer, Ask, Client, Connection, Question, code};

fn asking(text: &str) -> Ask {
    Ask { session: Some("s1".into()), playhead: Some(12.5), ..Ask::lecture("l1", Question::Text(text.into())) }
}

async fn to_the_end(mut answer: Answer) -> (Vec<ServerMessage>, synapscribe_client::Assembled) {
    let mut messages = Vec::new();
    while let Some(message) = answer.next().await {
        messages.push(message.unwrap());
    }
    (messages, answer.into_assembled())
}

#[tokio::test]
async fn an_answer_comes_through_whatever_nonsense_is_between() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let (answer, mut peer) = tokio::join!(client.ask(asking(" why? ")), script.peer());
    let answer = answer.unwrap();
    let query = peer.hear_type("query").await;
    assert_eq!((&query["text"], &query["sessionId"], &query["playhead"]), (&json!("why?"), &json!("s1"), &json!(12.5)));
    let id = query["queryId"].as_str().unwrap().to_owned();
    assert_eq!(id, answer.query_id);

    peer.say(json!({"type": "query_accepted", "queryId": id, "sessionId": "s1"})).await;
    for nonsense in
        ["", "null", "[]", "{\"type\":7}", "{\"type\":\"dance\",\"queryId\":\"x\"}", "{\"type\":\"answer_text\"}", "\u{feff}{"]
    {
        peer.say_raw(Message::text(nonsense)).await;
    }
    peer.say_raw(Message::binary(vec![0, 159, 146, 150])).await;
    peer.say_raw(Message::Ping(vec![1].into())).await;
    peer.say(json!({"type": "answer_text", "queryId": "someone else's", "delta": "no"})).await;
    peer.say(json!({"type": "answer_text", "queryId": id, "delta": "Because ", "newField": 1})).await;
    peer.say(json!({"type": "answer_text", "queryId": id, "delta": "of this."})).await;
    peer.say(json!({"type": "citation", "queryId": id, "citation": {"number": 1, "lectureId": "l1", "passageId": "p", "from": 1.0, "to": 2.0, "excerpt": "this", "score": 0.9}})).await;
    peer.say(
        json!({"type": "audio_chunk", "queryId": id, "index": 0, "format": "pcm_s16le", "sampleRate": 16000, "data": "AQACAA=="}),
    )
    .await;
    peer.say(json!({"type": "audio_complete", "queryId": id, "chunks": 1, "seconds": 0.1})).await;
    peer.finish(&id, "s1").await;

    let (messages, whole) = to_the_end(answer).await;
    assert_eq!(messages.len(), 7, "{messages:?}");
    assert_eq!(
        (whole.text.as_str(), whole.audio.as_slice(), whole.citations.len()),
        ("Because of this.", [1i16, 2].as_slice(), 1)
    );
    assert!(whole.audio_complete && whole.done.unwrap().found);
}

#[tokio::test]
async fn a_broken_connection_is_made_again_and_the_same_question_asked_again() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let (answer, mut first) = tokio::join!(client.ask(asking("why?")), script.peer());
    let answer = answer.unwrap();
    let asked = first.hear_type("query").await;
    let id = answer.query_id.clone();
    first.say(json!({"type": "answer_text", "queryId": id, "delta": "Half an ans"})).await;
    drop(first);

    let mut second = script.peer().await;
    assert_eq!(second.hear().await, asked);
    second.say(json!({"type": "answer_restarted", "queryId": id})).await;
    second.say(json!({"type": "answer_text", "queryId": id, "delta": "A whole answer."})).await;
    second.finish(&id, "s1").await;
    let (_, whole) = to_the_end(answer).await;
    assert_eq!(whole.text, "A whole answer.");
    assert_eq!(*client.connection().borrow(), Connection::Open);
}

#[tokio::test]
async fn a_server_that_always_hangs_up_is_given_up() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let mut answer = client.ask(asking("why?")).await.unwrap();
    let hanging_up = async {
        loop {
            drop(script.peer().await);
        }
    };
    let error = tokio::select! {
        () = hanging_up => unreachable!("it hangs up for ever"),
        message = answer.next() => message.unwrap().unwrap_err(),
    };
    assert_eq!((error.code.as_str(), error.retryable), (code::UNREACHABLE, true));
    assert!(answer.next().await.is_none());
}

#[tokio::test]
async fn cancelling_tells_the_server_and_ends_the_answer() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let (answer, mut peer) = tokio::join!(client.ask(asking("why?")), script.peer());
    let answer = answer.unwrap();
    peer.hear_type("query").await;
    client.cancel(&answer.query_id).await.unwrap();
    assert_eq!(peer.hear_type("cancel").await["queryId"], json!(answer.query_id));
    peer.say(json!({"type": "cancelled", "queryId": answer.query_id})).await;
    let (messages, _) = to_the_end(answer).await;
    assert!(matches!(messages.as_slice(), [ServerMessage::Cancelled { .. }]));
}

#[tokio::test]
async fn an_answer_nobody_waits_for_is_stopped() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let (answer, mut peer) = tokio::join!(client.ask(asking("why?")), script.peer());
    peer.hear_type("query").await;
    let id = answer.unwrap().query_id.clone();
    assert_eq!(peer.hear_type("cancel").await["queryId"], json!(id));
}

#[tokio::test]
async fn an_answer_given_up_while_the_connection_was_away_is_stopped_once_it_is_back() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let (answer, mut peer) = tokio::join!(client.ask(asking("why?")), script.peer());
    peer.hear_type("query").await;
    let answer = answer.unwrap();
    let id = answer.query_id.clone();
    script.world.away.store(true, Ordering::SeqCst);
    drop(peer);
    let mut state = client.connection();
    state.wait_for(|state| *state != Connection::Open).await.unwrap();
    drop(answer);
    // By then the client has noticed that nobody waits for the answer.
    while script.world.turned_away.load(Ordering::SeqCst) < 20 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    script.world.away.store(false, Ordering::SeqCst);
    let mut peer = script.peer().await;
    let said = peer.hear().await;
    assert_eq!((&said["type"], &said["queryId"]), (&json!("cancel"), &json!(id)), "the server goes on answering nobody");
}

#[tokio::test]
async fn errors_reach_the_request_they_belong_to() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let refused = json!({"type": "error", "code": "lecture_not_found", "message": "m", "retryable": false});
    let (answer, mut peer) = tokio::join!(client.ask(asking("why?")), script.peer());
    let mut answer = answer.unwrap();
    peer.hear_type("query").await;
    // Without the question's name it can only be the one that was not taken yet.
    peer.say(refused.clone()).await;
    assert_eq!(answer.next().await.unwrap().unwrap_err().code, "lecture_not_found");

    let mut answer = client.ask(asking("why?")).await.unwrap();
    let id = peer.hear_type("query").await["queryId"].clone();
    let mut named = refused.clone();
    named["queryId"] = id;
    peer.say(named).await;
    let ServerMessage::Error { error, .. } = answer.next().await.unwrap().unwrap() else { panic!() };
    assert_eq!(error.code, "lecture_not_found");
    assert!(answer.next().await.is_none());

    // A voice that fails is told to the question it concerns, which goes on.
    let mut answer = client.ask(asking("why?")).await.unwrap();
    let id = peer.hear_type("query").await["queryId"].as_str().unwrap().to_owned();
    peer.say(json!({"type": "query_accepted", "queryId": id, "sessionId": "s1"})).await;
    peer.say(json!({"type": "error", "about": id, "code": "engine_failed", "message": "no voice", "retryable": true})).await;
    peer.finish(&id, "s1").await;
    let mut kinds = Vec::new();
    while let Some(message) = answer.next().await {
        kinds.push(serde_json::to_value(message.unwrap()).unwrap()["type"].clone());
    }
    assert_eq!(kinds, ["query_accepted", "error", "answer_done"]);

    let ending = client.end_session("s1");
    let (ended, ()) = tokio::join!(ending, async {
        peer.hear_type("end_session").await;
        peer.say(json!({"type": "session_ended", "sessionId": "s1"})).await;
    });
    ended.unwrap();
}

#[tokio::test]
async fn silence_is_questioned_and_a_dead_connection_replaced() {
    let mut script = Script::start().await;
    let mut pace = brisk();
    pace.busy_ping = Duration::from_millis(50);
    let client = Client::connect_with(&script.address, script.home(), pace).await.unwrap();
    let (answer, mut peer) = tokio::join!(client.ask(asking("why?")), script.peer());
    let answer = answer.unwrap();
    peer.hear_type("query").await;
    peer.hear_type("ping").await;
    peer.say(json!({"type": "pong"})).await;
    peer.hear_type("ping").await;
    // Now it says nothing any more, without hanging up.
    let mut second = script.peer().await;
    second.hear_type("query").await;
    second.finish(&answer.query_id, "s1").await;
    to_the_end(answer).await;
}

#[tokio::test]
async fn a_connection_is_renewed_before_the_gateway_ends_it() {
    let mut script = Script::start().await;
    let mut pace = brisk();
    pace.renew = Duration::from_millis(100);
    let client = Client::connect_with(&script.address, script.home(), pace).await.unwrap();
    let _connection = client.connection();
    let first = script.peer().await;
    let _second = script.peer().await;
    drop(first);
}

#[tokio::test]
async fn a_spoken_question_is_put_in_its_place_first() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let address = script.address.clone();
    let mut ask = asking("");
    ask.question = Question::Samples { samples: vec![5; 1600], rate: 16_000 };
    let (answer, mut peer) = tokio::join!(client.ask(ask), async {
        let mut peer = script.peer().await;
        let asked = peer.place(&address, "", "queries/p/q.wav").await;
        assert_eq!(
            (&asked["purpose"], &asked["bytes"], &asked["fileName"]),
            (&json!("query"), &json!(44 + 3200), &json!("question.wav"))
        );
        peer
    });
    let query = peer.hear_type("query").await;
    assert_eq!((&query["s3Key"], &query["text"]), (&json!("queries/p/q.wav"), &json!(null)));
    assert_eq!(query["queryId"], json!(answer.unwrap().query_id));
    assert_eq!(script.world.objects.lock().unwrap()["queries/p/q.wav"].len(), 44 + 3200);

    let mut ask = asking("");
    ask.question = Question::File(script.file("note.wav", b"this is no recording"));
    assert_eq!(client.ask(ask).await.err().unwrap().code, code::TYPE);
    let mut ask = asking("");
    ask.question = Question::Samples { samples: vec![0; 61 * 16_000], rate: 16_000 };
    assert_eq!(client.ask(ask).await.err().unwrap().code, code::TOO_LONG);
    let mut ask = asking("");
    let long = synapscribe_client::audio::wav::encode(&vec![0; 61 * 16_000], 16_000);
    ask.question = Question::File(script.file("long.wav", &long));
    let refused = client.ask(ask).await.err().unwrap();
    assert_eq!((refused.code.as_str(), refused.message.contains("60 seconds")), (code::TOO_LONG, true), "{refused}");
    assert_eq!(script.world.objects.lock().unwrap().len(), 1, "it was sent before it was refused");
}

#[tokio::test]
async fn a_refused_place_fails_the_question() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let mut ask = asking("");
    ask.question = Question::Samples { samples: vec![5; 1600], rate: 16_000 };
    let (answer, ()) = tokio::join!(client.ask(ask), async {
        let mut peer = script.peer().await;
        peer.hear_type("request_upload").await;
        peer.say(json!({"type": "error", "code": "too_many", "message": "slow down", "retryable": true})).await;
        drop(peer);
    });
    assert_eq!(answer.err().unwrap().code, "too_many");
}

#[tokio::test]
async fn a_guest_is_remembered_renewed_and_made_anew_when_the_server_was() {
    let mut script = Script::start().await;
    let counts = |script: &Script| (script.world.guests.load(Ordering::SeqCst), script.world.draws.load(Ordering::SeqCst));
    let client = script.client().await;
    client.lectures().await.unwrap();
    let identity = client.identity().await.unwrap();
    assert_eq!(counts(&script), (1, 1));

    let again = script.client().await;
    again.lectures().await.unwrap();
    assert_eq!((again.identity().await.unwrap(), counts(&script)), (identity.clone(), (1, 1)));

    // Revoked credentials are replaced once, for REST and for the socket.
    script.world.valid_from.store(2, Ordering::SeqCst);
    again.lectures().await.unwrap();
    assert_eq!(counts(&script), (1, 2));
    let names = script.world.names.lock().unwrap().clone();
    let [.., earlier, refused, repeated] = names.as_slice() else { panic!("{names:?}") };
    assert!(refused.starts_with("r-") && refused == repeated, "a request that is sent again keeps its name: {names:?}");
    assert_ne!(earlier, refused);
    let third = script.client().await;
    third.lectures().await.unwrap();
    script.world.valid_from.store(3, Ordering::SeqCst);
    let _connection = third.connection();
    let _peer = script.peer().await;
    assert_eq!(counts(&script), (1, 3));

    // Credentials that are about to expire are not used.
    *script.world.lifetime.lock().unwrap() = Some(60.0);
    script.world.valid_from.store(4, Ordering::SeqCst);
    third.lectures().await.unwrap();
    third.lectures().await.unwrap();
    assert_eq!(counts(&script), (1, 5));

    // A server that was set up anew gives a new identity instead of an error.
    script.world.forget_guests.store(1, Ordering::SeqCst);
    let fourth = script.client().await;
    fourth.lectures().await.unwrap();
    assert_ne!(fourth.identity().await.unwrap(), identity);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_so() {
    let script = Script::start().await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = Client::connect(&closed.to_string(), script.home()).await.unwrap_err();
    assert_eq!(error.code, code::UNREACHABLE);
    let error = Client::connect(&format!("{}/rest", script.address), script.home()).await.unwrap_err();
    assert_eq!(error.code, code::NOT_SYNAPSCRIBE);
    let client = script.client().await;
    assert_eq!(client.lecture("x").await.unwrap_err().code, code::NOT_FOUND);
    assert_eq!(client.lecture("../../x").await.unwrap_err().code, code::NOT_FOUND);
    assert_eq!(client.resolve_lecture("sample").unwrap(), "sample-lecture");
}
