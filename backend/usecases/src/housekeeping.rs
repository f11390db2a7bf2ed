//! What has to go when its time is over: sessions, spoken questions, spoken answers.

use std::sync::Arc;

use synapscribe_domain::session::RETENTION_MS;
use synapscribe_domain::{Failure, ObjectKey};
use synapscribe_ports::{Clock, Objects, Sessions};

/// What is needed to keep house.
#[derive(Clone)]
pub struct Housekeeping {
    /// Sessions.
    pub sessions: Arc<dyn Sessions>,
    /// Recordings.
    pub objects: Arc<dyn Objects>,
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
}

impl Housekeeping {
    /// Removes everything whose time is over.
    pub async fn sweep(&self) -> Result<Swept, Failure> {
        let now = self.clock.now();
        let mut swept = Swept { sessions: self.sessions.expire(now).await?, objects: 0 };
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
