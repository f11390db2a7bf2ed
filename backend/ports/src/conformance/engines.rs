//! What every ear, tutor, voice and embedder does, whatever is behind it; knows only the ports.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::BoxStream;
use synapscribe_domain::audio::SPEECH_RATE;
use synapscribe_domain::retrieval::Ranked;
use synapscribe_domain::{Code, Failure, LectureId, Millis, Passage, Pcm, Span, terms};
use tokio_util::sync::CancellationToken;

use crate::{
    AnswerPiece, AnswerRequest, Bias, EmbedKind, Embedder, Exchange, Narrator, Parted, Reached, Speech, Style, Transcriber,
    Transcript, Tutor,
};

/// A server is tried within this time.
const TRYING: Duration = Duration::from_secs(10);

/// Vectors have one length, are of length 1, belong to their texts in order, and are the same for the same text, read as a whole or
/// in parts; the space they lie in has one name.
pub async fn embedder(engine: &dyn Embedder) {
    let space = engine.space();
    assert!(!space.trim().is_empty(), "vectors are kept under a name");
    let texts: Vec<String> = ["The slope of the loss.", "", "Yeast eats sugar.", "The slope of the loss.", "日本語 and ümlauts"]
        .map(String::from)
        .to_vec();
    let vectors = engine.embed(&texts, EmbedKind::Passage).await.expect("plain texts have vectors");
    assert_eq!(vectors.len(), texts.len(), "one vector for each text");
    for (vector, text) in vectors.iter().zip(&texts) {
        direction(engine, vector, text);
    }
    assert!(dot(&vectors[0], &vectors[3]) > 0.999, "the same text has the same vector");
    assert!(dot(&vectors[0], &vectors[2]) < 0.98, "other texts have other vectors");
    let alone = engine.embed(&texts[2..3], EmbedKind::Passage).await.expect("one text has a vector");
    assert!(dot(&alone[0], &vectors[2]) > 0.99, "a vector does not depend on its neighbours");
    assert!(engine.embed(&[], EmbedKind::Query).await.expect("no texts are fine").is_empty());
    let long = vec!["learning rate ".repeat(3000)];
    assert_eq!(engine.embed(&long, EmbedKind::Query).await.expect("a long text is cut, not refused").len(), 1);
    parts(engine).await;
    tried(engine.reach()).await;
    assert_eq!(engine.space(), space, "what is kept under a name is found under it");
}

/// A whole means what the same text means by itself; of its parts each has a vector, or none has.
async fn parts(engine: &dyn Embedder) {
    let long = "learning rate ".repeat(3000);
    let texts = [
        parted("Gradients", &["The gradient points uphill.", "Yeast eats sugar."]),
        parted("", &["日本語 and ümlauts.", "Größe."]),
        Parted { parts: Vec::new(), ..parted("Slopes", &["The slope of the loss."]) },
        // A part that the model may be too short for.
        parted("Steps", &[long.as_str(), "It ends here."]),
        Parted::default(),
    ];
    let wholes: Vec<String> = texts.iter().map(Parted::whole).collect();
    let alone = engine.embed(&wholes, EmbedKind::Passage).await.expect("plain texts have vectors");
    let meanings = engine.embed_parted(&texts).await.expect("texts in parts have vectors");
    assert_eq!(meanings.len(), texts.len(), "one meaning for each text");
    let told = meanings.iter().any(|meaning| !meaning.parts.is_empty());
    for ((meaning, text), alone) in meanings.iter().zip(&texts).zip(&alone) {
        direction(engine, &meaning.whole, &text.text);
        assert!(dot(&meaning.whole, alone) > 0.999, "{:?} means the same by itself", text.text);
        let expected = if told { text.parts.len() } else { 0 };
        assert_eq!(meaning.parts.len(), expected, "each part of {:?} has a vector, or no part of any text", text.text);
        for (vector, part) in meaning.parts.iter().zip(&text.parts) {
            direction(engine, vector, &text.text[part.clone()]);
        }
    }
    assert!(engine.embed_parted(&[]).await.expect("no texts are fine").is_empty());
}

fn parted(heading: &str, sentences: &[&str]) -> Parted {
    let mut parted = Parted { heading: heading.into(), ..Parted::default() };
    for sentence in sentences {
        if !parted.text.is_empty() {
            parted.text.push(' ');
        }
        let from = parted.text.len();
        parted.text.push_str(sentence);
        parted.parts.push(from..parted.text.len());
    }
    parted
}

#[track_caller]
fn direction(engine: &dyn Embedder, vector: &[f32], text: &str) {
    assert_eq!(vector.len(), engine.dimension(), "the dimension is kept for {text:?}");
    let length = dot(vector, vector).sqrt();
    assert!((length - 1.0).abs() < 1e-3, "{text:?} has a vector of length {length}");
}

/// A server is tried within seconds, and one that does its work is there.
async fn tried(reach: impl Future<Output = Option<Reached>>) {
    let reached = tokio::time::timeout(TRYING, reach).await.expect("a server is tried within seconds");
    if let Some(Reached { server, failure }) = reached {
        assert!(!server.trim().is_empty(), "a server has an address");
        assert_eq!(failure, None, "{server} does its work");
    }
}

/// Speech comes as a stream of finite samples; more words take longer; no words are no sound; every voice that is named speaks,
/// the first of them for whoever names none; dropping the stream is fine.
pub async fn narrator(engine: &dyn Narrator) {
    let voices = engine.voices();
    assert!(!voices.is_empty(), "there is a voice");
    let names: BTreeSet<&str> = voices.iter().map(|voice| voice.name.as_str()).collect();
    assert_eq!(names.len(), voices.len(), "each voice has a name of its own: {voices:?}");
    let style = Style::default();
    let short = spoken(engine, "Yes.", &style).await;
    let long =
        spoken(engine, "The gradient points uphill, so we step the other way and come down into the valley.", &style).await;
    assert!(short >= Millis(100), "a word is heard: {short:?}");
    assert!(long > Millis(short.0 * 2), "more words take longer: {short:?}, {long:?}");
    for nothing in ["", "  \n "] {
        assert_eq!(spoken(engine, nothing, &style).await, Millis(0), "no words are no sound");
    }
    let named = |voice: &str| Style { voice: Some(voice.to_owned()), speed: 1.0 };
    for (n, voice) in voices.iter().enumerate() {
        let length = spoken(engine, "Yes.", &named(&voice.name)).await;
        assert!(length >= Millis(100), "{} speaks: {length:?}", voice.name);
        assert!(n > 0 || alike(length, short), "{} speaks for whoever names none: {length:?}, {short:?}", voice.name);
    }
    // An unknown voice is either refused or replaced; it never breaks the stream without a word.
    if let Ok(stream) = engine.speak("Yes.", &named("nobody has this voice")).await {
        let length = heard(stream).await;
        assert!(alike(length, short) || engine.has_other_voices(), "a voice that no list names: {length:?}, {short:?}");
    }
    tried(engine.reach()).await;
    assert_eq!(engine.voices(), voices, "the voices stay");
    drop(engine.speak("One two three four five six seven eight nine ten.", &style).await.expect("it speaks"));
}

/// No voice speaks twice in the very same way.
fn alike(one: Millis, other: Millis) -> bool {
    one.0.abs_diff(other.0) <= 50
}

async fn spoken(engine: &dyn Narrator, text: &str, style: &Style) -> Millis {
    heard(engine.speak(text, style).await.expect("it speaks")).await
}

async fn heard(mut stream: BoxStream<'static, Result<Speech, Failure>>) -> Millis {
    let mut whole = Speech::default();
    while let Some(speech) = stream.next().await {
        let speech = speech.expect("speech comes to its end");
        assert!((8_000..=48_000).contains(&speech.rate), "a rate that speech has: {}", speech.rate);
        assert!(speech.samples.iter().all(|s| s.is_finite() && s.abs() <= 1.0), "samples lie between -1 and 1");
        whole.rate = speech.rate;
        whole.samples.extend(speech.samples);
    }
    whole.length()
}

/// An answer ends with exactly one end, cites only passages it was given with words that stand in them, and without passages it
/// finds nothing; a question without a history stays as it is, and so does how much it reads.
pub async fn tutor(engine: &dyn Tutor) {
    let window = engine.window();
    assert_ne!(window, Some(0), "whoever reads more than single passages reads some tokens");
    let request = sample_request();
    let given = request.passages.clone();
    let (text, found) = answered(engine, request.clone()).await;
    assert!(!text.trim().is_empty(), "an answer has words");
    assert!(found, "what the passages say is found: {text}");
    let (text, found) = answered(engine, AnswerRequest { passages: Vec::new(), ..request.clone() }).await;
    assert!(!found && !text.trim().is_empty(), "without passages there is no answer, and that is said: {text:?}");
    let whole = AnswerRequest { whole: true, history: vec![exchange()], ..request.clone() };
    answered(engine, whole).await;
    assert_eq!(engine.standalone("What is a gradient?", &[]).await.expect("a question"), "What is a gradient?");
    assert!(!engine.standalone("And why is that?", &[exchange()]).await.expect("a question").trim().is_empty());
    // Dropped after its first piece, it stops without harm.
    let mut stream = engine.answer(AnswerRequest { passages: given, ..request }).await.expect("it answers");
    assert!(stream.next().await.is_some());
    drop(stream);
    tried(engine.reach()).await;
    assert_eq!(engine.window(), window, "it reads no more and no less than it said");
}

/// The request of the suite, for scripted servers to answer.
pub fn sample_request() -> AnswerRequest {
    let lecture = LectureId::parse("conformance").expect("a valid id");
    let texts = [
        "The gradient is a list with one number for each weight. It points uphill.",
        "The learning rate is the size of the step.",
    ];
    let passages = texts.into_iter().enumerate().map(|(n, text)| Ranked {
        passage: Passage::said(
            &lecture,
            n as u32,
            Span::new(Millis(n as u64 * 10_000), Millis(n as u64 * 10_000 + 10_000)),
            text,
        ),
        score: 1.0 - n as f32 * 0.2,
        similarity: None,
        parts: Vec::new(),
    });
    AnswerRequest {
        title: "Gradients".into(),
        question: "What is the gradient?".into(),
        passages: passages.collect(),
        ..AnswerRequest::default()
    }
}

fn exchange() -> Exchange {
    Exchange { question: "What is the learning rate?".into(), answer: "It is the size of the step.".into(), playhead: None }
}

async fn answered(engine: &dyn Tutor, request: AnswerRequest) -> (String, bool) {
    let passages = request.passages.clone();
    let mut stream = engine.answer(request).await.expect("it answers");
    let mut text = String::new();
    let mut end = None;
    while let Some(piece) = stream.next().await {
        assert!(end.is_none(), "nothing follows the end");
        match piece.expect("the answer comes to its end") {
            AnswerPiece::Text(more) => text.push_str(&more),
            AnswerPiece::Cite { passage, excerpt } => {
                let cited = passages.get(passage).unwrap_or_else(|| panic!("there is no passage {passage}"));
                assert!(!excerpt.is_empty() && cited.passage.text.contains(&excerpt), "{excerpt:?} stands in the passage");
                assert!(!text.trim().is_empty(), "a citation stands behind words");
            }
            AnswerPiece::End { found, .. } => end = Some(found),
        }
    }
    (text, end.expect("an answer has an end"))
}

/// A recording, and the words that are said in it; most of them stand nowhere in `WORDS`.
#[derive(Debug, Clone)]
pub struct Saying {
    /// The recording.
    pub audio: Pcm,
    /// The words.
    pub words: String,
}

/// The lecture whose words the ears of the suite expect; whoever only repeats them has not heard what is said.
const WORDS: &str = "The gradient points uphill. The learning rate is the size of the step.";
/// The share of the words that has to be understood of a clear recording.
const UNDERSTOOD: f64 = 0.6;

/// What is said is heard, as a whole and while it is being said, in phrases that lie in the recording; and all that
/// [`transcriber_without_words`] asks for.
pub async fn transcriber(engine: &dyn Transcriber, saying: &Saying) {
    transcriber_without_words(engine).await;
    let bias = bias();
    let go = CancellationToken::new();
    let heard = engine.transcribe(saying.audio.clone(), &bias, &go).await.expect("speech is no error");
    understood(&heard, saying);
    let mut listening = engine.listen(&bias).await.expect("it listens");
    for part in saying.audio.0.chunks(1600) {
        listening.hear(part).await.expect("it hears");
    }
    let heard = listening.finish(&go).await.expect("it comes to an end");
    understood(&heard, saying);
}

/// Silence has no words; what is cancelled ends soon and says so; listening ends like reading. It is all that can be asked of an
/// ear whose model holds no words.
pub async fn transcriber_without_words(engine: &dyn Transcriber) {
    let bias = bias();
    let go = CancellationToken::new();
    assert!(engine.parallelism() >= 1);
    engine.warm(&bias).await;
    let silence = Pcm(vec![0.0; 2 * SPEECH_RATE as usize]);
    let heard = engine.transcribe(silence.clone(), &bias, &go).await.expect("silence is no error");
    assert!(heard.text().is_empty(), "silence has no words: {:?}", heard.text());
    let heard = engine.transcribe(Pcm(Vec::new()), &bias, &go).await.expect("an empty recording is no error");
    assert!(heard.phrases.is_empty(), "an empty recording has no words");
    let stopped = CancellationToken::new();
    stopped.cancel();
    let began = Instant::now();
    let noise = Pcm((0..30 * SPEECH_RATE as usize).map(|n| (n as f32 * 0.05).sin() * 0.3).collect());
    let result = engine.transcribe(noise, &bias, &stopped).await;
    assert_eq!(result.err().map(|f| f.code), Some(Code::Cancelled), "what was cancelled says so");
    assert!(began.elapsed() < Duration::from_secs(2), "and ends soon: {:?}", began.elapsed());
    let mut listening = engine.listen(&bias).await.expect("it listens");
    for part in silence.0.chunks(1600) {
        let words = listening.hear(part).await.expect("it hears").unwrap_or_default();
        assert!(words.trim().is_empty(), "silence has no words: {words:?}");
    }
    let heard = listening.finish(&go).await.expect("it comes to an end");
    assert!(heard.text().is_empty());
}

fn bias() -> Bias {
    Bias { lecture: None, text: WORDS.into() }
}

#[track_caller]
fn understood(heard: &Transcript, saying: &Saying) {
    let text = heard.text();
    let share = share_heard(&saying.words, &text);
    assert!(share >= UNDERSTOOD, "of {:?} only {share:.2} was understood: {text:?}", saying.words);
    let length = saying.audio.length();
    let mut before = Millis(0);
    for phrase in &heard.phrases {
        let Span { from, to } = phrase.span;
        assert!(before <= from && from <= to && to <= length, "{from:?} to {to:?} of {length:?}, after {before:?}");
        assert!((0.0..=1.0).contains(&phrase.confidence), "a share says how sure it is: {}", phrase.confidence);
        before = from;
    }
}

/// The share of the words said that was heard, each as often as it was said.
fn share_heard(said: &str, heard: &str) -> f64 {
    let mut left: Vec<String> = terms::words(heard).collect();
    let said: Vec<String> = terms::words(said).collect();
    let mut was_heard = |word: &&String| left.iter().position(|other| other == *word).map(|at| left.swap_remove(at)).is_some();
    said.iter().filter(|word| was_heard(word)).count() as f64 / said.len() as f64
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
