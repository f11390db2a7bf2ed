//! Events that are remembered, by a bus and by a herald, and that are refused when somebody says so.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use async_trait::async_trait;

use super::open;
use crate::herald::{Bus, BusError, Happening, Herald};

/// A bus that keeps what was put on it.
#[derive(Debug, Default)]
pub struct MemoryBus {
    taken: Mutex<Vec<(String, String)>>,
    refusals: Mutex<usize>,
}

impl MemoryBus {
    /// The next events are refused, so many of them.
    pub fn refuse(&self, times: usize) {
        *open(&self.refusals) = times;
    }

    /// Every event it took, as its kind and its detail.
    pub fn taken(&self) -> Vec<(String, String)> {
        open(&self.taken).clone()
    }
}

#[async_trait]
impl Bus for MemoryBus {
    async fn put(&self, kind: &str, detail: &str) -> Result<(), BusError> {
        let mut left = open(&self.refusals);
        if *left > 0 {
            *left -= 1;
            return Err(BusError("it refuses".into()));
        }
        open(&self.taken).push((kind.to_owned(), detail.to_owned()));
        Ok(())
    }
}

/// What happened, as other systems were told, unless they could not be.
#[derive(Debug, Default)]
pub struct Town {
    told: Mutex<Vec<Happening>>,
    cut_off: AtomicBool,
}

impl Town {
    /// Nothing reaches it any more.
    pub fn cut_off(&self) {
        self.cut_off.store(true, SeqCst);
    }

    /// All that it was told, in order.
    pub fn told(&self) -> Vec<Happening> {
        open(&self.told).clone()
    }
}

#[async_trait]
impl Herald for Town {
    async fn tell(&self, happening: &Happening) -> Result<(), BusError> {
        if self.cut_off.load(SeqCst) {
            return Err(BusError("nobody is reached".into()));
        }
        open(&self.told).push(happening.clone());
        Ok(())
    }
}
