//! The tutor by streaming chat completions.

use std::time::Duration;

use futures::StreamExt;
use serde_json::{Value, json};
use synapscribe_domain::retrieval::Ranked;
use synapscribe_domain::{Code, Failure, LectureId, Millis, Passage, Span};
use synapscribe_engines::openai::{ChatTutor, Endpoint};
use synapscribe_ports::{AnswerPiece, AnswerRequest, Exchange, Tutor};

use crate::peer::{Answer, Peer, Piece, events, json as answer, nobody, tried};

const TEXTS: [&str; 3] = [
    "The gradient points uphill. It has one number for each weight.",
    "The learning rate is the size of the step. A good first guess is zero point zero one.",
    "Next week we shall ask why this works.",
];

pub fn request(question: &str) -> AnswerRequest {
    let lecture = LectureId::parse("l").unwrap();
    let passage = |n: usize| {
        Passage::said(&lecture, n as u32, Span::new(Millis(n as u64 * 65_000), Millis(n as u64 * 65_000 + 20_000)), TEXTS[n])
    };
    AnswerRequest {
        title: "Gradients".into(),
        question: question.into(),
        passages: (0..3).map(|n| Ranked { passage: passage(n), score: 1.0, similarity: None, parts: Vec::new() }).collect(),
        ..AnswerRequest::default()
    }
}

fn delta(text: &str) -> String {
    json!({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "test-model",
        "choices": [{"index": 0, "delta": {"content": text}, "logprobs": null, "finish_reason": null}]})
    .to_string()
}

fn stop() -> String {
    json!({"id": "c1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        .to_string()
}

const USAGE: &str = r#"{"id":"c1","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":321,"completion_tokens":12,"total_tokens":333}}"#;

fn data(lines: &[String]) -> Vec<Piece> {
    lines.iter().map(|l| Piece::Bytes(format!("data: {l}\n\n").into_bytes())).collect()
}

struct Told {
    text: String,
    cites: Vec<(usize, String)>,
    end: Option<(bool, bool, u64, u64)>,
    failure: Option<Failure>,
}

async fn ask(pieces: Vec<Piece>) -> Told {
    hear(events(pieces)).await
}

async fn hear(script: Answer) -> Told {
    let peer = Peer::new(vec![script]).await;
    let tutor = ChatTutor::new(peer.endpoint(), 8192).unwrap();
    let mut told = Told { text: String::new(), cites: vec![], end: None, failure: None };
    let mut stream = match tutor.answer(request("What is the gradient?")).await {
        Ok(stream) => stream,
        Err(failure) => return Told { failure: Some(failure), ..told },
    };
    while let Some(piece) = stream.next().await {
        assert!(told.end.is_none() && told.failure.is_none(), "nothing follows the end");
        match piece {
            Ok(AnswerPiece::Text(text)) => told.text.push_str(&text),
            Ok(AnswerPiece::Cite { passage, excerpt }) => told.cites.push((passage, excerpt)),
            Ok(AnswerPiece::End { generated, found, usage }) => {
                told.end = Some((generated, found, usage.tokens_in, usage.tokens_out))
            }
            Err(failure) => told.failure = Some(failure),
        }
    }
    told
}

#[tokio::test]
async fn an_answer_is_streamed_with_its_citations_and_its_cost() {
    let mut pieces = data(&[
        delta("The gradient points up"),
        delta("hill ["),
        delta("1"),
        delta("]. Size [2"),
        delta(", 9] matters."),
        stop(),
        USAGE.into(),
    ]);
    pieces.push("data: [DONE]\n\n".into());
    let told = ask(pieces).await;
    assert_eq!(told.text, "The gradient points uphill. Size matters.");
    assert_eq!(
        told.cites,
        [(0, "The gradient points uphill.".to_owned()), (1, "The learning rate is the size of the step.".to_owned())]
    );
    assert_eq!(told.end, Some((true, true, 321, 12)));
}

#[tokio::test]
async fn a_citation_whose_passage_does_not_hold_the_claim_is_dropped_and_the_words_stay() {
    let (uphill, guess) = ("The gradient points uphill.", "A good first guess is zero point zero one.");
    for (said, cites) in [
        ("The gradient has a number for each weight [2].", vec![]),
        // Each of two marks is looked at for the same words.
        ("It points uphill [1][3].", vec![(0, uphill)]),
        ("It points uphill [3] and [1].", vec![(0, uphill)]),
        ("A good first guess is 0.05 [2].", vec![]),
        ("A good first guess is 0.01 [2].", vec![(1, guess)]),
        // What was said before the sentence of the mark is no part of the claim.
        ("Bread rises because yeast eats sugar and breathes out gas. It points uphill [1].", vec![(0, uphill)]),
        ("Yes [1].", vec![(0, uphill)]),
        ("Yes [3].", vec![]),
    ] {
        let told = ask(data(&[delta(said), stop()])).await;
        assert_eq!(told.text, said.replace(" [1][3]", "").replace(" [1]", "").replace(" [2]", "").replace(" [3]", ""));
        assert_eq!(told.cites, cites.iter().map(|(n, excerpt)| (*n, (*excerpt).to_owned())).collect::<Vec<_>>(), "{said}");
        assert!(matches!(told.end, Some((true, true, ..))), "{said}");
    }
}

#[tokio::test]
async fn every_form_of_the_event_stream_is_read() {
    let comment = Piece::from(": ping\r\n\r\n");
    let crlf = Piece::Bytes(format!("event: message\r\ndata: {}\r\n\r\n", delta("Größe ")).into_bytes());
    // A character and an event that arrive in three parts.
    let split = format!("data: {}\n\n", delta("und – the gradient points uphill. [1]")).into_bytes();
    let inside = split.iter().position(|&b| b >= 0x80).unwrap() + 1;
    let (a, b) = split.split_at(inside);
    // JSON over several data lines is one event.
    let lines = Piece::from(
        "data: {\"choices\":\ndata: [{\"index\":0,\"delta\":{\"content\":\" Ende.\"},\"finish_reason\":\"stop\"}]}\n\n",
    );
    let told = ask(vec![
        comment,
        crlf,
        Piece::Bytes(a.to_vec()),
        Piece::Wait(Duration::from_millis(20)),
        Piece::Bytes(b.to_vec()),
        lines,
        "data: [DONE]".into(),
    ])
    .await;
    assert_eq!(told.text, "Größe und – the gradient points uphill. Ende.");
    assert_eq!(told.cites.len(), 1);
    assert!(matches!(told.end, Some((true, true, ..))));
}

#[tokio::test]
async fn a_stream_that_says_why_it_stopped_needs_no_last_word() {
    let told = ask(data(&[delta("Short."), stop()])).await;
    assert_eq!((told.text.as_str(), told.failure), ("Short.", None));
    assert!(matches!(told.end, Some((true, true, read, 2)) if read > 100), "{:?}", told.end);
}

#[tokio::test]
async fn an_answer_that_a_server_gives_at_once_is_one() {
    let told = hear(answer(
        200,
        json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": "It points uphill [1]."}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 321, "completion_tokens": 12}}),
    ))
    .await;
    assert_eq!((told.text.as_str(), told.failure), ("It points uphill.", None));
    assert_eq!(told.cites.len(), 1);
    assert_eq!(told.end, Some((true, true, 321, 12)));
}

#[tokio::test]
async fn a_stream_under_another_label_is_streamed() {
    for kind in ["application/json", "text/html; charset=utf-8"] {
        let mut pieces =
            vec![Piece::from("\n "), "da".into(), Piece::Bytes(format!("ta: {}\n\n", delta("It points")).into_bytes())];
        pieces.extend(data(&[delta(" uphill [1]."), stop(), USAGE.into()]));
        let told = hear(Answer::Body(200, kind, vec![], pieces)).await;
        assert_eq!((told.text.as_str(), told.failure), ("It points uphill.", None), "{kind}");
        assert_eq!(told.end, Some((true, true, 321, 12)));
    }
    let mut pieces = data(&[delta("The gradient is")]);
    pieces.push(Piece::Hang);
    let peer = Peer::new(vec![Answer::Body(200, "application/json", vec![], pieces)]).await;
    let mut stream = ChatTutor::new(peer.endpoint(), 8192).unwrap().answer(request("What?")).await.unwrap();
    assert!(matches!(stream.next().await, Some(Ok(AnswerPiece::Text(_)))), "words come while it is written");
}

#[tokio::test]
async fn what_is_no_answer_at_all_is_not_one_that_broke_off() {
    let page = || vec![Piece::from("<html>login</html>")];
    for (what, script, says) in [
        ("a page", Answer::Body(200, "text/html; charset=utf-8", vec![], page()), "a web page"),
        ("a page that is called a stream", events(page()), "no stream of events"),
        ("an empty stream", events(vec![]), "no stream of events"),
        ("signs of life alone", events(vec![": ping\n\n".into()]), "no stream of events"),
        ("an error", answer(200, json!({"error": {"message": "x", "code": 429}})), "is busy (429)"),
        ("silence at once", answer(200, json!({"choices": [{"message": {"content": ""}}]})), "empty"),
    ] {
        let failure = hear(script).await.failure.unwrap_or_else(|| panic!("{what}: no failure"));
        assert!(failure.message.contains(says) && !failure.message.contains("broke off"), "{what}: {failure}");
    }
}

#[tokio::test]
async fn what_a_model_thinks_before_it_answers_is_neither_shown_nor_cited() {
    let thought =
        [delta("<thi"), delta("nk>Passage [2] may"), delta(" help.</th"), delta("ink>\n\nIt points "), delta("uphill [1].")];
    let told = ask(data(&[&thought[..], &[stop()]].concat())).await;
    assert_eq!(told.text, "It points uphill.");
    assert_eq!(told.cites.iter().map(|c| c.0).collect::<Vec<_>>(), [0]);
    assert!(matches!(told.end, Some((true, true, ..))));
    let told = ask(data(&[delta("<think>and on and on"), stop()])).await;
    assert!(told.failure.is_some_and(|f| f.message.contains("empty")), "thoughts alone are no answer");
}

#[tokio::test]
async fn a_refusal_is_not_an_answer() {
    let mut pieces = data(&[delta("[NOT IN"), delta(" LECTURE] The lecture does not answer that. Nearest: steps [2]."), stop()]);
    pieces.push("data: [DONE]\n\n".into());
    let told = ask(pieces).await;
    assert_eq!(told.text, "The lecture does not answer that. Nearest: steps.");
    assert_eq!(told.cites.len(), 1);
    assert!(matches!(told.end, Some((true, false, ..))));
    let told = ask(data(&[delta("[NOT IN LECTURE]"), stop()])).await;
    assert_eq!(told.text, "This lecture does not answer that.");
    assert!(matches!(told.end, Some((true, false, ..))));
}

#[tokio::test]
async fn what_goes_wrong_in_the_stream_is_said_and_ends_it() {
    let cut = |last: Piece| {
        let mut pieces = data(&[delta("The gradient")]);
        pieces.push(last);
        pieces
    };
    for (what, pieces, code, says) in [
        ("cut", cut(Piece::Cut), Code::EngineFailed, "broke off"),
        ("ended early", data(&[delta("The gradient")]), Code::EngineFailed, "broke off"),
        ("silent", cut(Piece::Hang), Code::EngineTimeout, "did not answer in time"),
        ("garbage", cut("data: {oops\n\n".into()), Code::EngineFailed, "not JSON"),
        (
            "an error inside",
            cut("data: {\"error\":{\"message\":\"my name is Ada\",\"code\":500}}\n\n".into()),
            Code::EngineFailed,
            "error",
        ),
        ("too many", cut("data: {\"error\":{\"message\":\"x\",\"code\":429}}\n\n".into()), Code::Busy, "busy"),
        ("nothing written", data(&[stop()]), Code::EngineFailed, "empty"),
    ] {
        let told = ask(pieces).await;
        let failure = told.failure.unwrap_or_else(|| panic!("{what}: no failure"));
        assert_eq!(failure.code, code, "{what}");
        assert!(failure.message.contains(says) && !failure.message.contains("Ada"), "{what}: {failure}");
        assert!(told.end.is_none());
    }
}

#[tokio::test]
async fn errors_are_said_in_words_a_person_can_act_on() {
    let error = |code: &str| json!({"error": {"message": "You asked: what is the gradient", "type": "invalid_request_error", "code": code}});
    let busy = Answer::Body(429, "application/json", vec![("retry-after", "7")], vec![Piece::from("{}")]);
    for (script, code, says) in [
        (answer(401, error("invalid_api_key")), Code::EngineFailed, "check the API key"),
        (answer(403, json!("no")), Code::EngineFailed, "check the API key"),
        (answer(404, error("model_not_found")), Code::EngineFailed, "model_not_found"),
        (answer(400, error("context_length_exceeded")), Code::EngineFailed, "context_length_exceeded"),
        (busy, Code::Busy, "try again in 7 s"),
        (Answer::Body(503, "text/html", vec![], vec!["<h1>busy</h1>".into()]), Code::Busy, "busy"),
        (answer(504, json!(null)), Code::EngineTimeout, "in time"),
        (answer(500, error("gradient is secret")), Code::EngineFailed, "error (500"),
        (
            Answer::Body(302, "text/html", vec![("location", "http://example.com")], vec![]),
            Code::EngineFailed,
            "points elsewhere",
        ),
        (Answer::Silence, Code::EngineTimeout, "in time"),
    ] {
        let peer = Peer::new(vec![script]).await;
        let failure = ChatTutor::new(peer.endpoint(), 8192)
            .unwrap()
            .answer(request("What is the gradient?"))
            .await
            .err()
            .expect("an error");
        assert_eq!(failure.code, code, "{failure}");
        assert!(failure.message.contains(says), "{failure}");
        for secret in ["sk-test", "You asked", "gradient"] {
            assert!(!failure.message.contains(secret), "{failure}");
        }
    }
    let tutor = ChatTutor::new(Endpoint::new(nobody().await, "m"), 8192).unwrap();
    let failure = tutor.answer(request("What?")).await.err().unwrap();
    assert_eq!(failure.code, Code::EngineFailed);
    assert!(failure.message.contains("cannot be reached"), "{failure}");
}

#[tokio::test]
async fn dropping_the_answer_closes_the_connection() {
    let mut pieces = data(&[delta("The gradient is")]);
    pieces.push(Piece::Hang);
    let peer = Peer::new(vec![events(pieces)]).await;
    let mut endpoint = peer.endpoint();
    endpoint.timeouts.between = Duration::from_secs(60);
    let mut stream = ChatTutor::new(endpoint, 8192).unwrap().answer(request("What?")).await.unwrap();
    assert!(matches!(stream.next().await, Some(Ok(AnswerPiece::Text(_)))));
    drop(stream);
    tokio::time::timeout(Duration::from_secs(5), peer.gone.notified()).await.expect("the server notices");
}

#[tokio::test]
async fn the_request_follows_the_api_and_keeps_what_does_not_change_first() {
    let peer = Peer::new(vec![events(data(&[delta("Yes."), stop()]))]).await;
    let tutor = ChatTutor::new(peer.endpoint(), 8192).unwrap();
    let mut asked = request("And why?");
    asked.history.push(Exchange { question: "What is the gradient?".into(), answer: "It points uphill.".into(), playhead: None });
    let _: Vec<_> = tutor.answer(asked).await.unwrap().collect().await;
    let seen = &peer.asked()[0];
    assert_eq!((seen.path.as_str(), seen.key.as_deref()), ("/v1/chat/completions", Some("Bearer sk-test")));
    let body = seen.json();
    assert_eq!(
        (&body["model"], &body["stream"], &body["stream_options"]["include_usage"]),
        (&json!("test-model"), &json!(true), &json!(true))
    );
    let roles: Vec<&str> = body["messages"].as_array().unwrap().iter().map(|m| m["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
    let system = body["messages"][0]["content"].as_str().unwrap();
    assert!(system.contains("[2] (1:05–1:25) The learning rate is the size"), "{system}");
    assert_eq!(body["messages"][3]["content"], "And why?");
}

#[tokio::test]
async fn every_question_about_a_whole_lecture_begins_with_the_same_words() {
    let answered = || events(data(&[delta("Yes."), stop()]));
    let peer = Peer::new(vec![answered(), answered()]).await;
    let tutor = ChatTutor::new(peer.endpoint(), 8192).unwrap();
    for question in ["What is the gradient?", "How large is a step, and why?"] {
        let asked = AnswerRequest { whole: true, playhead: Some(Millis(70_000)), ..request(question) };
        let _: Vec<_> = tutor.answer(asked).await.unwrap().collect().await;
    }
    let first = peer.asked().iter().map(|asked| asked.json()["messages"][0].clone()).collect::<Vec<_>>();
    assert_eq!(first[0], first[1], "a server's prefix cache finds what it has read");
    assert!(first[0]["content"].as_str().unwrap().contains("uphill"));
}

#[tokio::test]
async fn passages_that_find_no_room_in_the_window_are_left_out_and_cannot_be_cited() {
    let peer = Peer::new(vec![events(data(&[delta("It points uphill [1]. Next week we ask why [3]."), stop()]))]).await;
    let pieces: Vec<_> = ChatTutor::new(peer.endpoint(), 780).unwrap().answer(request("Why?")).await.unwrap().collect().await;
    let cited: Vec<_> = pieces.iter().filter(|p| matches!(p, Ok(AnswerPiece::Cite { .. }))).collect();
    let body = peer.asked()[0].json();
    let system = body["messages"][0]["content"].as_str().unwrap();
    assert_eq!(cited.len(), usize::from(system.contains("\n[1] (")) + usize::from(system.contains("\n[3] (")));
    assert!(!system.contains("\n[3] ("), "a window of 780 tokens does not hold them all: {} characters", system.len());
}

#[tokio::test]
async fn without_passages_no_model_is_asked() {
    let peer = Peer::new(vec![]).await;
    let mut asked = request("Why?");
    asked.passages.clear();
    let pieces: Vec<_> = ChatTutor::new(peer.endpoint(), 8192).unwrap().answer(asked).await.unwrap().collect().await;
    assert!(matches!(pieces.last(), Some(Ok(AnswerPiece::End { found: false, .. }))));
    assert!(peer.asked().is_empty());
}

#[tokio::test]
async fn a_follow_up_is_made_whole_or_left_as_it_was() {
    let history = [Exchange { question: "What is the gradient?".into(), answer: "The slope.".into(), playhead: None }];
    let said = |text: Value| {
        answer(
            200,
            json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]}),
        )
    };
    for (script, expected) in [
        (said(json!(" \"Why is the gradient a slope?\"\n")), "Why is the gradient a slope?"),
        (said(json!("<think>It is about slopes.\nSo:</think>Why is it a slope?")), "Why is it a slope?"),
        (said(json!("")), "and why?"),
        (said(json!("Sure!\nHere it is")), "and why?"),
        (said(json!(null)), "and why?"),
        (answer(500, json!({})), "and why?"),
        (Answer::Body(200, "text/plain", vec![], vec!["garbage".into()]), "and why?"),
        (Answer::Silence, "and why?"),
    ] {
        let peer = Peer::new(vec![script]).await;
        let tutor = ChatTutor::new(peer.endpoint(), 8192).unwrap();
        assert_eq!(tutor.standalone(" and why? ", &history).await.unwrap(), expected);
        assert_eq!(peer.asked().len(), 1);
        assert_eq!(tutor.standalone("and why?", &[]).await.unwrap(), "and why?");
        assert_eq!(peer.asked().len(), 1, "without a history there is nothing to ask");
    }
}

#[tokio::test]
async fn a_tutor_behind_a_server_behaves_as_every_tutor() {
    let peer = Peer::with(|asked| {
        if let Some(there) = tried(asked) {
            return Some(there);
        }
        let streams = asked.json()["stream"] == json!(true);
        Some(if streams {
            let mut pieces = data(&[delta("A gradient is a list with one number for each weight [1]."), stop(), USAGE.into()]);
            pieces.push("data: [DONE]\n\n".into());
            events(pieces)
        } else {
            answer(200, json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": "Why is the learning rate a size?"}}]}))
        })
    })
    .await;
    synapscribe_ports::conformance::engines::tutor(&ChatTutor::new(peer.endpoint(), 8192).unwrap()).await;
}
