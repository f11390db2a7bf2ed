//! REST under a stock fuzzer, which reads what the routes say of themselves: whatever is sent, nothing fails on our side, and what is
//! answered is what was said. Schemathesis makes the same requests at every run.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use synapscribe_stories::{Host, Member, curl, python, run};

/// What is held against every answer.
const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth";
/// Requests of each route, beside those that try each of its limits.
const EXAMPLES: &str = "30";

/// Fuzzes the routes that the document at this path describes, named things being these.
#[track_caller]
fn fuzz(member: &Member, host: &Host, folder: &Path, document: &str, config: &str, more: &[&str]) {
    let (said, settings) = (folder.join("openapi.json"), folder.join("schemathesis.toml"));
    let described = member.get(document);
    assert_eq!(described.status, 200, "{document}");
    std::fs::write(&said, &described.body).unwrap();
    std::fs::write(&settings, config).unwrap();
    let mut command = Command::new(Path::new(&python()).with_file_name("schemathesis"));
    command.arg("--config-file").arg(&settings).arg("run").arg(&said).args(["--url", host.address(), "-H", &member.bearer]);
    command.args(["--checks", CHECKS, "--max-examples", EXAMPLES, "--generation-deterministic"]);
    command.args(["--phases", "coverage,fuzzing", "--workers", "2"]);
    command.args(["--suppress-health-check", "all", "--request-timeout", "30", "--no-color", "--warnings", "off"]);
    let ran = run(command.args(more).current_dir(folder).env("HOME", folder)).unwrap();
    assert!(ran.status.success(), "{document}\n{}\n{}", ran.out, ran.err);
    println!(
        "{document}: {}",
        ran.out.lines().rev().take(12).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn what_the_library_answers_is_what_it_says_whatever_is_sent() {
    let host = Host::quiet();
    let ada = Member::join(&host, "ada@example.org");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Tides.md");
    std::fs::write(&file, "# Tides\n\nThe moon pulls the water of the ocean.\n").unwrap();
    let book = ada.upload(&file);
    assert_eq!(ada.made(&book)["state"], "ready");
    let session = ada.call("POST", "/api/sessions", Some(&json!({ "documentId": book }))).json();
    let session = session["sessionId"].as_str().unwrap().to_owned();
    // Names that nobody has, and then those of things that are there, which are not to be deleted before they were looked at.
    fuzz(&ada, &host, folder.path(), "/api/openapi.json", "", &[]);
    let config = format!(
        "[[operations]]\ninclude-path-regex = \"^/api/documents/\"\nparameters = {{ \"path.id\" = \"{book}\", \"path.page\" = 1 }}\n\
         [[operations]]\ninclude-path-regex = \"^/api/sessions/\"\nparameters = {{ \"path.id\" = \"{session}\" }}\n"
    );
    let named = ["--include-path-regex", "^/api/(documents|sessions)/", "--exclude-method", "DELETE"];
    fuzz(&ada, &host, folder.path(), "/api/openapi.json", &config, &named);
    assert_eq!(ada.get("/health").json()["status"], "ok", "the host is well afterwards");
}

/// Gives a role, as whoever runs the host.
#[track_caller]
fn appoint(host: &Host, email: &str, role: &str) {
    let note: Value = serde_json::from_slice(&std::fs::read(host.data().join("host.json")).unwrap()).unwrap();
    let key = format!("Authorization: Bearer {}", note["operator"].as_str().unwrap());
    let (url, wish) = (format!("{}/api/auth/roles", host.address()), json!({ "email": email, "role": role }).to_string());
    let given = curl(&["-X", "POST", "-H", &key, "-H", "content-type: application/json", "-d", &wish, &url]).unwrap();
    assert_eq!(given.status, 200, "{}", given.body);
}

#[test]
fn what_accounts_answer_is_what_they_say_whatever_is_sent() {
    let host = Host::quiet();
    let ada = Member::join(&host, "ada@example.org");
    let folder = tempfile::tempdir().unwrap();
    fuzz(&ada, &host, folder.path(), "/api/auth/openapi.json", "", &["--exclude-path", "/api/auth/logout"]);
    // A student is refused what only operators may, before what was sent is looked at.
    appoint(&host, "ada@example.org", "operator");
    let operators = ["--include-path-regex", "^/api/auth/(invitations|roles|audit)"];
    fuzz(&ada, &host, folder.path(), "/api/auth/openapi.json", "", &operators);
    // Signing out comes last: whoever is signed out sees nothing of the rest.
    fuzz(&ada, &host, folder.path(), "/api/auth/openapi.json", "", &["--include-path", "/api/auth/logout"]);
    assert_eq!(ada.get("/health").json()["status"], "ok", "the host is well afterwards");
}
