//! What a deletion leaves in the tables of a server.

use synapscribe_domain::document::{Block, BlockKind, Document, OutlineEntry, ReadPage};
use synapscribe_domain::{DocumentId, ObjectKey, Pages, Passage, PassageId, Source, Spot, Timestamp};
use synapscribe_ports::{Documents, Library, Meaning};
use synapscribe_stories::Postgres;

use crate::common::person;
use crate::empty;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_deleted_document_no_row_is_left_but_that_its_name_was_used() {
    let (library, database) = empty().await;
    let told = |statement: &str| Postgres::shared().run(&database, statement).unwrap();
    let tables = told("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename");
    let rows = || -> Vec<String> { tables.lines().map(|table| told(&format!("SELECT count(*) FROM {table}"))).collect() };
    let other_than = |before: &[String]| -> Vec<&str> {
        let now = rows();
        tables.lines().zip(before.iter().zip(&now)).filter(|(_, (before, now))| before != now).map(|(table, _)| table).collect()
    };
    let (owner, id) = (person("ada"), DocumentId::parse("book").unwrap());
    let meaning: [Meaning; 1] = [vec![0.0, 1.0].into()];
    // The space stays, as other vectors may be in it.
    told("INSERT INTO models (name, dimension) VALUES ('space', 2)");
    let before = rows();

    let key = ObjectKey::document(&owner, &id, "book.pdf");
    library.add_document(&Document::granted(id.clone(), owner, key, "Seas".into(), Timestamp(1))).await.unwrap();
    let blocks = vec![Block { kind: BlockKind::Paragraph, text: "quokka".into(), area: None, lines: Vec::new() }];
    library.save_pages(&id, &[Ok(ReadPage { number: 1, blocks, ..ReadPage::default() })]).await.unwrap();
    library.save_outline(&id, &[OutlineEntry { level: 1, title: "quokka".into(), page: 1 }]).await.unwrap();
    library.set_aside(&id, "space", 0, &meaning).await.unwrap();
    let passage = Passage {
        id: PassageId::of(&id, 0),
        source: Source::from(&id),
        index: 0,
        spot: Spot::Printed(Pages::one(1)),
        heading: String::new(),
        text: "quokka".into(),
        marks: Vec::new(),
    };
    library.index(&Source::from(&id), &[passage], "space", &meaning).await.unwrap();
    assert_eq!(other_than(&before), ["outlines", "pages", "passages", "sources", "vectors", "vectors_aside"]);

    library.delete_document(&id).await.unwrap();
    assert_eq!(other_than(&before), ["deleted_lectures"]);
}
