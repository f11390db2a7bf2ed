//! What happened as events of the protocol over whatever carries them.

use std::sync::Arc;

use async_trait::async_trait;
use synapscribe_domain::Timestamp;
use synapscribe_ports::{Bus, BusError, Clock, Happening, Herald, Ids};
use synapscribe_protocol::events::{EventDto, VERSION};

/// Tells other systems by events of the protocol.
#[derive(Clone)]
pub struct Crier {
    bus: Arc<dyn Bus>,
    ids: Arc<dyn Ids>,
    clock: Arc<dyn Clock>,
}

impl Crier {
    /// A crier over this bus.
    pub fn new(bus: Arc<dyn Bus>, ids: Arc<dyn Ids>, clock: Arc<dyn Clock>) -> Self {
        Self { bus, ids, clock }
    }
}

#[async_trait]
impl Herald for Crier {
    async fn tell(&self, happening: &Happening) -> Result<(), BusError> {
        let event = event(happening, self.ids.fresh(), self.clock.now());
        let detail = event.to_json();
        if self.bus.put(&event.kind, &detail).await.is_ok() {
            return Ok(());
        }
        // Nobody comes back for it, so it is tried once more, under the same name: a bus may have taken it without saying so.
        self.bus.put(&event.kind, &detail).await
    }
}

/// A happening as an event of the protocol.
fn event(happening: &Happening, id: String, at: Timestamp) -> EventDto {
    let (kind, lecture, document, code) = match happening {
        Happening::LectureReady(lecture) => ("lecture_ready", Some(lecture), None, None),
        Happening::LectureFailed(lecture, code) => ("lecture_failed", Some(lecture), None, Some(code)),
        Happening::DocumentReady(document) => ("document_ready", None, Some(document), None),
        Happening::DocumentFailed(document, code) => ("document_failed", None, Some(document), Some(code)),
    };
    EventDto {
        version: VERSION,
        id,
        kind: kind.into(),
        lecture_id: lecture.map(ToString::to_string),
        document_id: document.map(ToString::to_string),
        state: if code.is_some() { "failed" } else { "ready" }.into(),
        code: code.map(|code| code.as_str().to_owned()),
        at: at.0,
    }
}

#[cfg(test)]
mod tests {
    use synapscribe_domain::{Code, DocumentId, LectureId};
    use synapscribe_ports::conformance::herald;
    use synapscribe_ports::fakes::{MemoryBus, NumberedIds, SetClock};

    use super::*;

    fn crier() -> (Crier, Arc<MemoryBus>) {
        let (bus, clock) = (Arc::new(MemoryBus::default()), Arc::new(SetClock::at(Timestamp(1_790_000_000_000))));
        (Crier::new(Arc::clone(&bus) as Arc<dyn Bus>, Arc::new(NumberedIds::default()), clock), bus)
    }

    #[tokio::test]
    async fn it_behaves_as_everything_that_tells_other_systems() {
        let (crier, bus) = crier();
        herald::suite(&crier, async || bus.taken().len()).await;
    }

    #[tokio::test]
    async fn an_event_says_which_thing_what_became_of_it_and_when() {
        let (crier, bus) = crier();
        crier.tell(&Happening::LectureReady(LectureId::parse("l1").unwrap())).await.unwrap();
        crier.tell(&Happening::DocumentFailed(DocumentId::parse("d1").unwrap(), Code::PageUnreadable)).await.unwrap();
        let told = |kind: &str, detail: &str| (kind.to_owned(), detail.to_owned());
        let ready = r#"{"version":1,"id":"id-1","type":"lecture_ready","lectureId":"l1","state":"ready","at":1790000000000}"#;
        let failed = r#"{"version":1,"id":"id-2","type":"document_failed","documentId":"d1","state":"failed","code":"page_unreadable","at":1790000000000}"#;
        assert_eq!(bus.taken(), [told("lecture_ready", ready), told("document_failed", failed)]);
    }

    #[tokio::test]
    async fn an_event_that_is_refused_is_told_once_more_under_its_own_name_and_not_for_ever() {
        let (crier, bus) = crier();
        let ready = Happening::LectureReady(LectureId::parse("l1").unwrap());
        bus.refuse(1);
        crier.tell(&ready).await.unwrap();
        assert!(bus.taken().len() == 1 && bus.taken()[0].1.contains(r#""id":"id-1""#), "{:?}", bus.taken());
        bus.refuse(2);
        assert!(crier.tell(&ready).await.is_err());
        assert_eq!(bus.taken().len(), 1);
    }
}
