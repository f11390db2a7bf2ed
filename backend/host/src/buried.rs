//! Jobs that failed for good, as sentences: which lecture or question it was, why, and what to do. What has been put right since
//! is not told any more.

use synapscribe_domain::keys::Place;
use synapscribe_domain::{LectureId, LectureState, Timestamp};
use synapscribe_ports::{Buried, Job, Jobs, Library, StoreResult};

/// More than this many are not named.
const NAMED: u32 = 5;

/// A question that failed longer ago than this was asked again or is not wanted any more.
const QUESTION_MS: i64 = 24 * 3_600_000;

/// What an operator should know of the jobs that failed for good.
pub(crate) async fn told(jobs: &dyn Jobs, library: &dyn Library, now: Timestamp) -> StoreResult<Vec<String>> {
    let mut told = Vec::new();
    for buried in jobs.buried(NAMED).await? {
        told.extend(sentence(buried, library, now).await?);
    }
    Ok(told)
}

async fn sentence(buried: Buried, library: &dyn Library, now: Timestamp) -> StoreResult<Option<String>> {
    let Buried { job, reason, due } = buried;
    let lecture = match &job {
        Job::Answer(order) => {
            let recent = due.plus(QUESTION_MS) > now;
            return Ok(recent.then(|| {
                format!("a question about the lecture {} could not be answered: {reason}; ask it again", order.lecture)
            }));
        }
        Job::IngestLecture { lecture } => lecture.clone(),
        Job::ObjectCreated(created) => match created.key.place() {
            Place::Lecture(lecture) => lecture,
            Place::Query(_) | Place::Response(_) => return Ok(None),
        },
    };
    let failed = still_failed(&lecture, library).await?;
    Ok(failed.then(|| format!("the lecture {lecture} could not be prepared: {reason}; delete it and upload it again")))
}

async fn still_failed(id: &LectureId, library: &dyn Library) -> StoreResult<bool> {
    let lecture = library.lecture(id).await?;
    Ok(lecture.is_some_and(|lecture| !matches!(lecture.state, LectureState::Ready)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use synapscribe_domain::{ConnectionId, Lecture, ObjectKey, PersonId, QueryId, Question, SessionId, Visibility};
    use synapscribe_ports::{AnswerOrder, Clock, Lane, SystemClock};
    use synapscribe_sql::Store;

    use super::*;

    fn lecture(name: &str, state: LectureState) -> Lecture {
        let (id, owner) = (LectureId::parse(name).unwrap(), PersonId::parse("p").unwrap());
        Lecture {
            key: ObjectKey::lecture(&owner, &id, "a.mp3"),
            id,
            owner,
            visibility: Visibility::Private,
            title: "Tides".into(),
            state,
            media: None,
            tokens: None,
            created: Timestamp(1),
        }
    }

    fn question(about: &str) -> Job {
        Job::Answer(AnswerOrder {
            person: PersonId::parse("p").unwrap(),
            connection: ConnectionId::parse("c").unwrap(),
            query: QueryId::parse("q").unwrap(),
            session: SessionId::parse("s").unwrap(),
            lecture: LectureId::parse(about).unwrap(),
            question: Question::Text("why?".into()),
            playhead: None,
            speech: None,
        })
    }

    #[tokio::test]
    async fn what_failed_is_named_with_its_remedy_until_it_is_put_right() {
        let store = Store::open_in_memory().await.unwrap();
        let library: Arc<dyn Library> = Arc::new(store.clone());
        library.add_lecture(&lecture("failed", LectureState::Validating)).await.unwrap();
        library.add_lecture(&lecture("mended", LectureState::Ready)).await.unwrap();
        let now = SystemClock.now();
        for (name, job) in [
            ("failed", Job::IngestLecture { lecture: LectureId::parse("failed").unwrap() }),
            ("mended", Job::IngestLecture { lecture: LectureId::parse("mended").unwrap() }),
            ("deleted", Job::IngestLecture { lecture: LectureId::parse("deleted").unwrap() }),
            ("question", question("mended")),
        ] {
            store.enqueue(name, &job, now).await.unwrap();
            let leased = store.lease(job.lane(), now, now.plus(1)).await.unwrap().unwrap();
            store.bury(leased.id, "the engine is away").await.unwrap();
        }
        assert_eq!(store.lease(Lane::Ingests, now, now).await.unwrap(), None);
        let mut told_now = told(&store, &*library, now).await.unwrap();
        told_now.sort();
        assert_eq!(
            told_now,
            [
                "a question about the lecture mended could not be answered: the engine is away; ask it again",
                "the lecture failed could not be prepared: the engine is away; delete it and upload it again",
            ]
        );
        let later = told(&store, &*library, now.plus(QUESTION_MS + 1)).await.unwrap();
        assert_eq!(later.len(), 1, "an old question is not told of any more: {later:?}");
    }
}
