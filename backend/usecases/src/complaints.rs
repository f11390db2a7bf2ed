//! What failed for good: named with its remedy to whoever runs the server, and only counted to everybody else, because the name of
//! a lecture is its owner's business. What has been put right since is not told any more.

use std::collections::HashSet;
use std::sync::Arc;

use synapscribe_domain::{LectureId, LectureState, Timestamp};
use synapscribe_ports::{Buried, Clock, Job, Jobs, Library, StoreResult};

/// More than this many are not looked at.
const LOOKED_AT: u32 = 100;

/// More than this many are not named.
const NAMED: usize = 5;

/// A question that failed longer ago than this was asked again or is not wanted any more.
const QUESTION_MS: i64 = 24 * 3_600_000;

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// Whoever runs the server.
    Operator,
    /// Anybody who reaches it.
    Stranger,
}

/// What is needed to tell of them.
#[derive(Clone)]
pub struct Complaints {
    /// The jobs that failed.
    pub jobs: Arc<dyn Jobs>,
    /// Lectures.
    pub library: Arc<dyn Library>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Complaints {
    /// One sentence for each failure, or for each kind of them.
    pub async fn told(&self, whom: Whom) -> StoreResult<Vec<String>> {
        let now = self.clock.now();
        let (mut lectures, mut questions) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for Buried { job, reason, due } in self.jobs.buried(LOOKED_AT).await? {
            let Some(lecture) = job.lecture() else { continue };
            match job {
                Job::Answer(_) if lately(due, now) => questions.push((lecture, reason)),
                Job::Answer(_) => {}
                Job::IngestLecture { .. } | Job::ObjectCreated(_) => {
                    if seen.insert(lecture.clone()) && self.still_failed(&lecture).await? {
                        lectures.push((lecture, reason));
                    }
                }
            }
        }
        Ok(match whom {
            Whom::Operator => named(&lectures, &questions),
            Whom::Stranger => counted(lectures.len(), questions.len()),
        })
    }

    async fn still_failed(&self, id: &LectureId) -> StoreResult<bool> {
        let lecture = self.library.lecture(id).await?;
        Ok(lecture.is_some_and(|lecture| !matches!(lecture.state, LectureState::Ready)))
    }
}

fn lately(due: Timestamp, now: Timestamp) -> bool {
    due.plus(QUESTION_MS) > now
}

fn named(lectures: &[(LectureId, String)], questions: &[(LectureId, String)]) -> Vec<String> {
    let prepared = lectures
        .iter()
        .map(|(lecture, reason)| format!("the lecture {lecture} could not be prepared: {reason}; delete it and upload it again"));
    let answered = questions
        .iter()
        .map(|(lecture, reason)| format!("a question about the lecture {lecture} could not be answered: {reason}; ask it again"));
    let mut told: Vec<String> = prepared.chain(answered).take(NAMED).collect();
    let more = lectures.len() + questions.len() - told.len();
    if more > 0 {
        told.push(format!("{more} more failed; they are told of when these are put right"));
    }
    told
}

fn counted(lectures: usize, questions: usize) -> Vec<String> {
    [(lectures, "lecture", "prepared"), (questions, "question", "answered")]
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, what, done)| {
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} {what}{plural} could not be {done}; whoever runs the server can see why")
        })
        .collect()
}
