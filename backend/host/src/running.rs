//! A host that runs, and how it ends.

use std::fs::File;
use std::net::SocketAddr;
use std::time::Duration;

use synapscribe_domain::session::Retention;
use synapscribe_sql::Store;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::folder::Note;
use crate::retention::Chosen;

/// A host that is running.
pub struct Running {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The address clients use.
    pub url: String,
    pub(crate) stop: CancellationToken,
    pub(crate) serving: JoinHandle<std::io::Result<()>>,
    pub(crate) working: Vec<JoinHandle<()>>,
    pub(crate) store: Store,
    pub(crate) retention: Chosen,
    pub(crate) note: Note,
    pub(crate) lock: File,
}

impl Running {
    /// Waits until it stops by itself, which only a failure of the listening socket does.
    pub async fn wait(&mut self) -> anyhow::Result<()> {
        Ok((&mut self.serving).await??)
    }

    /// How long it keeps what was asked.
    pub fn retention(&self) -> Retention {
        self.retention.now()
    }

    /// Keeps what was asked for so long from now on, also after a restart; what is older goes at once.
    pub fn keep_for(&self, retention: Retention) -> std::io::Result<()> {
        self.retention.choose(retention)
    }

    /// Stops taking work, gives back what is under way, closes the store.
    pub async fn stop(self) {
        // Whoever comes now waits for the folder instead of joining a host that goes.
        drop(self.note);
        self.stop.cancel();
        let _ = tokio::time::timeout(Duration::from_secs(5), self.serving).await;
        for work in self.working {
            let _ = tokio::time::timeout(Duration::from_secs(5), work).await;
        }
        self.store.close().await;
        drop(self.lock);
    }
}
