//! What has to go when its time is over: sessions, spoken questions, spoken answers, and the memory of work long done.

use std::sync::Arc;

use synapscribe_domain::session::RETENTION_MS;
use synapscribe_domain::time::DAY_MS;
use synapscribe_domain::{Failure, ObjectKey};
use synapscribe_ports::{Clock, Ledger, Objects, Sessions};

/// No event is delivered again after so long, so that what was done about it need not be known any more.
pub const REMEMBERED_MS: i64 = 30 * DAY_MS;

/// What is needed to keep house.
#[derive(Clone)]
pub struct Housekeeping {
    /// Sessions.
    pub sessions: Arc<dyn Sessions>,
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
}

impl Housekeeping {
    /// Removes everything whose time is over.
    pub async fn sweep(&self) -> Result<Swept, Failure> {
        let now = self.clock.now();
        let mut swept = Swept { sessions: self.sessions.expire(now).await?, ..Swept::default() };
        swept.claims = self.ledger.forget(now.plus(-REMEMBERED_MS)).await?;
        for prefix in ["queries/", "responses/"] {
            let old = self.objects.list(prefix).await?.into_iter().filter(|o| o.stored.plus(RETENTION_MS) <= now);
            for key in old.map(|o| o.key).collect::<Vec<ObjectKey>>() {
                self.objects.delete(&key).await?;
                swept.objects += 1;
            }
        }
        Ok(swept)
    }
}
