//! What a bare machine finds and answers does not become worse unnoticed, in a file and on a server. The floors lie a little below what
//! was measured last, which `docs/evaluation.md` tells.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use synapscribe_domain::retrieval::Weights;
use synapscribe_engines::minilm::MiniLm;
use synapscribe_eval::answers::{self, Answered};
use synapscribe_eval::citing::{self, Wording};
use synapscribe_eval::retrieval::Searched;
use synapscribe_eval::way::Way;
use synapscribe_eval::{retrieval, set, shelf};
use synapscribe_ports::{Embedder, Library, Schema as _};
use synapscribe_sql::{Address, PostgresLibrary, Store};
use synapscribe_stories::Postgres;

/// A server on a busy machine is waited for so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// For each of [`Way::all`] the least of hit@1, hit@5 and MRR, of the books and then of the talks.
type Floors = [[f64; 6]; 3];

const IN_A_FILE: Floors = [
    // Full text, vectors, fused.
    [0.46, 0.69, 0.56, 0.15, 0.36, 0.24],
    [0.69, 0.88, 0.77, 0.31, 0.70, 0.47],
    [0.68, 0.90, 0.77, 0.34, 0.69, 0.49],
];
/// The server weighs words in its own way.
const ON_A_SERVER: Floors = [
    // Full text, vectors, fused.
    [0.34, 0.60, 0.45, 0.12, 0.29, 0.19],
    [0.69, 0.88, 0.77, 0.31, 0.70, 0.47],
    [0.66, 0.88, 0.75, 0.30, 0.69, 0.46],
];

/// A figure, its name and its floor.
type Figure = (String, f64, f64);

fn embedder() -> Arc<dyn Embedder> {
    let folder = std::env::var_os("SYNAPSCRIBE_MINILM_DIR").expect("the set-up fetches the model of meaning; run 'make test'");
    Arc::new(MiniLm::open(Path::new(&folder)).unwrap())
}

/// What each way of searching finds.
fn found(searched: &[Searched<'_>], floors: Floors) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (way, floors) in Way::all().into_iter().zip(floors) {
        let both = retrieval::measure(searched, way);
        let measured = [("books", both.books), ("talks", both.talks)]
            .map(|(form, found)| [("hit@1", found.hit_1()), ("hit@5", found.hit_5()), ("MRR", found.mrr())].map(|f| (form, f)));
        for ((form, (name, figure)), floor) in measured.into_iter().flatten().zip(floors) {
            figures.push((format!("{}, {form}, {name}", way.name()), figure, floor));
        }
    }
    figures
}

fn hold(figures: &[Figure]) {
    let short: Vec<_> = figures.iter().filter(|(_, figure, floor)| figure < floor).collect();
    assert!(short.is_empty(), "below their floors: {short:?}; all: {figures:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_question_set_is_found_and_answered_as_well_as_before() {
    let texts = set::load(&set::folder()).unwrap();
    let embedder = embedder();
    let library: Arc<dyn Library> = Arc::new(Store::open_in_memory().await.unwrap());
    shelf::put(&library, &embedder, &texts).await.unwrap();
    let searched = retrieval::search(&*library, &*embedder, &texts).await.unwrap();
    let mut figures = found(&searched, IN_A_FILE);
    let (way, scratch) = (Way::Both(Weights::default()), tempfile::tempdir().unwrap());
    let cited = citing::check(&*library, &texts, Wording::Answer).await.unwrap();
    let answered = answers::put(library, embedder, &texts, way, scratch.path(), false).await.unwrap();
    let of_answers = [
        ("answers that hold the right one word for word", Answered::share(answered.exact, answered.answerable), 0.26),
        (
            "answers that begin with no wrong short one",
            1.0 - Answered::share(answered.briefs - answered.briefs_right, answered.answered),
            0.99,
        ),
        ("the words of answers", answered.mean_f1(), 0.28),
        ("citations that hold the answer", Answered::share(answered.supported, answered.citations), 0.64),
        ("sentences with the answer that are cited", Answered::share(answered.cited, answered.supports), 0.26),
        ("citations on the page they open", Answered::share(answered.standing, answered.opened), 0.98),
        ("pages opened that hold the answer", Answered::share(answered.on_page, answered.opened), 0.88),
        ("books, citations kept that hold what is claimed", Answered::share(cited.books.kept, cited.books.right), 0.95),
        ("books, citations dropped that do not", Answered::share(cited.books.dropped, cited.books.wrong), 0.88),
        ("talks, citations kept that hold what is claimed", Answered::share(cited.talks.kept, cited.talks.right), 0.75),
        ("talks, citations dropped that do not", Answered::share(cited.talks.dropped, cited.talks.wrong), 0.90),
        ("refusals of what no text holds", Answered::share(answered.refused, answered.unanswerable), 0.77),
    ];
    figures.extend(of_answers.map(|(name, figure, floor)| (name.to_owned(), figure, floor)));
    hold(&figures);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_finds_the_question_set_as_well_as_before() {
    let texts = set::load(&set::folder()).unwrap();
    let embedder = embedder();
    let address = Address::parse(&Postgres::shared().database().unwrap()).unwrap();
    let login = address.login().unwrap();
    let library = PostgresLibrary::at(address, Arc::new(login), PATIENCE);
    library.upgrade().await.unwrap();
    let library: Arc<dyn Library> = Arc::new(library);
    shelf::put(&library, &embedder, &texts).await.unwrap();
    let searched = retrieval::search(&*library, &*embedder, &texts).await.unwrap();
    hold(&found(&searched, ON_A_SERVER));
}
