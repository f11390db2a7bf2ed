//! Searching a library with more in it than one looks at: the nearest are found, common words hide nothing, and people find only what
//! they may see.

use synapscribe_domain::PersonId;
use synapscribe_ports::{Library, Scope};
use synapscribe_sql::PostgresLibrary;
use synapscribe_stories::Postgres;

use crate::common::{lecture, passages, person, words};
use crate::empty;

const DIMENSION: usize = 384;
/// More passages than one search scores.
const MANY: usize = 2_500;

/// Unit vectors that lie on a spiral: each is nearest to those before and after it.
fn spiral(n: usize) -> Vec<f32> {
    let mut vector = vec![0.0; DIMENSION];
    let angle = n as f32 * 0.002;
    let (sin, cos) = angle.sin_cos();
    vector[n / 700] = cos;
    vector[n / 700 + 1] = sin;
    vector
}

async fn filled(library: &PostgresLibrary, name: &str, owner: &PersonId, texts: &[String], vectors: &[Vec<f32>]) {
    let one = lecture(name, owner);
    library.add_lecture(&one).await.unwrap();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    library.index(&one.id, &passages(&one.id, &texts), "space", vectors).await.unwrap();
}

async fn texts(library: &PostgresLibrary, who: &str, look: &[&str], limit: usize) -> Vec<String> {
    let found = library.search(&Scope::VisibleTo(person(who)), &words(look), None, limit).await.unwrap();
    found.into_iter().map(|c| c.passage.text).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_nearest_are_found_though_most_of_what_is_near_is_hidden() {
    let (library, database) = empty().await;
    let (ada, bob) = (person("ada"), person("bob"));
    // Nine of ten neighbours are somebody else's.
    for (name, owner, mine) in [("hers", &ada, true), ("his", &bob, false)] {
        let numbers: Vec<usize> = (0..3_000).filter(|n| (n % 10 == 0) == mine).collect();
        let texts: Vec<String> = numbers.iter().map(|n| format!("number {n}")).collect();
        let vectors: Vec<Vec<f32>> = numbers.iter().map(|n| spiral(*n)).collect();
        filled(&library, name, owner, &texts, &vectors).await;
    }
    Postgres::shared().run(&database, "ANALYZE").unwrap();
    let mut seen = 0;
    for n in (50..2_950).step_by(100) {
        let found = library.search(&Scope::VisibleTo(ada.clone()), &[], Some(("space", &spiral(n))), 5).await.unwrap();
        assert_eq!(found.len(), 5);
        assert!(found.iter().all(|c| c.passage.lecture.as_str() == "hers"), "{found:?}");
        assert!(found.is_sorted_by(|a, b| a.similarity >= b.similarity));
        seen += usize::from(found[0].passage.text == format!("number {n}"));
    }
    assert!(seen >= 28, "the nearest of all was found {seen} times of 29");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn common_words_find_something_and_hide_nothing() {
    let (library, database) = empty().await;
    for (name, owner, text) in [("a", "ada", "common usual"), ("b", "bob", "common rare")] {
        let texts: Vec<String> = (0..MANY).map(|n| format!("{text} number{n}")).collect();
        filled(&library, name, &person(owner), &texts, &[]).await;
    }
    filled(&library, "z", &person("bob"), &["common usual single".to_owned()], &[]).await;
    Postgres::shared().run(&database, "ANALYZE").unwrap();

    assert_eq!(texts(&library, "ada", &["common", "usual", "number77"], 1).await, ["common usual number77"]);
    assert_eq!(texts(&library, "bob", &["usual", "common", "single"], 1).await, ["common usual single"]);
    assert_eq!(texts(&library, "ada", &["common"], 7).await.len(), 7);
    assert!(texts(&library, "ada", &["common", "usual"], 7).await.iter().all(|text| text.starts_with("common usual")));
    assert_eq!(
        texts(&library, "bob", &["common", "usual"], 1).await,
        ["common usual single"],
        "what holds both words comes first"
    );
    let found = texts(&library, "ada", &["single", "usual"], 5).await;
    assert_eq!(found.len(), 5, "the common word is looked for where the rare one is not to be seen");
    assert!(found.iter().all(|text| !text.contains("single")), "{found:?}");
}

#[tokio::test]
async fn words_are_found_in_other_forms_and_without_accents() {
    let (library, _) = empty().await;
    let told = ["Marmots were sleeping.", "L'été à Zürich", "a state-of-the-art chain rule"].map(str::to_owned);
    filled(&library, "l1", &person("ada"), &told, &[]).await;
    for (look, at) in [("sleeps", 0), ("marmot", 0), ("zurich", 1), ("ÉTÉ", 1), ("art", 2), ("chain rule", 2), ("rules", 2)] {
        assert_eq!(texts(&library, "ada", &[look], 9).await, [told[at].clone()], "{look}");
    }
    assert_eq!(texts(&library, "ada", &["rule chain"], 9).await, Vec::<String>::new(), "words of one phrase keep their order");
}
