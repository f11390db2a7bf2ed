//! Ends a session, so that its memory is not carried into later questions.

use std::sync::Arc;

use synapscribe_domain::{Failure, PersonId, SessionId, SessionState};
use synapscribe_ports::{Agent, Clock, Sessions};

use crate::thread;

/// What is needed to end sessions.
#[derive(Clone)]
pub struct Ending {
    /// Sessions.
    pub sessions: Arc<dyn Sessions>,
    /// Forgets what it keeps for a session.
    pub agent: Arc<dyn Agent>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Ending {
    /// Ends a session of this person; ending it twice is fine.
    pub async fn end(&self, person: &PersonId, id: &SessionId) -> Result<(), Failure> {
        let session = thread::own(&*self.sessions, person, id, self.clock.now()).await?;
        let id = &session.id;
        if session.state == SessionState::Open {
            self.sessions.change_session(id, &|s| s.state = SessionState::Ended).await?;
        }
        if let Err(failure) = self.agent.end_session(id).await {
            // It has ended all the same: an agent keeps nothing that would need it.
            tracing::debug!(session = %id, code = failure.code.as_str(), "the agent was not told that a session ended");
        }
        Ok(())
    }
}
