//! Measures the product against its bars, each beside the peer it is compared with, and writes `bench.json`.
//! Run it with `make bench`; a name or a part of one as an argument runs only the rows that hold it.

mod accounts;
mod answering;
mod cores;
mod desktop;
mod functions;
mod idle;
mod orchestration;
mod peer;
mod program;
mod reading;
mod searching;
mod starting;
mod table;
mod validating;

use anyhow::Context;

use crate::table::Table;

fn main() -> anyhow::Result<()> {
    synapscribe_media::run_worker_if_asked();
    // Only the first call can fail, and it is this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let only = std::env::args().nth(1).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut table = Table::new(only);
    runtime.block_on(measure(&mut table))?;
    table.print();
    let out = program::artefacts()?.join("bench.json");
    table.write(&out).with_context(|| format!("{} cannot be written", out.display()))?;
    println!("\nwritten to {}", out.display());
    Ok(())
}

async fn measure(table: &mut Table) -> anyhow::Result<()> {
    if table.wants("orchestration") {
        orchestration::measure(table)?;
    }
    if table.wants("start") {
        starting::measure(table).await?;
    }
    if table.wants("answer") {
        answering::measure(table).await?;
    }
    if table.wants("validate") {
        validating::measure(table).await?;
    }
    if table.wants("search") {
        searching::measure(table).await?;
    }
    if table.wants("million") {
        searching::measure_many(table).await?;
    }
    if table.wants("accounts") {
        accounts::measure(table).await?;
    }
    if table.wants("reading") {
        reading::measure(table).await?;
    }
    if table.wants("idle") {
        idle::measure(table).await?;
    }
    if table.wants("functions") {
        functions::measure(table).await?;
    }
    if table.wants("desktop") {
        desktop::measure(table).await?;
    }
    Ok(())
}
