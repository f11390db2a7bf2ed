//! What the player of a face gets of a recording, against a storage of the test's own.

mod scripted;

use std::collections::BTreeSet;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::Message;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures::TryStreamExt as _;
use scripted::{Peer, Script};

#[tokio::test]
async fn a_player_gets_the_stretch_it_asks_for_and_nothing_else_of_storage() {
    let script = Script::start().await;
    let recordings = script.client().await.recordings();
    let storage = Router::new().route("/a.ogg", get(stretch)).route("/gone.ogg", get(refusal));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, storage).await });

    let mut asked = HeaderMap::new();
    asked.insert(header::RANGE, HeaderValue::from_static("bytes=2-5"));
    asked.insert(header::COOKIE, HeaderValue::from_static("a=b"));
    let answer = recordings.fetch(&format!("{address}/a.ogg?X-Amz-Signature=s"), &asked).await.unwrap();
    assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(answer.headers()[header::CONTENT_RANGE], "bytes 2-5/10");
    let told: BTreeSet<&str> = answer.headers().keys().map(HeaderName::as_str).collect();
    assert_eq!(told, BTreeSet::from(["content-length", "content-range", "content-type"]));
    let bytes: Vec<_> = answer.into_body().try_collect().await.unwrap();
    assert_eq!(bytes.concat(), b"cdef");

    let answer = recordings.fetch(&format!("{address}/gone.ogg"), &asked).await.unwrap();
    assert_eq!((answer.status(), answer.headers().len()), (StatusCode::FORBIDDEN, 0));
    let bytes: Vec<_> = answer.into_body().try_collect().await.unwrap();
    assert!(bytes.is_empty(), "{bytes:?}");
}

#[tokio::test]
async fn what_is_played_of_a_server_keeps_no_connection_to_it() {
    let mut script = Script::start().await;
    let client = script.client().await;
    drop(client.connection());
    let Peer(mut line) = script.peer().await;
    let recordings = client.recordings();
    drop(client);
    let end = tokio::time::timeout(Duration::from_secs(20), line.recv()).await.expect("the line is given up in time");
    assert!(matches!(end, None | Some(Err(_) | Ok(Message::Close(_)))), "{end:?}");
    let answer = recordings.fetch(&format!("{}/.well-known/synapscribe.json", script.address), &HeaderMap::new()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

/// Four bytes of ten, for whoever asks for them and shows nothing else.
async fn stretch(asked: HeaderMap) -> Response {
    if asked.get(header::RANGE).is_none_or(|range| range != "bytes=2-5") || asked.contains_key(header::COOKIE) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let said = [
        (header::CONTENT_RANGE, "bytes 2-5/10"),
        (header::CONTENT_TYPE, "audio/ogg"),
        (HeaderName::from_static("x-amz-request-id"), "r"),
    ];
    (StatusCode::PARTIAL_CONTENT, said, "cdef").into_response()
}

async fn refusal() -> Response {
    (StatusCode::FORBIDDEN, "<Error><Code>AccessDenied</Code></Error>").into_response()
}
