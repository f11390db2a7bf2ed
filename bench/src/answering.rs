//! From a question to the first sound of its answer, on the sample lecture with built-in engines, through the real host.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use synapscribe_client::protocol::ServerMessage;
use synapscribe_client::{Ask, Client, Home, Question};

use crate::peer;
use crate::program::Host;
use crate::table::{Better, Row, Table, percentile};

const QUESTIONS: [&str; 5] = [
    "What did she mean by the chain rule?",
    "What is the loss?",
    "What happens if the learning rate is too large?",
    "What is overfitting?",
    "How many examples are in a mini batch?",
];
/// Takes about four seconds.
const SPOKEN: &str = "What happens to the loss when the learning rate is much too large?";
const ROUNDS: usize = 6;
const STOPS: usize = 20;

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
    let (mut typed, mut answers) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        for question in QUESTIONS {
            let (took, answer) = first_sound(&client, &lecture, Question::Text(question.into())).await?;
            // The first round warms caches, as a session does.
            if round > 0 {
                typed.push(took);
            } else {
                answers.push(answer);
            }
        }
    }
    // The peer speaks the very same answers, each as a whole before its first sound; it does not have to find them.
    let mut whole = Vec::new();
    for answer in &answers {
        whole.push(peer::median_ms(
            Command::new("flite").args(["-voice", "slt", "-t", answer, "-o"]).arg(home.path().join("whole.wav")),
        )?);
    }
    let other = "flite, the answer as a whole";
    table.add(
        Row::new("answer: typed question to first audio, p50", percentile(&mut typed, 0.5), "ms", Better::Lower)
            .bar(250.0)
            .peer(other, percentile(&mut whole, 0.5)),
    );
    table.add(
        Row::new("answer: typed question to first audio, p95", percentile(&mut typed, 0.95), "ms", Better::Lower)
            .peer(other, percentile(&mut whole, 0.95)),
    );
    let spoken = home.path().join("question.wav");
    let said = Command::new("flite").args(["-voice", "rms", "-t", SPOKEN, "-o"]).arg(&spoken).status()?;
    ensure!(said.success(), "the question could not be spoken");
    let seconds = (std::fs::metadata(&spoken)?.len() as f64 - 44.0) / 32_000.0;
    let mut heard = Vec::new();
    for round in 0..=ROUNDS {
        let (took, _) = first_sound(&client, &lecture, Question::File(spoken.clone())).await?;
        if round > 0 {
            heard.push(took);
        }
    }
    let name = format!("answer: spoken question ({seconds:.1} s) to first audio, p50");
    let ear = peer::median_ms(Command::new("pocketsphinx_continuous").arg("-infile").arg(&spoken))?;
    let row = Row::new(name, percentile(&mut heard, 0.5), "ms", Better::Lower);
    table.add(row.peer("pocketsphinx_continuous, hearing alone", ear));
    let mut stops = Vec::new();
    for _ in 0..STOPS {
        stops.extend(stop(&client, &lecture).await?);
    }
    ensure!(!stops.is_empty(), "every answer ended before it could be stopped");
    let name = "answer: cancelling an answer that is being spoken, p95";
    table.add(Row::new(name, percentile(&mut stops, 0.95), "ms", Better::Lower).bar(100.0));
    Ok(())
}

/// Milliseconds from `cancel` until the last word of the server; none when the answer had ended before.
async fn stop(client: &Client, lecture: &str) -> anyhow::Result<Option<f64>> {
    let question = Question::Text("Explain gradient descent, the learning rate and the chain rule.".into());
    let mut answer = client.ask(Ask::lecture(lecture, question)).await?;
    let mut begun = None;
    while let Some(message) = answer.next().await {
        match message? {
            ServerMessage::AudioChunk { .. } if begun.is_none() => {
                begun = Some(Instant::now());
                client.cancel(&answer.query_id).await?;
            }
            ServerMessage::Cancelled { .. } => return Ok(begun.map(|begun| begun.elapsed().as_secs_f64() * 1000.0)),
            _ => {}
        }
    }
    Ok(None)
}

/// Milliseconds from asking to the first stretch of speech, and the answer.
async fn first_sound(client: &Client, lecture: &str, question: Question) -> anyhow::Result<(f64, String)> {
    let begun = Instant::now();
    let mut answer = client.ask(Ask::lecture(lecture, question)).await?;
    let (mut first, mut text) = (None, String::new());
    while let Some(message) = answer.next().await {
        match message? {
            ServerMessage::AudioChunk { .. } => {
                first.get_or_insert_with(|| begun.elapsed().as_secs_f64() * 1000.0);
            }
            ServerMessage::AnswerText { delta, .. } => text.push_str(&delta),
            _ => {}
        }
    }
    Ok((first.context("the answer was not spoken")?, text))
}
