//! Somebody with an account at a host, who speaks plain HTTP by curl. It must not know what a story asks for.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{Host, Reply, curl};

/// The password of everybody here.
const PASSWORD: &str = "tide pools at noon";

/// Whatever is waited for comes within this time, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(180);

/// Somebody who is signed in.
pub struct Member {
    base: String,
    email: String,
    /// Shows who they are.
    pub bearer: String,
    /// The identity whose things are theirs.
    pub identity: String,
}

impl Member {
    /// Signs somebody up, confirms their address and signs them in.
    #[track_caller]
    pub fn join(host: &Host, email: &str) -> Self {
        let base = host.address().to_owned();
        let mut member = Self { base, email: email.to_owned(), bearer: String::new(), identity: String::new() };
        let form = json!({ "email": email, "password": PASSWORD });
        assert_eq!(member.call("POST", "/api/auth/register", Some(&form)).status, 202);
        let code = letter_code(host.data(), email);
        assert_eq!(member.call("GET", &format!("/api/auth/verify-email?email={email}&code={code}"), None).status, 200);
        member.sign_in();
        member
    }

    #[track_caller]
    fn sign_in(&mut self) {
        self.bearer.clear();
        let form = json!({ "email": self.email, "password": PASSWORD });
        let signed_in = self.call("POST", "/api/auth/login", Some(&form));
        let data = &signed_in.json()["data"];
        let token = data["tokens"]["accessToken"].as_str().unwrap_or_else(|| panic!("{}", signed_in.body));
        data["account"]["identityId"].as_str().unwrap_or_default().clone_into(&mut self.identity);
        self.bearer = format!("Authorization: Bearer {token}");
    }

    /// The same person at a host that was started anew, maybe at another address, whose tokens are others.
    #[track_caller]
    pub fn moved_to(&mut self, host: &Host) {
        host.address().clone_into(&mut self.base);
        self.sign_in();
    }

    /// Asks for something.
    #[track_caller]
    pub fn get(&self, path: &str) -> Reply {
        self.call("GET", path, None)
    }

    /// Does something.
    #[track_caller]
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let (url, body) = (format!("{}{path}", self.base), body.map(Value::to_string));
        let mut arguments = vec!["--no-buffer", "-X", method, &url];
        if !self.bearer.is_empty() {
            arguments.extend(["-H", &self.bearer]);
        }
        if let Some(body) = &body {
            arguments.extend(["-H", "content-type: application/json", "-d", body]);
        }
        curl(&arguments).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Uploads a document and returns its name; what becomes of it is not waited for.
    #[track_caller]
    pub fn upload(&self, file: &Path) -> String {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let bytes = std::fs::metadata(file).unwrap_or_else(|error| panic!("{error}")).len();
        let granted = self.call("POST", "/api/documents", Some(&json!({ "fileName": name, "bytes": bytes })));
        assert_eq!(granted.status, 201, "{}", granted.body);
        let granted = granted.json();
        let url = granted["uploadUrl"].as_str().unwrap_or_default();
        let kind = format!("content-type: {}", granted["contentType"].as_str().unwrap_or_default());
        let content = format!("@{}", file.display());
        let put = curl(&["-X", "PUT", "-H", &kind, "-H", "expect:", "--data-binary", &content, url]);
        let put = put.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(put.status, 200, "{}", put.body);
        granted["documentId"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a document is made or cannot be used, and tells how it stands.
    #[track_caller]
    pub fn made(&self, document: &str) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let reply = self.get(&format!("/api/documents/{document}/status"));
            assert_eq!(reply.status, 200, "{}", reply.body);
            let status = reply.json();
            if ["ready", "failed"].contains(&status["state"].as_str().unwrap_or_default()) {
                return status;
            }
            assert!(Instant::now() < until, "the document was waited for in vain: {status}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// The code in the latest letter to somebody.
#[track_caller]
pub fn letter_code(data: &Path, email: &str) -> String {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let entries = std::fs::read_dir(data.join("outbox")).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        let mut letters: Vec<_> = entries.filter(|path| path.extension().is_some_and(|kind| kind == "eml")).collect();
        letters.sort();
        let mut texts = letters.iter().rev().filter_map(|path| std::fs::read_to_string(path).ok());
        if let Some(text) = texts.find(|text| text.contains(&format!("To: {email}"))) {
            let code = text.lines().find_map(|line| line.strip_prefix("    "));
            return code.expect("a letter with a code").trim().to_owned();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no letter came to {email}");
}
