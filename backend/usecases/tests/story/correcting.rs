//! Words are put right, models change, and what is searched follows.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use synapscribe_domain::retrieval::Candidate;
use synapscribe_domain::{Code, LectureId, Millis};
use synapscribe_ports::{Library, Scope};
use synapscribe_usecases::editing::Correction;
use tokio_util::sync::CancellationToken;

use crate::world::{Space, World, person};

async fn found(world: &World, id: &LectureId, word: &str, model: &str) -> Vec<Candidate> {
    let vector: &[f32] = &[1.0, 0.0, 0.0];
    world.store.search(&Scope::of(id.clone()), &[word.to_owned()], Some((model, vector)), 9).await.unwrap()
}

fn by_words(candidates: &[Candidate]) -> usize {
    candidates.iter().filter(|c| c.text_score.is_some()).count()
}

fn by_meaning(candidates: &[Candidate]) -> usize {
    candidates.iter().filter(|c| c.similarity.is_some()).count()
}

#[tokio::test]
async fn corrected_words_are_found_and_the_wrong_ones_are_not() {
    let world = World::new().await;
    let id = world.lecture("l1").await;
    world.ingesting().ingest(&id).await.unwrap();
    let (editing, ada) = (world.editing(), person("ada"));
    let phrase = world.store.phrases(&id).await.unwrap()[1].clone();
    assert_eq!(by_words(&found(&world, &id, "zyglob", "first").await), 0);

    let stop = CancellationToken::new();
    let (indexing, ended) = (world.indexing(), stop.clone());
    let keeper = tokio::spawn(async move { indexing.keep_up(&ended).await });
    let correction = Correction { from: phrase.span.from, expected: phrase.text.clone(), text: " the zyglob\n rule. ".into() };
    let corrected = editing.correct(&ada, &id, &correction).await.unwrap();
    assert_eq!((corrected.text.as_str(), corrected.corrected, corrected.span), ("the zyglob rule.", true, phrase.span));
    let follows = async {
        while by_words(&found(&world, &id, "zyglob", "first").await) == 0
            || world.store.stale(None, None).await.unwrap().is_some()
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), follows).await.expect("the index does not follow");
    assert_eq!(by_words(&found(&world, &id, "30", "first").await), 0, "the wrong words are gone");
    assert!(by_meaning(&found(&world, &id, "zyglob", "first").await) > 0, "vectors follow as well");
    let report = world.store.report(&id).await.unwrap().unwrap();
    assert_eq!((report.words, report.doubtful.len()), (7, 2), "the corrected phrase is not doubtful any more");

    let again = editing.correct(&ada, &id, &correction).await.unwrap_err();
    assert_eq!(again.code, Code::Conflict, "somebody else was quicker");
    let foreign = editing.correct(&person("bob"), &id, &correction).await.unwrap_err();
    assert_eq!(foreign.code, Code::NotFound);
    let nowhere = Correction { from: Millis(1), ..correction };
    assert_eq!(editing.correct(&ada, &id, &nowhere).await.unwrap_err().code, Code::Conflict);
    stop.cancel();
    keeper.await.unwrap();
}

#[tokio::test]
async fn vectors_of_an_older_model_are_made_anew_once() {
    let mut world = World::new().await;
    let ids = [world.lecture("l1").await, world.lecture("l2").await, world.lecture("l3").await];
    for id in &ids {
        world.ingesting().ingest(id).await.unwrap();
    }
    let stop = CancellationToken::new();
    world.embedder = Arc::new(Space::new("second"));
    for id in &ids {
        let before = found(&world, id, "words", "second").await;
        assert_eq!((by_words(&before) > 0, by_meaning(&before)), (true, 0), "until then it is searched by words");
    }
    // The program is stopped after the first lecture; the next start goes on with the others.
    let passages = world.store.passages(&(&ids[0]).into()).await.unwrap();
    let first = world.store.stale(Some("second"), None).await.unwrap();
    assert_eq!(first, Some((&ids[0]).into()));
    world.store.index(&(&ids[0]).into(), &passages, "second", &vec![vec![1.0, 0.0, 0.0].into(); passages.len()]).await.unwrap();
    world.indexing().renew_all(&stop).await.unwrap();
    for id in &ids {
        let after = found(&world, id, "words", "second").await;
        assert!(by_words(&after) > 0 && by_meaning(&after) > 0, "{after:?}");
    }
    let embedded = world.embedder.texts.load(Ordering::SeqCst);
    assert_eq!(embedded, 2 * passages.len(), "what was done is not done again");
    world.indexing().renew_all(&stop).await.unwrap();
    assert_eq!(world.embedder.texts.load(Ordering::SeqCst), embedded, "what is up to date is left alone");
}

#[tokio::test]
async fn a_lecture_that_cannot_be_embedded_keeps_its_vectors_and_holds_up_no_other() {
    let mut world = World::new().await;
    let ids = [world.lecture("l1").await, world.lecture("l2").await];
    for id in &ids {
        world.ingesting().ingest(id).await.unwrap();
    }
    let editing = world.editing();
    let correct = async |id: &LectureId, text: &str| {
        let phrase = world.store.phrases(id).await.unwrap()[0].clone();
        let correction = Correction { from: phrase.span.from, expected: phrase.text, text: text.into() };
        editing.correct(&person("ada"), id, &correction).await.unwrap();
    };
    correct(&ids[0], "poison").await;
    let stop = CancellationToken::new();
    world.indexing().renew_all(&stop).await.unwrap();
    world.embedder = Arc::new(Space::new("second"));
    world.embedder.refuses.lock().unwrap().insert("poison".into(), Code::EngineFailed);
    world.indexing().renew_all(&stop).await.unwrap();
    assert!(by_meaning(&found(&world, &ids[1], "words", "second").await) > 0);
    assert!(by_meaning(&found(&world, &ids[0], "words", "first").await) > 0, "old vectors are worth more than none");
    world.embedder.refuses.lock().unwrap().clear();
    world.indexing().renew_all(&stop).await.unwrap();
    assert!(by_meaning(&found(&world, &ids[0], "poison", "second").await) > 0, "it is made good later");
}
