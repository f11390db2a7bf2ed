//! Documents some or all of whose pages are pictures: what stands on them is recognised where somebody can, and told otherwise.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use synapscribe_domain::document::{Area, DocumentKind, DocumentState, Examined, Step};
use synapscribe_domain::{Code, DocumentId, Failure, Pages};
use synapscribe_ports::fakes::{Manner, SCANNED, TextReader};
use synapscribe_ports::{Documents as _, Library as _, PageRead, Reader};
use synapscribe_usecases::Making;
use tokio::sync::mpsc;

use crate::documents::{made, state, uploaded, work};
use crate::world::{World, person};

/// A book of so many pages, each a picture.
fn scan(pages: u32) -> String {
    let page = |n: u32| format!("{SCANNED}A bore of kind {n} runs up the river when the spring tide comes in.");
    (1..=pages).map(page).collect::<Vec<_>>().join("\u{c}")
}

/// A page of text, and one that is a picture.
fn mixed() -> String {
    format!("The moon pulls the water of the ocean, and it rises twice a day.\u{c}{}", scan(1))
}

async fn notes(world: &World, id: &DocumentId) -> Vec<String> {
    world.library.document(id).await.unwrap().unwrap().notes
}

/// Which pages were read.
async fn read(world: &World, id: &DocumentId) -> Vec<bool> {
    world.library.pages(id, Pages::new(1, 99)).await.unwrap().iter().map(Result::is_ok).collect()
}

async fn refusal(world: &World, id: &DocumentId) -> (Code, String) {
    let DocumentState::Failed { failure } = state(world, id).await else { panic!("it was used") };
    (failure.code, failure.message)
}

#[tokio::test]
async fn pages_that_are_pictures_are_recognised_and_their_passages_name_the_page() {
    let world = World::new();
    let id = made(&world, "ada", &scan(2)).await;
    let passages = world.library.passages(&(&id).into()).await.unwrap();
    assert!(
        passages.iter().any(|one| one.text.contains("A bore of kind 2") && one.spot.pages().unwrap().to == 2),
        "{passages:?}"
    );
    assert_eq!(notes(&world, &id).await, ["2 pages are pictures; the text was recognised, and words may be wrong"]);
    let id = made(&world, "ada", &mixed()).await;
    assert_eq!(notes(&world, &id).await, ["1 page is a picture; the text was recognised, and words may be wrong"]);
    assert_eq!(world.eye.looked(), 3, "a page that says something by itself is not looked at");
}

#[tokio::test]
async fn without_a_recogniser_a_scan_is_refused_with_what_to_do_and_a_book_with_one_is_told() {
    let world = World::new();
    world.eye.vanish("text recognition is not installed here; install it");
    let id = uploaded(&world, "ada", &scan(2)).await;
    work(&world).await;
    let told = "the document is pictures of pages without text, and text recognition is not installed here; install it; then \
                upload it again";
    assert_eq!(refusal(&world, &id).await, (Code::DocumentScanned, told.to_owned()));
    let id = made(&world, "ada", &mixed()).await;
    let told = "1 page is a picture whose text was not read: text recognition is not installed here; install it";
    assert_eq!(notes(&world, &id).await, [told]);
    assert_eq!(world.eye.looked(), 0);

    let id = uploaded(&world, "ada", &scan(1)).await;
    let nobody = Making { recogniser: None, ..world.making() };
    for step in [Step::Extract, Step::Chunk] {
        nobody.step(&id, step, true).await.unwrap();
    }
    let (code, told) = refusal(&world, &id).await;
    assert!(code == Code::DocumentScanned && told.contains("have its text recognised"), "{told}");
}

#[tokio::test]
async fn pictures_on_which_nothing_stands_are_no_book() {
    let world = World::new();
    let id = uploaded(&world, "ada", &format!("{SCANNED}\u{c}{SCANNED}")).await;
    work(&world).await;
    let (code, told) = refusal(&world, &id).await;
    assert!(code == Code::DocumentScanned && told.contains("no text was recognised"), "{told}");
}

#[tokio::test]
async fn a_recogniser_that_fails_is_asked_again_later_behind_the_pages_that_are_kept() {
    let world = World::new();
    let id = uploaded(&world, "ada", &scan(3)).await;
    // A page is tried twice before the step is: the first page is well at its second try, the next fails twice.
    world.eye.behave([Manner::Fails, Manner::Well, Manner::Fails, Manner::Fails]);
    let failure = world.making().step(&id, Step::Extract, false).await.unwrap_err();
    assert!(failure.code == Code::EngineFailed && failure.code.retryable(), "{failure:?}");
    assert_eq!((read(&world, &id).await, world.eye.looked()), (vec![true], 4));
    work(&world).await;
    assert_eq!((state(&world, &id).await, read(&world, &id).await), (DocumentState::Ready, vec![true; 3]));
    assert_eq!(world.eye.looked(), 6, "the first page was not looked at again");
}

#[tokio::test]
async fn at_the_last_attempt_a_page_is_marked_with_the_reason_and_the_others_are_kept() {
    let world = World::new();
    let id = uploaded(&world, "ada", &scan(3)).await;
    // One that hangs is not tried a second time at once: it would only take as long again.
    world.eye.behave([Manner::Well, Manner::Hangs, Manner::Well]);
    for step in Step::ALL {
        world.making().step(&id, step, true).await.unwrap();
    }
    assert_eq!((state(&world, &id).await, read(&world, &id).await), (DocumentState::Ready, vec![true, false, true]));
    let (_, failed) = world.shelf().status(&person("ada"), &id).await.unwrap();
    let told = &failed[0].failure;
    assert!(told.code == Code::PageUnreadable && told.message.contains("text recognition did not answer within"), "{told}");
    let notes = notes(&world, &id).await;
    assert!(notes[0].starts_with("page 2 could not be read: it is a picture") && notes.len() == 2, "{notes:?}");
}

#[tokio::test]
async fn a_recogniser_that_is_away_is_not_asked_for_every_page_of_a_book() {
    let world = World::new();
    let id = uploaded(&world, "ada", &format!("{}\u{c}{}", mixed(), scan(40))).await;
    world.eye.behave(std::iter::repeat_n(Manner::Fails, 200));
    for step in Step::ALL {
        world.making().step(&id, step, true).await.unwrap();
    }
    assert_eq!(state(&world, &id).await, DocumentState::Ready, "the page that is text is kept");
    assert_eq!(world.eye.looked(), 6, "three pages in a row are enough to know");
    assert_eq!(read(&world, &id).await.into_iter().filter(|read| !read).count(), 41);

    let id = uploaded(&world, "ada", &scan(5)).await;
    for step in [Step::Extract, Step::Chunk] {
        world.making().step(&id, step, true).await.unwrap();
    }
    let (code, told) = refusal(&world, &id).await;
    assert!(code == Code::DocumentCorrupt && told.contains("the eye broke down"), "{told}");
}

#[tokio::test]
async fn a_page_that_cannot_be_drawn_is_marked() {
    let world = World::new();
    let id = uploaded(&world, "ada", &mixed()).await;
    let making = Making { reader: Arc::new(Undrawn), ..world.making() };
    making.step(&id, Step::Extract, false).await.unwrap();
    assert_eq!((read(&world, &id).await, world.eye.looked()), (vec![true, false], 0));
}

/// Reads like any other, and cannot draw.
struct Undrawn;

#[async_trait]
impl Reader for Undrawn {
    fn can_read(&self, kind: DocumentKind) -> Result<(), Failure> {
        TextReader.can_read(kind)
    }

    async fn examine(&self, file: &Path, name: &str) -> Result<Examined, Failure> {
        TextReader.examine(file, name).await
    }

    async fn pages(&self, file: &Path, name: &str, from: u32, sink: mpsc::Sender<PageRead>) -> Result<(), Failure> {
        TextReader.pages(file, name, from, sink).await
    }

    async fn picture(&self, _: &Path, _: u32, _: Option<Area>, _: u32) -> Result<Vec<u8>, Failure> {
        Err(Failure::new(Code::PageUnreadable, "no"))
    }
}
