//! A lecture that cannot be used: written down and told.

use synapscribe_domain::trace::MEASURED;
use synapscribe_domain::{Failure, LectureId, LectureState};
use synapscribe_ports::{Audience, Connections, Happening, Herald, Library, Notice, StoreError};

use crate::tell;

/// Writes down that a lecture cannot be used, and tells who sees it and other systems. One that was deleted needs none of this, and one
/// that can be used, because its job's end could not be noted, stays so.
pub(crate) async fn give_up(
    library: &dyn Library,
    connections: &dyn Connections,
    audience: &dyn Audience,
    herald: &dyn Herald,
    id: &LectureId,
    failure: Failure,
) -> Result<(), Failure> {
    tracing::info!(
        target: MEASURED,
        correlation = id.as_str(),
        operation = "ingest",
        code = failure.code.as_str(),
        failed.count = 1,
        "a lecture cannot be used"
    );
    if library.lecture(id).await?.is_none_or(|lecture| lecture.state.is_final()) {
        return Ok(());
    }
    let code = failure.code;
    let failed = LectureState::Failed { failure };
    let lecture = match library.change_lecture(id, &|l| l.state = failed.clone()).await {
        Err(StoreError::Gone) => return Ok(()),
        other => other?,
    };
    tell::viewers(library, connections, audience, &lecture, &Notice::LectureFailed(Box::new(lecture.clone()))).await;
    tell::systems(herald, Happening::LectureFailed(lecture.id, code)).await;
    Ok(())
}
