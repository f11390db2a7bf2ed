//! The routes about lectures.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch};
use serde::Deserialize;
use synapscribe_domain::{Failure, Lecture, LectureId, Millis, PersonId, captions};
use synapscribe_protocol::rest::{
    CorrectionDto, LectureDto, LecturesDto, LinkDto, PhraseDto, ReportDto, SourceChangeDto, TranscriptDto, WaveformDto,
};
use synapscribe_usecases::catalogue::Entry;
use synapscribe_usecases::editing::Correction;
use synapscribe_usecases::library::LINK_SECONDS;
use synapscribe_wire::dto;

use crate::classes::sharing;
use crate::envelope::{Answer, Asked, Caller, Change, Given, Named};
use crate::openapi::{Busy, Changed, NotAllowed, NotRead, NotThere, Unusable};
use crate::{Routes, Shared};

/// Points of a waveform when nobody says how many.
const POINTS: usize = 1_000;
/// More than any screen has.
const MOST_POINTS: usize = 20_000;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .route("/api/lectures", get(lectures))
        .route("/api/lectures/{id}", get(lecture).patch(change_lecture).delete(delete_lecture))
        .route("/api/lectures/{id}/transcript", get(transcript))
        .route("/api/lectures/{id}/phrases", patch(correct))
        .route("/api/lectures/{id}/captions.vtt", get(vtt))
        .route("/api/lectures/{id}/waveform", get(waveform))
        .route("/api/lectures/{id}/report", get(report))
        .route("/api/lectures/{id}/audio", get(audio))
}

pub(crate) fn lecture_id(text: String) -> Result<LectureId, Failure> {
    LectureId::parse(text).map_err(|_| Failure::not_found("lecture"))
}

fn told((lecture, owner_name): Entry<Lecture>, viewer: &PersonId) -> LectureDto {
    LectureDto { owner_name, ..dto::lecture(&lecture, viewer) }
}

/// Every lecture that the caller may see.
#[utoipa::path(get, path = "/api/lectures", tag = "lectures", responses((status = 200, body = LecturesDto)))]
pub(crate) async fn lectures(State(context): Shared, Caller(person): Caller) -> Answer<Json<LecturesDto>> {
    let found = context.catalogue.lectures(&person).await?;
    Ok(Json(LecturesDto { lectures: found.into_iter().map(|entry| told(entry, &person)).collect() }))
}

/// A lecture.
#[utoipa::path(get, path = "/api/lectures/{id}", tag = "lectures", params(("id" = String, Path, description = "the lecture's name")),
    responses((status = 200, body = LectureDto), NotThere))]
pub(crate) async fn lecture(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
) -> Answer<Json<LectureDto>> {
    Ok(Json(told(context.catalogue.lecture(&person, &lecture_id(id)?).await?, &person)))
}

/// Gives a lecture of the caller's another title, or makes it public or private.
#[utoipa::path(patch, path = "/api/lectures/{id}", tag = "lectures", request_body = SourceChangeDto,
    params(("id" = String, Path, description = "the lecture's name")),
    responses((status = 200, body = LectureDto), NotRead, NotAllowed, NotThere))]
pub(crate) async fn change_lecture(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
    Given(wish): Given<SourceChangeDto>,
) -> Answer<Json<LectureDto>> {
    let id = lecture_id(id)?;
    let changed = match Change::read(wish)? {
        Change::Title(title) => context.editing.rename_lecture(&person, &id, &title).await?,
        Change::Visibility(visibility) => sharing(&context)?.change_lecture(&person, &id, visibility).await?,
    };
    Ok(Json(dto::lecture(&changed, &person)))
}

/// Deletes a lecture of the caller's with everything made from it.
#[utoipa::path(delete, path = "/api/lectures/{id}", tag = "lectures",
    params(("id" = String, Path, description = "the lecture's name")), responses((status = 204), NotThere))]
pub(crate) async fn delete_lecture(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
) -> Answer<StatusCode> {
    context.reading.delete_lecture(&person, &lecture_id(id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was said in a lecture, with times.
#[utoipa::path(get, path = "/api/lectures/{id}/transcript", tag = "lectures",
    params(("id" = String, Path, description = "the lecture's name")), responses((status = 200, body = TranscriptDto), NotThere))]
pub(crate) async fn transcript(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
) -> Answer<Json<TranscriptDto>> {
    let id = lecture_id(id)?;
    Ok(Json(dto::transcript(&id, &context.reading.transcript(&person, &id).await?)))
}

/// Puts the words of a phrase right.
#[utoipa::path(patch, path = "/api/lectures/{id}/phrases", tag = "lectures", request_body = CorrectionDto,
    params(("id" = String, Path, description = "the lecture's name")),
    responses((status = 200, body = PhraseDto), NotRead, NotThere, Changed))]
pub(crate) async fn correct(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
    Given(wish): Given<CorrectionDto>,
) -> Answer<Json<PhraseDto>> {
    let correction = Correction { from: Millis::from_seconds(wish.from), expected: wish.expected, text: wish.text };
    Ok(Json(dto::phrase(&context.editing.correct(&person, &lecture_id(id)?, &correction).await?)))
}

/// The transcript as WebVTT captions.
#[utoipa::path(get, path = "/api/lectures/{id}/captions.vtt", tag = "lectures",
    params(("id" = String, Path, description = "the lecture's name")),
    responses((status = 200, body = String, content_type = "text/vtt"), NotThere))]
pub(crate) async fn vtt(State(context): Shared, Caller(person): Caller, Named(id): Named<String>) -> Answer<Response> {
    let phrases = context.reading.transcript(&person, &lecture_id(id)?).await?;
    Ok(([(header::CONTENT_TYPE, "text/vtt; charset=utf-8")], captions::to_vtt(&phrases)).into_response())
}

/// How fine an outline is to be.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Outline {
    /// The most points; 1,000 if left out, and never more than 20,000.
    points: Option<usize>,
}

/// The outline of a recording.
#[utoipa::path(get, path = "/api/lectures/{id}/waveform", tag = "lectures",
    params(("id" = String, Path, description = "the lecture's name"), Outline),
    responses((status = 200, body = WaveformDto), NotRead, NotThere, Changed, Unusable, Busy))]
pub(crate) async fn waveform(
    State(context): Shared,
    Caller(person): Caller,
    Named(id): Named<String>,
    Asked(outline): Asked<Outline>,
) -> Answer<Json<WaveformDto>> {
    let (lecture, drawn) = context.reading.waveform(&person, &lecture_id(id)?).await?;
    Ok(Json(dto::waveform(&lecture, &drawn, outline.points.unwrap_or(POINTS).clamp(1, MOST_POINTS))))
}

/// What became of a recording.
#[utoipa::path(get, path = "/api/lectures/{id}/report", tag = "lectures",
    params(("id" = String, Path, description = "the lecture's name")), responses((status = 200, body = ReportDto), NotThere))]
pub(crate) async fn report(State(context): Shared, Caller(person): Caller, Named(id): Named<String>) -> Answer<Json<ReportDto>> {
    let id = lecture_id(id)?;
    Ok(Json(dto::report(&id, &context.reading.report(&person, &id).await?)))
}

/// An address that plays the recording.
#[utoipa::path(get, path = "/api/lectures/{id}/audio", tag = "lectures",
    params(("id" = String, Path, description = "the lecture's name")), responses((status = 200, body = LinkDto), NotThere))]
pub(crate) async fn audio(State(context): Shared, Caller(person): Caller, Named(id): Named<String>) -> Answer<Json<LinkDto>> {
    let url = context.reading.recording_url(&person, &lecture_id(id)?).await?;
    Ok(Json(LinkDto { url, expires_in: LINK_SECONDS }))
}
