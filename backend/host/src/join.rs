//! The host of a data folder: the one that runs already, or one that is started within this process. Two programs that begin
//! in the same moment end up with one host.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use tokio::time::{Instant, sleep, timeout};

use crate::compose;
use crate::folder::LOCK;
use crate::running::Running;
use crate::settings::{Settings, running_at};

/// A host that holds its folder tells its address within this time.
const STARTING: Duration = Duration::from_secs(15);

/// A host to use.
pub enum Joined {
    /// Another process runs it, at this address.
    Running(String),
    /// It was started within this process.
    Started(Box<Running>),
}

impl Joined {
    /// Where it answers.
    pub fn address(&self) -> &str {
        match self {
            Self::Running(address) => address,
            Self::Started(host) => &host.url,
        }
    }
}

/// Finds the host of a folder, if a process holds it.
pub async fn running(data: &Path) -> anyhow::Result<Option<String>> {
    // Only the lock says that a host is there: the note of one that was killed names a port that may be anybody's by now.
    if !is_held(data) {
        return Ok(None);
    }
    let begun = Instant::now();
    while begun.elapsed() < STARTING {
        if let Some(listen) = running_at(data) {
            let connecting = tokio::net::TcpStream::connect(listen);
            if timeout(Duration::from_secs(2), connecting).await.is_ok_and(|connected| connected.is_ok()) {
                return Ok(Some(format!("http://{listen}")));
            }
        }
        if !is_held(data) {
            return Ok(None);
        }
        sleep(Duration::from_millis(50)).await;
    }
    bail!("a host holds {} but does not answer; stop it and try again", data.display())
}

/// Finds the host of the settings' folder, or starts it.
pub async fn join(settings: Settings) -> anyhow::Result<Joined> {
    let data = settings.data.clone();
    if let Some(address) = running(&data).await? {
        return Ok(Joined::Running(address));
    }
    match Box::pin(compose::start(settings)).await {
        Ok(host) => Ok(Joined::Started(Box::new(host))),
        // Two programs may start it in the same moment; the second one uses the first one's.
        Err(error) => match running(&data).await? {
            Some(address) => Ok(Joined::Running(address)),
            None => Err(error),
        },
    }
}

/// Whether a process holds the folder; the lock ends with the process, however it ends.
fn is_held(data: &Path) -> bool {
    let lock = File::options().append(true).open(data.join(LOCK));
    lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
}
