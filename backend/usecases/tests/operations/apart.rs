//! Documents whose steps somebody else calls, one by one and some of them at once.

use bytes::Bytes;
use futures::future::join_all;
use synapscribe_domain::document::DocumentState;
use synapscribe_domain::{Code, DocumentId, Failure, ObjectKey};
use synapscribe_ports::{Documents, Library, ObjectCreated, Objects};
use synapscribe_usecases::document::{Batch, Next};
use tokio_util::sync::CancellationToken;

use crate::world::{World, person};

/// A book of so many passages, each below a heading of its own.
fn book(passages: usize) -> String {
    (0..passages).map(|n| format!("# Tide {n}\n\nThe moon pulls the water of bay {n}.\n\n")).collect()
}

async fn taken_in(world: &World, owner: &str, content: &str) -> (DocumentId, ObjectKey) {
    let id = DocumentId::parse("d1").unwrap();
    let key = ObjectKey::document(&person(owner), &id, "Seas.txt");
    world.objects.put(&key, Bytes::copy_from_slice(content.as_bytes()), "text/plain").await.unwrap();
    let event = ObjectCreated { key: key.clone(), bytes: content.len() as u64, sequencer: "1".into() };
    assert_eq!(world.making().taken_in(&event).await.unwrap(), Some(id.clone()));
    (id, key)
}

async fn state(world: &World, id: &DocumentId) -> DocumentState {
    world.library.document(id).await.unwrap().unwrap().state
}

#[tokio::test]
async fn batches_may_be_embedded_at_once_and_twice_and_the_document_is_whole() {
    let world = World::new();
    let (making, never) = (world.making(), CancellationToken::new());
    let (id, key) = taken_in(&world, "ada", &book(150)).await;
    assert_eq!(making.extract_until(&id, &never).await.unwrap(), Next::Chunk);
    let Next::Embed(batches) = making.chunk_alone(&id).await.unwrap() else { panic!("there is nothing to embed") };
    assert_eq!(batches.first().zip(batches.last()), Some((&Batch { from: 0, to: 32 }, &Batch { from: 128, to: 150 })));
    for embedded in join_all(batches[..4].iter().chain(&batches[1..3]).map(|batch| making.embed_batch(&id, *batch))).await {
        embedded.unwrap();
    }
    // Whoever goes on later is told of the rest.
    assert_eq!(making.chunk_alone(&id).await.unwrap(), Next::Embed(batches[4..].to_vec()));
    making.embed_batch(&id, batches[4]).await.unwrap();
    let DocumentState::Embedding { done, total } = state(&world, &id).await else { panic!("it is not being embedded") };
    assert!(done <= total && total == 150, "{done} of {total}");
    for _ in 0..2 {
        making.store_alone(&id).await.unwrap();
    }
    assert_eq!(state(&world, &id).await, DocumentState::Ready);
    assert_eq!(world.library.stale(Some("words, by sentences"), None).await.unwrap(), None, "every passage has its vector");
    // A step that comes late, and a file that is stored again, change nothing.
    assert_eq!(making.chunk_alone(&id).await.unwrap(), Next::Nothing);
    let again = ObjectCreated { key: key.clone(), bytes: 9, sequencer: "2".into() };
    assert_eq!(making.taken_in(&again).await.unwrap(), None);
    making.give_up_on(&key, Failure::internal()).await.unwrap();
    assert_eq!(state(&world, &id).await, DocumentState::Ready);
}

#[tokio::test]
async fn without_vectors_the_document_is_ready_and_says_so_once() {
    let world = World::new();
    let (making, never) = (world.making(), CancellationToken::new());
    let (id, _) = taken_in(&world, "ada", &book(3)).await;
    making.extract_until(&id, &never).await.unwrap();
    making.chunk_alone(&id).await.unwrap();
    world.vectors.break_down();
    let failure = making.embed_batch(&id, Batch { from: 0, to: 3 }).await.unwrap_err();
    for _ in 0..2 {
        making.without_vectors(&id, &failure).await.unwrap();
    }
    making.store_alone(&id).await.unwrap();
    let document = world.library.document(&id).await.unwrap().unwrap();
    assert_eq!((document.state, document.notes.len()), (DocumentState::Ready, 1), "{:?}", document.notes);
}

#[tokio::test]
async fn an_engine_that_is_not_there_costs_the_document_its_vectors_alone() {
    let world = World::new();
    let (making, never) = (world.making(), CancellationToken::new());
    let (id, _) = taken_in(&world, "ada", &book(40)).await;
    making.extract_until(&id, &never).await.unwrap();
    making.chunk_alone(&id).await.unwrap();
    world.vectors.take_away();
    for batch in [Batch { from: 0, to: 32 }, Batch { from: 32, to: 40 }] {
        making.embed_batch(&id, batch).await.unwrap();
    }
    making.store_alone(&id).await.unwrap();
    let document = world.library.document(&id).await.unwrap().unwrap();
    assert_eq!((document.state, document.notes.len()), (DocumentState::Ready, 1), "{:?}", document.notes);
}

#[tokio::test]
async fn what_cannot_be_used_needs_no_further_step_and_what_takes_too_long_is_tried_again() {
    let world = World::new();
    let (id, key) = taken_in(&world, "ada", "\u{0}\u{0}").await;
    let (making, never, over) = (world.making(), CancellationToken::new(), CancellationToken::new());
    over.cancel();
    assert!(making.extract_until(&id, &over).await.unwrap_err().code.retryable(), "no page was read in time");
    assert_eq!(making.extract_until(&id, &never).await.unwrap(), Next::Nothing);
    let DocumentState::Failed { failure } = state(&world, &id).await else { panic!("it was used") };
    assert_eq!(failure.code, Code::DocumentUnsupported);

    // Somebody else's file of the same name does not end a document.
    let theirs = ObjectKey::document(&person("eve"), &id, "Seas.txt");
    making.give_up_on(&theirs, Failure::internal()).await.unwrap();
    making.give_up_on(&key, Failure::internal()).await.unwrap();
    assert_eq!(state(&world, &id).await, DocumentState::Failed { failure });
}
