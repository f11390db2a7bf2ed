//! What is said over `/ws/audio` beside the messages of the WebSocket: a client's words between its sound, and what the server tells
//! of the sound. The sound itself comes and goes in binary frames, as 16-bit little-endian samples of one channel.

use serde::{Deserialize, Serialize};

use crate::client::{Malformed, SpeechWish, read_one_of};

/// A message from a client over a live line; `type` is its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum LiveMessage {
    /// Says what is asked about from now on; the first message, and any later one, as when the student moved in the lecture.
    Start {
        /// The lecture.
        lecture_id: String,
        /// The thread; left out, one is begun.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_id: Option<String>,
        /// Where in the lecture the student is, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        playhead: Option<f64>,
        /// Samples a second of what is sent: 16,000.
        sample_rate: u32,
        /// How to speak the answers; left out, they are spoken with the default voice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        speech: Option<SpeechWish>,
    },
    /// The question is complete; nobody waits for a pause.
    End {},
    /// Stops the answer that is under way.
    Cancel {},
    /// Keeps the connection open.
    Ping {},
}

/// The names of all messages, for the sentence about an unknown one.
pub const TYPES: [&str; 4] = ["start", "end", "cancel", "ping"];

impl LiveMessage {
    /// Reads a message from outside.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        read_one_of(&TYPES, text)
    }
}

/// What only a live line says to a client; `type` is its name. All else are messages of the WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum LiveEvent {
    /// What was started can be asked about.
    Listening {
        /// The thread of the questions.
        session_id: String,
    },
    /// Somebody begins to speak. Whatever is still played of an answer should fall silent: no more of it comes.
    SpeechStarted {},
    /// The binary frames that follow, up to the next of these, are the spoken answer.
    AudioStart {
        /// To which question.
        query_id: String,
        /// `pcm_s16le`: mono, 16 bit, little endian.
        format: String,
        /// Samples a second.
        sample_rate: u32,
    },
}

impl LiveEvent {
    /// The message as it goes over the wire.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("messages hold only strings and numbers, which JSON can always write")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn messages_are_read_as_they_are_documented() {
        let text = r#"{"type":"start","lectureId":"l1","playhead":12.5,"sampleRate":16000}"#;
        let start = LiveMessage::Start {
            lecture_id: "l1".into(),
            session_id: None,
            playhead: Some(12.5),
            sample_rate: 16_000,
            speech: None,
        };
        assert_eq!(LiveMessage::parse(text), Ok(start));
        assert_eq!(LiveMessage::parse(r#"{"type":"end"}"#), Ok(LiveMessage::End {}));
        assert_eq!(LiveMessage::parse(r#"{"type":"cancel"}"#), Ok(LiveMessage::Cancel {}));
        assert_eq!(LiveMessage::parse(r#"{"type":"ping"}"#), Ok(LiveMessage::Ping {}));
        assert_eq!(LiveEvent::SpeechStarted {}.to_json(), r#"{"type":"speech_started"}"#);
        let start = LiveEvent::AudioStart { query_id: "q".into(), format: "pcm_s16le".into(), sample_rate: 16_000 };
        assert_eq!(start.to_json(), r#"{"type":"audio_start","queryId":"q","format":"pcm_s16le","sampleRate":16000}"#);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let why = |text: &str| LiveMessage::parse(text).unwrap_err();
        assert_eq!(why(r#"{"type":"query"}"#), Malformed::UnknownType("query".into()));
        assert_eq!(why("nope"), Malformed::Bad("the message is not JSON".into()));
        assert_eq!(why(r#"{"type":"start","sampleRate":16000}"#), Malformed::Bad("`start`: `lectureId` is missing".into()));
        let wrong = r#"{"type":"start","lectureId":"l1","sampleRate":"high"}"#;
        assert!(matches!(why(wrong), Malformed::Bad(said) if said.starts_with("`start`: `sampleRate` has to be")));
    }

    proptest! {
        #[test]
        fn half_messages_never_panic(kind in "(start|end|cancel|ping)", field in "[a-zA-Z]{0,9}", value in "(1|\"x\"|null|\\{\\}|true)") {
            let _ = LiveMessage::parse(&format!(r#"{{"type":"{kind}","{field}":{value}}}"#));
        }
    }
}
