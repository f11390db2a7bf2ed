//! From a question to the first sound of its answer, on the sample lecture with built-in engines, through the real host.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use synapscribe_client::protocol::ServerMessage;
use synapscribe_client::{Ask, Client, Home, Question};

use crate::program::Host;
use crate::table::{Better, Row, Table, percentile};

const QUESTIONS: [&str; 5] = [
    "What did she mean by the chain rule?",
    "What is the loss?",
    "What happens if the learning rate is too large?",
    "What is overfitting?",
    "How many examples are in a mini batch?",
];
const ROUNDS: usize = 6;

pub async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let host = Host::start(true)?;
    let home = tempfile::tempdir()?;
    let client = Client::connect(&host.address, Home::at(home.path())).await?;
    let lecture = client.resolve_lecture("sample")?;
    eprintln!("answer: waiting for the sample lecture");
    let patience = Instant::now() + Duration::from_secs(180);
    while !matches!(client.lecture(&lecture).await, Ok(l) if l.state == "ready") {
        if Instant::now() > patience {
            bail!("the sample lecture did not become ready");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let mut typed = Vec::new();
    for round in 0..=ROUNDS {
        for question in QUESTIONS {
            let took = first_sound(&client, &lecture, Question::Text(question.into())).await?;
            // The first round warms caches, as a session does.
            if round > 0 {
                typed.push(took);
            }
        }
    }
    table
        .add(Row::new("answer: typed question to first audio, p50", percentile(&mut typed, 0.5), "ms", Better::Lower).bar(250.0));
    table.add(Row::new("answer: typed question to first audio, p95", percentile(&mut typed, 0.95), "ms", Better::Lower));
    let spoken = home.path().join("question.wav");
    let sound = reqwest::get(format!("{}/sample/question.wav", host.address)).await?.error_for_status()?.bytes().await?;
    std::fs::write(&spoken, &sound)?;
    let seconds = (sound.len() as f64 - 44.0) / 32_000.0;
    let mut heard = Vec::new();
    for round in 0..=ROUNDS {
        let took = first_sound(&client, &lecture, Question::File(spoken.clone())).await?;
        if round > 0 {
            heard.push(took);
        }
    }
    let name = format!("answer: spoken question ({seconds:.1} s) to first audio, p50");
    table.add(Row::new(name, percentile(&mut heard, 0.5), "ms", Better::Lower));
    Ok(())
}

/// Milliseconds from asking to the first stretch of speech.
async fn first_sound(client: &Client, lecture: &str, question: Question) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let ask = Ask { lecture: lecture.to_owned(), session: None, question, playhead: None, speech: None };
    let mut answer = client.ask(ask).await?;
    let mut first = None;
    while let Some(message) = answer.next().await {
        if let ServerMessage::AudioChunk { .. } = message? {
            first.get_or_insert_with(|| begun.elapsed().as_secs_f64() * 1000.0);
        }
    }
    first.context("the answer was not spoken")
}
