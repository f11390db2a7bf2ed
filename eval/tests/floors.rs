//! What a bare machine finds and answers does not become worse unnoticed. The floors lie a little below what was measured last, which
//! `docs/evaluation.md` tells.

use std::path::Path;
use std::sync::Arc;

use synapscribe_domain::retrieval::Weights;
use synapscribe_engines::minilm::MiniLm;
use synapscribe_eval::answers::{self, Answered};
use synapscribe_eval::way::Way;
use synapscribe_eval::{retrieval, set, shelf};
use synapscribe_ports::{Embedder, Library};
use synapscribe_sql::Store;

#[tokio::test(flavor = "multi_thread")]
async fn the_question_set_is_found_and_answered_as_well_as_before() {
    let texts = set::load(&set::folder()).unwrap();
    let folder = std::env::var_os("SYNAPSCRIBE_MINILM_DIR").expect("the set-up fetches the model of meaning; run 'make test'");
    let embedder: Arc<dyn Embedder> = Arc::new(MiniLm::open(Path::new(&folder)).unwrap());
    let library: Arc<dyn Library> = Arc::new(Store::open_in_memory().await.unwrap());
    shelf::put(&library, &embedder, &texts).await.unwrap();
    let searched = retrieval::search(&*library, &*embedder, &texts).await.unwrap();
    let way = Way::Both(Weights::default());
    let found = retrieval::measure(&searched, way);
    let scratch = tempfile::tempdir().unwrap();
    let answered = answers::put(library, embedder, &texts, way, scratch.path(), false).await.unwrap();
    let figures = [
        ("books, the first passage", found.books.hit_1(), 0.68),
        ("books, the first five", found.books.hit_5(), 0.90),
        ("talks, the first five", found.talks.hit_5(), 0.71),
        ("the words of answers", answered.mean_f1(), 0.26),
        ("citations that hold the answer", Answered::share(answered.supported, answered.citations), 0.58),
        ("citations on the page they open", Answered::share(answered.standing, answered.opened), 0.98),
        ("pages opened that hold the answer", Answered::share(answered.on_page, answered.opened), 0.60),
        ("refusals of what no text holds", Answered::share(answered.refused, answered.unanswerable), 0.73),
    ];
    let short: Vec<_> = figures.iter().filter(|(_, figure, floor)| figure < floor).collect();
    assert!(short.is_empty(), "below their floors: {short:?}; all: {figures:?}");
}
