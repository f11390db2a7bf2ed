//! The daemon takes recordings from their queue, and what it had done when it was killed is not done again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use synapscribe_domain::{LectureId, LectureState};
use synapscribe_ports::{Clock, Jobs, Library, SystemClock};
use synapscribe_rehearsal::Scene;
use synapscribe_stories::{Peer, Piece, SENTENCES, Script, whole};

use crate::library;
use crate::people::People;

/// As many stretches are heard before the recogniser hangs.
const HEARD: usize = 4;

fn heard() -> Script {
    let said = json!({ "text": "The tide.", "duration": "5.0", "segments": [{ "start": 0.5, "end": 2.5, "text": "The tide comes in." }] });
    whole(200, "application/json", &said.to_string())
}

/// Waits for a condition.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(Instant::now() < patience, "{what} did not come");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_that_is_killed_in_the_middle_of_a_lecture_leaves_only_the_rest_to_the_next() {
    let scene = Scene::set().await.unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let ear =
        Peer::start(
            move |_| {
                if counted.fetch_add(1, Ordering::SeqCst) < HEARD { heard() } else { Box::new([Piece::Hang].into_iter()) }
            },
        )
        .unwrap();
    let arrange = |command: &mut std::process::Command| {
        command.env("SYNAPSCRIBE_TRANSCRIBE_URL", ear.url()).env("SYNAPSCRIBE_ENGINE_FIRST_BYTE_SECONDS", "120");
    };
    let daemon = scene.daemon(arrange).unwrap();
    let _functions = scene.functions(&daemon).await.unwrap();
    let recording = scene.recording("tides.wav", &SENTENCES.join(" ").repeat(10));
    let said = scene.terminal(&["upload", &recording.to_string_lossy(), "--json"]).await.well();
    let lecture = LectureId::parse(said.events().pop().unwrap()["lectureId"].as_str().unwrap()).unwrap();

    let store = library(&scene);
    let finished = async || store.windows(&lecture).await.unwrap().iter().filter(|window| window.finished).count();
    until("the first stretches", async || finished().await == HEARD && asked.load(Ordering::SeqCst) > HEARD).await;
    daemon.kill();
    let windows = store.windows(&lecture).await.unwrap().len();
    assert!(windows > HEARD, "the recording has only {windows} stretches");

    // The next one is told to stop while it listens: it gives the rest back, and nobody has to wait for its lease to end.
    let next = scene.daemon(arrange).unwrap();
    // The dead one's lease is over.
    assert_eq!(scene.cloud.jobs().recover(SystemClock.now()).await.unwrap(), 1);
    let before = ear.asked().len();
    until("the rest's turn", async || ear.asked().len() > before).await;
    assert!(tokio::task::spawn_blocking(move || next.stop(Duration::from_secs(20))).await.unwrap(), "it does not stop");
    assert_eq!(finished().await, HEARD);

    ear.change(|_| heard());
    let before = ear.asked().len();
    let _last = scene.daemon(arrange).unwrap();
    until("the lecture", async || store.lecture(&lecture).await.unwrap().unwrap().state == LectureState::Ready).await;
    assert_eq!(ear.asked().len() - before, windows - HEARD, "what was heard before is not heard again");
    until("an empty queue", async || scene.cloud.jobs().depth().await.unwrap() == (0, 0, 0)).await;
}
