//! What the workflow says and is told. Knows no operation.

use serde::{Deserialize, Serialize};
use synapscribe_domain::{Code, DocumentId, Failure};

/// One step of a document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "step", rename_all = "lowercase")]
pub enum Order {
    /// A file was stored.
    Arrive {
        /// Its key, as EventBridge has it: not encoded.
        key: String,
        /// Its size.
        bytes: u64,
        /// Orders the events of one key.
        #[serde(default)]
        sequencer: String,
    },
    /// Read its pages.
    Extract {
        /// Which one.
        document: DocumentId,
    },
    /// Cut them into passages.
    Chunk {
        /// Which one.
        document: DocumentId,
    },
    /// Embed some of the passages.
    Embed {
        /// Which one.
        document: DocumentId,
        /// The first passage.
        from: u32,
        /// The one behind the last.
        to: u32,
    },
    /// Go on without vectors.
    Words {
        /// Which one.
        document: DocumentId,
        /// Why there are none.
        error: Caught,
    },
    /// Make them part of the index.
    Store {
        /// Which one.
        document: DocumentId,
    },
    /// A step failed as often as it may.
    Fail {
        /// The file of the document.
        key: String,
        /// Why.
        error: Caught,
    },
}

/// An error as the workflow catches it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Caught {
    /// What a function that failed said, as JSON, or whatever else ended it.
    #[serde(default)]
    pub cause: String,
}

/// What a function that failed says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    error_type: String,
    error_message: String,
}

impl Caught {
    /// The reason for a person: the function's own where it gave one. What else ends a function says nothing to whoever uploaded.
    pub fn failure(&self) -> Failure {
        let said = serde_json::from_str::<Said>(&self.cause).ok();
        let known = said.and_then(|said| Some(Failure::new(Code::from_text(&said.error_type)?, said.error_message)));
        known.unwrap_or_else(|| Failure::new(Code::Internal, "the server could not read the document; upload it again later"))
    }
}

/// What follows, in the words of the workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// Which document, if there is one.
    pub document: Option<DocumentId>,
    /// The next step.
    pub next: Step,
    /// What is to be embedded.
    pub batches: Vec<Stretch>,
}

/// Where the workflow goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Pages are read.
    Extract,
    /// Passages are cut.
    Chunk,
    /// They are embedded.
    Embed,
    /// Nowhere.
    End,
}

/// Passages that are embedded by one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// The first.
    pub from: u32,
    /// The one behind the last.
    pub to: u32,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_function_said_of_its_failure_reaches_whoever_uploaded_and_what_ended_it_otherwise_does_not() {
        let caught = |cause: &str| serde_json::from_value::<Caught>(json!({ "Error": "e", "Cause": cause })).unwrap().failure();
        let told = caught(r#"{"errorType":"engine_timeout","errorMessage":"the embedding engine took too long"}"#);
        assert_eq!(told, Failure::new(Code::EngineTimeout, "the embedding engine took too long"));
        for cause in [r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: 1 Error: killed"}"#, "RequestId: 1", ""] {
            let told = caught(cause);
            assert!(told.code == Code::Internal && told.message.contains("upload it again"), "{cause}: {told}");
        }
        assert_eq!(serde_json::from_value::<Caught>(json!({ "Error": "States.Timeout" })).unwrap(), Caught::default());
    }
}
