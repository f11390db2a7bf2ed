//! What failed for good: named with its remedy to whoever runs the server, and only counted to everybody else, because the name of
//! a lecture is its owner's business. What has been put right since is not told any more.

use std::collections::HashSet;
use std::sync::Arc;

use synapscribe_domain::document::DocumentState;
use synapscribe_domain::source::Matter;
use synapscribe_domain::{About, LectureState, Source, Timestamp};
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
    /// Lectures and documents.
    pub library: Arc<dyn Library>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Complaints {
    /// One sentence for each failure, or for each kind of them.
    pub async fn told(&self, whom: Whom) -> StoreResult<Vec<String>> {
        let now = self.clock.now();
        let (mut sources, mut questions) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for Buried { job, reason, due } in self.jobs.buried(LOOKED_AT).await? {
            if let Job::Answer(order) = job {
                if lately(due, now) {
                    questions.push((order.about, reason));
                }
                continue;
            }
            let source = job.lecture().map(Source::from).or(job.document().map(Source::from));
            if let Some(source) = source
                && seen.insert(source.clone())
                && self.still_failed(&source).await?
            {
                sources.push((source, reason));
            }
        }
        Ok(match whom {
            Whom::Operator => named(&sources, &questions),
            Whom::Stranger => {
                let lectures = sources.iter().filter(|(source, _)| source.lecture().is_some()).count();
                counted(lectures, sources.len() - lectures, questions.len())
            }
        })
    }

    async fn still_failed(&self, source: &Source) -> StoreResult<bool> {
        Ok(match source {
            Source::Lecture(id) => self.library.lecture(id).await?.is_some_and(|lecture| lecture.state != LectureState::Ready),
            Source::Document(id) => {
                self.library.document(id).await?.is_some_and(|document| document.state != DocumentState::Ready)
            }
        })
    }
}

fn lately(due: Timestamp, now: Timestamp) -> bool {
    due.plus(QUESTION_MS) > now
}

fn named(sources: &[(Source, String)], questions: &[(About, String)]) -> Vec<String> {
    let prepared = sources.iter().map(|(source, reason)| {
        let what = Matter::of(std::slice::from_ref(source)).noun();
        format!("the {what} {source} could not be prepared: {reason}; delete it and upload it again")
    });
    let answered = questions.iter().map(|(about, reason)| {
        let what = match Matter::of(&about.sources()) {
            Matter::Several => about.name().to_owned(),
            one => format!("the {} {}", one.noun(), about.name()),
        };
        format!("a question about {what} could not be answered: {reason}; ask it again")
    });
    let mut told: Vec<String> = prepared.chain(answered).take(NAMED).collect();
    let more = sources.len() + questions.len() - told.len();
    if more > 0 {
        told.push(format!("{more} more failed; they are told of when these are put right"));
    }
    told
}

fn counted(lectures: usize, documents: usize, questions: usize) -> Vec<String> {
    [(lectures, "lecture", "prepared"), (documents, "document", "prepared"), (questions, "question", "answered")]
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, what, done)| {
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} {what}{plural} could not be {done}; whoever runs the server can see why")
        })
        .collect()
}
