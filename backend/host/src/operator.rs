//! How whoever runs this host shows it: by a key that lies in the host's note alone, in a folder of their own. Knows no guest.

use std::path::Path;
use std::sync::Arc;

use axum::http::HeaderMap;
use serde_json::Value;
use synapscribe_agentcore::bears;

use crate::folder::NOTE;

/// The key of a running host; every start makes another.
#[derive(Debug, Clone)]
pub(crate) struct Operator(Arc<str>);

impl Operator {
    /// A key nobody knows yet.
    pub fn fresh() -> Self {
        Self(uuid::Uuid::new_v4().to_string().into())
    }

    /// The key, for the note.
    pub fn key(&self) -> &str {
        &self.0
    }

    /// Whether a request shows it.
    pub fn sent(&self, headers: &HeaderMap) -> bool {
        bears(headers, &self.0)
    }
}

/// The operator's key of the host on this folder, for whoever may read its note. It is for that host alone, so an `address` that is
/// not where it answers gets none.
pub fn operator_key(data: &Path, address: &str) -> Option<String> {
    let note: Value = serde_json::from_str(&std::fs::read_to_string(data.join(NOTE)).ok()?).ok()?;
    let listen = format!("http://{}", note["listen"].as_str()?);
    (listen == address.trim_end_matches('/')).then(|| note["operator"].as_str().map(str::to_owned))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_for_the_host_that_wrote_it_and_for_no_other() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(operator_key(data.path(), "http://127.0.0.1:7"), None, "no host runs");
        let note = serde_json::json!({ "listen": "127.0.0.1:7", "operator": "secret" });
        std::fs::write(data.path().join(NOTE), note.to_string()).unwrap();
        assert_eq!(operator_key(data.path(), "http://127.0.0.1:7/").as_deref(), Some("secret"));
        for other in ["http://127.0.0.1:8", "https://127.0.0.1:7", "http://127.0.0.1:7.example"] {
            assert_eq!(operator_key(data.path(), other), None, "{other}");
        }
    }
}
