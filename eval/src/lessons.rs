//! What the built-in tutor's weights are learned from: for every question the sentences that may answer it, what speaks for each, and
//! whether it does. Beside the question set these are the first questions of the lectures that the host's tests teach.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use async_trait::async_trait;
use futures::StreamExt;
use serde_json::{Value, json};
use synapscribe_domain::retrieval::Weights;
use synapscribe_domain::{Citation, Failure};
use synapscribe_engines::extractive::{self, ExtractiveTutor};
use synapscribe_ports::{AnswerPiece, AnswerRequest, AnswerStream, Embedder, EngineCard, Exchange, Library, Tutor};

use crate::answers;
use crate::heard::Heard;
use crate::set::{self, Form, Question, Text};
use crate::shelf::{self, Judge};
use crate::way::Way;

/// The lectures of the host's tests, from the folder of the project.
const TAUGHT: [&str; 6] = [
    "samples/gradient-descent/lecture.txt",
    "backend/host/tests/tutoring/photosynthesis.txt",
    "backend/host/tests/tutoring/french-revolution.txt",
    "backend/host/tests/tutoring/contract-law.txt",
    "backend/host/tests/tutoring/sorting.txt",
    "backend/host/tests/tutoring/volcanoes.txt",
];
/// What is asked of them.
const ASKED: [&str; 3] = ["questions", "held-out", "held-out-last"];
/// Words in a line of captions, and how long each takes in milliseconds.
const LINE: usize = 9;
const WORD: u64 = 400;

/// As the tutor opens.
const OPENING: &str = "Here is what the lecture says:";

/// Keeps what the tutor is asked.
#[derive(Default)]
struct Listener {
    asked: Mutex<Option<AnswerRequest>>,
}

#[async_trait]
impl Tutor for Listener {
    fn card(&self) -> EngineCard {
        ExtractiveTutor.card()
    }

    fn window(&self) -> Option<u32> {
        ExtractiveTutor.window()
    }

    async fn standalone(&self, question: &str, history: &[Exchange]) -> Result<String, Failure> {
        ExtractiveTutor.standalone(question, history).await
    }

    async fn answer(&self, request: AnswerRequest) -> Result<AnswerStream, Failure> {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(request.clone());
        ExtractiveTutor.answer(request).await
    }
}

impl Listener {
    fn heard(&self) -> Option<AnswerRequest> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What the rules answer without what was learned.
struct Ruled {
    text: String,
    quotes: Vec<(usize, String)>,
    found: bool,
}

/// Prints a line of JSON for every question.
pub async fn tell(library: &Arc<dyn Library>, embedder: &Arc<dyn Embedder>, texts: Vec<Text>) -> anyhow::Result<()> {
    let (written, root) = (texts.len(), set::folder().join(".."));
    let texts: Vec<Text> =
        texts.into_iter().map(Ok).chain(TAUGHT.iter().map(|path| taught(&root, path))).collect::<Result<_, _>>()?;
    shelf::put(library, embedder, &texts).await?;
    let listener = Arc::new(Listener::default());
    let tutor: Arc<dyn Tutor> = Arc::<Listener>::clone(&listener);
    let scratch = tempfile::tempdir()?;
    let way = Way::Both(Weights::default());
    let asking = answers::asking(Arc::clone(library), Arc::clone(embedder), tutor, way, scratch.path());
    for (at, text) in texts.iter().enumerate() {
        for question in &text.questions {
            answers::ask(&asking, text, question).await?;
            let Some(request) = listener.heard() else { continue };
            let Some(lesson) = extractive::lesson(&request) else { continue };
            let ruled = ruled(&request).await?;
            let excerpt = |(passage, range): &(usize, std::ops::Range<usize>)| {
                let ranked = &request.passages[*passage];
                (*passage, ranked.passage.text[range.clone()].to_owned())
            };
            let sentences: Vec<(usize, String)> = lesson.places.iter().map(excerpt).collect();
            let holds = |(passage, words): &(usize, String)| {
                let ranked = &request.passages[*passage];
                let citation = Citation::of(1, &ranked.passage, words, ranked.score);
                if at < written { Judge::of(text).is_supported(&citation, question) } else { says(words, question) }
            };
            let right: Vec<bool> = sentences.iter().map(holds).collect();
            let quoted: Vec<bool> =
                sentences.iter().map(|(_, words)| ruled.quotes.iter().any(|(_, quote)| quote.contains(words.as_str()))).collect();
            let ruled_right =
                ruled.found && if at < written { ruled.quotes.iter().any(holds) } else { says_all(&ruled.text, question) };
            let f1: Vec<f64> =
                sentences.iter().map(|(_, words)| answers::nearness(&format!("{OPENING} {words}"), question)).collect();
            println!(
                "{}",
                json!({
                    "text": text.name, "taught": at >= written, "ask": question.ask, "answerable": question.is_answerable(),
                    "right": right, "quoted": quoted, "f1": f1,
                    "ruled": ruled.found, "ruled_right": ruled_right, "ruled_f1": answers::nearness(&ruled.text, question),
                    "signs": lesson.signs, "near": lesson.near, "weights": lesson.weights, "strong": lesson.strong,
                    "foreign": lesson.foreign, "kinds": lesson.kinds,
                })
            );
        }
    }
    Ok(())
}

async fn ruled(request: &AnswerRequest) -> anyhow::Result<Ruled> {
    let mut pieces = ExtractiveTutor.answer(AnswerRequest { compared: None, ..request.clone() }).await?;
    let mut ruled = Ruled { text: String::new(), quotes: Vec::new(), found: false };
    while let Some(piece) = pieces.next().await {
        match piece? {
            AnswerPiece::Text(text) => ruled.text.push_str(&text),
            AnswerPiece::Cite { passage, excerpt } => ruled.quotes.push((passage, excerpt)),
            AnswerPiece::End { found, .. } => ruled.found = found,
        }
    }
    Ok(ruled)
}

/// Whether these words are part of the answer to a question of a taught lecture.
fn says(words: &str, question: &Question) -> bool {
    let lower = words.to_lowercase();
    question.answers.iter().any(|answer| lower.contains(&answer.to_lowercase()))
}

/// Whether they are all of it.
fn says_all(words: &str, question: &Question) -> bool {
    let lower = words.to_lowercase();
    let says = |answer: &String| lower.contains(&answer.to_lowercase());
    // What is to be said has to be, and of what may be cited one place is enough.
    question.support.iter().all(says) && (!question.support.is_empty() || question.answers.iter().any(says))
}

/// A lecture of the host's tests with its questions, as its captions would be.
fn taught(root: &Path, path: &str) -> anyhow::Result<Text> {
    let open = |path: &Path| std::fs::read_to_string(path).with_context(|| path.display().to_string());
    let path = root.join(path);
    let script = open(&path)?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = if stem == "lecture" { "gradient-descent".to_owned() } else { stem };
    let mut at = 0;
    let mut understood = Vec::new();
    for paragraph in script.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        for line in paragraph.split_whitespace().collect::<Vec<_>>().chunks(LINE) {
            let length = line.len() as u64 * WORD;
            understood.push((at, at + length, line.join(" "), 1.0));
            at += length;
        }
        at += 2 * WORD;
    }
    let mut questions = Vec::new();
    for part in ASKED {
        let groups: Vec<Value> =
            serde_json::from_str(&open(&root.join("backend/host/tests/tutoring").join(format!("{part}.json")))?)?;
        questions.extend(groups.iter().filter(|group| group["lecture"] == name.as_str()).filter_map(first_turn));
    }
    let title = script.lines().next().unwrap_or_default().trim_start_matches("# ").to_owned();
    let heard = Heard { voice: String::new(), quieter_db: 0.0, said: Vec::new(), understood };
    Ok(Text { name, title, body: script, form: Form::Talk(heard), questions })
}

/// The first question of a group, where it is about a subject and it is known what answers it, or that nothing does.
fn first_turn(group: &Value) -> Option<Question> {
    let turn = &group["turns"][0];
    let list = |name: &str| -> Vec<String> {
        turn[name].as_array().into_iter().flatten().filter_map(|words| words.as_str().map(str::to_owned)).collect()
    };
    let (says, cites) = (list("says"), list("cites"));
    let by_place = matches!(group["kind"].as_str(), Some("overview" | "playhead"));
    let refused = turn["refused"] == true;
    let answers = if refused { Vec::new() } else { [says.clone(), cites].concat() };
    let known = refused || !answers.is_empty();
    (known && !by_place).then(|| Question {
        ask: turn["ask"].as_str().unwrap_or_default().to_owned(),
        answers,
        support: says,
        hard: false,
    })
}
