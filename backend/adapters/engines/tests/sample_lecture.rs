//! How well the built-in tutor does on the sample lecture: passages are found by words and word hashes as on a bare machine, and
//! again by words and meaning where the small model is (`SYNAPSCRIBE_MINILM_DIR`).

use std::collections::HashMap;
use std::path::Path;

use futures::StreamExt;
use serde_json::Value;
use synapscribe_domain::retrieval::{Candidate, Ranked, Weights, fuse};
use synapscribe_domain::{LectureId, Millis, Passage, Phrase, Span, chunker, terms};
use synapscribe_engines::extractive::ExtractiveTutor;
use synapscribe_engines::hashed::HashedEmbedder;
use synapscribe_ports::{AnswerPiece, AnswerRequest, EmbedKind, Embedder, Exchange, Tutor};

/// As many passages as the ask operation hands over.
const PASSAGES: usize = 8;

struct Sample {
    embedder: Box<dyn Embedder>,
    passages: Vec<Passage>,
    vectors: Vec<Vec<f32>>,
    questions: Vec<Value>,
}

/// The sample as each embedder that is here sees it.
async fn samples() -> Vec<Sample> {
    let by_hashes = sample(Box::new(HashedEmbedder)).await;
    #[cfg(feature = "minilm")]
    if let Some(folder) = std::env::var_os("SYNAPSCRIBE_MINILM_DIR") {
        let model = synapscribe_engines::minilm::MiniLm::open(Path::new(&folder)).expect("the folder holds the model");
        return vec![by_hashes, sample(Box::new(model)).await];
    }
    vec![by_hashes]
}

async fn sample(embedder: Box<dyn Embedder>) -> Sample {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../samples/gradient-descent");
    let text = std::fs::read_to_string(folder.join("lecture.txt")).expect("the sample lecture is in the repository");
    let questions = std::fs::read_to_string(folder.join("questions.json")).expect("and so are its questions");
    // A caption line of about two and a half words a second, as it would be spoken.
    let mut at = 0;
    let mut phrases = Vec::new();
    for paragraph in text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        for line in paragraph.split_whitespace().collect::<Vec<_>>().chunks(9) {
            let length = line.len() as u64 * 400;
            phrases.push(Phrase::trusted(Span::new(Millis(at), Millis(at + length)), line.join(" ")));
            at += length;
        }
        at += 800;
    }
    let passages = chunker::passages(&LectureId::parse("sample").unwrap(), &phrases);
    let texts: Vec<String> = passages.iter().map(|p| p.text.clone()).collect();
    let vectors = embedder.embed(&texts, EmbedKind::Passage).await.unwrap();
    Sample { embedder, passages, vectors, questions: serde_json::from_str(&questions).unwrap() }
}

impl Sample {
    /// Words weighted by rarity, fused with word hashes, as a store ranks them.
    async fn find(&self, question: &str) -> Vec<Ranked> {
        let vector = self.embedder.embed(&[question.to_owned()], EmbedKind::Query).await.unwrap().remove(0);
        let held: Vec<Vec<String>> = self.passages.iter().map(|p| terms::content_terms(&p.text)).collect();
        let mut rarity: HashMap<String, f32> = HashMap::new();
        for term in terms::content_terms(question) {
            let holding = held.iter().filter(|h| h.contains(&term)).count() as f32;
            rarity.insert(term, (1.0 + (held.len() as f32 - holding + 0.5) / (holding + 0.5)).ln());
        }
        let candidates = self.passages.iter().enumerate().map(|(n, passage)| {
            let score: f32 = rarity
                .iter()
                .map(|(term, weight)| {
                    let count = held[n].iter().filter(|h| *h == term).count() as f32;
                    weight * count * 2.2 / (count + 1.2)
                })
                .sum();
            let similarity = vector.iter().zip(&self.vectors[n]).map(|(a, b)| a * b).sum();
            let (text_score, similarity) = ((score > 0.0).then_some(score), Some(similarity));
            Candidate { passage: passage.clone(), text_score, similarity, parts: Vec::new() }
        });
        let mut ranked = fuse(candidates.collect(), Weights::default(), None);
        ranked.truncate(PASSAGES);
        ranked
    }

    async fn ask(&self, question: &str, history: &[Exchange]) -> (String, Vec<(Ranked, String)>, bool) {
        let whole = ExtractiveTutor.standalone(question, history).await.unwrap();
        let passages = self.find(&whole).await;
        let request = AnswerRequest {
            title: "How Neural Networks Learn".into(),
            question: question.into(),
            history: history.to_vec(),
            passages: passages.clone(),
            ..AnswerRequest::default()
        };
        let (mut text, mut cites, mut found) = (String::new(), Vec::new(), None);
        let mut stream = ExtractiveTutor.answer(request).await.unwrap();
        while let Some(piece) = stream.next().await {
            match piece.unwrap() {
                AnswerPiece::Text(more) => text.push_str(&more),
                AnswerPiece::Cite { passage, excerpt } => cites.push((passages[passage].clone(), excerpt)),
                AnswerPiece::End { found: f, .. } => found = Some(f),
            }
        }
        (text, cites, found.expect("an answer ends"))
    }
}

#[tokio::test]
async fn the_sample_questions_are_answered_or_refused() {
    for sample in samples().await {
        sample_questions(&sample).await;
    }
}

async fn sample_questions(sample: &Sample) {
    println!("passages found by {}", sample.embedder.card().name);
    let (mut hits, mut cited, mut answerable, mut refused, mut unanswerable) = (0, 0, 0, 0, 0);
    let mut words = 0;
    for item in &sample.questions {
        let question = item["question"].as_str().expect("every item has a question");
        let (text, cites, found) = sample.ask(question, &[]).await;
        if item["unanswerable"].as_bool() == Some(true) {
            unanswerable += 1;
            refused += usize::from(!found);
            println!("{} {question}\n    {text}", if found { "WRONG " } else { "refused" });
            continue;
        }
        answerable += 1;
        words += text.split_whitespace().count();
        let lower = text.to_lowercase();
        let hit = found
            && item["answer_contains"].as_array().unwrap().iter().all(|w| lower.contains(&w.as_str().unwrap().to_lowercase()));
        let passage = item["passage_contains"].as_str().unwrap();
        let right = cites
            .iter()
            .any(|(ranked, excerpt)| ranked.passage.text.contains(passage) && ranked.passage.text.contains(excerpt.as_str()));
        hits += usize::from(hit);
        cited += usize::from(right);
        println!(
            "{} {question}\n    {text}",
            if !hit {
                "MISSED"
            } else if right {
                "hit    "
            } else {
                "elsewhere"
            }
        );
    }
    println!(
        "answers that hold the words {hits}/{answerable}, that cite the passage {cited}/{answerable}, refusals {refused}/{unanswerable}"
    );
    println!("words in an answer {}", words / answerable.max(1));
    assert!(hits * 100 >= answerable * 85, "{hits} of {answerable}");
    assert!(cited * 100 >= answerable * 85, "{cited} of {answerable}");
    assert!(refused * 100 >= unanswerable * 80, "{refused} of {unanswerable}");
}

#[tokio::test]
async fn follow_ups_are_answered_from_what_went_before() {
    let sample = sample(Box::new(HashedEmbedder)).await;
    for (first, then, contains) in [
        ("What is the loss?", "Why do we square it?", "positive"),
        ("What is dropout?", "And why is that?", "rely on its neighbours"),
        ("What happens if the learning rate is too large?", "And what if it is too small?", "crawls"),
        ("What is backpropagation?", "What does it cost?", "twice"),
        ("What is a mini batch?", "How many examples are in it?", "thirty two"),
    ] {
        let (answer, ..) = sample.ask(first, &[]).await;
        let history = [Exchange { question: first.into(), answer, playhead: None }];
        let (text, _, found) = sample.ask(then, &history).await;
        println!("{first} → {then}\n    {text}");
        assert!(found && text.contains(contains), "{first} → {then}: {text}");
    }
}

#[tokio::test]
async fn questions_in_other_words_are_mostly_answered_and_foreign_ones_refused() {
    let answerable = [
        ("How do I pick the learning rate to begin with?", "zero point zero one"),
        ("What goes wrong when the learning rate is too small?", "crawls"),
        ("Why do we step against the gradient?", "downhill|uphill|go down"),
        ("What is an epoch?", "complete trip"),
        ("What is early stopping?", "validation loss stops improving"),
        ("How many weights does a large language model have?", "billions"),
        ("When did backpropagation become famous?", "nineteen eighty six"),
        ("What is held out data for?", "honest|never train on it"),
        ("What happens in the forward pass?", "travels through the layers"),
        ("What is stochastic gradient descent?", "random sample|noisy"),
        ("How is the squared error calculated?", "subtract the truth"),
        ("Why do early layers hardly learn?", "vanishing|signal is left"),
    ];
    let foreign = [
        "Who invented the perceptron?",
        "What is momentum?",
        "How many layers does a transformer have?",
        "Why is Adam better than gradient descent?",
        "Which programming language should I use?",
        "What is the capital of France?",
    ];
    for sample in samples().await {
        let (hits, refused) = in_other_words(&sample, &answerable, &foreign).await;
        assert!(hits * 10 >= answerable.len() * 7, "{hits} of {}", answerable.len());
        assert!(refused * 10 >= foreign.len() * 8, "{refused} of {}", foreign.len());
    }
}

#[tokio::test]
async fn questions_of_every_kind_are_mostly_answered() {
    let answerable = [
        ("How many times is the one simple idea repeated?", "million"),
        ("What does a weight say?", "strongly"),
        ("What is a schedule?", "lower the rate"),
        ("How long might I wait if the rate is too small?", "week"),
        ("Why is the work reused in the backward pass?", "compute it once|needed by all"),
        ("What share of the data is kept aside?", "twenty percent"),
        ("Who wrote the famous paper?", "Rumelhart"),
        ("Does the gradient point uphill?", "points uphill"),
        ("Can you give an example of the chain rule?", "gears"),
        ("What is the difference between the training loss and the validation loss?", "validation loss"),
    ];
    let foreign =
        ["What is batch normalisation?", "When was dropout invented?", "How do I install Python?", "Why is the sky blue?"];
    for sample in samples().await {
        let (hits, refused) = in_other_words(&sample, &answerable, &foreign).await;
        assert!(hits * 10 >= answerable.len() * 7, "{hits} of {}", answerable.len());
        assert!(refused * 4 >= foreign.len() * 3, "{refused} of {}", foreign.len());
    }
}

/// How many questions are answered with one of their words, and how many foreign ones are refused.
async fn in_other_words(sample: &Sample, answerable: &[(&str, &str)], foreign: &[&str]) -> (usize, usize) {
    let (mut hits, mut refused) = (0, 0);
    println!("passages found by {}", sample.embedder.card().name);
    for (question, contains) in answerable {
        let (text, _, found) = sample.ask(question, &[]).await;
        let hit = found && contains.split('|').any(|c| text.contains(c));
        hits += usize::from(hit);
        println!("{} {question}\n    {text}", if hit { "hit    " } else { "MISSED" });
    }
    for question in foreign {
        let (text, _, found) = sample.ask(question, &[]).await;
        refused += usize::from(!found);
        println!("{} {question}\n    {text}", if found { "WRONG  " } else { "refused" });
    }
    println!("in other words {hits}/{}, foreign ones refused {refused}/{}", answerable.len(), foreign.len());
    (hits, refused)
}
