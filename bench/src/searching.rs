//! Searching a library by words and by meaning: in a file, and on a server beside it, both with the same lectures and questions.

use serde_json::Value;
use synapscribe_sql::bench::{Report, search, search_server};
use synapscribe_stories::{Postgres, Version};

use crate::peer;
use crate::table::{Better, Row, Table};

const PASSAGES: usize = 100_000;
/// What a university's lectures and books come to.
const MANY: usize = 1_000_000;

/// What searches by meaning are compared with.
const EXACT: &str = "numpy, exact, by meaning alone";

pub async fn measure(table: &mut Table) -> anyhow::Result<()> {
    eprintln!("search: filling a library with 100,000 passages");
    let file = search(PASSAGES).await.map_err(|error| anyhow::anyhow!(error))?;
    let exact = exact(PASSAGES)?;
    let (name, other) = ("search: 100,000 passages by words and meaning", EXACT);
    let row = |share: &str, ms| Row::new(format!("{name}, {share}"), ms, "ms", Better::Lower);
    table.add(row("p95", file.p95_ms).bar(15.0).peer(other, peer::number(&exact, "p95")?));
    table.add(row("p50", file.p50_ms).peer(other, peer::number(&exact, "p50")?));
    let recall = |name: &str, found| Row::new(format!("search: {name}"), found, "share", Better::Higher);
    table.add(recall("recall@10", file.recall).bar(0.98).peer("exact comparison of every vector", 1.0));

    eprintln!("search: filling the same library on a server");
    let server = on_a_server().await?;
    let row = |share: &str, ms| Row::new(format!("search: the same on PostgreSQL, {share}"), ms, "ms", Better::Lower);
    table.add(row("p95", server.p95_ms).bar(25.0).peer("in a file", file.p95_ms));
    table.add(row("p50", server.p50_ms).peer("in a file", file.p50_ms));
    table.add(recall("recall@10 on PostgreSQL", server.recall).bar(0.95).peer("in a file", file.recall));
    Ok(())
}

/// A library that is ten times as large, in a file.
pub async fn measure_many(table: &mut Table) -> anyhow::Result<()> {
    // First, as it is sooner known to fail.
    let exact = exact(MANY)?;
    eprintln!("search: filling a library with 1,000,000 passages, which takes minutes");
    let file = search(MANY).await.map_err(|error| anyhow::anyhow!(error))?;
    let row = |share: &str, ms| Row::new(format!("search: 1,000,000 passages, {share}"), ms, "ms", Better::Lower);
    table.add(row("p95", file.p95_ms).bar(80.0).peer(EXACT, peer::number(&exact, "p95")?));
    table.add(row("p50", file.p50_ms).peer(EXACT, peer::number(&exact, "p50")?));
    table.add(row("the first, which reads the vectors", file.first_ms));
    let recall = Row::new("search: recall@10 of 1,000,000", file.recall, "share", Better::Higher);
    table.add(recall.bar(0.95).peer("exact comparison of every vector", 1.0));
    Ok(())
}

/// What an exact comparison of so many vectors takes.
fn exact(passages: usize) -> anyhow::Result<Value> {
    peer::measured("search.py", &[passages.to_string()])
}

/// The server counts words and clears up by itself after a while; here it is told to, so that the figures do not depend on when.
async fn on_a_server() -> anyhow::Result<Report> {
    let server = Postgres::start(Version::Sixteen)?;
    let address = server.database()?;
    let database = address.rsplit('/').next().unwrap_or_default().to_owned();
    let counted = async || Ok(server.run(&database, "VACUUM ANALYZE").map(drop)?);
    search_server(&address, PASSAGES, counted).await.map_err(|error| anyhow::anyhow!(error))
}
