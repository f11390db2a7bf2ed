//! Uploads against a scripted server: captions first, parts resumed after an abort, news missed, files refused.

mod scripted;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use scripted::{Peer, Script, document, lecture};
use serde_json::json;
use synapscribe_client::{Client, ClientError, Item, ItemState, Tray, UploadEvent, UploadOptions, code};
use tokio::sync::mpsc;

const MIB: usize = 1024 * 1024;

/// A recording of some size whose every stretch differs.
fn recording(bytes: usize) -> Vec<u8> {
    let mut out = b"OggS".to_vec();
    out.extend((4..bytes).map(|i| (i / 1000 % 251) as u8));
    out
}

async fn upload(client: &Client, path: &Path, wait: bool) -> (Result<String, ClientError>, Vec<UploadEvent>) {
    let (sender, mut receiver) = mpsc::channel(1000);
    let outcome = client.upload(path, &UploadOptions { wait, ..UploadOptions::default() }, &sender).await;
    drop(sender);
    let mut events = Vec::new();
    while let Some(event) = receiver.recv().await {
        events.push(event);
    }
    (outcome, events)
}

#[tokio::test]
async fn captions_go_first_and_the_lecture_is_followed_until_it_is_ready() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let path = script.file("Week 3.ogg", &recording(5000));
    script.file("Week 3.vtt", b"WEBVTT");
    let (address, world) = (script.address.clone(), script.world.clone());
    let ((outcome, events), ()) = tokio::join!(upload(&client, &path, true), async {
        let mut peer = script.peer().await;
        let asked = peer.place(&address, "l1", "lectures/p/l1/Week.ogg").await;
        assert_eq!((&asked["purpose"], &asked["bytes"], &asked["fileName"]), (&json!("lecture"), &json!(5000), &json!("Week 3.ogg")));
        let asked = peer.place(&address, "l1", "lectures/p/l1/Week.vtt").await;
        assert_eq!((&asked["purpose"], &asked["lectureId"]), (&json!("captions"), &json!("l1")));
        comes(|| world.log.lock().unwrap().len() >= 2).await;
        peer.say(json!({"type": "lecture_progress", "lectureId": "other", "state": "validating", "progress": 0.1})).await;
        peer.say(json!({"type": "lecture_progress", "lectureId": "l1", "state": "transcribing", "progress": 0.5, "done": 1, "total": 2})).await;
        peer.say(json!({"type": "lecture_progress", "lectureId": "l1", "state": "transcribing", "progress": 0.5, "done": 1, "total": 2})).await;
        peer.say(json!({"type": "lecture_ready", "lectureId": "l1", "title": "Week 3", "duration": 12.5, "tokensUsed": 99, "passages": 3})).await;
        // The connection stays until the client is done with it.
        while peer.0.recv().await.is_some_and(|message| message.is_ok()) {}
    }
    .timeout());
    assert_eq!(outcome.unwrap(), "l1");
    assert_eq!(script.log(), ["put lectures/p/l1/Week.vtt", "put lectures/p/l1/Week.ogg"]);
    assert!(matches!(events[0], UploadEvent::Checked { bytes: 5000, format: "ogg" }));
    assert_eq!(events.iter().filter(|event| matches!(event, UploadEvent::Processing { .. })).count(), 1, "{events:?}");
    let last = serde_json::to_value(events.last().unwrap()).unwrap();
    assert_eq!(
        last,
        json!({"type": "ready", "lectureId": "l1", "state": "ready", "title": "Week 3", "duration": 12.5, "tokensUsed": 99})
    );
}

#[tokio::test]
async fn captions_on_their_own_go_to_the_lecture_that_is_there_which_is_neither_made_again_nor_removed_with_them() {
    let mut script = Script::start().await;
    let (address, world) = (script.address.clone(), script.world.clone());
    world.lectures.lock().unwrap().insert("l1".into(), lecture("l1", "ready", 1.0));
    // The recording still lies where it was uploaded from.
    script.file("Week 3.ogg", &recording(5000));
    let captions = script.file("Week 3.en.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nThe moon pulls.\n");
    let tray = Tray::open(script.client().await);
    let mut peer = None;
    for time in 1..=2 {
        let ((), item) = tokio::join!(
            async {
                let mut line = match peer.take() {
                    Some(line) => line,
                    None => script.peer().await,
                };
                let asked = line.place(&address, "l1", "lectures/p/l1/Week.vtt").await;
                assert_eq!((&asked["purpose"], &asked["lectureId"]), (&json!("captions"), &json!("l1")));
                peer = Some(line);
            },
            async {
                tray.add(vec![captions.clone()]).await;
                shown(&tray, ItemState::Ready).await
            }
        );
        assert_eq!((item.name.as_str(), item.lecture_id.as_deref()), ("Week 3.en.vtt", Some("l1")));
        assert_eq!(script.log(), vec!["put lectures/p/l1/Week.vtt"; time]);
        tray.cancel(&item.id).await;
        tray.items().wait_for(Vec::is_empty).await.unwrap();
    }
    assert!(world.lectures.lock().unwrap().contains_key("l1"));
}

#[tokio::test]
async fn captions_that_belong_to_nothing_say_so_and_go_when_their_lecture_is_there() {
    let mut script = Script::start().await;
    let (address, world) = (script.address.clone(), script.world.clone());
    let captions = script.file("Week 3.srt", b"1\n00:00:00,000 --> 00:00:01,000\nThe moon pulls.\n");
    let tray = Tray::open(script.client().await);
    tray.add(vec![captions]).await;
    let alone = shown(&tray, ItemState::Failed).await;
    let why = alone.failure.unwrap();
    assert!(why.code == code::CAPTIONS && why.message.contains("name the captions like their lecture"), "{}", why.message);
    world.lectures.lock().unwrap().insert("l1".into(), lecture("l1", "ready", 1.0));
    tray.resume(&alone.id).await;
    let mut peer = script.peer().await;
    peer.place(&address, "l1", "lectures/p/l1/Week.srt").await;
    shown(&tray, ItemState::Ready).await;
}

/// A recording in the tray of somebody whose server has no room for it.
async fn without_room() -> (Script, Tray, Peer) {
    let mut script = Script::start().await;
    let address = script.address.clone();
    script.world.full.store(true, Ordering::SeqCst);
    script.world.lectures.lock().unwrap().insert("l1".into(), lecture("l1", "uploading", 0.0));
    let path = script.file("week.ogg", &recording(5000));
    let tray = Tray::open(script.client().await);
    tray.add(vec![path]).await;
    let mut peer = script.peer().await;
    peer.place(&address, "l1", "lectures/p/l1/week.ogg").await;
    (script, tray, peer)
}

#[tokio::test]
async fn a_full_disk_is_looked_at_again_and_the_upload_goes_on_by_itself_once_there_is_room() {
    let (script, tray, mut peer) = without_room().await;
    let world = script.world.clone();
    let why = shown(&tray, ItemState::Failed).await.failure.unwrap();
    assert!(why.code == code::SERVER_FULL && why.retryable, "{why:?}");
    assert!(why.message.contains("goes on by itself"), "{}", why.message);
    // Looking once more finds it as full as before, which is no reason to give up.
    comes(|| world.refused.load(Ordering::SeqCst) >= 3).await;
    assert!(script.log().is_empty(), "{:?}", script.log());
    world.full.store(false, Ordering::SeqCst);
    comes(|| !script.log().is_empty()).await;
    peer.say(
        json!({"type": "lecture_ready", "lectureId": "l1", "title": "Week 3", "duration": 12.5, "tokensUsed": 99, "passages": 3}),
    )
    .await;
    let item = shown(&tray, ItemState::Ready).await;
    assert_eq!((item.lecture_id.as_deref(), item.failure), (Some("l1"), None));
    assert_eq!(script.log(), ["put lectures/p/l1/week.ogg"]);
}

#[tokio::test]
async fn an_upload_that_was_not_done_is_there_again_after_a_restart_and_goes_on_by_itself() {
    let (mut script, tray, _peer) = without_room().await;
    shown(&tray, ItemState::Failed).await;
    drop(tray);
    let client = script.client().await;
    drop(client.connection());
    let _line = script.peer().await;
    script.world.full.store(false, Ordering::SeqCst);
    let tray = Tray::open(client);
    comes(|| !script.log().is_empty()).await;
    script.world.lectures.lock().unwrap().insert("l1".into(), lecture("l1", "ready", 1.0));
    let again = shown(&tray, ItemState::Ready).await;
    assert_eq!((again.name.as_str(), again.lecture_id.as_deref()), ("week.ogg", Some("l1")));
}

#[tokio::test]
async fn an_upload_whose_file_is_not_there_for_a_while_is_remembered_and_goes_on_when_it_is() {
    let (script, tray, _peer) = without_room().await;
    shown(&tray, ItemState::Failed).await;
    drop(tray);
    let path = script.folder.path().join("week.ogg");
    std::fs::rename(&path, path.with_extension("away")).unwrap();
    let tray = Tray::open(script.client().await);
    shown(&tray, ItemState::Lost).await;
    // Whatever is done meanwhile, what is not over is written down.
    let mut items = tray.items();
    items.mark_unchanged();
    tray.dismiss("another").await;
    items.changed().await.unwrap();
    drop(tray);
    let tray = Tray::open(script.client().await);
    let lost = shown(&tray, ItemState::Lost).await;
    assert_eq!(lost.failure.map(|why| why.code).as_deref(), Some(code::FILE));
    std::fs::rename(path.with_extension("away"), &path).unwrap();
    tray.resume(&lost.id).await;
    let again = shown(&tray, ItemState::Failed).await;
    assert_eq!(again.failure.map(|why| why.code).as_deref(), Some(code::SERVER_FULL), "it is sent as before");
}

#[tokio::test]
async fn an_upload_that_failed_goes_from_the_list_alone_when_something_came_of_it_after_all() {
    let mut script = Script::start().await;
    let (address, world) = (script.address.clone(), script.world.clone());
    let stands = |id: &str, state: &str| drop(world.lectures.lock().unwrap().insert(id.into(), lecture(id, state, 0.5)));
    let client = script.client().await;
    drop(client.connection());
    let (tray, mut peer) = (Tray::open(client), script.peer().await);
    for (id, state) in [("l1", "ready"), ("l2", "transcribing"), ("l3", "failed"), ("l4", "uploading")] {
        stands(id, "failed");
        tray.add(vec![script.file(&format!("{id}.ogg"), &recording(5000))]).await;
        peer.place(&address, id, &format!("lectures/p/{id}/{id}.ogg")).await;
        let item = shown(&tray, ItemState::Failed).await;
        stands(id, state);
        tray.cancel(&item.id).await;
        tray.items().wait_for(Vec::is_empty).await.unwrap();
    }
    let removed = || script.log().into_iter().filter(|line| line.starts_with("delete")).collect::<Vec<_>>();
    comes(|| removed().len() >= 2).await;
    assert_eq!(removed(), ["delete l3", "delete l4"]);
}

#[tokio::test]
async fn an_upload_whose_lecture_is_gone_is_forgotten_when_it_is_taken_off_the_list() {
    let (script, tray, _peer) = without_room().await;
    shown(&tray, ItemState::Failed).await;
    let path = script.folder.path().join("week.ogg");
    std::fs::rename(&path, path.with_extension("away")).unwrap();
    let mut items = tray.items();
    let gone = items.wait_for(|items| items[0].failure.as_ref().is_some_and(|why| why.code == code::FILE));
    let id = tokio::time::timeout(Duration::from_secs(30), gone).await.expect("a state in time").unwrap()[0].id.clone();
    std::fs::rename(path.with_extension("away"), &path).unwrap();
    script.world.lectures.lock().unwrap().clear();
    // Where it stood, and what its path became last.
    let kept = || std::fs::read_dir(script.folder.path().join("home/uploads")).unwrap().flatten();
    let known = || kept().filter(|file| file.path().extension().is_some_and(|is| is == "json")).count();
    assert_eq!(known(), 2);
    tray.cancel(&id).await;
    comes(|| known() == 1).await;
}

#[tokio::test]
async fn what_was_sent_of_a_cancelled_upload_is_removed_once_the_server_can_do_so_after_a_restart_too() {
    let (script, tray, _peer) = without_room().await;
    let item = shown(&tray, ItemState::Failed).await;
    script.world.unwell.store(usize::MAX, Ordering::SeqCst);
    tray.cancel(&item.id).await;
    tray.items().wait_for(Vec::is_empty).await.unwrap();
    drop(tray);
    script.world.unwell.store(0, Ordering::SeqCst);
    let tray = Tray::open(script.client().await);
    comes(|| script.log().contains(&"delete l1".to_owned())).await;
    assert!(tray.items().borrow().is_empty(), "it is on no list");
}

#[tokio::test]
async fn what_cannot_be_taken_is_told_at_once_though_others_go_first() {
    let mut script = Script::start().await;
    let tray = Tray::open(script.client().await);
    tray.add(["one.ogg", "two.ogg"].map(|name| script.file(name, &recording(5000))).to_vec()).await;
    // Nobody tells them where to go, so nobody else's turn comes.
    let mut peer = script.peer().await;
    peer.hear_type("request_upload").await;
    tray.add(vec![script.file("three.ogg", b"not a recording")]).await;
    let refused = shown(&tray, ItemState::Failed).await;
    assert_eq!((refused.name.as_str(), refused.failure.unwrap().code.as_str()), ("three.ogg", code::TYPE));
}

#[tokio::test]
async fn a_folder_in_which_there_is_nothing_to_take_is_told_of_and_taken_off_the_list() {
    let script = Script::start().await;
    let folder = script.folder.path().join("Numbers");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("marks.csv"), "a,b").unwrap();
    let tray = Tray::open(script.client().await);
    tray.add(vec![folder]).await;
    let told = shown(&tray, ItemState::Failed).await;
    let failure = told.failure.unwrap();
    assert_eq!((told.name.as_str(), failure.code.as_str(), failure.retryable), ("Numbers", code::FILE, false));
    assert!(failure.message.contains("folder"), "{}", failure.message);
    tray.dismiss(&told.id).await;
    tray.items().wait_for(Vec::is_empty).await.unwrap();
}

/// The first upload of a list that comes to stand so.
async fn shown(tray: &Tray, state: ItemState) -> Item {
    let mut items = tray.items();
    let coming = items.wait_for(|items| items.iter().any(|item| item.state == state));
    let items = tokio::time::timeout(Duration::from_secs(30), coming).await.expect("a state in time").unwrap().clone();
    items.into_iter().find(|item| item.state == state).unwrap()
}

/// Waits for what shows in nothing that could be awaited.
async fn comes(condition: impl Fn() -> bool) {
    let coming = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), coming).await.expect("it comes in time");
}

/// Ends a script's side once the client's side is done.
trait Timeout: Future + Sized {
    async fn timeout(self) {
        let _ = tokio::time::timeout(Duration::from_secs(2), self).await;
    }
}
impl<F: Future> Timeout for F {}

#[tokio::test]
async fn parts_that_arrived_before_an_abort_are_not_sent_again() {
    let mut script = Script::start().await;
    let bytes = recording(36 * MIB);
    let path = script.file("long.ogg", &bytes);
    *script.world.stall_from.lock().unwrap() = Some(3);
    let address = script.address.clone();
    let world = script.world.clone();
    {
        let client = script.client().await;
        let arrived = async {
            let mut peer = script.peer().await;
            peer.place(&address, "l1", "lectures/p/l1/long.ogg").await;
            comes(|| world.log.lock().unwrap().iter().filter(|line| line.starts_with("part")).count() >= 2).await;
        };
        tokio::select! {
            ended = upload(&client, &path, false) => panic!("it cannot end while the server stalls: {ended:?}"),
            () = arrived => {}
        }
    }
    *script.world.stall_from.lock().unwrap() = None;
    script.world.lectures.lock().unwrap().insert("l1".into(), lecture("l1", "uploading", 0.0));
    script.world.failures.store(2, Ordering::SeqCst);

    // A new process finds what is missing; a few failures of the server do not matter.
    let client = script.client().await;
    let (outcome, events) = upload(&client, &path, false).await;
    assert_eq!(outcome.unwrap(), "l1");
    let resumed = events.iter().find_map(|event| match event {
        UploadEvent::Started { resumed, .. } => Some(*resumed),
        _ => None,
    });
    assert_eq!(resumed, Some(16 * MIB as u64));
    let mut log = script.log();
    log.sort();
    assert_eq!(
        log,
        ["begin lectures/p/l1/long.ogg", "complete lectures/p/l1/long.ogg", "part 1", "part 2", "part 3", "part 4", "part 5"]
    );
    assert!(script.world.objects.lock().unwrap()["lectures/p/l1/long.ogg"] == bytes, "the recording arrives as it is");
}

#[tokio::test]
async fn a_file_that_was_brought_before_is_told_to_be_there_until_its_lecture_is_deleted() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let path = script.file("week.ogg", &recording(5000));
    let (address, world) = (script.address.clone(), script.world.clone());
    let mut peer = None;
    for (id, deleted, places) in [("l1", None, &["ogg"][..]), ("l1", None, &["vtt"]), ("l2", Some("l1"), &["ogg", "vtt"])] {
        if places.contains(&"vtt") {
            script.file("week.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nfirst\n");
        }
        if let Some(deleted) = deleted {
            world.lectures.lock().unwrap().remove(deleted);
        }
        world.lectures.lock().unwrap().insert(id.into(), lecture(id, "ready", 1.0));
        let ((outcome, events), ()) = tokio::join!(upload(&client, &path, true), async {
            let mut line = match peer.take() {
                Some(line) => line,
                None => script.peer().await,
            };
            for extension in places {
                line.place(&address, id, &format!("lectures/p/{id}/week.{extension}")).await;
            }
            peer = Some(line);
        });
        assert_eq!(outcome.unwrap(), id);
        let there = events.iter().any(|event| matches!(event, UploadEvent::AlreadyThere { lecture_id } if lecture_id == id));
        assert_eq!(there, !places.contains(&"ogg"), "{events:?}");
        assert!(matches!(events.last(), Some(UploadEvent::Ready { .. })), "{events:?}");
    }
    let objects = script.world.objects.lock().unwrap();
    for key in ["lectures/p/l1/week.ogg", "lectures/p/l1/week.vtt", "lectures/p/l2/week.ogg", "lectures/p/l2/week.vtt"] {
        assert!(objects.contains_key(key), "{key}");
    }
}

#[tokio::test]
async fn an_upload_whose_end_was_not_seen_is_followed_again_and_changed_captions_count() {
    let mut script = Script::start().await;
    let path = script.file("week.ogg", &recording(5000));
    script.file("week.vtt", b"WEBVTT one");
    let (address, world) = (script.address.clone(), script.world.clone());
    {
        let client = script.client().await;
        let stored = async {
            let mut peer = script.peer().await;
            peer.place(&address, "l1", "lectures/p/l1/week.ogg").await;
            peer.place(&address, "l1", "lectures/p/l1/week.vtt").await;
            comes(|| world.log.lock().unwrap().len() >= 2).await;
            peer.say(json!({"type": "lecture_progress", "lectureId": "l1", "state": "transcribing", "progress": 0.5})).await;
            peer
        };
        let (sender, mut events) = mpsc::channel(1000);
        let options = UploadOptions::default();
        let following = async {
            while let Some(event) = events.recv().await {
                if matches!(event, UploadEvent::Processing { .. }) {
                    return;
                }
            }
        };
        tokio::select! {
            ended = client.upload(&path, &options, &sender) => panic!("it cannot end while the server works: {ended:?}"),
            _ = async { tokio::join!(stored, following) } => {}
        }
    }
    // The process was ended while the server was at work; since then the lecturer has changed the captions.
    world.lectures.lock().unwrap().insert("l1".into(), lecture("l1", "ready", 1.0));
    script.file("week.vtt", b"WEBVTT two");
    let client = script.client().await;
    let ((outcome, events), _peer) = tokio::join!(upload(&client, &path, true), async {
        let mut peer = script.peer().await;
        let asked = peer.place(&address, "l1", "lectures/p/l1/week.vtt").await;
        assert_eq!((&asked["purpose"], &asked["lectureId"]), (&json!("captions"), &json!("l1")));
        peer
    });
    assert_eq!(outcome.unwrap(), "l1");
    assert!(matches!(events.last(), Some(UploadEvent::Ready { .. })), "{events:?}");
    let log = script.log();
    assert_eq!(log.iter().filter(|line| line.ends_with("week.ogg")).count(), 1, "the recording is not sent again: {log:?}");
    assert_eq!(script.world.objects.lock().unwrap()["lectures/p/l1/week.vtt"], b"WEBVTT two");
}

#[tokio::test]
async fn an_upload_the_server_gave_up_begins_anew() {
    let mut script = Script::start().await;
    let bytes = recording(9 * MIB);
    let path = script.file("long.ogg", &bytes);
    *script.world.stall_from.lock().unwrap() = Some(1);
    let client = script.client().await;
    let (address, world) = (script.address.clone(), script.world.clone());
    tokio::select! {
        ended = upload(&client, &path, false) => panic!("it cannot end while the server stalls: {ended:?}"),
        () = async {
            let mut peer = script.peer().await;
            peer.place(&address, "l1", "lectures/p/l1/long.ogg").await;
            comes(|| !world.log.lock().unwrap().is_empty()).await;
        } => {}
    }
    *script.world.stall_from.lock().unwrap() = None;
    script.world.multiparts.lock().unwrap().clear();
    script.world.lectures.lock().unwrap().insert("l1".into(), lecture("l1", "uploading", 0.0));
    let (outcome, _) = upload(&client, &path, false).await;
    outcome.unwrap();
    assert!(script.world.objects.lock().unwrap()["lectures/p/l1/long.ogg"] == bytes);
}

#[tokio::test]
async fn a_reason_for_failure_is_told_even_when_the_news_was_missed() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let path = script.file("a.ogg", &recording(100));
    let (address, world) = (script.address.clone(), script.world.clone());
    let ((outcome, events), ()) = tokio::join!(upload(&client, &path, true), async {
        script.peer().await.place(&address, "l1", "lectures/p/l1/a.ogg").await;
        let mut failed = lecture("l1", "failed", 0.1);
        failed["error"] = json!({"code": "silent", "message": "the recording is silent", "retryable": false});
        world.lectures.lock().unwrap().insert("l1".into(), failed);
    });
    assert_eq!(outcome.unwrap_err().code, "silent");
    let last = serde_json::to_value(events.last().unwrap()).unwrap();
    assert_eq!((&last["state"], &last["lectureId"], &last["error"]["code"]), (&json!("failed"), &json!("l1"), &json!("silent")));
}

#[tokio::test]
async fn what_could_not_be_used_goes_from_the_library_when_its_file_comes_again_mended_or_not() {
    let texts = ["# Tides", "# Tides and the moon"].map(|text| text.as_bytes().to_vec());
    for (shelf, name, [first, mended]) in [("lectures", "a.ogg", [recording(100), recording(200)]), ("documents", "a.md", texts)]
    {
        let mut script = Script::start().await;
        let client = script.client().await;
        let (address, world) = (script.address.clone(), script.world.clone());
        let mut path = script.file(name, &first);
        let mut peer = None;
        for id in ["x1", "x2", "x3"] {
            if id == "x3" {
                path = script.file(name, &mended);
            }
            let ((outcome, _), ()) = tokio::join!(upload(&client, &path, true), async {
                let mut line = match peer.take() {
                    Some(line) => line,
                    None => script.peer().await,
                };
                line.place(&address, id, &format!("{shelf}/p/{id}/{name}")).await;
                peer = Some(line);
                let failed = if shelf == "documents" { document(id, "failed") } else { lecture(id, "failed", 0.1) };
                world.kept(shelf).lock().unwrap().insert(id.into(), failed);
            });
            assert!(outcome.is_err(), "{outcome:?}");
            let listed: Vec<String> = world.kept(shelf).lock().unwrap().keys().cloned().collect();
            assert_eq!(listed, [id], "{shelf}");
        }
    }
}

/// Brings a document's file, which becomes a document of this name unless it is there already.
async fn bring(
    script: &mut Script,
    client: &Client,
    path: &Path,
    peer: &mut Option<Peer>,
    (id, created, unread): (&str, i64, u32),
) -> (Result<String, ClientError>, Vec<UploadEvent>) {
    let (address, world) = (script.address.clone(), Arc::clone(&script.world));
    let mut made = document(id, "ready");
    (made["failedPages"], made["created"]) = (json!(unread), json!(created));
    let there = world.documents.lock().unwrap().contains_key(id);
    let (told, ()) = tokio::join!(upload(client, path, true), async {
        if there {
            return;
        }
        let mut line = match peer.take() {
            Some(line) => line,
            None => script.peer().await,
        };
        world.documents.lock().unwrap().insert(id.into(), made);
        line.place(&address, id, &format!("documents/p/{id}/a.md")).await;
        *peer = Some(line);
    });
    told
}

/// The same where that document stands for the file afterwards.
async fn read(
    script: &mut Script,
    client: &Client,
    path: &Path,
    peer: &mut Option<Peer>,
    (id, created, unread): (&str, i64, u32),
) -> Vec<UploadEvent> {
    let there = script.world.documents.lock().unwrap().contains_key(id);
    let (outcome, events) = bring(script, client, path, peer, (id, created, unread)).await;
    assert_eq!(outcome.unwrap(), id);
    let told = events.iter().any(|event| matches!(event, UploadEvent::AlreadyThere { .. }));
    assert_eq!(told, there, "{events:?}");
    events
}

fn listed(script: &Script) -> String {
    let mut kept: Vec<String> = script.world.documents.lock().unwrap().keys().cloned().collect();
    kept.sort();
    kept.join(" ")
}

/// Gives a document what a person gives it: a title, a class, and everybody to see it.
fn give(script: &Script, id: &str) {
    let mut documents = script.world.documents.lock().unwrap();
    let document = documents.get_mut(id).unwrap();
    (document["title"], document["public"]) = (json!("The moon"), json!(true));
    script.world.classes.lock().unwrap().insert("c1".into(), vec![id.to_owned()]);
}

#[tokio::test]
async fn a_document_with_unread_pages_gives_way_to_its_file_when_that_is_read_better_and_passes_on_what_it_was_given() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let path = script.file("a.md", b"# Tides");
    let mut peer = None;
    read(&mut script, &client, &path, &mut peer, ("d1", 1, 2)).await;
    give(&script, "d1");
    for (id, created, unread, there) in [("d2", 2, 3, "d1 d2"), ("d3", 3, 2, "d1 d3")] {
        read(&mut script, &client, &path, &mut peer, (id, created, unread)).await;
        assert_eq!(listed(&script), there);
    }
    let events = read(&mut script, &client, &path, &mut peer, ("d4", 4, 0)).await;
    assert!(matches!(events.last(), Some(UploadEvent::Ready { title, .. }) if title == "The moon"), "{events:?}");
    read(&mut script, &client, &path, &mut peer, ("d4", 4, 0)).await;
    assert_eq!(listed(&script), "d4");
    let left = script.world.documents.lock().unwrap()["d4"].clone();
    assert_eq!((&left["title"], &left["public"]), (&json!("The moon"), &json!(true)));
    assert_eq!(script.world.classes.lock().unwrap()["c1"], ["d1", "d4"]);
}

#[tokio::test]
async fn a_document_with_unread_pages_stays_where_not_all_can_be_passed_on_and_that_is_said() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let path = script.file("a.md", b"# Tides");
    let mut peer = None;
    read(&mut script, &client, &path, &mut peer, ("d1", 1, 2)).await;
    give(&script, "d1");
    script.world.no_showing.store(true, Ordering::SeqCst);
    let events = read(&mut script, &client, &path, &mut peer, ("d2", 2, 0)).await;
    assert_eq!(listed(&script), "d1 d2");
    let told = events.iter().map(|event| serde_json::to_value(event).unwrap()).find(|event| event["type"] == "kept").unwrap();
    assert_eq!((&told["lectureId"], &told["former"], &told["error"]["code"]), (&json!("d2"), &json!("d1"), &json!("forbidden")));
    assert!(told["error"]["message"].as_str().unwrap().contains("The moon"), "{told}");
}

#[tokio::test]
async fn a_document_that_is_read_worse_and_ready_last_gives_way_and_its_file_is_known_by_the_better_one() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let path = script.file("a.md", b"# Tides");
    let mut better = document("d2", "ready");
    better["created"] = json!(2);
    script.world.documents.lock().unwrap().insert("d2".into(), better);
    let mut peer = None;
    let (outcome, events) = bring(&mut script, &client, &path, &mut peer, ("d1", 1, 2)).await;
    assert_eq!((outcome.unwrap().as_str(), listed(&script).as_str()), ("d2", "d2"));
    assert!(matches!(events.last(), Some(UploadEvent::Ready { lecture_id, .. }) if lecture_id == "d2"), "{events:?}");
    // So it need not travel again.
    read(&mut script, &client, &path, &mut peer, ("d2", 2, 0)).await;
}

#[tokio::test]
async fn what_cannot_be_passed_on_because_the_server_is_away_is_passed_on_when_it_is_back() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let path = script.file("a.md", b"# Tides");
    let mut peer = None;
    read(&mut script, &client, &path, &mut peer, ("d1", 1, 2)).await;
    give(&script, "d1");
    script.world.unwell.store(1, Ordering::SeqCst);
    let (outcome, events) = bring(&mut script, &client, &path, &mut peer, ("d2", 2, 0)).await;
    assert_eq!(outcome.unwrap_err().code, code::UNREACHABLE);
    assert!(matches!(events.last(), Some(UploadEvent::Interrupted { state: "unknown", .. })), "{events:?}");
    assert!(!events.iter().any(|event| matches!(event, UploadEvent::Kept { .. })), "{events:?}");
    assert_eq!(listed(&script), "d1 d2");
    let (outcome, _) = upload(&client, &path, true).await;
    assert_eq!((outcome.unwrap().as_str(), listed(&script).as_str()), ("d2", "d2"));
    assert_eq!(script.log().iter().filter(|line| line.starts_with("put")).count(), 2, "the file is not sent again");
}

#[tokio::test]
async fn a_document_that_somebody_else_took_off_the_shelf_meanwhile_is_not_said_to_stay() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let path = script.file("a.md", b"# Tides");
    // The list still has it, and there is nothing of its name any more.
    let mut gone = document("d1", "ready");
    (gone["failedPages"], gone["title"]) = (json!(2), json!("The moon"));
    script.world.documents.lock().unwrap().insert("gone".into(), gone);
    let events = read(&mut script, &client, &path, &mut None, ("d2", 2, 0)).await;
    assert!(matches!(events.last(), Some(UploadEvent::Ready { title, .. }) if title == "The moon"), "{events:?}");
    assert!(!events.iter().any(|event| matches!(event, UploadEvent::Kept { .. })), "{events:?}");
}

/// Events up to one that is looked for.
async fn until(events: &mut mpsc::Receiver<UploadEvent>, wanted: impl Fn(&UploadEvent) -> bool) -> UploadEvent {
    let coming = async {
        loop {
            let event = events.recv().await.expect("the upload goes on");
            if wanted(&event) {
                return event;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), coming).await.expect("an event in time")
}

#[tokio::test]
async fn a_server_that_goes_away_meanwhile_is_told_of_and_waited_for_but_a_stranger_in_its_place_is_not() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let path = script.file("a.ogg", &recording(100));
    let (address, world) = (script.address.clone(), script.world.clone());
    let (sender, mut events) = mpsc::channel(1000);
    let options = UploadOptions::default();
    world.lectures.lock().unwrap().insert("l1".into(), lecture("l1", "transcribing", 0.1));
    let (outcome, ()) = tokio::join!(client.upload(&path, &options, &sender), async {
        let mut peer = script.peer().await;
        peer.place(&address, "l1", "lectures/p/l1/a.ogg").await;
        until(&mut events, |event| matches!(event, UploadEvent::Uploaded { .. })).await;
        world.away.store(true, Ordering::SeqCst);
        drop(peer);
        let gone = until(&mut events, |event| matches!(event, UploadEvent::Unreachable { .. })).await;
        let gone = serde_json::to_value(gone).unwrap();
        assert_eq!((&gone["lectureId"], &gone["error"]["code"]), (&json!("l1"), &json!(code::UNREACHABLE)));
        assert!(gone["error"]["message"].as_str().unwrap().starts_with(&format!("{address} does not answer")), "{gone}");
        world.away.store(false, Ordering::SeqCst);
        let _peer = script.peer().await;
        until(&mut events, |event| matches!(event, UploadEvent::Reachable {})).await;
        world.stranger.store(true, Ordering::SeqCst);
        // What becomes of the lecture cannot be known from here, which is not that it failed.
        let end = until(&mut events, |event| matches!(event, UploadEvent::Interrupted { .. })).await;
        let end = serde_json::to_value(end).unwrap();
        assert_eq!((&end["type"], &end["state"], &end["lectureId"]), (&json!("interrupted"), &json!("unknown"), &json!("l1")));
        assert!(end["error"]["message"].as_str().unwrap().contains("another program"), "{end}");
    });
    assert_eq!(outcome.unwrap_err().code, code::NOT_SYNAPSCRIBE);
}

#[tokio::test]
async fn a_file_that_changes_on_its_way_is_not_taken_for_whole() {
    let mut script = Script::start().await;
    let client = script.client().await;
    let path = script.file("a.ogg", &recording(9 * MIB));
    let address = script.address.clone();
    let ((outcome, _), ()) = tokio::join!(upload(&client, &path, false), async {
        let mut peer = script.peer().await;
        peer.hear_type("request_upload").await;
        let mut longer = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        std::io::Write::write_all(&mut longer, b"more").unwrap();
        peer.say(json!({"type": "upload_url", "uploadUrl": format!("{address}/s3/bucket/k"), "s3Key": "lectures/p/l1/a.ogg", "expiresIn": 9,
            "lectureId": "l1", "contentType": "audio/ogg", "fileName": "a.ogg"}))
            .await;
        let _ = tokio::time::timeout(Duration::from_secs(2), peer.0.recv()).await;
    });
    assert_eq!(outcome.unwrap_err().code, code::CHANGED);
    assert!(script.world.objects.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_taken_never_leaves() {
    let script = Script::start().await;
    let client = script.client().await;
    let (outcome, events) = upload(&client, &script.file("a.mp3", b"not a recording"), true).await;
    assert_eq!(outcome.unwrap_err().code, code::TYPE);
    assert!(matches!(events.as_slice(), [UploadEvent::Failed { lecture_id: None, .. }]));
    let options = UploadOptions { captions: Some(script.folder.path().join("none.srt")), ..UploadOptions::default() };
    let (sender, _events) = mpsc::channel(16);
    let error = client.upload(&script.file("a.ogg", &recording(100)), &options, &sender).await.unwrap_err();
    assert!(error.code == code::FILE && error.message.contains("there is no file"), "{error}");
    // What is no caption file is refused before a lecture is asked for, which would be left behind without its recording.
    let options = UploadOptions { captions: Some(script.file("notes.txt", b"my notes")), ..UploadOptions::default() };
    let (sender, mut events) = mpsc::channel(16);
    let error = client.upload(&script.file("a.ogg", &recording(100)), &options, &sender).await.unwrap_err();
    assert!(error.code == code::CAPTIONS && error.message.contains("notes.txt"), "{error}");
    assert!(matches!(events.recv().await, Some(UploadEvent::Failed { lecture_id: None, .. })));
    assert_eq!(script.world.guests.load(Ordering::SeqCst), 0);
}
