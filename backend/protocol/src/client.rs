//! What a client says over the WebSocket.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::server::SourceDto;

/// A message from a client; `type` is its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum ClientMessage {
    /// Asks for an address to upload a recording or a document to.
    RequestUpload {
        /// The file's name, for the title.
        file_name: String,
        /// Its size in bytes.
        bytes: u64,
        /// What it is for: `lecture`, `captions`, `query` or `document`.
        #[serde(default)]
        purpose: UploadPurpose,
        /// The question's name, when it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        query_id: Option<String>,
        /// The lecture this file belongs to, for captions beside a recording.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lecture_id: Option<String>,
    },
    /// Asks a question; either `text` or `s3Key` is given.
    Query {
        /// Chosen by the client; the same name is answered once.
        query_id: String,
        /// The thread; a new name begins one.
        session_id: String,
        /// The lecture; left out where the question is asked of something else.
        #[serde(default)]
        lecture_id: String,
        /// The document, for a question about one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document_id: Option<String>,
        /// Several sources at once, and nothing else.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        sources: Vec<SourceDto>,
        /// Everything that whoever asks may see.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        everything: bool,
        /// The question as a stored recording.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        s3_key: Option<String>,
        /// The question as text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// Where in the lecture the student is, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        playhead: Option<f64>,
        /// The page that the student sees, where one document is asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        page: Option<u32>,
        /// How to speak the answer; left out, it is spoken with the default voice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        speech: Option<SpeechWish>,
        /// What the answer follows on, as W3C's `traceparent`, for a client that records traces.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        traceparent: Option<String>,
    },
    /// Stops a question.
    Cancel {
        /// Which one.
        query_id: String,
    },
    /// Ends a session.
    EndSession {
        /// Which one.
        session_id: String,
    },
    /// Keeps the connection open.
    Ping {},
}

/// What an upload is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum UploadPurpose {
    /// A recording to learn from.
    #[default]
    Lecture,
    /// Captions beside a recording.
    Captions,
    /// A spoken question.
    Query,
    /// A book or a paper to learn from.
    Document,
}

/// How an answer is to be spoken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SpeechWish {
    /// Whether to speak at all.
    #[serde(default = "yes")]
    pub speak: bool,
    /// The voice, or the default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
    /// The pace, 0.5 to 2.
    #[serde(default = "one")]
    pub speed: f32,
}

impl Default for SpeechWish {
    fn default() -> Self {
        Self { speak: true, voice: None, speed: 1.0 }
    }
}

fn yes() -> bool {
    true
}

fn one() -> f32 {
    1.0
}

/// Why a message could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Malformed {
    /// It is longer than a message may be.
    TooLarge,
    /// It is not a JSON object, or a field is missing or wrong; the sentence says which.
    Bad(String),
    /// Its `type` is not one we know.
    UnknownType(String),
}

/// The names of all messages, for the sentence about an unknown one.
pub const TYPES: [&str; 5] = ["request_upload", "query", "cancel", "end_session", "ping"];

impl ClientMessage {
    /// Its `type`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::RequestUpload { .. } => TYPES[0],
            Self::Query { .. } => TYPES[1],
            Self::Cancel { .. } => TYPES[2],
            Self::EndSession { .. } => TYPES[3],
            Self::Ping {} => TYPES[4],
        }
    }

    /// Reads a message from outside.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        read_one_of(&TYPES, text)
    }

    /// The `queryId` of a message that could not be read, so that its sender knows which one is meant; nothing where it has none.
    pub fn query_in(text: &str) -> Option<String> {
        if text.len() > crate::limits::MESSAGE {
            return None;
        }
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        value.get("queryId")?.as_str().map(str::to_owned)
    }
}

/// Reads a message whose `type` is one of these names.
pub(crate) fn read_one_of<T: DeserializeOwned>(types: &[&str], text: &str) -> Result<T, Malformed> {
    if text.len() > crate::limits::MESSAGE {
        return Err(Malformed::TooLarge);
    }
    let value: serde_json::Value = serde_json::from_str(text).map_err(|_| Malformed::Bad("the message is not JSON".into()))?;
    let Some(kind) = value.get("type").and_then(|t| t.as_str()) else {
        return Err(Malformed::Bad("the message is not an object with a `type`".into()));
    };
    let Some(known) = types.iter().find(|known| **known == kind) else {
        return Err(Malformed::UnknownType(kind.chars().take(60).collect()));
    };
    crate::reading::read_value(&value).map_err(|why| Malformed::Bad(format!("`{known}`: {why}")))
}

#[cfg(test)]
mod tests {
    use std::mem::discriminant;

    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn messages_are_read_as_the_product_writes_them() {
        let text = r#"{"type":"query","queryId":"q1","sessionId":"s1","lectureId":"l1","text":"why?","playhead":12.5}"#;
        let ClientMessage::Query { query_id, text, playhead, s3_key, .. } = ClientMessage::parse(text).unwrap() else {
            panic!("not a query")
        };
        assert_eq!((query_id.as_str(), text.as_deref(), playhead, s3_key), ("q1", Some("why?"), Some(12.5), None));
        assert_eq!(ClientMessage::parse(r#"{"type":"ping"}"#), Ok(ClientMessage::Ping {}));
        // The real gateway lets other fields pass, such as an `action` used for routing.
        assert!(ClientMessage::parse(r#"{"type":"ping","action":"ping"}"#).is_ok());
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(matches!(ClientMessage::parse("nope"), Err(Malformed::Bad(_))));
        assert!(matches!(ClientMessage::parse("[]"), Err(Malformed::Bad(_))));
        assert_eq!(ClientMessage::parse(r#"{"type":"dance"}"#), Err(Malformed::UnknownType("dance".into())));
        let Err(Malformed::Bad(why)) = ClientMessage::parse(r#"{"type":"cancel"}"#) else { panic!() };
        assert_eq!(why, "`cancel`: `queryId` is missing");
        let wrong = r#"{"type":"query","queryId":"q1","sessionId":"s1","text":"why?","playhead":"soon"}"#;
        assert_eq!(ClientMessage::parse(wrong), Err(Malformed::Bad("`query`: `playhead` has to be a number".into())));
        let wrong = r#"{"type":"request_upload","fileName":"a.mp3","bytes":"many"}"#;
        let Err(Malformed::Bad(why)) = ClientMessage::parse(wrong) else { panic!() };
        assert_eq!(why, "`request_upload`: `bytes` has to be a whole number that is not negative");
        assert_eq!(ClientMessage::parse(&" ".repeat(140_000)), Err(Malformed::TooLarge));
    }

    #[test]
    fn a_message_that_cannot_be_read_still_says_which_question_it_is_about() {
        assert_eq!(ClientMessage::query_in(r#"{"type":"query","queryId":"q1","text":7}"#).as_deref(), Some("q1"));
        for none in ["nope", "[]", "{}", r#"{"queryId":7}"#] {
            assert_eq!(ClientMessage::query_in(none), None, "{none}");
        }
    }

    /// Any message, with texts of this kind; its numbers are such that every reader of JSON reads them as they are.
    fn message(text: BoxedStrategy<String>) -> impl Strategy<Value = ClientMessage> {
        let maybe = || prop::option::of(text.clone());
        let quarters = |most: u32| (0..most).prop_map(|quarters| f64::from(quarters) / 4.0);
        let purposes = [UploadPurpose::Lecture, UploadPurpose::Captions, UploadPurpose::Query, UploadPurpose::Document];
        let upload = (text.clone(), any::<u64>(), prop::sample::select(purposes.to_vec()), maybe(), maybe());
        let upload = upload.prop_map(|(file_name, bytes, purpose, query_id, lecture_id)| ClientMessage::RequestUpload {
            file_name,
            bytes,
            purpose,
            query_id,
            lecture_id,
        });
        let source = (maybe(), maybe()).prop_map(|(lecture_id, document_id)| SourceDto { lecture_id, document_id });
        let about = (text.clone(), maybe(), prop::collection::vec(source, 0..3), any::<bool>());
        let speech = (any::<bool>(), maybe(), quarters(9));
        let speech = speech.prop_map(|(speak, voice, speed)| SpeechWish { speak, voice, speed: speed as f32 });
        let place = (prop::option::of(quarters(40_000)), prop::option::of(any::<u32>()));
        let query = (text.clone(), text.clone(), about, (maybe(), maybe()), place, prop::option::of(speech), maybe());
        let query = query.prop_map(|(query_id, session_id, about, (s3_key, text), (playhead, page), speech, traceparent)| {
            let (lecture_id, document_id, sources, everything) = about;
            ClientMessage::Query {
                query_id,
                session_id,
                lecture_id,
                document_id,
                sources,
                everything,
                s3_key,
                text,
                playhead,
                page,
                speech,
                traceparent,
            }
        });
        prop_oneof![
            upload,
            query,
            text.clone().prop_map(|query_id| ClientMessage::Cancel { query_id }),
            text.prop_map(|session_id| ClientMessage::EndSession { session_id }),
            Just(ClientMessage::Ping {}),
        ]
    }

    /// Values of every kind but that of this one, which a reader could show.
    fn of_another_kind(value: &Value) -> impl Iterator<Item = Value> {
        let kind = discriminant(value);
        let kinds = [json!("§"), json!(7.25), json!(true), json!(["§"]), json!({ "§": 7 })];
        kinds.into_iter().filter(move |other| discriminant(other) != kind)
    }

    fn is_needed(kind: &str, field: &str) -> bool {
        match field {
            "queryId" => matches!(kind, "query" | "cancel"),
            "sessionId" => matches!(kind, "query" | "end_session"),
            "fileName" | "bytes" => kind == "request_upload",
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC{0,200}") {
            let _ = ClientMessage::parse(&text);
        }

        #[test]
        fn half_messages_never_panic(kind in "(query|cancel|ping|request_upload|end_session)", field in "[a-zA-Z]{0,9}", value in "(1|\"x\"|null|\\{\\}|\\[\\]|true)") {
            let _ = ClientMessage::parse(&format!(r#"{{"type":"{kind}","{field}":{value}}}"#));
        }

        #[test]
        fn what_is_written_is_read_as_it_was_meant(message in message(any::<String>().boxed())) {
            let written = serde_json::to_string(&message).unwrap();
            prop_assert_eq!(ClientMessage::parse(&written), Ok(message));
        }

        #[test]
        fn a_field_that_is_missing_or_of_another_kind_is_named_and_no_value_is_repeated(
            message in message("§\\PC{0,20}".boxed()),
            which in any::<prop::sample::Index>(),
        ) {
            let Value::Object(whole) = serde_json::to_value(&message).unwrap() else { panic!("a message is an object") };
            let names: Vec<&String> = whole.keys().filter(|name| *name != "type").collect();
            prop_assume!(!names.is_empty());
            let (kind, name) = (message.kind(), *which.get(&names));
            let missing = is_needed(kind, name).then_some(None);
            for damage in of_another_kind(&whole[name]).map(Some).chain(missing) {
                let mut fields = whole.clone();
                match damage {
                    Some(other) => fields.insert(name.clone(), other),
                    None => fields.remove(name),
                };
                let text = Value::Object(fields).to_string();
                let Err(Malformed::Bad(why)) = ClientMessage::parse(&text) else { panic!("it is taken as it is: {text}") };
                prop_assert!(why.starts_with(&format!("`{kind}`: `{name}` ")), "{why} of {text}");
                let said = why.replace(name.as_str(), "");
                prop_assert!(!said.contains(|c: char| c == '§' || c.is_ascii_digit()), "{why} of {text}");
            }
        }
    }
}
