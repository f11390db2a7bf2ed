//! Sessions in memory, which can be told that there is no room for more, and that another is begun a moment before one is.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use async_trait::async_trait;
use synapscribe_domain::{About, PersonId, Session, SessionId, SessionSummary, Source, Timestamp, Turn};

use super::open;
use crate::{SessionChange, Sessions, StoreError, StoreResult};

/// Keeps sessions for as long as it lives.
#[derive(Debug, Default)]
pub struct MemorySessions {
    kept: Mutex<Vec<(Session, Vec<Turn>)>>,
    full: AtomicBool,
    sooner: Mutex<Option<Session>>,
}

impl MemorySessions {
    /// From now on there is no room for turns, or there is again.
    pub fn fill(&self, full: bool) {
        self.full.store(full, SeqCst);
    }

    /// In the moment before the next session is added, this one is.
    pub fn begin_sooner(&self, session: Session) {
        *open(&self.sooner) = Some(session);
    }
}

#[async_trait]
impl Sessions for MemorySessions {
    async fn add_session(&self, session: &Session) -> StoreResult<()> {
        let mut kept = open(&self.kept);
        kept.extend(open(&self.sooner).take().map(|session| (session, Vec::new())));
        kept.retain(|(known, _)| known.id != session.id || session.active < known.expires);
        if kept.iter().any(|(known, _)| known.id == session.id) {
            return Err(StoreError::Conflict);
        }
        kept.push((session.clone(), Vec::new()));
        Ok(())
    }

    async fn change_session(&self, id: &SessionId, change: &SessionChange<'_>) -> StoreResult<Session> {
        let mut kept = open(&self.kept);
        let (session, _) = kept.iter_mut().find(|(known, _)| &known.id == id).ok_or(StoreError::Gone)?;
        change(session);
        Ok(session.clone())
    }

    async fn session(&self, id: &SessionId, now: Timestamp) -> StoreResult<Option<Session>> {
        let kept = open(&self.kept);
        Ok(kept.iter().map(|(session, _)| session).find(|s| &s.id == id && now < s.expires).cloned())
    }

    async fn sessions(&self, person: &PersonId, of: Option<&Source>, now: Timestamp) -> StoreResult<Vec<Session>> {
        Ok(self.summaries(person, of, now).await?.into_iter().map(|summary| summary.session).collect())
    }

    async fn summaries(&self, person: &PersonId, of: Option<&Source>, now: Timestamp) -> StoreResult<Vec<SessionSummary>> {
        let kept = open(&self.kept);
        let theirs = kept.iter().filter(|(s, _)| &s.owner == person && now < s.expires);
        let theirs = theirs.filter(|(s, _)| of.is_none_or(|source| s.about == About::from(source.clone())));
        let mut summaries: Vec<_> = theirs.map(|(session, turns)| SessionSummary::of(session.clone(), turns)).collect();
        summaries.sort_by_key(|summary| std::cmp::Reverse(summary.session.active));
        Ok(summaries)
    }

    async fn delete_session(&self, id: &SessionId) -> StoreResult<()> {
        open(&self.kept).retain(|(session, _)| &session.id != id);
        Ok(())
    }

    async fn save_turn(&self, turn: &Turn) -> StoreResult<()> {
        if self.full.load(SeqCst) {
            return Err(StoreError::Full);
        }
        let mut kept = open(&self.kept);
        let Some((_, turns)) = kept.iter_mut().find(|(session, _)| session.id == turn.session) else {
            return Err(StoreError::Gone);
        };
        match turns.iter_mut().find(|known| known.query == turn.query) {
            Some(known) if known.state.is_final() && !turn.state.is_final() => {}
            Some(known) => *known = turn.clone(),
            None => turns.push(turn.clone()),
        }
        turns.sort_by_key(|turn| turn.asked);
        Ok(())
    }

    async fn turns(&self, id: &SessionId) -> StoreResult<Vec<Turn>> {
        let kept = open(&self.kept);
        Ok(kept.iter().find(|(session, _)| &session.id == id).map(|(_, turns)| turns.clone()).unwrap_or_default())
    }

    async fn expire(&self, now: Timestamp) -> StoreResult<u64> {
        let mut kept = open(&self.kept);
        let before = kept.len();
        kept.retain(|(session, _)| now < session.expires);
        Ok((before - kept.len()) as u64)
    }
}
