//! How everybody behaves who tells other systems what happened, and what carries it to them.

use synapscribe_domain::{Code, DocumentId, LectureId};

use crate::herald::{Bus, Happening, Herald};

/// Runs every check; `told` is how many events whoever listens got so far.
pub async fn suite(herald: &dyn Herald, told: impl AsyncFn() -> usize) {
    let (lecture, document) = (LectureId::parse("tides").unwrap(), DocumentId::parse("waves").unwrap());
    let all = [
        Happening::LectureReady(lecture.clone()),
        Happening::LectureFailed(lecture, Code::AudioCorrupt),
        Happening::DocumentReady(document.clone()),
        Happening::DocumentFailed(document, Code::PageUnreadable),
    ];
    assert_eq!(told().await, 0, "nothing happened yet");
    for (n, happening) in all.iter().enumerate() {
        herald.tell(happening).await.unwrap();
        assert_eq!(told().await, n + 1, "{happening:?} is told once");
    }
    // Whether it is news is for its caller to know.
    herald.tell(&all[0]).await.unwrap();
    assert_eq!(told().await, all.len() + 1);
}

/// Runs every check of a bus; `arrived` is what listeners got so far in any order, each event as its kind and its detail, which is
/// written without spaces and with its fields in the order of the alphabet.
pub async fn bus(bus: &dyn Bus, arrived: impl AsyncFn() -> Vec<(String, String)>) {
    let sorted = async || {
        let mut all = arrived().await;
        all.sort();
        all
    };
    assert_eq!(sorted().await, [], "nothing was put on it yet");
    let event = |kind: &str, detail: &str| (kind.to_owned(), detail.to_owned());
    let first = event("lecture_ready", r#"{"at":1,"words":"für Zoë – 海は静かだ \"🎓\"\n"}"#);
    bus.put(&first.0, &first.1).await.unwrap();
    assert_eq!(sorted().await, std::slice::from_ref(&first), "it arrives as it was put, in every script");
    let other = event("lecture_failed", r#"{"code":"audio_corrupt","deeper":{"n":[1,2]}}"#);
    bus.put(&other.0, &other.1).await.unwrap();
    bus.put(&other.0, &other.1).await.unwrap();
    assert_eq!(sorted().await, [other.clone(), other.clone(), first], "a bus looks into nothing, so twice is twice");

    let before = sorted().await.len();
    let many: Vec<_> = (0..8).map(|n| event("many", &format!(r#"{{"n":{n},"words":"{}"}}"#, "tide ".repeat(2_000)))).collect();
    for put in futures::future::join_all(many.iter().map(|(kind, detail)| bus.put(kind, detail))).await {
        put.unwrap();
    }
    let whole: Vec<_> = sorted().await.into_iter().filter(|(kind, _)| kind == "many").collect();
    assert_eq!(whole, many, "of many at once each arrives whole");
    assert_eq!(sorted().await.len(), before + many.len());
}
