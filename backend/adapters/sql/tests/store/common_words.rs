//! Words that nearly every passage holds: they are found, they cost little, and they hide nothing.

use crate::common::{lecture, passages, person, words};
use synapscribe_ports::{Library, Scope};
use synapscribe_sql::Store;

/// More passages than one search scores.
const MANY: usize = 5_000;

async fn library() -> Store {
    let store = Store::open_in_memory().await.unwrap();
    for (name, owner, text) in [("a", "ada", "common usual"), ("b", "bob", "common rare")] {
        let one = lecture(name, &person(owner));
        let texts: Vec<String> = (0..MANY).map(|n| format!("{text} number{n}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        store.add_lecture(&one).await.unwrap();
        store.index(&(&one.id).into(), &passages(&one.id, &texts), "", &[]).await.unwrap();
    }
    let last = lecture("z", &person("bob"));
    store.add_lecture(&last).await.unwrap();
    store.index(&(&last.id).into(), &passages(&last.id, &["common usual single"]), "", &[]).await.unwrap();
    store
}

async fn texts(store: &Store, who: &str, look: &[&str], limit: usize) -> Vec<String> {
    let found = store.search(&Scope::VisibleTo(person(who)), &words(look), None, limit).await.unwrap();
    found.into_iter().map(|c| c.passage.text).collect()
}

#[tokio::test]
async fn a_rare_word_leads_among_common_ones() {
    let store = library().await;
    assert_eq!(texts(&store, "ada", &["common", "usual", "number77"], 1).await, ["common usual number77"]);
    assert_eq!(texts(&store, "bob", &["usual", "common", "single"], 1).await, ["common usual single"]);
}

#[tokio::test]
async fn common_words_alone_find_something() {
    let store = library().await;
    assert_eq!(texts(&store, "ada", &["common"], 7).await.len(), 7);
    assert!(texts(&store, "ada", &["common", "usual"], 7).await.iter().all(|text| text.starts_with("common usual")));
    assert_eq!(texts(&store, "bob", &["common", "usual"], 1).await, ["common usual single"], "what holds both words comes first");
}

#[tokio::test]
async fn a_word_only_others_used_does_not_hide_ones_own() {
    let store = library().await;
    let found = texts(&store, "ada", &["single", "usual"], 5).await;
    assert_eq!(found.len(), 5, "the common word is looked for where the rare one is not to be seen");
    assert!(found.iter().all(|text| !text.contains("single")), "{found:?}");
}

#[tokio::test]
async fn beside_vectors_common_words_find_what_holds_them_all() {
    let store = library().await;
    let other = lecture("v", &person("bob"));
    store.add_lecture(&other).await.unwrap();
    let meaning = [vec![1.0, 0.0].into()];
    store.index(&(&other.id).into(), &passages(&other.id, &["something else"]), "space", &meaning).await.unwrap();
    let (bob, look) = (Scope::VisibleTo(person("bob")), words(&["common", "usual"]));
    let found = store.search(&bob, &look, Some(("space", &[1.0, 0.0])), 5).await.unwrap();
    let told = |by_words: bool| -> Vec<&str> {
        found.iter().filter(|c| c.text_score.is_some() == by_words).map(|c| c.passage.text.as_str()).collect()
    };
    assert_eq!((told(true), told(false)), (vec!["common usual single"], vec!["something else"]));
    let without = store.search(&bob, &look, Some(("another space", &[1.0, 0.0])), 5).await.unwrap();
    assert_eq!(without.len(), 5, "where there are no vectors, what holds one of the words is found as well");
}
