//! What is done after the answer, so that its time tells nothing: letters, and what leads to them.

use std::future::Future;

use tokio_util::task::TaskTracker;

/// Errands under way.
#[derive(Debug, Clone, Default)]
pub struct Errands(TaskTracker);

impl Errands {
    /// Begins one.
    pub fn begin(&self, errand: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(errand);
    }

    /// Waits until none is under way; a process that is about to be stopped or frozen does.
    pub async fn done(&self) {
        // A tracker ends its wait only while it is closed; further errands are welcome all the same.
        self.0.close();
        self.0.wait().await;
        self.0.reopen();
    }
}
