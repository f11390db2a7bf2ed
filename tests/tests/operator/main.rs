//! What an operator does by `synapscribe ops`: proves a deployment, reads its stack, its logs and its bill, and puts back what was
//! set aside. A host of one's own stands for a deployment; an emulator nobody here wrote stands for AWS.

mod deploying;
mod packing;
mod shared;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use synapscribe_stories::{Emulator, Host, Peer, Piece, Relay, Said, curl, run};

use crate::shared::{aws, operator};

/// What `ops doctor` found on a host, in order: the check, how it ended, its likely cause.
#[track_caller]
fn examined(host: &Host, arguments: &[&str]) -> (Said, Vec<Value>) {
    let said = run(host.terminal().unwrap().args(["ops", "doctor", "--json"]).args(arguments)).unwrap();
    let steps = said.events();
    assert!(steps.iter().all(|step| step["ms"].is_u64()), "{}", said.out);
    (said, steps)
}

#[track_caller]
fn result<'a>(steps: &'a [Value], check: &str) -> &'a Value {
    steps.iter().find(|step| step["check"] == check).unwrap_or_else(|| panic!("{check} was not told: {steps:#?}"))
}

#[test]
fn a_deployment_that_works_is_proven_from_credentials_to_a_spoken_answer_and_nothing_is_left_behind() {
    let host = Host::quiet_with(|_| {}).unwrap();
    let (said, steps) = examined(&host, &[]);
    let checks: Vec<&str> = steps.iter().filter_map(|step| step["check"].as_str()).collect();
    assert_eq!(checks, ["discovery", "credentials", "rest", "websocket", "page", "upload", "event", "ready", "answer"]);
    assert!(steps.iter().all(|step| step["result"] == "ok") && said.status.success(), "{}{}", said.out, said.err);
    assert!(result(&steps, "answer")["message"].as_str().unwrap().contains("first sound after"));
    let left = run(host.terminal().unwrap().args(["library", "list", "--json"])).unwrap().well();
    assert!(!left.out.contains("proof"), "{}", left.out);
}

#[test]
fn a_deployment_whose_agent_is_gone_fails_at_the_answer_and_says_where_to_look() {
    let host = Host::quiet_with(|command| {
        command.env("SYNAPSCRIBE_AGENT_URL", "http://127.0.0.1:1");
    })
    .unwrap();
    let (said, steps) = examined(&host, &[]);
    let answer = result(&steps, "answer");
    assert_eq!(
        (&result(&steps, "ready")["result"], &answer["result"], said.status.code()),
        (&json!("ok"), &json!("failed"), Some(1))
    );
    assert!(answer["cause"].as_str().unwrap().contains("AgentCore"), "{answer}");
    assert!(answer["correlation"].as_str().unwrap().starts_with("q-"), "an operator cannot find it in the logs: {answer}");
}

#[test]
fn a_recording_that_nobody_listens_to_is_told_with_its_cause_and_what_follows_is_not_tried() {
    let silent = Peer::start(|_| Box::new([Piece::Hang].into_iter())).unwrap();
    let host = Host::quiet_with(|command| {
        command.env("SYNAPSCRIBE_TRANSCRIBE_URL", silent.url()).env("SYNAPSCRIBE_TRANSCRIBE_MODEL", "scripted");
    })
    .unwrap();
    let (said, steps) = examined(&host, &["--ready", "2"]);
    let ready = result(&steps, "ready");
    assert_eq!((&ready["result"], &result(&steps, "answer")["result"]), (&json!("failed"), &json!("skipped")), "{}", said.out);
    assert!(ready["cause"].as_str().unwrap().contains("HostInstanceId"), "{ready}");
    assert!(ready["correlation"].is_string(), "{ready}");
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_that_refuses_the_page_is_told_and_the_rest_is_tried_all_the_same() {
    let data = tempfile::tempdir().unwrap();
    // Clients come to the host's own address, and its storage is at another.
    let relay = Relay::open().await.unwrap();
    let host = Host::start_behind(data.path(), relay.address()).unwrap();
    relay.lead_to(host.address());
    let (said, steps) = tokio::task::spawn_blocking(move || {
        let found = examined(&host, &[]);
        drop(host);
        found
    })
    .await
    .unwrap();
    let page = result(&steps, "page");
    assert_eq!(
        (&page["result"], &result(&steps, "upload")["result"], said.status.code()),
        (&json!("failed"), &json!("ok"), Some(1))
    );
    assert!(page["cause"].as_str().unwrap().contains("CORS"), "{page}");
}

#[test]
fn an_address_where_nothing_is_fails_at_once_and_the_rest_is_not_tried() {
    let home = tempfile::tempdir().unwrap();
    let mut command = operator(home.path(), "http://127.0.0.1:1");
    let said = run(command.args(["--server", "http://127.0.0.1:1", "ops", "doctor", "--json"])).unwrap();
    let steps = said.events();
    assert_eq!((steps.len(), &steps[0]["result"], said.status.code()), (9, &json!("failed"), Some(1)), "{}", said.out);
    assert!(steps[1..].iter().all(|step| step["result"] == "skipped") && steps[0]["cause"].as_str().unwrap().contains("DNS"));
}

/// A stack with the outputs that the template names.
fn stack() -> String {
    let queue = |name: &str| json!({ "Type": "AWS::SQS::Queue", "Properties": { "QueueName": name } });
    let address = |queue: &str| json!({ "Value": { "Ref": queue } });
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "Answers": queue("answers"), "AnswersDead": queue("answers-dead"), "Uploads": queue("uploads"), "UploadsDead": queue("uploads-dead"),
        },
        "Outputs": {
            "PageUrl": { "Value": "https://synapscribe.example.edu" },
            "AnswersQueueUrl": address("Answers"), "AnswersDeadLettersUrl": address("AnswersDead"),
            "UploadsQueueUrl": address("Uploads"), "UploadsDeadLettersUrl": address("UploadsDead"),
            "AnswerFunction": { "Value": "synapscribe-test-answer" }, "WebsocketFunction": { "Value": "synapscribe-test-websocket" },
            "HostLogGroup": { "Value": "/synapscribe-test/host" },
        },
    })
    .to_string()
}

fn waiting(emulator: &Emulator, queue: &str) -> String {
    let told =
        aws(emulator, &["sqs", "get-queue-attributes", "--queue-url", queue, "--attribute-names", "ApproximateNumberOfMessages"]);
    told["Attributes"]["ApproximateNumberOfMessages"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_stack_its_logs_and_what_was_set_aside_are_at_hand() {
    let home = tempfile::tempdir().unwrap();
    let emulator = Emulator::start().unwrap();
    let ops = |line: &str| {
        let mut command = operator(home.path(), emulator.endpoint());
        run(command.arg("ops").args(line.split_whitespace()).arg("--json")).unwrap()
    };

    let missing = ops("outputs");
    assert_eq!((missing.status.code(), &missing.events()[0]["code"]), (Some(4), &json!("no_stack")), "{}", missing.out);
    aws(&emulator, &["cloudformation", "create-stack", "--stack-name", "synapscribe-test", "--template-body", &stack()]);
    let outputs = ops("outputs").well().events();
    assert_eq!(outputs[0]["outputs"]["PageUrl"], "https://synapscribe.example.edu");
    let queue = |key: &str| outputs[0]["outputs"][key].as_str().unwrap().to_owned();

    // Three parts tell of two questions; one of them has written nothing yet.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    for (group, lines) in [
        (
            "/aws/lambda/synapscribe-test-websocket",
            vec![(now - 900, json!({ "level": "INFO", "message": "taken", "correlation": "q-1" }).to_string())],
        ),
        (
            "/synapscribe-test/host",
            vec![
                (
                    now - 700,
                    json!({ "level": "ERROR", "message": "failed", "correlation": "q-1", "code": "engine_failed" }).to_string(),
                ),
                (now - 500, json!({ "level": "INFO", "message": "unlike q-1", "correlation": "q-2" }).to_string()),
                (now - 400, "START RequestId: 7".to_owned()),
            ],
        ),
    ] {
        aws(&emulator, &["logs", "create-log-group", "--log-group-name", group]);
        aws(&emulator, &["logs", "create-log-stream", "--log-group-name", group, "--log-stream-name", "s"]);
        let events: Vec<Value> = lines.iter().map(|(at, text)| json!({ "timestamp": at, "message": text })).collect();
        let events = Value::from(events).to_string();
        aws(&emulator, &["logs", "put-log-events", "--log-group-name", group, "--log-stream-name", "s", "--log-events", &events]);
    }
    let messages = |line: &str| -> Vec<String> {
        ops(line).well().events().iter().map(|line| line["said"]["message"].as_str().unwrap_or("text").to_owned()).collect()
    };
    assert_eq!(messages("logs --since 1h"), ["taken", "failed", "unlike q-1", "text"]);
    assert_eq!(messages("logs --since 1h --correlation q-1"), ["taken", "failed"]);
    assert_eq!(messages("logs --since 1h --part websocket"), ["taken"]);
    assert_eq!(ops("logs --part nobody").status.code(), Some(4));
    let mut silent = operator(home.path(), emulator.endpoint());
    let silent = run(silent.args(["ops", "logs", "--correlation", "q-3"])).unwrap().well();
    assert!(silent.out.is_empty() && silent.err.contains("No such line was logged"), "{}", silent.err);

    // A stack whose outputs name no queue has nothing to put back.
    let bare = json!({ "Resources": { "Queue": { "Type": "AWS::SQS::Queue" } } }).to_string();
    aws(&emulator, &["cloudformation", "create-stack", "--stack-name", "synapscribe-bare", "--template-body", &bare]);
    let nothing = ops("replay --stack synapscribe-bare");
    assert!(nothing.status.code() == Some(4) && nothing.out.contains("DeadLettersUrl"), "{}", nothing.out);

    // Two questions were set aside; looking changes nothing, and putting back empties one queue into the other.
    for body in ["first", "second"] {
        aws(&emulator, &["sqs", "send-message", "--queue-url", &queue("AnswersDeadLettersUrl"), "--message-body", body]);
    }
    let counted = ops("replay --dry-run").well().events();
    assert_eq!((&counted[0]["about"], &counted[0]["waiting"], &counted[0]["moved"]), (&json!("answers"), &json!(2), &json!(0)));
    assert_eq!(
        (waiting(&emulator, &queue("AnswersDeadLettersUrl")), waiting(&emulator, &queue("AnswersQueueUrl"))),
        ("2".into(), "0".into())
    );
    let moved = ops("replay answers").well().events();
    assert_eq!((moved.len(), &moved[0]["moved"]), (1, &json!(2)), "{moved:?}");
    assert_eq!(
        (waiting(&emulator, &queue("AnswersDeadLettersUrl")), waiting(&emulator, &queue("AnswersQueueUrl"))),
        ("0".into(), "2".into())
    );
    assert_eq!(ops("replay nonsense").status.code(), Some(4));

    // The bill, as Cost Explorer would tell it; first there is none.
    assert_eq!(ops("costs --spent 40").well().events()[0]["usd"].to_string(), "0.0");
    let group =
        |service: &str, usd: &str| json!({ "Keys": [service], "Metrics": { "UnblendedCost": { "Amount": usd, "Unit": "USD" } } });
    let month = |groups: Vec<Value>| json!({ "TimePeriod": { "Start": "2027-01-01", "End": "2027-02-01" }, "Groups": groups, "Estimated": false });
    let bill = json!({ "results": [{ "ResultsByTime": [
        month(vec![group("AWS Lambda", "1.50"), group("Amazon S3", "0.25")]), month(vec![group("Amazon S3", "2.00")]),
    ] }] });
    let told =
        curl(&["--data", &bill.to_string(), &format!("{}/moto-api/static/ce/cost-and-usage-results", emulator.endpoint())])
            .unwrap();
    assert!(told.status < 300, "{}", told.body);
    let spent = ops("costs --spent 40").well().events();
    assert_eq!((&spent[0]["usd"], &spent[0]["services"][0]["service"]), (&json!(3.75), &json!("Amazon S3")), "{spent:?}");
}

#[test]
fn logs_are_followed_as_they_are_written_and_each_line_is_told_once() {
    let home = tempfile::tempdir().unwrap();
    let emulator = Emulator::start().unwrap();
    aws(&emulator, &["cloudformation", "create-stack", "--stack-name", "synapscribe-test", "--template-body", &stack()]);
    let group = "/aws/lambda/synapscribe-test-websocket";
    aws(&emulator, &["logs", "create-log-group", "--log-group-name", group]);
    aws(&emulator, &["logs", "create-log-stream", "--log-group-name", group, "--log-stream-name", "s"]);
    let write = |message: &str| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
        let line = json!({ "level": "INFO", "message": message }).to_string();
        let events = json!([{ "timestamp": now, "message": line }]).to_string();
        aws(&emulator, &["logs", "put-log-events", "--log-group-name", group, "--log-stream-name", "s", "--log-events", &events]);
    };
    write("taken");
    let mut command = operator(home.path(), emulator.endpoint());
    let mut following = Ended(command.args(["ops", "logs", "--follow", "--json"]).stdout(Stdio::piped()).spawn().unwrap());
    let (lines, heard) = mpsc::channel();
    let out = BufReader::new(following.0.stdout.take().unwrap());
    std::thread::spawn(move || drop(out.lines().map_while(Result::ok).try_for_each(|line| lines.send(line))));
    let next = || {
        let line = heard.recv_timeout(Duration::from_secs(60)).unwrap();
        serde_json::from_str::<Value>(&line).unwrap()["said"]["message"].clone()
    };
    assert_eq!(next(), "taken");
    for message in ["answered", "taken again"] {
        write(message);
        assert_eq!(next(), message);
    }
}

/// A program that does not end by itself, and ends with whoever holds it.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_cannot_be_done_is_said_in_a_sentence() {
    let home = tempfile::tempdir().unwrap();
    let told = |arguments: &[&str], arrange: fn(&mut Command)| {
        let mut command = operator(home.path(), "http://127.0.0.1:1");
        arrange(&mut command);
        let said = run(command.arg("ops").args(arguments)).unwrap();
        (said.status.code().unwrap(), said.err)
    };
    let (code, said) = told(&["outputs"], |command| {
        command.env_remove("SYNAPSCRIBE_STACK");
    });
    assert!(code == 2 && said.contains("--stack"), "{said}");
    let (code, said) = told(&["outputs"], |command| {
        command.env("SYNAPSCRIBE_STACK", "");
    });
    assert!(code == 2 && said.contains("--stack"), "{said}");
    let (code, said) = told(&["outputs"], |command| {
        command.env("AWS_REGION", "");
    });
    assert!(code == 2 && said.contains("--region"), "{said}");
    let (code, said) = told(&["outputs"], |command| {
        command.env_remove("AWS_ACCESS_KEY_ID").env("AWS_EC2_METADATA_DISABLED", "true");
    });
    assert!(code == 4 && said.contains("export-credentials"), "{said}");
    let (code, said) = told(&["outputs"], |_| {});
    assert!(code == 1 && said.contains("cannot be reached"), "{said}");
}

#[test]
fn a_month_is_estimated_with_its_sources_and_needs_no_account() {
    let home = tempfile::tempdir().unwrap();
    let estimated = |line: &str| {
        let mut command = operator(home.path(), "http://127.0.0.1:1");
        run(command.args(["ops", "costs"]).args(line.split_whitespace())).unwrap().well()
    };
    let told = estimated("--students 500 --json").events();
    assert!(told[0]["usd"].as_f64().unwrap() > 100.0 && told[0]["noted"].is_string(), "{told:?}");
    let cheaper = estimated("--students 500 --gpu g6.xlarge --gpu-hours 10 --json").events();
    assert!(cheaper[0]["usd"].as_f64() < told[0]["usd"].as_f64());
    let own = estimated("--students 500 --price nat.hour=1 --json").events();
    let nat = own[0]["items"].as_array().unwrap().iter().find(|item| item["name"] == "nat.hour").unwrap();
    assert_eq!((&nat["usd"], &nat["source"]), (&json!(730.0), &json!("given")), "{nat}");
    let read = estimated("--students 500");
    assert!(
        read.out.contains("for each of 500 students") && read.out.contains("us-east-1") && read.out.contains("Check them"),
        "{}",
        read.out
    );
    assert!(!read.err.contains("--price"), "{}", read.err);
    let elsewhere = estimated("--students 500 --region eu-central-1");
    assert!(elsewhere.err.contains("eu-central-1") && elsewhere.err.contains("--price"), "{}", elsewhere.err);
    let mut command = operator(home.path(), "http://127.0.0.1:1");
    let unnamed = run(command.env("AWS_REGION", "").args(["ops", "costs"])).unwrap().well();
    assert!(!unnamed.err.contains("--price"), "{}", unnamed.err);
}
