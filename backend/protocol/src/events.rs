//! What other systems are told when something happened: a contract with programs that are not ours. A field may be added; none changes
//! its meaning or goes away under the same version.

use serde::{Deserialize, Serialize};

/// The version of this form.
pub const VERSION: u32 = 1;

/// Something that happened. It names things and nobody: who a lecture belongs to and what it is called has to be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventDto {
    /// The version of this form.
    pub version: u32,
    /// Its own name: one that comes twice has the same.
    pub id: String,
    /// `lecture_ready`, `lecture_failed`, `document_ready` or `document_failed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which lecture, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lecture_id: Option<String>,
    /// Which document, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_id: Option<String>,
    /// What became of it: `ready` or `failed`.
    pub state: String,
    /// Why it failed: one of the codes of errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// When it was told, in milliseconds since 1970.
    pub at: i64,
}

impl EventDto {
    /// The event as it goes over the wire.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("events hold only strings, numbers and options, which JSON can always write")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_written_as_others_were_promised() {
        let failed = EventDto {
            version: VERSION,
            id: "e1".into(),
            kind: "lecture_failed".into(),
            lecture_id: Some("l1".into()),
            document_id: None,
            state: "failed".into(),
            code: Some("audio_corrupt".into()),
            at: 1_790_000_000_000,
        };
        let text = r#"{"version":1,"id":"e1","type":"lecture_failed","lectureId":"l1","state":"failed","code":"audio_corrupt","at":1790000000000}"#;
        assert_eq!(failed.to_json(), text);
        assert_eq!(serde_json::from_str::<EventDto>(text).unwrap(), failed);
    }
}
