//! How everything that keeps documents behaves, together with the library that keeps their passages. It knows nothing of how a
//! file is read.

use synapscribe_domain::document::{Block, BlockKind, Document, DocumentKind, DocumentState, FailedPage, OutlineEntry, ReadPage};
use synapscribe_domain::{
    Code, DocumentId, Failure, Lecture, LectureId, LectureState, Mark, ObjectKey, Pages, Passage, PassageId, PersonId, Source,
    Span, Spot, Timestamp, Visibility,
};

use crate::documents::Documents;
use crate::embedder::Meaning;
use crate::library::{Library, Scope};
use crate::reader::PageRead;
use crate::world::{Ids, StoreError, UuidIds};

/// Runs every check; both are ends of one store.
pub async fn suite(documents: &dyn Documents, library: &dyn Library) {
    a_document_is_added_once_and_changed(documents).await;
    a_document_and_a_lecture_never_share_a_name(documents, library).await;
    people_see_public_documents_and_their_own_newest_first(documents, library).await;
    documents_whose_file_never_came_are_found(documents).await;
    pages_are_kept_and_counted_up_to_the_first_gap(documents).await;
    an_outline_is_kept_and_replaced(documents).await;
    vectors_are_set_aside_until_they_are_indexed(documents, library).await;
    the_passages_of_a_page_are_those_that_stand_on_it(documents, library).await;
    one_search_finds_lectures_and_documents(documents, library).await;
    only_the_sources_that_are_named_are_searched(documents, library).await;
    a_document_without_vectors_is_behind(documents, library).await;
    a_deleted_document_leaves_no_trace(documents, library).await;
}

async fn a_document_is_added_once_and_changed(documents: &dyn Documents) {
    let one = document(&person(), 5);
    assert_eq!(documents.document(&one.id).await.unwrap(), None, "a document nobody added");
    let early = documents.change_document(&one.id, &|d| d.title = "too early".into()).await;
    assert!(matches!(early, Err(StoreError::Gone)), "what is not there cannot be changed: {early:?}");
    documents.add_document(&one).await.unwrap();
    assert_eq!(documents.document(&one.id).await.unwrap().as_ref(), Some(&one), "it reads as it was added");
    let again = documents.add_document(&Document { title: "another".into(), ..one.clone() }).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "a document is added once: {again:?}");
    let changed = documents.change_document(&one.id, &|d| {
        d.state = DocumentState::Extracting { done: 3, total: 9 };
        d.title = "Zwölf “quoted” \u{0} titles 🎓".into();
        (d.kind, d.pages, d.passages) = (Some(DocumentKind::Epub), Some(9), Some(4));
    });
    let changed = changed.await.unwrap();
    assert_eq!(documents.document(&one.id).await.unwrap().as_ref(), Some(&changed), "and stands");
    let more = |d: &mut Document| d.failed_pages += 1;
    for changed in futures::future::join_all((0..12).map(|_| documents.change_document(&one.id, &more))).await {
        changed.unwrap();
    }
    assert_eq!(documents.document(&one.id).await.unwrap().unwrap().failed_pages, 12, "one change was lost under another");
}

async fn a_document_and_a_lecture_never_share_a_name(documents: &dyn Documents, library: &dyn Library) {
    let (owner, name) = (person(), fresh());
    let book = Document { id: DocumentId::parse(name.clone()).unwrap(), ..document(&owner, 1) };
    let talk = lecture(&owner, &name);
    documents.add_document(&book).await.unwrap();
    let second = library.add_lecture(&talk).await;
    assert!(matches!(second, Err(StoreError::Conflict)), "{second:?}");
    assert_eq!(library.lecture(&talk.id).await.unwrap(), None, "a document is no lecture");
    library.delete_lecture(&talk.id).await.unwrap();
    assert_eq!(documents.document(&book.id).await.unwrap().as_ref(), Some(&book), "and is not deleted as one");
    assert_eq!(library.lectures(&owner).await.unwrap().iter().filter(|l| l.owner == owner).count(), 0);
    documents.delete_document(&book.id).await.unwrap();
    let after = library.add_lecture(&talk).await;
    assert!(matches!(after, Err(StoreError::Gone)), "the name was used: {after:?}");
}

async fn people_see_public_documents_and_their_own_newest_first(documents: &dyn Documents, library: &dyn Library) {
    let (ada, bob) = (person(), person());
    let (private, mut public, older) = (document(&ada, 20), document(&ada, 30), document(&bob, 10));
    public.visibility = Visibility::Public;
    for one in [&private, &public, &older] {
        documents.add_document(one).await.unwrap();
    }
    let all = [&private, &public, &older].map(|d| d.id.clone());
    let seen = async |who: &PersonId| -> Vec<DocumentId> {
        let listed = documents.documents(who).await.unwrap();
        listed.into_iter().map(|d| d.id).filter(|id| all.contains(id)).collect()
    };
    assert_eq!(seen(&ada).await, [public.id.clone(), private.id.clone()], "newest first");
    assert_eq!(seen(&bob).await, [public.id.clone(), older.id.clone()], "other people's private documents stay hidden");
    documents.change_document(&private.id, &|d| d.visibility = Visibility::Public).await.unwrap();
    assert_eq!(seen(&bob).await.len(), 3, "a document made public appears");
    assert!(library.lectures(&ada).await.unwrap().iter().all(|l| l.owner != ada), "documents are no lectures");
}

async fn documents_whose_file_never_came_are_found(documents: &dyn Documents) {
    let owner = person();
    let granted = [10, 20, 21].map(|created| document(&owner, created));
    let arrived = Document { state: DocumentState::Chunking, ..document(&owner, 10) };
    for one in granted.iter().chain([&arrived]) {
        documents.add_document(one).await.unwrap();
    }
    let found = documents.abandoned_documents(Timestamp(20)).await.unwrap();
    let theirs: Vec<_> = found.into_iter().filter(|d| d.owner == owner).collect();
    assert_eq!(theirs, granted[..2], "those granted by then and still without a file, oldest first");
}

async fn pages_are_kept_and_counted_up_to_the_first_gap(documents: &dyn Documents) {
    let (id, other) = (saved(documents, &person()).await, saved(documents, &person()).await);
    assert_eq!((documents.pages_read(&id).await.unwrap(), documents.failed_pages(&id).await.unwrap().len()), (0, 0));
    let torn = FailedPage { number: 2, failure: Failure::new(Code::PageUnreadable, "torn “\u{0}” 🎓") };
    let first: [PageRead; 2] = [Ok(page(1, "one \u{0} “”")), Err(torn.clone())];
    documents.save_pages(&id, &first).await.unwrap();
    documents.save_pages(&id, &[Ok(page(4, "four"))]).await.unwrap();
    assert_eq!(documents.pages_read(&id).await.unwrap(), 2, "page 3 is missing");
    documents.save_pages(&id, &[Ok(page(3, "three")), Ok(page(4, "four again"))]).await.unwrap();
    assert_eq!(documents.pages_read(&id).await.unwrap(), 4);
    assert_eq!(documents.failed_pages(&id).await.unwrap(), std::slice::from_ref(&torn));
    let all = documents.pages(&id, Pages::new(1, u32::MAX)).await.unwrap();
    assert_eq!(all, [first[0].clone(), Err(torn), Ok(page(3, "three")), Ok(page(4, "four again"))]);
    assert_eq!(documents.pages(&id, Pages::new(2, 3)).await.unwrap(), all[1..3]);
    documents.save_pages(&id, &[Ok(page(2, "two"))]).await.unwrap();
    assert_eq!(documents.failed_pages(&id).await.unwrap(), [], "a page that was read after all");
    documents.save_pages(&id, &[]).await.unwrap();
    assert_eq!(documents.pages(&other, Pages::new(1, 9)).await.unwrap(), [], "pages belong to one document");
}

async fn an_outline_is_kept_and_replaced(documents: &dyn Documents) {
    let id = saved(documents, &person()).await;
    assert_eq!(documents.outline(&id).await.unwrap(), []);
    for titles in [vec!["Tides", "Waves \u{0} “”"], vec!["Wind"], vec![]] {
        let entry = |(n, title): (usize, &&str)| OutlineEntry { level: 1, title: (*title).into(), page: n as u32 + 1 };
        let outline: Vec<OutlineEntry> = titles.iter().enumerate().map(entry).collect();
        documents.save_outline(&id, &outline).await.unwrap();
        assert_eq!(documents.outline(&id).await.unwrap(), outline);
    }
}

async fn vectors_are_set_aside_until_they_are_indexed(documents: &dyn Documents, library: &dyn Library) {
    let (id, other) = (saved(documents, &person()).await, saved(documents, &person()).await);
    let (source, aside) = (Source::from(&id), async |id: &DocumentId| documents.aside(id, "space").await.unwrap());
    assert!(aside(&id).await.is_empty());
    let passages = [0u32, 1, 2].map(|n| Passage { id: PassageId::of(&id, n as usize), index: n, ..printed(&id, "quokka") });
    let parted = Meaning { whole: vec![0.0, -1.0], parts: vec![vec![0.5, 0.5], vec![-1.0, 0.25]] };
    let (first, second): ([Meaning; 2], [Meaning; 1]) = ([vec![1.0, 0.5].into(), parted], [vec![0.25, 0.0].into()]);
    library.index(&source, &passages[..1], "", &[]).await.unwrap();
    documents.set_aside(&id, "space", 2, &second).await.unwrap();
    assert!(!library.index_aside(&id, &passages, "space").await.unwrap(), "those of the first two are missing");
    documents.set_aside(&id, "space", 0, &first).await.unwrap();
    documents.set_aside(&id, "space", 0, &first).await.unwrap();
    assert_eq!(aside(&id).await, [0u32, 2], "in order, each once");
    assert!(documents.aside(&id, "another").await.unwrap().is_empty(), "vectors of another model are of no use");
    assert!(!library.index_aside(&id, &passages, "another").await.unwrap());
    assert!(!library.index_aside(&id, &passages[..1], "space").await.unwrap(), "they are those of two passages");
    assert!(aside(&other).await.is_empty());
    assert_eq!(library.passages(&source).await.unwrap(), passages[..1], "nothing was replaced so far");
    assert!(library.index_aside(&id, &passages, "space").await.unwrap());
    assert_eq!(library.passages(&source).await.unwrap(), passages);
    for (index, vector, parts) in [(1, [0.0, -1.0], 2), (2, [1.0, 0.0], 0)] {
        let near = library.search(&Scope::of(source.clone()), &[], Some(("space", &vector)), 9).await.unwrap();
        let nearest = near.iter().max_by(|a, b| a.similarity.unwrap().total_cmp(&b.similarity.unwrap())).unwrap();
        assert_eq!((nearest.passage.index, nearest.parts.len()), (index, parts), "each passage has its own vectors");
    }
    documents.clear_aside(&id).await.unwrap();
    assert!(aside(&id).await.is_empty());
}

async fn one_search_finds_lectures_and_documents(documents: &dyn Documents, library: &dyn Library) {
    let (ada, bob) = (person(), person());
    let (word, model) = (fresh().replace(char::is_numeric, "x"), fresh());
    let (talk, book) = both(documents, library, &ada, &word, &model).await;
    let scope = Scope::VisibleTo(ada);
    let found = library.search(&scope, std::slice::from_ref(&word), Some((&model, &[0.0, 1.0])), 9).await.unwrap();
    let mut sources: Vec<&Source> = found.iter().map(|c| &c.passage.source).collect();
    sources.sort();
    assert_eq!(sources, [&talk, &book]);
    let cited = found.iter().find(|c| c.passage.source == book).unwrap();
    assert_eq!((cited.passage.spot, cited.passage.heading.as_str()), (Spot::Printed(Pages::new(3, 4)), "Seas › Tides"));
    let marks = printed(book.document().unwrap(), "").marks;
    assert_eq!(cited.passage.marks, marks, "it knows which of its words are on which page");
    assert!(cited.text_score.is_some() && cited.similarity.is_some_and(|s| s > 0.99), "{cited:?}");
    let by_heading = library.search(&scope, &["seas".into(), word.clone()], None, 9).await.unwrap();
    let best = by_heading.iter().max_by(|a, b| a.text_score.unwrap().total_cmp(&b.text_score.unwrap())).unwrap();
    assert_eq!(best.passage.source, book, "the words of its headings count as well");
    let hidden = library.search(&Scope::VisibleTo(bob), &[word], Some((&model, &[0.0, 1.0])), 9).await.unwrap();
    assert_eq!(hidden, [], "another person's document is never found");
}

async fn only_the_sources_that_are_named_are_searched(documents: &dyn Documents, library: &dyn Library) {
    let (ada, word, model) = (person(), fresh().replace(char::is_numeric, "x"), fresh());
    let (talk, book) = both(documents, library, &ada, &word, &model).await;
    let (_, other) = both(documents, library, &ada, &word, &model).await;
    for named in [vec![book.clone()], vec![talk.clone(), book.clone()], vec![book.clone(), book, other.clone(), talk], vec![]] {
        let scope = Scope::Sources(named.clone());
        let mut wanted = named;
        wanted.sort();
        wanted.dedup();
        for (words, vector) in [(vec![word.clone()], None), (Vec::new(), Some((model.as_str(), [0.0, 1.0].as_slice())))] {
            let found = library.search(&scope, &words, vector, 9).await.unwrap();
            let mut sources: Vec<Source> = found.into_iter().map(|c| c.passage.source).collect();
            sources.sort();
            assert_eq!(sources, wanted, "each has one passage that fits");
        }
    }
    assert_eq!(library.search(&Scope::of(other), &[word], None, 9).await.unwrap().len(), 1);
}

async fn a_document_without_vectors_is_behind(documents: &dyn Documents, library: &dyn Library) {
    let id = saved(documents, &person()).await;
    let source = Source::from(&id);
    let behind = async |model: &str| {
        let mut last = None;
        while let Some(next) = library.stale(Some(model), last.as_ref()).await.unwrap() {
            if next == source {
                return true;
            }
            last = Some(next);
        }
        false
    };
    library.index(&source, &[printed(&id, "quokka")], "old", &[vec![0.0, 1.0].into()]).await.unwrap();
    assert!(!behind("new").await, "what is still being made is not behind");
    documents.change_document(&id, &|d| d.state = DocumentState::Ready).await.unwrap();
    assert!(behind("new").await && !behind("old").await);
}

async fn a_deleted_document_leaves_no_trace(documents: &dyn Documents, library: &dyn Library) {
    let owner = person();
    let one = document(&owner, 1);
    documents.add_document(&one).await.unwrap();
    let (id, source, stays) = (one.id.clone(), Source::from(&one.id), saved(documents, &owner).await);
    for id in [&id, &stays] {
        documents.save_pages(id, &[Ok(page(1, "quokka"))]).await.unwrap();
        documents.save_outline(id, &[OutlineEntry { level: 1, title: "quokka".into(), page: 1 }]).await.unwrap();
        documents.set_aside(id, "space", 0, &[vec![0.0, 1.0].into()]).await.unwrap();
        library.index(&id.into(), &[printed(id, "quokka")], "space", &[vec![0.0, 1.0].into()]).await.unwrap();
    }
    documents.delete_document(&id).await.unwrap();
    documents.delete_document(&id).await.unwrap();
    // A worker that does not know of the deletion is told of it, and brings nothing back.
    let told = [
        documents.add_document(&one).await,
        documents.change_document(&id, &|d| d.state = DocumentState::Ready).await.map(drop),
        documents.save_pages(&id, &[Ok(page(1, "quokka"))]).await,
        documents.save_outline(&id, &[]).await,
        documents.set_aside(&id, "space", 0, &[vec![0.0, 1.0].into()]).await,
        library.index(&source, &[printed(&id, "quokka")], "space", &[vec![0.0, 1.0].into()]).await,
        library.index_aside(&id, &[printed(&id, "quokka")], "space").await.map(drop),
    ];
    for (n, told) in told.into_iter().enumerate() {
        assert!(matches!(told, Err(StoreError::Gone)), "step {n}: {told:?}");
    }
    assert_eq!(documents.document(&id).await.unwrap(), None);
    assert_eq!(documents.pages(&id, Pages::new(1, 9)).await.unwrap(), []);
    assert_eq!((documents.pages_read(&id).await.unwrap(), documents.outline(&id).await.unwrap()), (0, Vec::new()));
    assert!(documents.aside(&id, "space").await.unwrap().is_empty());
    assert_eq!(library.passages(&source).await.unwrap(), []);
    let words = ["quokka".to_owned()];
    assert_eq!(library.search(&Scope::of(source), &words, Some(("space", &[0.0, 1.0])), 9).await.unwrap(), []);
    let left = library.search(&Scope::VisibleTo(owner), &words, Some(("space", &[0.0, 1.0])), 9).await.unwrap();
    assert!(left.iter().all(|c| c.passage.source != Source::from(&id)) && !left.is_empty(), "others stay: {left:?}");
    assert_eq!(documents.outline(&stays).await.unwrap().len(), 1);
}

async fn the_passages_of_a_page_are_those_that_stand_on_it(documents: &dyn Documents, library: &dyn Library) {
    let (id, other) = (saved(documents, &person()).await, saved(documents, &person()).await);
    for id in [&id, &other] {
        let on = |(n, (from, to)): (usize, (u32, u32))| Passage {
            id: PassageId::of(id, n),
            index: n as u32,
            spot: Spot::Printed(Pages::new(from, to)),
            marks: Vec::new(),
            ..printed(id, "quokka")
        };
        let passages: Vec<Passage> = [(1, 1), (1, 3), (3, 3), (4, 9)].into_iter().enumerate().map(on).collect();
        library.index(&id.into(), &passages, "", &[]).await.unwrap();
    }
    let all = library.passages(&Source::from(&id)).await.unwrap();
    for (page, expected) in [(1, &all[..2]), (2, &all[1..2]), (3, &all[1..3]), (9, &all[3..]), (10, &all[..0]), (0, &all[..0])] {
        assert_eq!(library.passages_on(&id, page).await.unwrap(), expected, "page {page}");
    }
    assert_eq!(library.passages_on(&document(&person(), 1).id, 1).await.unwrap(), []);
}

/// A lecture and a document of one person, each with one passage that holds a word.
async fn both(documents: &dyn Documents, library: &dyn Library, owner: &PersonId, word: &str, model: &str) -> (Source, Source) {
    let talk = lecture(owner, &fresh());
    library.add_lecture(&talk).await.unwrap();
    let said = Passage::said(&talk.id, 0, Span::default(), format!("{word} was said"));
    let (talk, vector) = (Source::from(&talk.id), [vec![0.0, 1.0].into()]);
    library.index(&talk, &[said], model, &vector).await.unwrap();
    let book = saved(documents, owner).await;
    let passage = printed(&book, &format!("{word} was printed"));
    let book = Source::from(&book);
    library.index(&book, std::slice::from_ref(&passage), model, &vector).await.unwrap();
    assert_eq!(library.passages(&book).await.unwrap(), [passage], "a passage reads as it was indexed");
    (talk, book)
}

fn fresh() -> String {
    UuidIds.fresh()
}

fn person() -> PersonId {
    PersonId::parse(fresh()).unwrap()
}

fn document(owner: &PersonId, created: i64) -> Document {
    let id = DocumentId::parse(fresh()).unwrap();
    let key = ObjectKey::document(owner, &id, "book.pdf");
    Document::granted(id, owner.clone(), key, "A book".into(), Timestamp(created))
}

fn lecture(owner: &PersonId, name: &str) -> Lecture {
    let id = LectureId::parse(name).unwrap();
    let key = ObjectKey::lecture(owner, &id, "lecture.mp3");
    let (title, state, created) = ("A lecture".into(), LectureState::Ready, Timestamp(1));
    let (owner, visibility) = (owner.clone(), Visibility::Private);
    Lecture { id, owner, visibility, title, key, state, media: None, tokens: None, created }
}

async fn saved(documents: &dyn Documents, owner: &PersonId) -> DocumentId {
    let document = document(owner, 1);
    documents.add_document(&document).await.unwrap();
    document.id
}

fn page(number: u32, text: &str) -> ReadPage {
    let blocks = vec![Block { kind: BlockKind::Paragraph, text: text.into(), area: None, lines: Vec::new() }];
    ReadPage { number, label: Some("xii".into()), blocks, figures: Vec::new(), recognised: true }
}

fn printed(document: &DocumentId, text: &str) -> Passage {
    Passage {
        id: PassageId::of(document, 0),
        source: document.into(),
        index: 0,
        spot: Spot::Printed(Pages::new(3, 4)),
        heading: "Seas › Tides".into(),
        text: text.into(),
        marks: [(0, 3), (5, 4)].map(|(at, page)| Mark { at, spot: Spot::Printed(Pages::one(page)) }).to_vec(),
    }
}
