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
        self.bus.put(&event.kind, &event.to_json()).await
    }
}

/// A happening as an event of the protocol.
fn event(happening: &Happening, id: String, at: Timestamp) -> EventDto {
    let (lecture, document, code) = match happening {
        Happening::LectureReady(lecture) => (Some(lecture), None, None),
        Happening::LectureFailed(lecture, code) => (Some(lecture), None, Some(code)),
        Happening::DocumentReady(document) => (None, Some(document), None),
        Happening::DocumentFailed(document, code) => (None, Some(document), Some(code)),
    };
    EventDto {
        version: VERSION,
        id,
        kind: happening.kind().into(),
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
    async fn an_event_that_is_refused_is_an_error() {
        let (crier, bus) = crier();
        bus.refuse(1);
        assert!(crier.tell(&Happening::LectureReady(LectureId::parse("l1").unwrap())).await.is_err());
        assert!(bus.taken().is_empty(), "whether it is put again is not for it to say");
    }
}
