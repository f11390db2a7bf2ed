//! A bus that is given an event once more when it did not take it, since nobody comes back for one later.

use std::sync::Arc;

use async_trait::async_trait;
use synapscribe_ports::{Bus, BusError};

/// Puts again what was refused.
#[derive(Clone)]
pub struct Repeating {
    bus: Arc<dyn Bus>,
}

impl Repeating {
    /// Puts on this bus.
    pub fn over(bus: Arc<dyn Bus>) -> Self {
        Self { bus }
    }
}

#[async_trait]
impl Bus for Repeating {
    async fn put(&self, kind: &str, detail: &str) -> Result<(), BusError> {
        if self.bus.put(kind, detail).await.is_ok() {
            return Ok(());
        }
        // The same to the letter, the event's own name with it: a bus may have taken it without saying so.
        self.bus.put(kind, detail).await
    }
}

#[cfg(test)]
mod tests {
    use synapscribe_ports::conformance;
    use synapscribe_ports::fakes::MemoryBus;

    use super::*;

    fn repeating() -> (Repeating, Arc<MemoryBus>) {
        let bus = Arc::new(MemoryBus::default());
        (Repeating::over(Arc::clone(&bus) as Arc<dyn Bus>), bus)
    }

    #[tokio::test]
    async fn it_behaves_as_every_bus() {
        let (repeating, bus) = repeating();
        conformance::herald::bus(&repeating, async || bus.taken()).await;
    }

    #[tokio::test]
    async fn an_event_that_is_refused_is_put_once_more_as_it_was_and_not_for_ever() {
        let (repeating, bus) = repeating();
        bus.refuse(1);
        repeating.put("lecture_ready", "{}").await.unwrap();
        assert_eq!(bus.taken(), [("lecture_ready".to_owned(), "{}".to_owned())]);
        bus.refuse(2);
        assert!(repeating.put("lecture_ready", "{}").await.is_err());
        assert_eq!(bus.taken().len(), 1);
    }
}
