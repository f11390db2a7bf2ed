//! A queue in memory: as durable as the test that uses it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use tokio::sync::Notify;

use super::open;
use crate::jobs::rest_ms;
use crate::{Buried, Job, Jobs, Lane, Leased, StoreError, StoreResult};

/// A waiting worker looks again after this long, since time may make a job due.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Holds jobs in the order they came.
#[derive(Debug, Default)]
pub struct MemoryJobs {
    held: Mutex<(i64, Vec<Entry>)>,
    arrived: Notify,
    refuses: AtomicBool,
}

#[derive(Debug)]
struct Entry {
    id: i64,
    key: String,
    job: Job,
    attempt: u32,
    interrupted: u32,
    reason: String,
    place: Place,
    /// What came under the same key while it ran.
    again: Option<Job>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Waiting(Timestamp),
    Leased(Timestamp),
    /// Since it was last due.
    Buried(Timestamp),
}

impl Entry {
    fn waiting(id: i64, key: String, job: Job, at: Timestamp) -> Self {
        let place = Place::Waiting(at);
        Self { id, key, job, attempt: 0, interrupted: 0, reason: String::new(), place, again: None }
    }

    fn is_buried(&self) -> bool {
        matches!(self.place, Place::Buried(_))
    }
}

impl MemoryJobs {
    /// The next job is not taken, as when the disk is full.
    pub fn refuse_once(&self) {
        self.refuses.store(true, Ordering::SeqCst);
    }

    /// Every job that waits or is worked on, oldest first.
    pub fn all(&self) -> Vec<Job> {
        open(&self.held).1.iter().filter(|entry| !entry.is_buried()).map(|entry| entry.job.clone()).collect()
    }

    /// Has what came while a job ran wait, now that this one ends.
    fn renew(&self, id: i64) {
        let mut held = open(&self.held);
        let ending = held.1.iter_mut().find(|entry| entry.id == id && matches!(entry.place, Place::Leased(_)));
        let again = ending.and_then(|entry| Some((entry.key.clone(), entry.again.take()?)));
        if let Some((key, job)) = again {
            held.0 += 1;
            let entry = Entry::waiting(held.0, key, job, Timestamp(i64::MIN));
            held.1.push(entry);
            self.arrived.notify_waiters();
        }
    }

    /// Changes a job that somebody holds; any other stays.
    fn change_leased(&self, id: i64, change: impl FnOnce(&mut Entry)) {
        let mut held = open(&self.held);
        if let Some(entry) = held.1.iter_mut().find(|entry| entry.id == id && matches!(entry.place, Place::Leased(_))) {
            change(entry);
        }
    }
}

#[async_trait]
impl Jobs for MemoryJobs {
    async fn enqueue(&self, key: &str, job: &Job, now: Timestamp) -> StoreResult<()> {
        if self.refuses.swap(false, Ordering::SeqCst) {
            return Err(StoreError::Full);
        }
        let mut held = open(&self.held);
        if let Some(known) = held.1.iter_mut().find(|entry| entry.key == key && !entry.is_buried()) {
            if matches!(known.place, Place::Leased(_)) {
                known.again = Some(job.clone());
            }
            return Ok(());
        }
        held.0 += 1;
        let entry = Entry::waiting(held.0, key.to_owned(), job.clone(), now);
        held.1.push(entry);
        self.arrived.notify_waiters();
        Ok(())
    }

    async fn lease(&self, lane: Lane, now: Timestamp, until: Timestamp) -> StoreResult<Option<Leased>> {
        let mut held = open(&self.held);
        let due = held.1.iter_mut().find(|entry| match entry.place {
            Place::Waiting(at) | Place::Leased(at) => at <= now && entry.job.lane() == lane,
            Place::Buried(_) => false,
        });
        Ok(due.map(|entry| {
            match entry.place {
                Place::Leased(_) => entry.interrupted += 1,
                Place::Waiting(_) | Place::Buried(_) => entry.attempt += 1,
            }
            (entry.place, entry.again) = (Place::Leased(until), None);
            Leased { id: entry.id, job: entry.job.clone(), attempt: entry.attempt, interrupted: entry.interrupted }
        }))
    }

    async fn extend(&self, id: i64, until: Timestamp) -> StoreResult<()> {
        self.change_leased(id, |entry| entry.place = Place::Leased(until));
        Ok(())
    }

    async fn complete(&self, id: i64) -> StoreResult<()> {
        self.renew(id);
        open(&self.held).1.retain(|entry| entry.id != id || entry.is_buried());
        Ok(())
    }

    async fn retry(&self, id: i64, at: Timestamp, _reason: &str) -> StoreResult<()> {
        self.change_leased(id, |entry| entry.place = Place::Waiting(at));
        self.arrived.notify_waiters();
        Ok(())
    }

    async fn put_off(&self, id: i64, at: Timestamp, _reason: &str) -> StoreResult<()> {
        self.change_leased(id, |entry| (entry.place, entry.attempt) = (Place::Waiting(at), entry.attempt - 1));
        self.arrived.notify_waiters();
        Ok(())
    }

    async fn bury(&self, id: i64, reason: &str) -> StoreResult<()> {
        self.renew(id);
        if let Some(entry) = open(&self.held).1.iter_mut().find(|entry| entry.id == id) {
            match entry.place {
                Place::Waiting(due) | Place::Leased(due) => {
                    (entry.place, entry.reason) = (Place::Buried(due), reason.to_owned());
                }
                Place::Buried(_) => {}
            }
        }
        Ok(())
    }

    async fn forget(&self, before: Timestamp) -> StoreResult<u64> {
        let mut held = open(&self.held);
        let all = held.1.len();
        held.1.retain(|entry| !matches!(entry.place, Place::Buried(due) if due < before));
        Ok((all - held.1.len()) as u64)
    }

    async fn buried(&self, most: u32) -> StoreResult<Vec<Buried>> {
        let held = open(&self.held);
        let mut buried: Vec<Buried> = held
            .1
            .iter()
            .rev()
            .filter_map(|entry| match entry.place {
                Place::Buried(due) => Some(Buried { job: entry.job.clone(), reason: entry.reason.clone(), due }),
                _ => None,
            })
            .collect();
        buried.sort_by_key(|one| std::cmp::Reverse(one.due));
        buried.truncate(most as usize);
        Ok(buried)
    }

    async fn recover(&self, now: Timestamp) -> StoreResult<u64> {
        let mut recovered = 0;
        for entry in open(&self.held).1.iter_mut().filter(|entry| matches!(entry.place, Place::Leased(_))) {
            (entry.attempt, entry.interrupted) = (entry.attempt - 1, entry.interrupted + 1);
            let rest = rest_ms(entry.interrupted);
            entry.place = Place::Waiting(if rest == 0 { Timestamp(i64::MIN) } else { now.plus(rest) });
            recovered += 1;
        }
        self.arrived.notify_waiters();
        Ok(recovered)
    }

    async fn wait(&self, _lane: Lane) {
        // Either is a reason to look.
        let _ = tokio::time::timeout(LOOK_EVERY, self.arrived.notified()).await;
    }

    async fn depth(&self) -> StoreResult<(u64, u64, u64)> {
        let held = open(&self.held);
        let count = |is: fn(&Place) -> bool| held.1.iter().filter(|entry| is(&entry.place)).count() as u64;
        Ok((
            count(|place| matches!(place, Place::Waiting(_))),
            count(|place| matches!(place, Place::Leased(_))),
            count(|place| matches!(place, Place::Buried(_))),
        ))
    }
}
