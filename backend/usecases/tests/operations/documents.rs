//! Documents from a granted upload to cited answers, and to nothing left of them.

use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use synapscribe_domain::aim::Aim;
use synapscribe_domain::document::{Block, BlockKind, Document, DocumentState, FailedPage, OutlineEntry, ReadPage, Step};
use synapscribe_domain::keys::Place;
use synapscribe_domain::{
    About, Citation, Code, ConnectionId, DocumentId, LectureState, ObjectKey, Pages, Passage, PersonId, QueryId, Question,
    Session, Source, TurnEvent, TurnMachine, Visibility, WorkId,
};
use synapscribe_ports::fakes::{TORN, WordVectors};
use synapscribe_ports::{
    AgentEvent, AgentRequest, AnswerOrder, Documents, EmbedKind, Embedder as _, Job, Jobs, Lane, Library, Meaning, Notice,
    ObjectCreated, Objects, PageRead, Scope, Sessions,
};
use synapscribe_usecases::Indexing;
use synapscribe_usecases::request_upload::Wish;
use tokio_util::sync::CancellationToken;

use crate::world::{World, person, session_id};

const BOOK: &str = "# Tides\n\nThe moon pulls the water of the ocean.\n\n## Spring tides\n\nA spring tide is the highest tide.\u{c}\
    It comes twice a month, when the sun pulls along.\u{c}# Waves\n\nThe wind makes waves.";

impl World {
    /// Ada connects, and is told what happens to her documents.
    async fn arrives(&self, owner: &str) -> ConnectionId {
        self.connect(&format!("of-{owner}"), owner).await
    }

    fn order(&self, owner: &str, query: &str, about: About) -> AnswerOrder {
        AnswerOrder {
            person: person(owner),
            connection: ConnectionId::parse(format!("of-{owner}")).unwrap(),
            query: QueryId::parse(query).unwrap(),
            session: session_id("s"),
            about,
            question: Question::Text("What is a spring tide?".into()),
            playhead: None,
            page: None,
            speech: None,
            trace: None,
            here_only: false,
        }
    }

    /// A session about something with one spoken answer that quotes a source.
    async fn turn(&self, name: &str, owner: &PersonId, about: About, quoted: &Source) {
        let session = Session::begin(session_id(name), owner.clone(), about.clone(), self.now());
        self.sessions.add_session(&session).await.unwrap();
        let (query, question) = (QueryId::parse(name).unwrap(), Question::Text("why?".into()));
        let mut machine = TurnMachine::begin(query.clone(), session.id, about, self.now(), None, &question);
        let passage = self.library.passages(quoted).await.unwrap().remove(0);
        let cited = Citation::of(1, &passage, &passage.text, 1.0);
        for event in [TurnEvent::Retrieved, TurnEvent::Wrote("So.".into()), TurnEvent::Cited(cited), TurnEvent::Cancel] {
            machine.apply(event, 1).unwrap();
        }
        self.sessions.save_turn(machine.turn()).await.unwrap();
        self.put(&ObjectKey::response(owner, &query, "wav"), "an answer").await;
    }
}

/// A book that this person uploaded, with the first step called.
pub async fn uploaded(world: &World, owner: &str, content: &str) -> DocumentId {
    let bytes = content.len() as u64;
    let granted = world.granting().grant(&person(owner), Wish::Document, "Seas.txt", bytes).await.unwrap();
    let Notice::UploadUrl { key, .. } = granted else { panic!("{granted:?}") };
    let Place::Document(id) = key.place() else { panic!("{key}") };
    world.objects.put(&key, Bytes::copy_from_slice(content.as_bytes()), "text/plain").await.unwrap();
    world.making().arrived(&event(&key, bytes)).await.unwrap();
    id
}

fn event(key: &ObjectKey, bytes: u64) -> ObjectCreated {
    ObjectCreated { key: key.clone(), bytes, sequencer: "1".into() }
}

/// Does the steps that wait, as a worker does, and says which they were.
pub async fn work(world: &World) -> Vec<Step> {
    let mut done = Vec::new();
    while let Some(leased) = world.jobs.lease(Lane::Documents, world.now(), world.now().plus(60_000)).await.unwrap() {
        let Job::MakeDocument { document, step } = &leased.job else { panic!("{:?}", leased.job) };
        world.making().step(document, *step, leased.attempt == 4).await.unwrap();
        world.jobs.complete(leased.id).await.unwrap();
        done.push(*step);
    }
    done
}

/// How far a document is.
pub async fn state(world: &World, id: &DocumentId) -> DocumentState {
    world.library.document(id).await.unwrap().unwrap().state
}

/// A book that can be asked.
pub async fn made(world: &World, owner: &str, content: &str) -> DocumentId {
    let id = uploaded(world, owner, content).await;
    work(world).await;
    assert_eq!(state(world, &id).await, DocumentState::Ready);
    id
}

/// What is answered, and with which citations.
async fn ask(world: &World, scope: Scope, question: &str) -> (String, Vec<Citation>) {
    ask_on(world, scope, None, question).await
}

/// The same while a page is seen.
async fn ask_on(world: &World, scope: Scope, page: Option<u32>, question: &str) -> (String, Vec<Citation>) {
    let request = AgentRequest {
        work: WorkId::parse("w").unwrap(),
        session: session_id("s"),
        scope,
        question: Question::Text(question.into()),
        playhead: None,
        page,
        history: Vec::new(),
        speech: None,
        trace: None,
    };
    let events: Vec<AgentEvent> = world.asking().ask(request, CancellationToken::new()).collect().await;
    assert!(matches!(events.last(), Some(AgentEvent::Done(_))), "{events:?}");
    let mut told = (String::new(), Vec::new());
    for event in events {
        match event {
            AgentEvent::Wrote(text) => told.0.push_str(&text),
            AgentEvent::Cited(citation) => told.1.push(citation),
            _ => {}
        }
    }
    told
}

#[tokio::test]
async fn a_book_goes_through_every_step_and_its_answers_name_the_page() {
    let world = World::with_window(None);
    let line = world.arrives("ada").await;
    let id = uploaded(&world, "ada", BOOK).await;
    assert_eq!(work(&world).await, Step::ALL);
    let book = world.library.document(&id).await.unwrap().unwrap();
    assert_eq!((&book.state, book.pages, book.failed_pages), (&DocumentState::Ready, Some(3), 0));
    assert!(book.passages.is_some_and(|n| n >= 3) && book.tokens.is_some_and(|n| n > 10), "{book:?}");
    let outline = world.shelf().outline(&person("ada"), &id).await.unwrap();
    assert_eq!(
        outline.iter().map(|e| (e.title.as_str(), e.page)).collect::<Vec<_>>(),
        [("Tides", 1), ("Spring tides", 1), ("Waves", 3)]
    );
    let (answer, cited) = ask(&world, Scope::of(id.clone()), "What comes twice a month?").await;
    assert!(answer.contains("twice a month"), "{answer}");
    assert_eq!((&cited[0].source, cited[0].spot.pages().map(|p| (p.from <= 2, p.to))), (&Source::from(&id), Some((true, 2))));
    let told = world.listeners.told(&line);
    let progress: Vec<f32> =
        told.iter().filter_map(|n| if let Notice::DocumentProgress(d) = n { Some(d.state.progress()) } else { None }).collect();
    assert!(progress.len() >= 4 && progress.is_sorted(), "progress goes forward: {progress:?}");
    assert!(matches!(told.last(), Some(Notice::DocumentReady(d)) if d.id == id), "{told:?}");
}

#[tokio::test]
async fn a_question_about_the_page_that_is_seen_is_answered_from_it() {
    let world = World::with_window(None);
    let id = made(&world, "ada", BOOK).await;
    ask_on(&world, Scope::of(id.clone()), Some(3), "What does this page say?").await;
    ask_on(&world, Scope::of(id.clone()), Some(9), "Explain this page.").await;
    ask_on(&world, Scope::of(id), None, "What does this page say?").await;
    let asked = world.tutor.asked();
    assert_eq!((asked[0].aim, asked.len()), (Aim::Page, 2), "nothing stands on a page that is not there");
    assert!(asked[0].passages.iter().all(|one| one.passage.spot.pages().is_some_and(|pages| pages.to == 3)), "{asked:?}");
    assert_eq!(asked[1].aim, Aim::Subject);
}

#[tokio::test]
async fn of_a_long_book_too_the_page_that_is_seen_and_both_ends_are_told_in_their_own_words() {
    let world = World::with_window(None);
    let pages = (1..=2_001).map(|n| format!("# Bay {n}\n\nThe moon pulls the water of bay {n}."));
    let id = made(&world, "ada", &pages.collect::<Vec<_>>().join("\u{c}")).await;
    for (n, (question, expected)) in [
        ("What does this page say?", (Aim::Page, 300, 300)),
        ("Give me a summary.", (Aim::Overview, 1, 2_001)),
        ("How does it begin?", (Aim::Beginning, 1, 3)),
        ("How does it end?", (Aim::Ending, 1_999, 2_001)),
    ]
    .into_iter()
    .enumerate()
    {
        ask_on(&world, Scope::of(id.clone()), Some(300), question).await;
        let asked = world.tutor.asked().remove(n);
        let on: Vec<u32> = asked.passages.iter().filter_map(|one| one.passage.spot.pages()).map(|pages| pages.from).collect();
        assert!(on.is_sorted(), "{question} {on:?}");
        assert_eq!((asked.aim, on[0], on[on.len() - 1]), expected, "{question}");
    }
}

#[tokio::test]
async fn one_question_is_answered_from_the_lecture_and_the_book_together() {
    let world = World::with_window(None);
    let id = made(&world, "ada", "The neap tide is the lowest tide.").await;
    let talk = world.lecture("tides", "ada", LectureState::Ready, &["The spring tide is the highest tide."]).await;
    let said = world.library.passages(&(&talk.id).into()).await.unwrap();
    let texts: Vec<String> = said.iter().map(|passage| passage.text.clone()).collect();
    let vectors = world.vectors.embed(&texts, EmbedKind::Passage).await.unwrap();
    let meanings: Vec<Meaning> = vectors.into_iter().map(Meaning::from).collect();
    world.library.index(&(&talk.id).into(), &said, &world.vectors.space(), &meanings).await.unwrap();
    let foreign = made(&world, "bob", "The secret tide is a neap tide.").await;
    let both = Scope::Sources(vec![(&talk.id).into(), (&id).into()]);
    for (scope, question, source) in [
        (both.clone(), "What is the neap tide?", Source::from(&id)),
        (both, "What is the spring tide?", Source::from(&talk.id)),
        (Scope::VisibleTo(person("ada")), "What is the neap tide?", Source::from(&id)),
        (Scope::VisibleTo(person("bob")), "What is the neap tide?", Source::from(&foreign)),
    ] {
        let (_, cited) = ask(&world, scope.clone(), question).await;
        assert_eq!(cited[0].source, source, "{question} of {scope:?}");
    }
}

#[tokio::test]
async fn whatever_step_comes_again_the_document_is_the_same() {
    let world = World::new();
    let id = uploaded(&world, "ada", BOOK).await;
    let source = Source::from(&id);
    for step in Step::ALL {
        for _ in 0..2 {
            world.making().step(&id, step, false).await.unwrap();
        }
        // Those before it come late, after a crash.
        for earlier in Step::ALL.into_iter().filter(|earlier| *earlier < step) {
            world.making().step(&id, earlier, false).await.unwrap();
        }
    }
    assert_eq!(state(&world, &id).await, DocumentState::Ready);
    let passages = world.library.passages(&source).await.unwrap();
    assert_eq!(world.library.stale(Some("words, by sentences"), None).await.unwrap(), None, "every passage has its vector");
    let key = world.library.document(&id).await.unwrap().unwrap().key;
    world.making().arrived(&event(&key, 9)).await.unwrap();
    work(&world).await;
    assert_eq!((state(&world, &id).await, world.library.passages(&source).await.unwrap()), (DocumentState::Ready, passages));
}

/// Everything that there is of a document.
async fn whole(world: &World, id: &DocumentId) -> (Document, Vec<PageRead>, Vec<OutlineEntry>, Vec<Passage>, bool) {
    let (space, record) = ("words, by sentences", world.library.document(id).await.unwrap().unwrap());
    let pages = world.library.pages(id, Pages::new(1, 99)).await.unwrap();
    let outline = world.library.outline(id).await.unwrap();
    let has_vectors = world.library.stale(Some(space), None).await.unwrap().is_none();
    assert_eq!(world.library.aside(id, space).await.unwrap(), Vec::<u32>::new(), "nothing is left beside it");
    (record, pages, outline, world.library.passages(&id.into()).await.unwrap(), has_vectors)
}

#[tokio::test]
async fn wherever_a_step_is_cut_off_between_its_writes_the_document_is_the_same() {
    // More pages than are stored at once, and more passages than are embedded at once.
    let content =
        (0..40).map(|n| format!("# Tide {n}\n\nThe moon pulls the water of bay {n}.")).collect::<Vec<_>>().join("\u{c}");
    let uncut = World::new();
    let id = made(&uncut, "ada", &content).await;
    let expected = whole(&uncut, &id).await;
    assert!(expected.3.len() > 32 && expected.4, "{} passages", expected.3.len());
    for step in Step::ALL {
        let mut writes = 0;
        loop {
            let world = World::new();
            let id = uploaded(&world, "ada", &content).await;
            for earlier in Step::ALL.into_iter().filter(|earlier| *earlier < step) {
                world.making().step(&id, earlier, false).await.unwrap();
            }
            world.library.end_after(Some(writes));
            let cut = world.making().step(&id, step, false).await.is_err();
            world.library.end_after(None);
            for later in Step::ALL.into_iter().filter(|later| *later >= step) {
                world.making().step(&id, later, false).await.unwrap();
            }
            assert!(whole(&world, &id).await == expected, "{} cut off after {writes} writes", step.name());
            if !cut {
                break;
            }
            writes += 1;
        }
        assert!(writes > 2, "{} writes {writes} times", step.name());
    }
}

#[tokio::test]
async fn reading_goes_on_behind_the_pages_that_are_stored() {
    let world = World::new();
    let id = uploaded(&world, "ada", BOOK).await;
    let blocks = vec![Block { kind: BlockKind::Paragraph, text: "Read before the crash.".into(), area: None, lines: Vec::new() }];
    let stored = Ok(ReadPage { number: 1, blocks, ..ReadPage::default() });
    world.library.save_pages(&id, std::slice::from_ref(&stored)).await.unwrap();
    work(&world).await;
    let pages = world.library.pages(&id, Pages::new(1, 9)).await.unwrap();
    assert_eq!((pages.len(), &pages[0]), (3, &stored), "what was read is not read again");
    let passages = world.library.passages(&(&id).into()).await.unwrap();
    assert!(passages[0].text.starts_with("Read before the crash."), "{passages:?}");
}

#[tokio::test]
async fn a_page_that_cannot_be_read_is_marked_and_the_others_are_kept() {
    let world = World::new();
    let id = made(&world, "ada", &BOOK.replace("It comes", TORN)).await;
    let book = world.shelf().document(&person("ada"), &id).await.unwrap();
    assert_eq!((book.pages, book.failed_pages), (Some(3), 1));
    assert!(book.notes[0].starts_with("page 2 could not be read: "), "{:?}", book.notes);
    let (_, failed) = world.shelf().status(&person("ada"), &id).await.unwrap();
    assert!(matches!(failed.as_slice(), [FailedPage { number: 2, .. }]), "{failed:?}");
    let pages = world.shelf().pages(&person("ada"), &id, Pages::new(1, 9)).await.unwrap();
    assert_eq!(pages.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
}

#[tokio::test]
async fn what_cannot_be_used_says_why_and_is_left_so() {
    let world = World::new();
    let line = world.arrives("ada").await;
    let noise = "\u{0}\u{0}";
    for (content, code) in [(noise, Code::DocumentUnsupported), (" ", Code::DocumentEmpty), (TORN, Code::DocumentCorrupt)] {
        let id = uploaded(&world, "ada", content).await;
        work(&world).await;
        let DocumentState::Failed { failure } = state(&world, &id).await else { panic!("{content:?} was used") };
        assert_eq!(failure.code, code, "{content:?}: {failure}");
        assert!(matches!(world.listeners.told(&line).last(), Some(Notice::DocumentFailed(d)) if d.id == id));
        let order = world.order("ada", "q", (&id).into());
        assert_eq!(world.conversing().accept(order).await.unwrap_err().code, code, "asking says the same");
    }
}

#[tokio::test]
async fn a_document_is_asked_by_its_words_before_its_vectors_are_there() {
    let world = World::with_window(None);
    let id = uploaded(&world, "ada", BOOK).await;
    let order = || world.order("ada", "q", (&id).into());
    assert_eq!(world.conversing().accept(order()).await.unwrap_err().code, Code::DocumentNotReady);
    for step in [Step::Extract, Step::Chunk] {
        world.making().step(&id, step, false).await.unwrap();
    }
    world.vectors.break_down();
    world.conversing().accept(order()).await.unwrap();
    assert!(ask(&world, Scope::of(id.clone()), "What is a spring tide?").await.0.contains("highest"));
    // The engine stays away: the last attempt lets the document be ready without it, and says so.
    assert!(world.making().step(&id, Step::Embed, false).await.is_err(), "it is tried again");
    world.making().step(&id, Step::Embed, true).await.unwrap();
    world.making().step(&id, Step::Store, false).await.unwrap();
    let book = world.library.document(&id).await.unwrap().unwrap();
    assert_eq!(book.state, DocumentState::Ready);
    assert!(book.notes.iter().any(|note| note.starts_with("search by meaning is off")), "{:?}", book.notes);
    assert_eq!(
        world.library.stale(Some("words, by sentences"), None).await.unwrap(),
        Some((&id).into()),
        "it is renewed when the engine is back"
    );
}

#[tokio::test]
async fn a_document_is_ready_without_vectors_where_no_attempt_would_bring_them() {
    let world = World::with_window(None);
    let id = uploaded(&world, "ada", BOOK).await;
    world.vectors.take_away();
    work(&world).await;
    let book = world.library.document(&id).await.unwrap().unwrap();
    assert_eq!((&book.state, book.notes.len()), (&DocumentState::Ready, 1), "{:?}", book.notes);
    assert!(ask(&world, Scope::of(id.clone()), "What is a spring tide?").await.0.contains("highest"));
    let there = Indexing { embedder: Some(Arc::new(WordVectors::default())), ..world.indexing() };
    there.renew_all(&CancellationToken::new()).await.unwrap();
    assert_eq!(
        world.library.document(&id).await.unwrap().unwrap().notes,
        [""; 0],
        "once they are there, it is not said any more"
    );
}

#[tokio::test]
async fn other_people_s_documents_do_not_exist() {
    let world = World::new();
    let id = made(&world, "ada", BOOK).await;
    let (eve, shelf, none) = (person("eve"), world.shelf(), DocumentId::parse("none").unwrap());
    assert_eq!(shelf.documents(&eve).await.unwrap(), []);
    for id in [&id, &none] {
        let told = [
            shelf.document(&eve, id).await.err(),
            shelf.outline(&eve, id).await.err(),
            shelf.pages(&eve, id, Pages::one(1)).await.err(),
            shelf.status(&eve, id).await.err(),
            shelf.figures(&eve, id).await.err(),
            shelf.picture(&eve, id, 1, None, 100).await.err(),
            shelf.file_url(&eve, id).await.err(),
            shelf.rename(&eve, id, "mine").await.err(),
            shelf.delete(&eve, id).await.err(),
            world.conversing().accept(world.order("eve", "q", id.into())).await.err(),
        ];
        for (n, told) in told.into_iter().enumerate() {
            assert_eq!(told.map(|failure| failure.code), Some(Code::NotFound), "{n}");
        }
    }
    assert_eq!(shelf.rename(&person("ada"), &id, " The\n seas ").await.unwrap().title, "The seas");
    assert!(shelf.file_url(&person("ada"), &id).await.unwrap().contains("documents/ada/"));
}

#[tokio::test]
async fn deleting_leaves_nothing_and_ends_the_work() {
    let world = World::with_window(None);
    let line = world.arrives("ada").await;
    let (id, half) = (made(&world, "ada", BOOK).await, uploaded(&world, "ada", BOOK).await);
    let stays = made(&world, "ada", "The neap tide is low.").await;
    let ada = person("ada");
    // A session about it, and one about everything that quotes it, each with a spoken answer.
    for (name, about) in [("about", About::from(Source::from(&id))), ("quotes", About::Everything), ("other", About::Everything)]
    {
        let source = if name == "other" { &stays } else { &id };
        world.turn(name, &ada, about, &Source::from(source)).await;
    }
    world.shelf().delete(&ada, &id).await.unwrap();
    world.making().step(&half, Step::Extract, false).await.unwrap();
    world.shelf().delete(&ada, &half).await.unwrap();
    for gone in [&id, &half] {
        let source = Source::from(gone);
        assert_eq!(world.library.document(gone).await.unwrap(), None);
        assert_eq!(world.library.passages(&source).await.unwrap(), []);
        assert_eq!(world.library.pages(gone, Pages::new(1, 99)).await.unwrap(), []);
        assert_eq!(world.objects.list(&format!("documents/ada/{gone}/")).await.unwrap(), []);
        // A worker, or an upload, that comes late brings nothing back.
        for step in Step::ALL {
            world.making().step(gone, step, true).await.unwrap();
        }
        let key = ObjectKey::document(&ada, gone, "Seas.txt");
        world.objects.put(&key, Bytes::from_static(b"late"), "text/plain").await.unwrap();
        world.making().arrived(&event(&key, 4)).await.unwrap();
        assert_eq!(world.objects.list(&format!("documents/ada/{gone}/")).await.unwrap(), []);
    }
    let left: Vec<_> = world.sessions.sessions(&ada, None, world.now()).await.unwrap().into_iter().map(|s| s.id).collect();
    assert_eq!(left, [session_id("other")], "what quoted it is gone");
    assert_eq!(world.objects.list("responses/ada/").await.unwrap().len(), 1, "and so is what was spoken");
    assert_eq!(
        ask(&world, Scope::VisibleTo(ada), "What is a spring tide?")
            .await
            .1
            .iter()
            .filter(|c| c.source != Source::from(&stays))
            .count(),
        0
    );
    assert!(world.listeners.told(&line).contains(&Notice::DocumentDeleted(id)));
}

#[tokio::test]
async fn what_others_were_answered_from_a_book_that_is_deleted_is_withheld_and_kept_no_longer() {
    let world = World::with_window(None);
    let (book, stays) = (made(&world, "ada", BOOK).await, made(&world, "bob", "The neap tide is low.").await);
    world.library.change_document(&book, &|d| d.visibility = Visibility::Public).await.unwrap();
    let bob = person("bob");
    for (name, quoted) in [("quotes", &book), ("other", &stays)] {
        world.turn(name, &bob, About::Everything, &Source::from(quoted)).await;
    }
    let read = async |name: &str| world.reading().session(&bob, &session_id(name)).await.unwrap().1.remove(0);
    assert_eq!(read("quotes").await.citations.len(), 1, "as long as it is there it is quoted");

    world.shelf().delete(&person("ada"), &book).await.unwrap();
    let withheld = read("quotes").await;
    assert_eq!((withheld.question.as_str(), withheld.answer.as_str(), withheld.citations.len()), ("why?", "", 0));
    assert_eq!(withheld.failure.as_ref().map(|failure| failure.code), Some(Code::NotFound), "it says why");
    assert_eq!(world.turns("quotes").await, [withheld], "and it is not kept either");
    assert_eq!(read("other").await.answer, "So.");
    let spoken = world.objects.list("responses/bob/").await.unwrap();
    assert_eq!(spoken.len(), 1, "nor what was spoken from it");
}
