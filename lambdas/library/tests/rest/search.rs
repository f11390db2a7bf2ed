//! Searching lectures and documents.

use serde_json::{Value, json};
use synapscribe_domain::document::{Document, DocumentState};
use synapscribe_domain::{DocumentId, Millis, ObjectKey, Pages, Passage, PassageId, Source, Span, Spot, Timestamp, Visibility};
use synapscribe_ports::{Documents, EmbedKind, Embedder, Library, Meaning};

use crate::desk::{Desk, person};

impl Desk {
    /// Indexes what a source says, a passage a text.
    async fn says(&self, source: &Source, texts: &[&str]) {
        let passage = |(n, text): (usize, &&str)| Passage {
            id: PassageId::parse(format!("{source}:{n:05}")).unwrap(),
            source: source.clone(),
            index: n as u32,
            spot: match source {
                Source::Lecture(_) => Spot::Said(Span::new(Millis(n as u64 * 10_000), Millis(n as u64 * 10_000 + 8_000))),
                Source::Document(_) => Spot::Printed(Pages::one(n as u32 + 1)),
            },
            heading: if source.document().is_some() { "Water".into() } else { String::new() },
            text: (*text).to_owned(),
            marks: Vec::new(),
        };
        let passages: Vec<Passage> = texts.iter().enumerate().map(passage).collect();
        let texts: Vec<String> = passages.iter().map(|p| p.text.clone()).collect();
        let vectors = self.vectors.embed(&texts, EmbedKind::Passage).await.unwrap();
        let meanings: Vec<Meaning> = vectors.into_iter().map(Meaning::from).collect();
        self.store.index(source, &passages, &self.vectors.space(), &meanings).await.unwrap();
    }

    async fn book(&self, name: &str, owner: &str, texts: &[&str]) {
        let (id, owner) = (DocumentId::parse(name).unwrap(), person(owner));
        let key = ObjectKey::document(&owner, &id, "Book.md");
        let book =
            Document { state: DocumentState::Ready, ..Document::granted(id.clone(), owner, key, name.into(), Timestamp(5)) };
        self.store.add_document(&book).await.unwrap();
        self.says(&id.into(), texts).await;
    }
}

fn places(found: &Value) -> Vec<&str> {
    let hits = found["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["documentId"].as_str().unwrap_or_else(|| hit["lectureId"].as_str().unwrap())).collect()
}

async fn seas() -> Desk {
    let desk = Desk::new().await;
    let talk = desk.lecture("talk", "ada", Visibility::Private).await;
    desk.says(&talk.into(), &["Good morning to all of you.", "The spring tide is the highest tide."]).await;
    desk.book("waves", "ada", &["The wind makes waves.", "A neap tide is the lowest tide."]).await;
    desk.book("secret", "bob", &["A spring tide of secrets."]).await;
    desk
}

#[tokio::test]
async fn what_is_found_says_where_it_stands_in_lectures_and_documents_alike() {
    let desk = seas().await;
    let found = desk.get("ada", "search?q=spring%20tide").await;
    assert_eq!((places(&found)[0], &found["byMeaning"]), ("talk", &json!(true)), "{found}");
    let hit = &found["hits"][0];
    assert_eq!((&hit["title"], &hit["from"], &hit["to"]), (&json!("Week"), &json!(10.0), &json!(18.0)));
    assert_eq!((&hit["excerpt"], hit.get("pages")), (&json!("The spring tide is the highest tide."), None));
    assert!(hit["score"].as_f64().unwrap() > 0.3, "{hit}");
    let neap = desk.get("ada", "search?q=neap%20tide&limit=1").await;
    assert_eq!(places(&neap), ["waves"]);
    let hit = &neap["hits"][0];
    assert_eq!(
        (&hit["pages"], &hit["heading"], &hit["title"]),
        (&json!({ "from": 2, "to": 2 }), &json!("Water"), &json!("waves"))
    );
    assert!(!places(&found).contains(&"secret") && places(&desk.get("bob", "search?q=tide").await) == ["secret"]);
}

#[tokio::test]
async fn only_what_is_named_is_searched_and_words_do_where_meaning_is_away() {
    let desk = seas().await;
    assert!(places(&desk.get("ada", "search?q=tide&sources=waves").await).iter().all(|place| *place == "waves"));
    let both = desk.get("ada", "search?q=tide&sources=waves,talk&limit=50").await;
    assert!(places(&both).contains(&"waves") && places(&both).contains(&"talk"), "{both}");
    desk.vectors.break_down();
    let found = desk.get("ada", "search?q=neap").await;
    assert_eq!((places(&found), &found["byMeaning"]), (vec!["waves"], &json!(false)), "{found}");
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_refused() {
    let desk = seas().await;
    let many = (0..21).map(|n| format!("s{n}")).collect::<Vec<_>>().join(",");
    for bad in ["", "?q=", "?q=%20", "?q=tide&limit=x", &format!("?q={}", "a".repeat(2_001)), &format!("?q=tide&sources={many}")]
    {
        assert_eq!(desk.refused("ada", "GET", &format!("search{bad}"), None).await, (400, "bad_message".into()), "{bad}");
    }
    for none in ["nowhere", "secret", "waves,secret", "a%20b"] {
        let refused = desk.refused("ada", "GET", &format!("search?q=tide&sources={none}"), None).await;
        assert_eq!(refused, (404, "not_found".into()), "{none}");
    }
}

#[tokio::test]
async fn what_occurs_nowhere_is_not_found_and_slips_and_titles_are() {
    let desk = seas().await;
    for strange in ["zeppelin", "what%20is%20a%20zeppelin", "zeppelin&sources=waves"] {
        let found = desk.get("ada", &format!("search?q={strange}")).await;
        assert_eq!((places(&found), &found["byMeaning"]), (vec![], &json!(true)), "{strange}: {found}");
    }
    assert!(places(&desk.get("ada", "search?q=hihgest").await).contains(&"talk"));
    assert_eq!(places(&desk.get("ada", "search?q=week").await), ["talk", "talk"]);
}
