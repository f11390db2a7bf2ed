//! Whatever words, vectors and texts come, searching and storing never fail and never change them.

use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use synapscribe_ports::{Library, Meaning, Scope};

use crate::common::{lecture, passages, person};
use crate::empty;

/// Text as people and attackers write it: any characters, operators of the query language, quotes, zero bytes.
fn word() -> impl Strategy<Value = String> {
    let odd = [
        "\"", "'", "''", "\\", "*", ":*", "!a", "<->", "a & b", "|", "(", "$1", ";--", "a:b", "a/b", "a.b@c", "1e5", "\0", "🎓",
        "ａ",
    ];
    prop_oneof![any::<String>(), "[\\x00-\\x7f]{0,12}", prop::sample::select(odd.to_vec()).prop_map(str::to_owned)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_words_and_texts_are_taken(
        texts in prop::collection::vec(word(), 1..5),
        look in prop::collection::vec(word(), 0..40),
        vector in prop::collection::vec(prop::num::f32::ANY, 0..5),
        limit in 0usize..9,
    ) {
        static RUNTIME: std::sync::LazyLock<tokio::runtime::Runtime> =
            std::sync::LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());
        static LIBRARY: tokio::sync::OnceCell<synapscribe_sql::PostgresLibrary> = tokio::sync::OnceCell::const_new();
        static COUNT: AtomicU32 = AtomicU32::new(0);
        RUNTIME.block_on(async {
            let store = LIBRARY.get_or_init(async || empty().await.0).await;
            let case = COUNT.fetch_add(1, Ordering::Relaxed);
            let ada = person(&format!("ada{case}"));
            let one = lecture(&format!("l{case}"), &ada);
            store.add_lecture(&one).await.unwrap();
            let all = passages(&one.id, &texts.iter().map(String::as_str).collect::<Vec<_>>());
            let meanings: Vec<Meaning> = if vector.is_empty() { Vec::new() } else { vec![vector.clone().into(); all.len()] };
            store.index(&(&one.id).into(), &all, "space", &meanings).await.unwrap();
            assert_eq!(store.passages(&(&one.id).into()).await.unwrap(), all, "a text came back changed");
            for scope in [Scope::of(one.id.clone()), Scope::VisibleTo(ada)] {
                for meaning in [None, Some(("space", vector.as_slice()))] {
                    let found = store.search(&scope, &look, meaning, limit).await.unwrap();
                    assert!(found.len() <= 2 * limit);
                    assert!(found.iter().all(|c| c.text_score.is_none_or(|s| s > 0.0) && c.similarity.is_none_or(f32::is_finite)));
                    assert!(found.iter().all(|c| c.text_score.is_some() || c.similarity.is_some()));
                }
            }
        });
    }
}
