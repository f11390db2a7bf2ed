//! `synapscribe-eval` prints how well the question set is found and answered, in a file and on a server; `hear` speaks and
//! recognises the talks that were not heard yet; `--show` prints every answer, and
//! `--file` leaves the server out. `learn` prints what there is to learn the tutor's weights from, for `eval/learn.py`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use synapscribe_domain::retrieval::Weights;
use synapscribe_engines::config::{EngineSettings, build};
use synapscribe_engines::minilm::MiniLm;
use synapscribe_eval::citing::Wording;
use synapscribe_eval::report::{self, Line};
use synapscribe_eval::set::{self, Text};
use synapscribe_eval::way::Way;
use synapscribe_eval::{answers, citing, heard, lessons, retrieval, shelf};
use synapscribe_ports::{Embedder, Library, Schema as _};
use synapscribe_sql::{Address, PostgresLibrary, Store};
use synapscribe_stories::{Postgres, Version};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = set::folder();
    if arguments.iter().any(|argument| argument == "hear") {
        return heard::hear(&folder, build(&EngineSettings::default())?.transcriber).await;
    }
    let show = arguments.iter().any(|argument| argument == "--show");
    let texts = set::load(&folder)?;
    let model = std::env::var_os("SYNAPSCRIBE_MINILM_DIR").context("the set-up fetches the model of meaning; run 'make eval'")?;
    let embedder: Arc<dyn Embedder> = Arc::new(MiniLm::open(Path::new(&model))?);
    if arguments.iter().any(|argument| argument == "learn") {
        let store: Arc<dyn Library> = Arc::new(Store::open_in_memory().await?);
        return lessons::tell(&store, &embedder, texts).await;
    }
    println!("{}\n", report::size(&texts));

    let mut lines = Vec::new();
    let store: Arc<dyn Library> = Arc::new(Store::open_in_memory().await?);
    let found = measure("SQLite", &store, &embedder, &texts, show, &mut lines).await?;
    let mut cited = Vec::new();
    for wording in Wording::ALL {
        cited.push((wording, citing::check(&*store, &texts, wording).await?));
    }
    let rest = format!("{}\n{}", report::citations(&cited), report::sweep(&found));
    if arguments.iter().any(|argument| argument == "--file") {
        println!("{}\n{rest}", report::tables(&lines));
        return Ok(());
    }
    let server = Postgres::start(Version::Sixteen)?;
    let address = Address::parse(&server.database()?)?;
    let login = address.login().context("the address has a password")?;
    let library = PostgresLibrary::at(address, Arc::new(login), Duration::from_secs(20));
    library.upgrade().await?;
    let library: Arc<dyn Library> = Arc::new(library);
    measure("PostgreSQL", &library, &embedder, &texts, false, &mut lines).await?;
    println!("{}\n{rest}", report::tables(&lines));
    Ok(())
}

/// Measures every way in one database, and returns what other shares of the words would bring.
async fn measure(
    name: &'static str,
    library: &Arc<dyn Library>,
    embedder: &Arc<dyn Embedder>,
    texts: &[Text],
    show: bool,
    lines: &mut Vec<Line>,
) -> anyhow::Result<Vec<(f32, retrieval::Both)>> {
    shelf::put(library, embedder, texts).await?;
    let searched = retrieval::search(&**library, &**embedder, texts).await?;
    let scratch = tempfile::tempdir()?;
    for way in Way::all() {
        let show = show && matches!(way, Way::Both(_));
        let answered = answers::put(Arc::clone(library), Arc::clone(embedder), texts, way, scratch.path(), show).await?;
        lines.push(Line { store: name, way, found: retrieval::measure(&searched, way), answered });
    }
    let shares = (0..=10).map(|tenths| tenths as f32 / 10.0);
    let weights = |text| Way::Both(Weights { text, ..Weights::default() });
    Ok(shares.map(|share| (share, retrieval::measure(&searched, weights(share)))).collect())
}
