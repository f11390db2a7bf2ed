//! The agent's requests and events as the lines AgentCore speaks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use synapscribe_domain::audio::pcm_s16le;
use synapscribe_domain::{
    About, Citation, Code, Failure, Millis, ObjectKey, Pages, PassageId, PersonId, Question, SessionId, Source, Span, Spot,
    Usage, WorkId,
};
use synapscribe_ports::{AgentEvent, AgentRequest, Exchange, Scope, Speech, SpokenWord, Style, Summary};
use synapscribe_protocol::agent::ExchangeDto;
use synapscribe_protocol::{AgentLine, CitationDto, ErrorDto, InvokeRequest, SpeechWish, UsageDto};

use crate::dto;
use crate::source::Named;

/// A request as the body of `/invoke`.
pub fn invoke(request: &AgentRequest) -> InvokeRequest {
    let (text, s3_key) = match &request.question {
        Question::Text(text) => (Some(text.clone()), None),
        Question::Spoken(key) => (None, Some(key.to_string())),
    };
    let Named { lecture_id, document_id, sources, .. } = Named::of(request.scope.sources());
    let visible_to = match &request.scope {
        Scope::VisibleTo(person) => Some(person.to_string()),
        Scope::Sources(_) => None,
    };
    InvokeRequest {
        work_id: request.work.to_string(),
        session_id: request.session.to_string(),
        lecture_id,
        document_id,
        sources,
        visible_to,
        s3_key,
        text,
        playhead: request.playhead.map(Millis::seconds),
        page: request.page,
        history: request.history.iter().map(exchange_dto).collect(),
        speech: match &request.speech {
            Some(style) => SpeechWish { speak: true, voice: style.voice.clone(), speed: style.speed },
            None => SpeechWish { speak: false, ..SpeechWish::default() },
        },
    }
}

/// The body of `/invoke` as a request.
pub fn request(body: InvokeRequest) -> Result<AgentRequest, Failure> {
    let bad = |what: &str| Failure::new(Code::BadMessage, format!("`{what}` is missing or wrong"));
    let question = match (body.text, body.s3_key) {
        (Some(text), None) => Question::Text(text),
        (None, Some(key)) => Question::Spoken(ObjectKey::parse(key).map_err(|_| bad("s3Key"))?),
        _ => return Err(Failure::new(Code::BadMessage, "give either `text` or `s3Key`")),
    };
    let named = Named {
        lecture_id: body.lecture_id,
        document_id: body.document_id,
        sources: body.sources,
        everything: body.visible_to.is_some(),
    };
    let scope = match (named.read()?, body.visible_to) {
        (About::Everything, Some(person)) => Scope::VisibleTo(PersonId::parse(person).map_err(|_| bad("visibleTo"))?),
        (about, _) => Scope::Sources(about.sources()),
    };
    Ok(AgentRequest {
        work: WorkId::parse(body.work_id).map_err(|_| bad("workId"))?,
        session: SessionId::parse(body.session_id).map_err(|_| bad("sessionId"))?,
        scope,
        question,
        playhead: playhead(body.playhead),
        page: body.page.filter(|page| *page > 0),
        history: body.history.into_iter().map(exchange).collect(),
        speech: style(&body.speech),
        // It comes beside the body.
        trace: None,
    })
}

fn exchange_dto(exchange: &Exchange) -> ExchangeDto {
    let (question, answer) = (exchange.question.clone(), exchange.answer.clone());
    ExchangeDto { question, answer, playhead: exchange.playhead.map(Millis::seconds) }
}

fn exchange(exchange: ExchangeDto) -> Exchange {
    Exchange { question: exchange.question, answer: exchange.answer, playhead: playhead(exchange.playhead) }
}

fn playhead(seconds: Option<f64>) -> Option<Millis> {
    seconds.filter(|s| s.is_finite()).map(Millis::from_seconds)
}

/// How to speak, or nothing.
pub fn style(wish: &SpeechWish) -> Option<Style> {
    wish.speak.then(|| Style {
        voice: wish.voice.clone(),
        speed: if wish.speed.is_finite() { wish.speed.clamp(0.5, 2.0) } else { 1.0 },
    })
}

/// An event as a line.
pub fn line(event: &AgentEvent) -> AgentLine {
    match event {
        AgentEvent::Heard => AgentLine::Heard {},
        AgentEvent::Understood(text) => AgentLine::QueryText { text: text.clone() },
        AgentEvent::Retrieved => AgentLine::Retrieved {},
        AgentEvent::Wrote(delta) => AgentLine::AnswerText { delta: delta.clone() },
        AgentEvent::Cited(citation) => AgentLine::Citation { citation: dto::citation(citation) },
        AgentEvent::Piece(text) => AgentLine::Piece { text: text.clone() },
        AgentEvent::Words(words) => AgentLine::Words { words: words.iter().map(dto::spoken_word).collect() },
        AgentEvent::Spoke(speech) => AgentLine::Audio {
            format: "pcm_s16le".into(),
            sample_rate: speech.rate,
            data: STANDARD.encode(pcm_s16le(&speech.samples).collect::<Vec<u8>>()),
        },
        AgentEvent::Spent(usage) => AgentLine::Spent { usage: dto::usage(usage) },
        AgentEvent::Muted(failure) => AgentLine::Muted { error: dto::error(failure) },
        AgentEvent::Written => AgentLine::Written {},
        AgentEvent::Done(summary) => {
            AgentLine::Done { generated: summary.generated, found: summary.found, usage: dto::usage(&summary.usage) }
        }
        AgentEvent::Failed(failure) => AgentLine::Error { error: dto::error(failure) },
    }
}

/// A line as an event; what cannot be read becomes a failure, and what this version does not know is none.
pub fn event(line: AgentLine) -> Option<AgentEvent> {
    Some(match line {
        AgentLine::Heard {} => AgentEvent::Heard,
        AgentLine::QueryText { text } => AgentEvent::Understood(text),
        AgentLine::Retrieved {} => AgentEvent::Retrieved,
        AgentLine::AnswerText { delta } => AgentEvent::Wrote(delta),
        AgentLine::Citation { citation } => match read_citation(citation) {
            Some(citation) => AgentEvent::Cited(citation),
            None => AgentEvent::Failed(nonsense()),
        },
        AgentLine::Piece { text } => AgentEvent::Piece(text),
        AgentLine::Words { words } => AgentEvent::Words(
            words.iter().map(|word| SpokenWord { at: Millis(word.at_ms), from: word.from, to: word.to }).collect(),
        ),
        AgentLine::Audio { format, sample_rate, data } => match STANDARD.decode(data) {
            Ok(bytes) if format == "pcm_s16le" && sample_rate > 0 => AgentEvent::Spoke(Speech {
                rate: sample_rate,
                samples: bytes.as_chunks::<2>().0.iter().map(|b| f32::from(i16::from_le_bytes(*b)) / 32_767.0).collect(),
            }),
            _ => AgentEvent::Failed(nonsense()),
        },
        AgentLine::Spent { usage } => AgentEvent::Spent(read_usage(&usage)),
        AgentLine::Muted { error } => AgentEvent::Muted(failure(error)),
        AgentLine::Written {} => AgentEvent::Written,
        AgentLine::Done { generated, found, usage } => AgentEvent::Done(Summary { generated, found, usage: read_usage(&usage) }),
        AgentLine::Error { error } => AgentEvent::Failed(failure(error)),
        AgentLine::Unknown => return None,
    })
}

/// The samples of an `audio_chunk`, as bytes; nothing where they cannot be read.
pub fn samples(data: &str) -> Option<Vec<u8>> {
    STANDARD.decode(data).ok()
}

fn read_usage(usage: &UsageDto) -> Usage {
    Usage {
        tokens_in: usage.tokens_in,
        tokens_out: usage.tokens_out,
        audio_in_ms: usage.audio_in_ms,
        characters_spoken: usage.characters_spoken,
    }
}

/// A failure from another process; a code this version does not know is an engine's.
pub fn failure(error: ErrorDto) -> Failure {
    Failure::new(Code::from_text(&error.code).unwrap_or(Code::EngineFailed), error.message)
}

fn nonsense() -> Failure {
    Failure::new(Code::EngineFailed, "the answering service sent something that could not be read; ask again")
}

fn read_citation(c: CitationDto) -> Option<Citation> {
    let named = Named { lecture_id: c.lecture_id, document_id: c.document_id, ..Named::default() };
    let source = named.sources().ok()?.pop()?;
    let spot = match &source {
        Source::Lecture(_) => Spot::Said(Span::new(Millis::from_seconds(c.from), Millis::from_seconds(c.to))),
        Source::Document(_) => c.pages.map(|pages| Spot::Printed(Pages::new(pages.from, pages.to)))?,
    };
    Some(Citation {
        number: c.number,
        source,
        passage: PassageId::parse(c.passage_id).ok()?,
        spot,
        excerpt: c.excerpt,
        score: c.score,
    })
}

#[cfg(test)]
mod tests {
    use synapscribe_domain::{DocumentId, LectureId};

    use super::*;

    #[test]
    fn what_the_agent_says_survives_the_wire() {
        let citation = Citation {
            number: 1,
            source: LectureId::parse("l").unwrap().into(),
            passage: PassageId::parse("l:00001").unwrap(),
            spot: Spot::Said(Span::new(Millis(1_250), Millis(3_500))),
            excerpt: "the slope".into(),
            score: 0.5,
        };
        let source = DocumentId::parse("d").unwrap().into();
        let printed = Citation { source, spot: Spot::Printed(Pages::new(3, 4)), ..citation.clone() };
        for said in [
            AgentEvent::Heard,
            AgentEvent::Understood("why?".into()),
            AgentEvent::Retrieved,
            AgentEvent::Wrote("Because".into()),
            AgentEvent::Cited(citation),
            AgentEvent::Cited(printed),
            AgentEvent::Piece("Because".into()),
            AgentEvent::Words(vec![SpokenWord { at: Millis(40), from: 0, to: 7 }]),
            AgentEvent::Spoke(Speech { rate: 16_000, samples: vec![0.0, 1.0, -1.0] }),
            AgentEvent::Spent(Usage { characters_spoken: 7, ..Usage::default() }),
            AgentEvent::Muted(Failure::new(Code::EngineMissing, "no voice")),
            AgentEvent::Written,
            AgentEvent::Done(Summary { generated: true, found: true, usage: Usage { tokens_in: 3, ..Usage::default() } }),
            AgentEvent::Failed(Failure::new(Code::EngineTimeout, "slow")),
        ] {
            let text = serde_json::to_string(&line(&said)).unwrap();
            assert_eq!(event(serde_json::from_str(&text).unwrap()), Some(said));
        }
    }

    #[test]
    fn a_recording_is_named_by_its_key_and_by_nothing_else() {
        let asked = |more: serde_json::Value| {
            let mut body = serde_json::json!({ "workId": "w", "sessionId": "s", "lectureId": "l" });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            request(serde_json::from_value(body).unwrap())
        };
        let plain = asked(serde_json::json!({ "s3Key": "queries/ada/q1.wav" })).unwrap();
        let more =
            serde_json::json!({ "s3Key": "queries/ada/q1.wav", "uuid": "m1", "mediaId": "m1", "audio_url": "http://a/b.wav" });
        assert_eq!(asked(more).unwrap(), plain, "a model server's name for what it has read is nobody's to give");
        for key in ["http://a.example/q1.wav", "file:///etc/passwd", "../queries/ada/q1.wav"] {
            assert_eq!(asked(serde_json::json!({ "s3Key": key })).unwrap_err().code, Code::BadMessage, "{key}");
        }
    }
}
