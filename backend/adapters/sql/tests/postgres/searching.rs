//! Searching a library with more in it than one looks at: the nearest are found, common words hide nothing, and people find only what
//! they may see.

use synapscribe_domain::PersonId;
use synapscribe_ports::{Library, Meaning, Scope};
use synapscribe_sql::PostgresLibrary;
use synapscribe_stories::Postgres;

use crate::common::{lecture, passages, person, words};
use crate::empty;

const DIMENSION: usize = 384;
/// More passages than one search scores.
const MANY: usize = 2_500;

/// Numbers that look drawn by lot and are always the same, between -1 and 1.
fn drawn(seed: usize) -> impl Iterator<Item = f32> {
    let mut state = (seed as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    })
}

/// The n-th vector: it strays from one of a few themes, as the passages of lectures do.
fn near_a_theme(n: usize) -> Vec<f32> {
    drawn(1_000_000 + n % 29).zip(drawn(n)).take(DIMENSION).map(|(theme, own)| theme + 0.8 * own).collect()
}

async fn filled(library: &PostgresLibrary, name: &str, owner: &PersonId, texts: &[String], vectors: &[Vec<f32>]) {
    let one = lecture(name, owner);
    library.add_lecture(&one).await.unwrap();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let meanings: Vec<Meaning> = vectors.iter().cloned().map(Meaning::from).collect();
    library.index(&(&one.id).into(), &passages(&one.id, &texts), "space", &meanings).await.unwrap();
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
        let vectors: Vec<Vec<f32>> = numbers.iter().map(|n| near_a_theme(*n)).collect();
        filled(&library, name, owner, &texts, &vectors).await;
    }
    Postgres::shared().run(&database, "ANALYZE").unwrap();
    let mut seen = 0;
    for n in (50..2_950).step_by(100) {
        let meaning = near_a_theme(n);
        let found = library.search(&Scope::VisibleTo(ada.clone()), &[], Some(("space", &meaning)), 5).await.unwrap();
        assert_eq!(found.len(), 5);
        assert!(found.iter().all(|c| c.passage.source.name() == "hers"), "{found:?}");
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
