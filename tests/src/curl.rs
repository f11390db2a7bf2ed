//! Plain HTTP by curl, which nobody here wrote. It must not know what is asked for.

use std::process::Command;

use serde_json::Value;

use crate::{StoryError, run};

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The head, one header a line, names in lower case.
    pub head: String,
    /// The body.
    pub body: String,
}

/// Asks and waits for the whole answer; `arguments` are curl's own.
pub fn curl(arguments: &[&str]) -> Result<Reply, StoryError> {
    let said = run(Command::new("curl").args(["--silent", "--show-error", "--include", "--max-time", "60"]).args(arguments))?;
    let (head, body) = said.out.split_once("\r\n\r\n").unwrap_or((&said.out, &said.err));
    let status = head.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0);
    Ok(Reply { status, head: head.to_lowercase(), body: body.to_owned() })
}

impl Reply {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let line = self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.map(str::trim)
    }

    /// The body as JSON, or null.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The body's lines, each of which has to be JSON.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        self.body.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    }
}
