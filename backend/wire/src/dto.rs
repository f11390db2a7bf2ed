//! Domain values as the protocol's data.

use synapscribe_domain::lecture::AddedBy;
use synapscribe_domain::turn::Timings;
use synapscribe_domain::usage::Stored;
use synapscribe_domain::{
    Citation, Failure, IngestReport, Lecture, LectureId, LectureState, PersonId, Phrase, SessionSummary, Span, Turn, Usage,
    Visibility, Waveform,
};
use synapscribe_ports::{EngineCard, Reached, Role, SpokenWord, VoiceCard};
use synapscribe_protocol::discovery::EngineDto;
use synapscribe_protocol::rest::{
    EngineServerDto, LectureDto, PhraseDto, ReportDto, SessionDto, SkippedDto, SpanDto, StorageDto, TranscriptDto, TurnDto,
    VoiceDto, WaveformDto,
};
use synapscribe_protocol::{CitationDto, ErrorDto, PagesDto, SpokenWordDto, TimingsDto, UsageDto};

use crate::source::Named;

/// A failure.
pub fn error(failure: &Failure) -> ErrorDto {
    ErrorDto {
        code: failure.code.as_str().into(),
        message: failure.message.clone(),
        retryable: failure.code.retryable(),
        correlation: None,
    }
}

/// A citation.
pub fn citation(c: &Citation) -> CitationDto {
    let span = c.span().unwrap_or_default();
    let Named { lecture_id, document_id, .. } = Named::of(std::slice::from_ref(&c.source));
    CitationDto {
        number: c.number,
        lecture_id,
        document_id,
        passage_id: c.passage.to_string(),
        from: span.from.seconds(),
        to: span.to.seconds(),
        pages: c.spot.pages().map(|pages| PagesDto { from: pages.from, to: pages.to }),
        excerpt: c.excerpt.clone(),
        score: c.score,
    }
}

/// What a turn cost.
pub fn usage(u: &Usage) -> UsageDto {
    UsageDto {
        tokens_in: u.tokens_in,
        tokens_out: u.tokens_out,
        audio_in_ms: u.audio_in_ms,
        characters_spoken: u.characters_spoken,
    }
}

/// When a word is spoken.
pub fn spoken_word(word: &SpokenWord) -> SpokenWordDto {
    SpokenWordDto { at_ms: word.at.0, from: word.from, to: word.to }
}

/// When a turn reached its stages.
pub fn timings(t: &Timings) -> TimingsDto {
    TimingsDto {
        understood_ms: t.understood,
        retrieved_ms: t.retrieved,
        first_text_ms: t.first_text,
        first_audio_ms: t.first_audio,
        done_ms: t.done,
    }
}

/// A share with as many digits as anybody reads.
pub fn share(share: f32) -> f32 {
    (share * 1e4).round() / 1e4
}

/// A lecture as `viewer` sees it, without its owner's name, which is kept elsewhere.
pub fn lecture(l: &Lecture, viewer: &PersonId) -> LectureDto {
    LectureDto {
        lecture_id: l.id.to_string(),
        title: l.title.clone(),
        state: l.state.name().into(),
        progress: share(l.state.progress()),
        duration: l.media.as_ref().map(|m| m.duration.seconds()),
        bytes: l.media.as_ref().map(|m| m.bytes),
        format: l.media.as_ref().map(|m| format!("{:?}", m.format).to_lowercase()),
        tokens_used: l.tokens,
        created: l.created.0,
        own: &l.owner == viewer,
        owner_name: None,
        public: l.visibility == Visibility::Public,
        added_by: match l.added_by(viewer) {
            AddedBy::You => "you",
            AddedBy::Sample => "sample",
            AddedBy::Somebody => "other",
        }
        .into(),
        s3_key: l.key.to_string(),
        error: match &l.state {
            LectureState::Failed { failure } => Some(error(failure).about(l.id.as_str())),
            _ => None,
        },
    }
}

/// A transcript.
pub fn transcript(id: &LectureId, phrases: &[Phrase]) -> TranscriptDto {
    TranscriptDto { lecture_id: id.to_string(), phrases: phrases.iter().map(phrase).collect() }
}

/// A phrase.
pub fn phrase(p: &Phrase) -> PhraseDto {
    PhraseDto {
        from: p.span.from.seconds(),
        to: p.span.to.seconds(),
        text: p.text.clone(),
        confidence: p.confidence,
        corrected: p.corrected,
    }
}

/// The outline of a lecture in at most so many points.
pub fn waveform(l: &Lecture, outline: &Waveform, points: usize) -> WaveformDto {
    WaveformDto {
        lecture_id: l.id.to_string(),
        duration: l.media.as_ref().map_or(0.0, |m| m.duration.seconds()),
        peaks: outline.points(points),
    }
}

/// An engine and what it is for.
pub fn engine(role: Role, card: EngineCard) -> EngineDto {
    EngineDto { role: role_name(role).into(), name: card.name, model: card.model, sends_to: card.sends_to, missing: card.missing }
}

/// A server behind an engine, after it was tried.
pub fn reached(role: Role, reached: Reached) -> EngineServerDto {
    let Reached { server, failure } = reached;
    EngineServerDto { role: role_name(role).into(), server, error: failure.as_ref().map(error) }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Recognition => "recognition",
        Role::Answers => "answers",
        Role::Speech => "speech",
        Role::Meaning => "meaning",
        Role::Pages => "pages",
    }
}

/// What is kept.
pub fn storage(s: &Stored) -> StorageDto {
    StorageDto { lectures: s.lectures, queries: s.queries, responses: s.responses, models: s.models }
}

/// A voice.
pub fn voice(card: VoiceCard) -> VoiceDto {
    VoiceDto { name: card.name, description: card.description }
}

fn span(s: &Span) -> SpanDto {
    SpanDto { from: s.from.seconds(), to: s.to.seconds() }
}

/// An ingest report.
pub fn report(id: &LectureId, r: &IngestReport) -> ReportDto {
    ReportDto {
        lecture_id: id.to_string(),
        source: format!("{:?}", r.source).to_lowercase(),
        duration: r.duration.seconds(),
        speech_share: r.speech_share,
        silences: r.silences.iter().map(span).collect(),
        doubtful: r.doubtful.iter().map(|d| span(&d.span)).collect(),
        hard_to_hear: r.hard_to_hear(),
        missing: r.missing.iter().map(span).collect(),
        skipped: r
            .skipped
            .iter()
            .map(|(s, reason)| SkippedDto { from: s.from.seconds(), to: s.to.seconds(), reason: reason.clone() })
            .collect(),
        notes: r.refused_captions.iter().map(|why| format!("the captions were not used: {why}")).chain(r.notes.clone()).collect(),
        captions_refused: r.refused_captions.is_some(),
        words: r.words,
        passages: r.passages,
    }
}

/// A session, with its turns where they were asked for.
pub fn session(summary: &SessionSummary, turns: Option<&[Turn]>) -> SessionDto {
    let s = &summary.session;
    let Named { lecture_id, document_id, sources, everything } = Named::about(&s.about);
    SessionDto {
        title: summary.title().map(str::to_owned),
        turn_count: summary.turns,
        session_id: s.id.to_string(),
        lecture_id,
        document_id,
        sources,
        everything,
        state: format!("{:?}", s.state).to_lowercase(),
        created: s.created.0,
        active: s.active.0,
        expires: s.expires.0,
        turns: turns.map(|turns| turns.iter().map(turn).collect()),
    }
}

/// A turn.
pub fn turn(t: &Turn) -> TurnDto {
    TurnDto {
        query_id: t.query.to_string(),
        asked: t.asked.0,
        question: t.question.clone(),
        answer: t.answer.clone(),
        citations: t.citations.iter().map(citation).collect(),
        state: format!("{:?}", t.state).to_lowercase(),
        generated: t.generated,
        found: t.found,
        spoken: t.spoken.seconds(),
        timings: timings(&t.timings),
        usage: usage(&t.usage),
        error: t.failure.as_ref().map(error),
    }
}
