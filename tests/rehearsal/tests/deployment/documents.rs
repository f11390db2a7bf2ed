//! A book on its way through the workflow that is deployed: run by the emulator from the very file, with the real function behind
//! every step.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use synapscribe_domain::DocumentId;
use synapscribe_domain::document::DocumentState;
use synapscribe_ports::{Documents, Library};
use synapscribe_rehearsal::models::Models;
use synapscribe_rehearsal::{Invocations, Scene, request};

use crate::library;
use crate::people::{People, done, text_of};

/// Passages of the book: more than ten batches.
const PASSAGES: usize = 400;
/// A page that has a picture.
const PDF: &str = "%PDF-1.4\n1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type /Pages /Count 1 /Kids [3 0 R] \
    /MediaBox [0 0 300 300] /Resources <</Font <</F <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>>>>>\nendobj\n3 0 obj\n\
    <</Type /Page /Parent 2 0 R /Contents 4 0 R>>\nendobj\n4 0 obj\n<</Length 62>>\nstream\n\
    BT /F 12 Tf 20 200 Td (The spring tide is the highest.) Tj ET\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n";

fn lambda(scene: &Scene) -> &Invocations {
    scene.cloud.lambda().unwrap()
}

fn bays(scene: &Scene, name: &str, passages: usize) -> PathBuf {
    let section = |n| format!("# Bay {n}\n\nThe moon pulls the water of bay {n}, and it rises by {n} feet.\n\n");
    let path = scene.folder.path().join(name);
    std::fs::write(&path, (0..passages).map(section).collect::<String>()).unwrap();
    path
}

/// The steps of a document that a function was told to do, in their order.
fn steps(scene: &Scene, document: &str) -> Vec<String> {
    let called = lambda(scene).called().into_iter().map(|call| call.event);
    let own = called.filter(|event| {
        event["document"] == document || event["key"].as_str().is_some_and(|key| key.contains(&format!("/{document}/")))
    });
    own.map(|event| event["step"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn state(scene: &Scene, document: &str) -> DocumentState {
    let id = DocumentId::parse(document).unwrap();
    library(scene).document(&id).await.unwrap().unwrap().state
}

fn is(step: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["step"] == step
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_book_goes_through_the_workflow_ten_batches_at_once_although_a_step_fails_twice_and_is_asked_by_its_page() {
    let models = Models::start().await.unwrap();
    let scene = Scene::set().await.unwrap().with_titan_at(&models.address);
    let daemon = scene.daemon(|_| {}).unwrap();
    let _functions = scene.functions(&daemon).await.unwrap();
    for (times, step) in [(1, "arrive"), (2, "extract"), (1, "chunk"), (1, "store")] {
        lambda(&scene).kill(times, is(step));
    }
    // None goes on before ten are there, so fewer at once would never end.
    lambda(&scene).hold(10, is("embed"));

    let path = bays(&scene, "The bays.md", PASSAGES);
    let said = scene.terminal(&["upload", &path.to_string_lossy(), "--wait", "--json"]).await.well();
    let ready = said.events().pop().unwrap_or_default();
    let book = ready["lectureId"].as_str().unwrap_or_default().to_owned();
    assert_eq!(state(&scene, &book).await, DocumentState::Ready, "{}", said.out);
    assert_eq!(lambda(&scene).most_at_once(), 10, "as many at once as the workflow allows, and no more");
    let steps = steps(&scene, &book);
    let batches = PASSAGES.div_ceil(32);
    assert_eq!(steps[..7], ["arrive", "arrive", "extract", "extract", "extract", "chunk", "chunk"]);
    assert!(
        steps[7..].iter().filter(|step| *step == "embed").count() == batches && steps[7 + batches..] == ["store", "store"],
        "{steps:?}"
    );
    // The emulator's pauses are a twentieth of what the workflow says: two seconds, then six.
    let extracted: Vec<_> = lambda(&scene).called().into_iter().filter(|call| call.event["step"] == "extract").collect();
    let pauses: Vec<Duration> = extracted.windows(2).map(|two| two[1].at - two[0].at).collect();
    assert!(pauses[0] >= Duration::from_millis(100) && pauses[1] >= Duration::from_millis(300), "{pauses:?}");
    let space = "amazon.titan-embed-text-v2:0/256, by sentences";
    assert_eq!(library(&scene).stale(Some(space), None).await.unwrap(), None, "every passage has its vector");

    let said = scene.terminal(&["ask", "--document", &book, "--json", "How far does the water of bay 277 rise?"]).await.well();
    assert!(text_of(&said).contains("277 feet"), "{}", text_of(&said));
    assert_eq!(done(&said)["found"], true);
    assert_eq!(said.of_type("citation")[0]["citation"]["documentId"], book.as_str(), "{}", said.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_for_good_is_told_with_its_reason_and_what_can_be_used_without_it_is_used() {
    let models = Models::start().await.unwrap();
    let scene = Scene::set().await.unwrap().with_titan_at(&models.address);
    let _functions = scene.functions_alone().await.unwrap();
    let upload = async |path: PathBuf| {
        let said = scene.terminal(&["upload", &path.to_string_lossy(), "--wait", "--json"]).await;
        let book = said.of_type("uploaded")[0]["lectureId"].as_str().unwrap().to_owned();
        (said, book)
    };

    // It cannot be used at all: nobody tries again.
    let locked = scene.folder.path().join("empty.md");
    std::fs::write(&locked, " \n").unwrap();
    let (said, book) = upload(locked).await;
    assert!(!said.status.success() && said.out.contains("document_empty"), "{}{}", said.out, said.err);
    assert_eq!(steps(&scene, &book), ["arrive", "extract"]);

    // Vectors cannot be made: it is found by its words.
    lambda(&scene).kill(4, is("embed"));
    let (said, book) = upload(bays(&scene, "bays.md", 3)).await;
    assert_eq!(state(&scene, &book).await, DocumentState::Ready, "{}{}", said.out, said.err);
    assert_eq!(steps(&scene, &book)[3..], ["embed", "embed", "embed", "embed", "words", "store"]);
    let noted = library(&scene).document(&DocumentId::parse(&book).unwrap()).await.unwrap().unwrap().notes;
    assert!(noted[0].starts_with("search by meaning is off"), "{noted:?}");

    // Its function ends whenever it reads the pages.
    lambda(&scene).kill(4, is("extract"));
    let (said, book) = upload(bays(&scene, "more bays.md", 3)).await;
    assert!(!said.status.success() && said.out.contains("upload it again"), "{}{}", said.out, said.err);
    let DocumentState::Failed { failure } = state(&scene, &book).await else { panic!("it was used") };
    assert!(failure.message.contains("upload it again"), "{failure}");
    assert_eq!(steps(&scene, &book), ["arrive", "extract", "extract", "extract", "extract", "fail"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_seen_as_it_is_and_one_that_is_not_there_is_not() {
    let scene = Scene::set().await.unwrap();
    let daemon = scene.daemon(|_| {}).unwrap();
    let functions = scene.functions(&daemon).await.unwrap();
    let path = scene.folder.path().join("Tides.pdf");
    std::fs::write(&path, PDF).unwrap();
    let book = scene.lecture(&path).await;
    let owner = library(&scene).document(&DocumentId::parse(&book).unwrap()).await.unwrap().unwrap().owner;
    let seen = async |page: u32| {
        let path = format!("/api/documents/{book}/pages/{page}/picture.png?width=300");
        functions.library.invoke(request(Some(owner.as_str()), "GET", &path, None)).await.unwrap().unwrap()
    };
    let said = seen(1).await;
    let told = (&said["statusCode"], &said["headers"]["content-type"], &said["isBase64Encoded"]);
    assert_eq!(told, (&json!(200), &json!("image/png"), &json!(true)), "{said}");
    // So every PNG begins.
    assert!(said["body"].as_str().unwrap().starts_with("iVBORw0KGgo"), "{said}");
    assert_eq!(seen(2).await["statusCode"], 404);
}
