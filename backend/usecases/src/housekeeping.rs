//! What has to go when its time is over: sessions, spoken questions and answers, what never came to anything, and the memory of
//! work long done.

use std::sync::Arc;

use synapscribe_domain::session::Retention;
use synapscribe_domain::time::DAY_MS;
use synapscribe_domain::{Failure, ObjectKey};
use synapscribe_ports::{Clock, Jobs, Ledger, Library, Objects, Sessions};

/// No event is delivered again after so long, so that what was done about it need not be known any more.
pub const REMEMBERED_MS: i64 = 30 * DAY_MS;

/// What is needed to keep house.
#[derive(Clone)]
pub struct Housekeeping {
    /// Sessions.
    pub sessions: Arc<dyn Sessions>,
    /// Lectures and documents.
    pub library: Arc<dyn Library>,
    /// Jobs.
    pub jobs: Arc<dyn Jobs>,
    /// Recordings.
    pub objects: Arc<dyn Objects>,
    /// Claims on work.
    pub ledger: Arc<dyn Ledger>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Sessions with their turns.
    pub sessions: u64,
    /// Spoken questions and answers.
    pub objects: u64,
    /// Claims on work.
    pub claims: u64,
    /// Lectures whose recording never came.
    pub lectures: u64,
    /// Documents whose file never came.
    pub documents: u64,
    /// Jobs that failed for good; a question's words are in them.
    pub jobs: u64,
}

impl Housekeeping {
    /// Removes everything whose time is over, when what was asked is kept for so long.
    pub async fn sweep(&self, retention: Retention) -> Result<Swept, Failure> {
        let now = self.clock.now();
        let oldest = now.plus(-retention.ms());
        // A session's own date of expiry is a week after its last question, whatever was chosen since.
        let expired = now.plus(Retention::WEEK.ms() - retention.ms());
        let mut swept = Swept { sessions: self.sessions.expire(expired).await?, ..Swept::default() };
        swept.jobs = self.jobs.forget(oldest).await?;
        swept.claims = self.ledger.forget(now.plus(-REMEMBERED_MS)).await?;
        for prefix in ["queries/", "responses/"] {
            let old = self.objects.list(prefix).await?.into_iter().filter(|o| o.stored <= oldest);
            for key in old.map(|o| o.key).collect::<Vec<ObjectKey>>() {
                self.objects.delete(&key).await?;
                swept.objects += 1;
            }
        }
        for lecture in self.library.abandoned(now.plus(-Retention::WEEK.ms())).await? {
            // Captions may have come all the same.
            for beside in self.objects.list(&format!("lectures/{}/{}/", lecture.owner, lecture.id)).await? {
                self.objects.delete(&beside.key).await?;
            }
            self.library.delete_lecture(&lecture.id).await?;
            swept.lectures += 1;
        }
        for document in self.library.abandoned_documents(now.plus(-Retention::WEEK.ms())).await? {
            self.library.delete_document(&document.id).await?;
            swept.documents += 1;
        }
        Ok(swept)
    }
}
