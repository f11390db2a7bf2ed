//! Claims in memory.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use synapscribe_domain::Timestamp;

use super::open;
use crate::{Claim, Ledger, StoreResult};

/// Remembers claims for as long as it lives.
#[derive(Debug, Default)]
pub struct MemoryLedger(Mutex<HashMap<String, Entry>>);

#[derive(Debug)]
struct Entry {
    order: String,
    claimed: Timestamp,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Claimed(Timestamp),
    Released,
    Done(String),
}

impl MemoryLedger {
    /// Changes a claim that is held; any other stays.
    fn settle(&self, key: &str, order: &str, place: Place) {
        if let Some(entry) = open(&self.0).get_mut(key)
            && entry.order == order
            && matches!(entry.place, Place::Claimed(_))
        {
            entry.place = place;
        }
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn claim(&self, key: &str, order: &str, now: Timestamp, until: Timestamp) -> StoreResult<Claim> {
        let mut claims = open(&self.0);
        if let Some(known) = claims.get(key) {
            match &known.place {
                _ if order < known.order.as_str() => return Ok(Claim::Outdated),
                Place::Done(note) if order == known.order => return Ok(Claim::Done(note.clone())),
                Place::Claimed(end) if order == known.order && now < *end => return Ok(Claim::InProgress),
                _ => {}
            }
        }
        claims.insert(key.to_owned(), Entry { order: order.to_owned(), claimed: now, place: Place::Claimed(until) });
        Ok(Claim::Granted)
    }

    async fn finish(&self, key: &str, order: &str, note: &str) -> StoreResult<()> {
        self.settle(key, order, Place::Done(note.to_owned()));
        Ok(())
    }

    async fn release(&self, key: &str, order: &str) -> StoreResult<()> {
        self.settle(key, order, Place::Released);
        Ok(())
    }

    async fn forget(&self, before: Timestamp) -> StoreResult<u64> {
        let mut claims = open(&self.0);
        let all = claims.len();
        claims.retain(|_, entry| entry.claimed >= before || matches!(entry.place, Place::Claimed(end) if end > before));
        Ok((all - claims.len()) as u64)
    }
}
