//! Measures the product against its bars, each beside the peer it is compared with, and writes `bench.json`.
//! Run it with `make bench`; a name or a part of one as an argument runs only the rows that hold it. It fails where a bar does not
//! hold, once everything is measured and written.

mod accounts;
mod answering;
mod cores;
mod desktop;
mod functions;
mod idle;
mod orchestration;
mod page;
mod peer;
mod program;
mod reading;
mod searching;
mod starting;
mod table;
mod validating;

use anyhow::{Context, ensure};

use crate::table::Table;

fn main() -> anyhow::Result<()> {
    synapscribe_media::run_worker_if_asked();
    // Only the first call can fail, and it is this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let only = std::env::args().nth(1).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut table = Table::new(only);
    let failed = runtime.block_on(measure(&mut table));
    table.print();
    let out = program::artefacts()?.join("bench.json");
    table.write(&out).with_context(|| format!("{} cannot be written", out.display()))?;
    println!("\nwritten to {}", out.display());
    ensure!(failed.is_empty(), "not measured to the end: {}", failed.join(", "));
    let missed = table.missed();
    ensure!(missed.is_empty(), "bars that do not hold: {}", missed.join(", "));
    Ok(())
}

/// Measures every group that is wanted, and gives the names of those that failed: what was measured before is not lost by it.
async fn measure(table: &mut Table) -> Vec<&'static str> {
    let mut failed = Vec::new();
    let mut note = |group: &'static str, outcome: anyhow::Result<()>| {
        if let Err(error) = outcome {
            eprintln!("{group}: {error:#}");
            failed.push(group);
        }
    };
    if table.wants("orchestration") {
        note("orchestration", orchestration::measure(table));
    }
    if table.wants("start") {
        note("start", starting::measure(table).await);
    }
    if table.wants("answer") {
        note("answer", answering::measure(table).await);
    }
    if table.wants("validate") {
        note("validate", validating::measure(table).await);
    }
    if table.wants("search") {
        note("search", searching::measure(table).await);
    }
    if table.wants("million") {
        note("million", searching::measure_many(table).await);
    }
    if table.wants("accounts") {
        note("accounts", accounts::measure(table).await);
    }
    if table.wants("reading") {
        note("reading", reading::measure(table).await);
    }
    if table.wants("idle") {
        note("idle", idle::measure(table).await);
    }
    if table.wants("functions") {
        note("functions", functions::measure(table).await);
    }
    if table.wants("page") {
        note("page", page::measure(table));
    }
    if table.wants("desktop") {
        note("desktop", desktop::measure(table).await);
    }
    failed
}
