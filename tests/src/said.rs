//! What a program printed and how it ended. It must not know which program it was.

use std::process::{Command, ExitStatus};

use serde_json::Value;

use crate::StoryError;

/// A program that has ended, and its words.
#[derive(Debug)]
pub struct Said {
    /// How it ended.
    pub status: ExitStatus,
    /// Everything on its standard output.
    pub out: String,
    /// Everything on its standard error.
    pub err: String,
}

/// Runs a program to its end.
pub fn run(command: &mut Command) -> Result<Said, StoryError> {
    let output = command
        .output()
        .map_err(|source| StoryError::Process { what: format!("running {}", command.get_program().display()), source })?;
    Ok(Said {
        status: output.status,
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// The text of an answer, from the messages or events it came in.
pub fn answer_in<'a>(heard: impl IntoIterator<Item = &'a Value>) -> String {
    heard.into_iter().filter_map(|message| message["delta"].as_str()).collect()
}

impl Said {
    /// The same, when the program was content; otherwise the test ends here with both streams to read.
    #[track_caller]
    pub fn well(self) -> Self {
        assert!(self.status.success(), "{}\n--- standard output\n{}\n--- standard error\n{}", self.status, self.out, self.err);
        self
    }

    /// The lines of standard output that are JSON objects, in order.
    pub fn events(&self) -> Vec<Value> {
        self.out.lines().filter_map(|line| serde_json::from_str(line).ok()).filter(Value::is_object).collect()
    }

    /// The events of one `type`.
    pub fn of_type(&self, kind: &str) -> Vec<Value> {
        self.events().into_iter().filter(|event| event["type"] == kind).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_the_json_objects_among_the_lines() {
        let said = run(Command::new("printf").arg("hello\\n{\"type\":\"a\"}\\n[1]\\n{\"type\":\"b\"}\\n")).unwrap().well();
        assert_eq!(said.events().len(), 2);
        assert_eq!(said.of_type("b"), [serde_json::json!({"type": "b"})]);
    }
}
