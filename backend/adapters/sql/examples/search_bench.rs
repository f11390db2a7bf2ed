//! Measures hybrid search: `cargo run --release -p synapscribe-sql --features bench --example search_bench -- 100000`.

#[tokio::main]
async fn main() -> Result<(), synapscribe_sql::bench::Failed> {
    let passages = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    println!("{:#?}", synapscribe_sql::bench::search(passages).await?);
    Ok(())
}
