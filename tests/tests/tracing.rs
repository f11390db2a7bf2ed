//! One question followed through every process that has a part in it: by its name in their logs, and as one trace that a collector
//! gets. Neither holds a word of what was said, nor who said it.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use synapscribe_stories::{Collector, Daemon, Host, SENTENCES, Socket, Tides};

/// What the client says it is in the middle of.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";
/// Words that nobody but the student uses.
const QUESTION: &str = "Confidentially, does grandmother's moonstone influence the tides?";

fn observed(command: &mut Command, collector: &Collector) {
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address()).env("OTEL_BSP_SCHEDULE_DELAY", "100");
    command.env("SYNAPSCRIBE_LOG_JSON", "true").env("SYNAPSCRIBE_LOG", "info,synapscribe=debug,lambda=debug");
    command.env("SYNAPSCRIBE_SAMPLE", "off").env("SYNAPSCRIBE_AGENT_TOKEN", "between-us");
}

fn about<'a>(lines: &'a [Value], name: &'a str) -> impl Iterator<Item = &'a Value> {
    lines.iter().filter(move |line| line["correlation"] == name)
}

#[test]
fn a_question_is_one_trace_and_one_name_from_the_gateway_to_the_agent_and_back() {
    let data = tempfile::tempdir().unwrap();
    let collector = Collector::start().unwrap();
    let first = Host::start_on(data.path(), |command| observed(command, &collector)).unwrap();
    let tides = Tides::drop_on(&first).unwrap();
    collector.wait_for("message", &tides.lecture);
    collector.wait_for("validate", &tides.lecture);
    collector.wait_for("ingest", &tides.lecture);
    let uploading = first.log();
    assert!(first.stop(Duration::from_secs(20)), "the host did not stop when asked");

    let daemon = Daemon::start(data.path(), "127.0.0.1:0", |command| observed(command, &collector)).unwrap();
    let host = Host::start_on(data.path(), |command| {
        observed(command, &collector);
        command.env("SYNAPSCRIBE_AGENT_URL", daemon.at(""));
    })
    .unwrap();
    let mut socket = Socket::open(host.address(), Some(&tides.owner)).unwrap();
    let mut question: Value = serde_json::from_str(&tides.question("q1", "s1", QUESTION)).unwrap();
    question["traceparent"] = format!("00-{TRACE}-{SPAN}-01").into();
    socket.say(&question.to_string());
    socket.hear("answer_done");

    let message = collector.wait_for("message", "q1");
    let answer = collector.wait_for("answer", "q1");
    let invoke = collector.wait_for("invoke", "q1");
    for span in [&message, &answer, &invoke] {
        assert_eq!(span.trace, TRACE, "{span:?} is another trace");
    }
    assert_eq!((&*message.parent, &answer.parent, &invoke.parent), (SPAN, &message.span, &answer.span));
    assert_eq!(
        (&*message.service, &*answer.service, &*invoke.service),
        ("synapscribe-host", "synapscribe-host", "synapscribe-agentcore")
    );

    // What stops a question, or ends a session, has the name of that.
    socket.say(&json!({ "type": "cancel", "queryId": "q1" }).to_string());
    socket.hear("cancelled");
    socket.say(&json!({ "type": "end_session", "sessionId": "s1" }).to_string());
    socket.hear("session_ended");
    for (span, about) in [("cancel", "q1"), ("end_session", "s1")] {
        assert_eq!(collector.wait_for(span, about).service, "synapscribe-agentcore");
    }

    // What cannot be answered names itself to whoever asked, and is found by that name.
    let answering = daemon.log();
    daemon.kill();
    socket.say(&tides.question("q2", "s2", QUESTION));
    let error = socket.hear("error");
    assert_eq!((&error["queryId"], &error["correlation"]), (&json!("q2"), &json!("q2")), "{error}");

    let logs = [uploading, answering, host.log()].map(|log| {
        let read = |line: &String| serde_json::from_str(line).unwrap_or_else(|_| panic!("a line is not JSON: {line}"));
        log.iter().map(read).collect::<Vec<Value>>()
    });
    let [uploading, answering, asking] = &logs;
    assert!(about(uploading, &tides.lecture).next().is_some(), "nothing is logged about the upload: {uploading:#?}");
    assert!(about(answering, "q1").next().is_some(), "the agent logs nothing about the question: {answering:#?}");
    let measured = about(asking, "q1").find(|line| line["operation"] == "answer").expect("the turn is not measured");
    assert!(measured["turn.ms"].is_u64() && measured["first_audio.ms"].is_u64() && measured["failed.count"] == 0, "{measured}");
    assert!(about(asking, "q2").any(|line| line["code"] == "engine_failed"), "the failure is not logged: {asking:#?}");

    let said = logs.iter().flatten().map(Value::to_string).chain(collector.spans().into_iter().map(|span| span.words));
    let secrets =
        ["grandmother", "moonstone", SENTENCES[0], "pull of the moon", "spring tide", "between-us", tides.owner.as_str()];
    for line in said {
        for secret in secrets {
            assert!(!line.contains(secret), "{secret} is in what operators read: {line}");
        }
    }
}
