//! Where the answers that are being given go. A person who asks again over a new connection takes the answer there, also when
//! the old connection is not yet known to be gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use synapscribe_domain::{ConnectionId, WorkId};

/// The answers this process is giving, each with its connection; cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct Lines(Arc<Mutex<HashMap<WorkId, ConnectionId>>>);

/// One answer's line; dropping it closes it.
pub(crate) struct Line {
    lines: Lines,
    work: WorkId,
    /// Where things were said last.
    pub said_to: ConnectionId,
    /// Whether it ends with that connection instead of following its person to another.
    pub here_only: bool,
}

impl Lines {
    /// Opens a line to a connection.
    pub(crate) fn open(&self, work: WorkId, to: ConnectionId, here_only: bool) -> Line {
        self.lock().insert(work.clone(), to.clone());
        Line { lines: self.clone(), work, said_to: to, here_only }
    }

    /// Moves an answer's line, if it is being given here.
    pub(crate) fn move_to(&self, work: &WorkId, to: &ConnectionId) {
        if let Some(line) = self.lock().get_mut(work) {
            *line = to.clone();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WorkId, ConnectionId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// The connection that what comes next is for, when it is another than before.
    pub fn moved(&self) -> Option<ConnectionId> {
        self.lines.lock().get(&self.work).filter(|to| **to != self.said_to).cloned()
    }

    /// Moves this line.
    pub fn move_to(&self, to: &ConnectionId) {
        self.lines.move_to(&self.work, to);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.lines.lock().remove(&self.work);
    }
}
