//! Fetching models, against a local server that follows the rules of range requests, and breaks them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use futures::stream;
use sha2::{Digest, Sha256};
use synapscribe_domain::Code;
use synapscribe_engines::models::{ModelCard, ModelFile, ModelKind, ModelStore, Progress};
use synapscribe_ports::conformance::{self, models::Hand};

/// How the server treats one request.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// As the standard says.
    Right,
    /// The connection breaks after so many bytes.
    CutAfter(usize),
    /// Ranges are ignored.
    NoRanges,
    /// The range is refused.
    Refuse416,
    Status(u16),
    /// Other bytes of the same length.
    Wrong,
    /// More bytes than published.
    TooMany,
    /// Sent on to the same file elsewhere.
    Redirect,
}

#[derive(Clone)]
struct Script {
    content: Arc<Vec<u8>>,
    ways: Arc<Mutex<VecDeque<Way>>>,
    ranges: Arc<Mutex<Vec<Option<String>>>>,
}

struct Fixture {
    script: Script,
    folder: tempfile::TempDir,
    store: ModelStore,
}

fn content() -> Vec<u8> {
    (0..300_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

fn card(url: String, content: &[u8]) -> ModelCard {
    let file =
        ModelFile { name: "ear.bin".into(), url, bytes: content.len() as u64, sha256: hex::encode(Sha256::digest(content)) };
    ModelCard { name: "ear".into(), kind: ModelKind::Ear, description: "a test".into(), licence: "MIT".into(), files: vec![file] }
}

async fn fixture(ways: &[Way]) -> Fixture {
    let script =
        Script { content: Arc::new(content()), ways: Arc::new(Mutex::new(ways.to_vec().into())), ranges: Arc::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/ear.bin", listener.local_addr().unwrap());
    let app = Router::new().fallback(serve).with_state(script.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::with_catalogue(folder.path().join("models"), vec![card(url, &script.content)]);
    Fixture { script, folder, store }
}

async fn serve(State(script): State<Script>, request: Request) -> Response {
    let range = request.headers().get("range").map(|v| v.to_str().unwrap().to_owned());
    script.ranges.lock().unwrap().push(range.clone());
    let way = script.ways.lock().unwrap().pop_front().unwrap_or(Way::Right);
    let all = script.content.len();
    let from = range.and_then(|r| r.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    let answer = |status: u16, from: usize, bytes: Vec<u8>| {
        let mut response = Response::builder().status(status).header("content-length", bytes.len());
        if status == 206 {
            response = response.header("content-range", format!("bytes {from}-{}/{all}", all - 1));
        }
        response.body(Body::from(bytes)).unwrap()
    };
    match (way, from) {
        (Way::Status(status), _) => answer(status, 0, b"no".to_vec()),
        (Way::Refuse416, Some(_)) => {
            Response::builder().status(416).header("content-range", format!("bytes */{all}")).body(Body::empty()).unwrap()
        }
        (Way::Redirect, _) => {
            Response::builder().status(302).header("location", "/elsewhere/ear.bin").body(Body::empty()).unwrap()
        }
        (Way::Wrong, _) => answer(200, 0, vec![7; all]),
        (Way::TooMany, _) => answer(200, 0, vec![7; all + 10]),
        (Way::CutAfter(bytes), _) => {
            let from = from.unwrap_or(0);
            let part = script.content[from..(from + bytes).min(all)].to_vec();
            let parts: Vec<Result<Bytes, std::io::Error>> = vec![Ok(Bytes::from(part)), Err(std::io::Error::other("cut"))];
            // The pause lets the bytes leave before the connection breaks.
            let body = stream::unfold(parts.into_iter(), |mut parts| async move {
                let next = parts.next()?;
                if next.is_err() {
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
                Some((next, parts))
            });
            let mut response = Response::builder().status(if from > 0 { 206 } else { 200 }).header("content-length", all - from);
            if from > 0 {
                response = response.header("content-range", format!("bytes {from}-{}/{all}", all - 1));
            }
            response.body(Body::from_stream(body)).unwrap()
        }
        (Way::NoRanges, _) | (_, None) => answer(200, 0, script.content.to_vec()),
        (_, Some(from)) if from >= all => Response::builder().status(416).body(Body::empty()).unwrap(),
        (_, Some(from)) => answer(206, from, script.content[from..].to_vec()),
    }
}

/// Files of models as they lie in the store's folder after a download, and after one that broke off.
struct Files(std::path::PathBuf);

impl Files {
    fn write(&self, name: &str, bytes: usize) -> u64 {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, vec![1; bytes]).unwrap();
        bytes as u64
    }
}

#[async_trait::async_trait]
impl Hand for Files {
    async fn whole(&self) -> u64 {
        self.write("ear/ear.bin", 300_000)
    }

    async fn part(&self) -> u64 {
        self.write("meaning/config.json", 12) + self.write("meaning/weights.bin.part", 5_000)
    }

    async fn stray(&self) {
        self.write("ear/notes.txt", 77);
        self.write("nobody/knows.bin", 77);
        self.write("in-use.json", 77);
    }

    async fn none(&self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

#[tokio::test]
async fn the_store_behaves_as_every_store_of_models() {
    let folder = tempfile::tempdir().unwrap();
    let ear = card("http://127.0.0.1:9/ear.bin".into(), &content());
    let file = |name: &str, bytes| ModelFile { name: name.into(), bytes, ..ear.files[0].clone() };
    let meaning = ModelCard {
        name: "meaning".into(),
        kind: ModelKind::Meaning,
        files: vec![file("config.json", 12), file("weights.bin", 9_000)],
        ..ear.clone()
    };
    let models = folder.path().join("models");
    conformance::models::suite(&ModelStore::with_catalogue(&models, vec![ear, meaning]), &Files(models)).await;
}

impl Fixture {
    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("models/ear/ear.bin")
    }

    fn partial(&self) -> std::path::PathBuf {
        self.folder.path().join("models/ear/ear.bin.part")
    }

    fn leave_partial(&self, bytes: &[u8]) {
        std::fs::create_dir_all(self.partial().parent().unwrap()).unwrap();
        std::fs::write(self.partial(), bytes).unwrap();
    }

    fn ranges(&self) -> Vec<Option<String>> {
        self.script.ranges.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_model_is_fetched_checked_chosen_and_not_fetched_twice() {
    let f = fixture(&[Way::Redirect]).await;
    assert!(!f.store.list()[0].installed);
    assert_eq!(f.store.choose("ear").unwrap_err().code, Code::EngineMissing);
    let mut seen: Vec<Progress> = Vec::new();
    let path = f.store.get("ear", |p| seen.push(p)).await.unwrap();
    assert_eq!(path, f.path());
    assert_eq!(std::fs::read(&path).unwrap(), *f.script.content);
    assert!(seen.windows(2).all(|p| p[0].done <= p[1].done) && seen.last().unwrap().done == 300_000 && seen[0].total == 300_000);
    assert!(!f.partial().exists());
    assert_eq!(f.ranges().len(), 2, "the redirect and the file");
    f.store.get("ear", |_| ()).await.unwrap();
    assert_eq!(f.ranges().len(), 2, "what is here is not fetched again");
    assert_eq!(f.store.in_use(ModelKind::Ear), None);
    assert_eq!(f.store.choose("ear").unwrap(), Some(path.clone()));
    assert_eq!(f.store.in_use(ModelKind::Ear), Some(path));
    let listed = &f.store.list()[0];
    assert!(listed.installed && listed.in_use && listed.bytes_here == 300_000);
    let unknown = f.store.get("nose", |_| ()).await.unwrap_err();
    assert!(unknown.code == Code::NotFound && unknown.message.contains("there are ear"));
}

#[tokio::test]
async fn a_broken_download_goes_on_where_it_stopped() {
    let f = fixture(&[Way::CutAfter(100_000), Way::CutAfter(50_000)]).await;
    f.store.get("ear", |_| ()).await.unwrap();
    assert_eq!(std::fs::read(f.path()).unwrap(), *f.script.content);
    assert_eq!(f.ranges(), [None, Some("bytes=100000-".into()), Some("bytes=150000-".into())]);
}

#[tokio::test]
async fn what_came_is_kept_for_the_next_run() {
    let f = fixture(&[Way::CutAfter(100_000), Way::Status(503)]).await;
    let failure = f.store.get("ear", |_| ()).await.unwrap_err();
    assert_eq!(failure.code, Code::EngineFailed);
    assert!(!f.path().exists());
    assert_eq!(f.store.list()[0].bytes_here, 100_000);
    f.store.get("ear", |_| ()).await.unwrap();
    assert_eq!(f.ranges().last().unwrap().as_deref(), Some("bytes=100000-"));
    assert_eq!(std::fs::read(f.path()).unwrap(), *f.script.content);
}

#[tokio::test]
async fn servers_that_cannot_continue_begin_again() {
    for ways in [&[Way::NoRanges][..], &[Way::Refuse416, Way::Right]] {
        let f = fixture(ways).await;
        f.leave_partial(&content()[..1000]);
        f.store.get("ear", |_| ()).await.unwrap();
        assert_eq!(std::fs::read(f.path()).unwrap(), *f.script.content);
    }
    // More than there is was left behind by something else.
    let f = fixture(&[]).await;
    f.leave_partial(&[1; 400_000]);
    f.store.get("ear", |_| ()).await.unwrap();
    assert_eq!(f.ranges(), [None]);
    // All was there, only the last step was missing.
    let f = fixture(&[]).await;
    f.leave_partial(&content());
    f.store.get("ear", |_| ()).await.unwrap();
    assert!(f.ranges().is_empty());
}

#[tokio::test]
async fn a_file_that_is_not_what_was_published_never_appears() {
    for way in [Way::Wrong, Way::TooMany] {
        let f = fixture(&[way]).await;
        let failure = f.store.get("ear", |_| ()).await.unwrap_err();
        assert_eq!(failure.code, Code::EngineFailed);
        assert!(failure.message.contains("not ear.bin"), "{failure}");
        assert!(!f.path().exists());
        f.store.get("ear", |_| ()).await.expect("the next try begins anew");
    }
    let f = fixture(&[]).await;
    f.leave_partial(&[9; 5000]);
    assert!(f.store.get("ear", |_| ()).await.unwrap_err().message.contains("checksum"));
    f.store.get("ear", |_| ()).await.expect("the next try begins anew");
}

#[tokio::test]
async fn refusals_and_missing_networks_are_said() {
    let f = fixture(&[Way::Status(404)]).await;
    assert!(f.store.get("ear", |_| ()).await.unwrap_err().message.contains("(404)"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/ear.bin", listener.local_addr().unwrap());
    drop(listener);
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::with_catalogue(folder.path(), vec![card(url, &content())]);
    let failure = store.get("ear", |_| ()).await.unwrap_err();
    assert_eq!(failure.code, Code::EngineFailed);
    assert!(failure.message.contains("connect to the internet") && failure.message.contains("ear.bin"), "{failure}");
}

#[tokio::test]
async fn what_was_chosen_is_in_use_until_one_goes_back() {
    let f = fixture(&[]).await;
    assert_eq!(f.store.choose("built-in").unwrap(), None, "going back is fine where nothing was ever chosen");
    f.store.get("ear", |_| ()).await.unwrap();
    for (back, still) in [("built-in", None), ("built-in-ear", None), ("built-in-meaning", Some(f.path()))] {
        assert_eq!(f.store.choose("ear").unwrap(), Some(f.path()));
        assert_eq!(f.store.in_use(ModelKind::Ear), Some(f.path()));
        assert_eq!(f.store.choose(back).unwrap(), None);
        assert_eq!(f.store.in_use(ModelKind::Ear), still, "after {back}");
    }
}

#[tokio::test]
async fn two_at_once_do_not_write_into_each_other() {
    let f = fixture(&[]).await;
    let (one, other) = tokio::join!(f.store.get("ear", |_| ()), f.store.get("ear", |_| ()));
    let busy = [&one, &other].into_iter().filter_map(|r| r.as_ref().err()).all(|e| e.code == Code::Busy);
    assert!(busy && (one.is_ok() || other.is_ok()));
    assert_eq!(std::fs::read(f.path()).unwrap(), *f.script.content);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), b"x").unwrap();
    let store =
        ModelStore::with_catalogue(folder.path().join("file/below"), vec![card("http://127.0.0.1:9/ear.bin".into(), &content())]);
    assert_eq!(store.get("ear", |_| ()).await.unwrap_err().code, Code::EngineFailed);
}

#[tokio::test]
async fn models_of_the_operators_own_stand_beside_those_that_are_known() {
    let f = fixture(&[]).await;
    let data = tempfile::tempdir().unwrap();
    let models = data.path().join("models");
    std::fs::create_dir(&models).unwrap();
    let own = ModelCard { description: "the school's".into(), ..f.store.list()[0].card.clone() };
    let known = ModelStore::in_data_folder(data.path()).list().len();
    // One of the names is taken: the operator's own is meant.
    let other = ModelCard { name: "whisper-tiny.en".into(), ..own.clone() };
    std::fs::write(models.join("catalogue.json"), serde_json::to_vec(&[own, other]).unwrap()).unwrap();
    let store = ModelStore::in_data_folder(data.path());
    assert_eq!((store.sound(), store.list().len()), (Ok(()), known + 1));
    for name in ["ear", "whisper-tiny.en"] {
        let path = store.get(name, |_| ()).await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), *f.script.content);
        assert_eq!(store.choose(name).unwrap(), Some(path));
    }

    std::fs::write(models.join("catalogue.json"), "{").unwrap();
    let store = ModelStore::in_data_folder(data.path());
    let fault = store.sound().unwrap_err();
    assert!(fault.message.contains("catalogue.json") && fault.message.contains("correct it"), "{fault}");
    assert_eq!(store.list().len(), known, "the others are there still");
}
