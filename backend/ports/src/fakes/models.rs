//! Models that are only as large as they are said to be.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;

use super::open;
use crate::{Models, StoreResult};

/// The models by their names, and the bytes that are there of each.
#[derive(Debug, Default)]
pub struct MemoryModels(Mutex<BTreeMap<String, u64>>);

impl MemoryModels {
    /// So many bytes of a model are there from now on.
    pub fn put(&self, name: &str, bytes: u64) {
        open(&self.0).insert(name.to_owned(), bytes);
    }

    /// None is there any more.
    pub fn clear(&self) {
        open(&self.0).clear();
    }
}

#[async_trait]
impl Models for MemoryModels {
    async fn bytes(&self) -> StoreResult<u64> {
        Ok(open(&self.0).values().sum())
    }
}
