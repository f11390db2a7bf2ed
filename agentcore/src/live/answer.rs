//! The answer that is under way over a live line: whose sound goes out, and what is told ahead of it. Knows messages, no socket.

use axum::extract::ws::Message;
use synapscribe_domain::QueryId;
use synapscribe_protocol::{LiveEvent, ServerMessage, Stretches};
use synapscribe_wire::agent::samples;

/// One line's answer; of any other no sound goes out any more.
#[derive(Debug, Default)]
pub(super) struct Answer {
    query: Option<QueryId>,
    /// The rate that was told of its sound.
    rate: Option<u32>,
    /// What went out.
    stretches: Stretches,
}

impl Answer {
    /// A question was asked.
    pub fn begin(&mut self, query: QueryId) {
        *self = Self { query: Some(query), ..Self::default() };
    }

    /// Whether one is under way.
    pub fn is_under_way(&self) -> bool {
        self.query.is_some()
    }

    /// Ends it here, and says which one it was.
    pub fn stop(&mut self) -> Option<QueryId> {
        std::mem::take(self).query
    }

    /// What goes out of a message of the WebSocket: the message, or its sound as it is.
    pub fn relay(&mut self, text: String) -> Vec<Message> {
        match serde_json::from_str::<ServerMessage>(&text) {
            Ok(ServerMessage::AudioChunk { query_id, index, format, sample_rate, data }) => {
                let Some(mut sound) = samples(&data).filter(|_| self.is(&query_id)) else { return Vec::new() };
                // Sound that goes out as it is has no number: what comes again is passed over here.
                sound.drain(..self.stretches.take(index, sound.len()));
                if sound.is_empty() {
                    return Vec::new();
                }
                let mut out = Vec::with_capacity(2);
                if self.rate.replace(sample_rate) != Some(sample_rate) {
                    let start = LiveEvent::AudioStart { query_id, format, sample_rate };
                    out.push(Message::Text(start.to_json().into()));
                }
                out.push(Message::Binary(sound.into()));
                return out;
            }
            Ok(message) if message.ends_query() && message.query_id().is_some_and(|query| self.is(query)) => drop(self.stop()),
            _ => {}
        }
        vec![Message::Text(text.into())]
    }

    fn is(&self, query: &str) -> bool {
        self.query.as_ref().is_some_and(|under_way| under_way.as_str() == query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(query: &str, index: u32, sample_rate: u32, data: &str) -> String {
        let (query_id, format) = (query.to_owned(), "pcm_s16le".to_owned());
        ServerMessage::AudioChunk { query_id, index, format, sample_rate, data: data.into() }.to_json()
    }

    fn sound(bytes: &'static [u8]) -> Message {
        Message::Binary(bytes.into())
    }

    fn start(sample_rate: u32) -> Message {
        let start = LiveEvent::AudioStart { query_id: "q1".into(), format: "pcm_s16le".into(), sample_rate };
        Message::Text(start.to_json().into())
    }

    #[test]
    fn sound_goes_out_as_it_is_behind_a_word_about_it_and_that_of_a_stopped_answer_no_more() {
        let mut answer = Answer::default();
        answer.begin(QueryId::parse("q1").unwrap());
        assert_eq!(answer.relay(chunk("q1", 0, 16_000, "AAEC")), [start(16_000), sound(&[0, 1, 2])]);
        assert_eq!(answer.relay(chunk("q1", 1, 16_000, "AwQ=")), [sound(&[3, 4])]);
        assert!(answer.relay(chunk("q1", 1, 16_000, "AwQ=")).is_empty(), "a stretch went out twice");
        assert_eq!(answer.relay(chunk("q1", 2, 8_000, "BQ==")), [start(8_000), sound(&[5])]);
        assert!(answer.relay(chunk("q0", 3, 8_000, "BQ==")).is_empty(), "another answer's sound went out");
        assert!(answer.relay(chunk("q1", 3, 8_000, "?")).is_empty());
        assert_eq!(answer.stop().map(String::from).as_deref(), Some("q1"));
        assert!(answer.relay(chunk("q1", 3, 8_000, "BQ==")).is_empty(), "a stopped answer sounded on");
    }

    #[test]
    fn messages_go_out_as_they_come_and_the_last_one_ends_the_answer() {
        let mut answer = Answer::default();
        answer.begin(QueryId::parse("q1").unwrap());
        let delta = ServerMessage::AnswerText { query_id: "q1".into(), delta: "Hi".into() }.to_json();
        assert_eq!(answer.relay(delta.clone()), [Message::Text(delta.into())]);
        for (query, under_way) in [("q0", true), ("q1", false)] {
            let end = ServerMessage::Cancelled { query_id: query.into() }.to_json();
            assert_eq!(answer.relay(end.clone()), [Message::Text(end.into())]);
            assert_eq!(answer.is_under_way(), under_way, "{query}");
        }
    }
}
