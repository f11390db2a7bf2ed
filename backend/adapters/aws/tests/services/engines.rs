//! Engines on AWS behave as every engine, against scripted peers, and fail in words that a person can act on.

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use synapscribe_aws::{Converse, PollyNarrator, Said, Speaker, TitanEmbedder};
use synapscribe_domain::{Code, Failure, Usage};
use synapscribe_ports::conformance::engines;
use synapscribe_ports::{EmbedKind, Embedder, Narrator, Style};
use synapscribe_rehearsal::models::{MODEL, Mishap, Models};

use crate::cloud::at;

const THROTTLED: Mishap = Mishap::Refused(429, "ThrottlingException");
/// As often as a call is tried.
const TRIES: usize = 3;

#[tokio::test]
async fn the_voice_behaves_as_every_voice() {
    let models = Models::start().await.unwrap();
    engines::narrator(&PollyNarrator::new(&at(&models.address).await)).await;
}

#[tokio::test]
async fn a_long_text_is_spoken_in_parts_that_polly_takes_and_a_pace_is_markup() {
    let models = Models::start().await.unwrap();
    let voice = PollyNarrator::new(&at(&models.address).await);
    let text = "Slopes multiply along the chain. ".repeat(200);
    let slow = Style { voice: Some("Amy".into()), speed: 0.5 };
    for style in [Style::default(), slow] {
        let spoken: Vec<_> = voice.speak(&text, &style).await.unwrap().try_collect().await.unwrap();
        assert!(spoken.len() > 2, "speech is a stream");
        let asked = models.asked();
        assert_eq!(asked.len(), 3);
        let (kind, voice) = if style.voice.is_some() { ("ssml", "Amy") } else { ("text", "Joanna") };
        assert!(asked.iter().all(|a| a["TextType"] == kind && a["VoiceId"] == voice), "{:?}", asked[0]);
    }
}

#[tokio::test]
async fn when_words_are_spoken_is_asked_where_it_is_wanted_and_in_the_pace_of_the_speech() {
    let models = Models::start().await.unwrap();
    let voice = PollyNarrator::new(&at(&models.address).await);
    let slow = Style { voice: Some("Amy".into()), speed: 0.5 };
    assert_eq!(voice.words("Slopes & more.", &slow).await.unwrap(), []);
    assert!(models.asked().is_empty(), "what nobody wants costs nothing");
    let voice = voice.telling_words(true);
    let words = voice.words("Slopes & more.", &slow).await.unwrap();
    let places: Vec<_> = words.iter().map(|word| (word.from, word.to)).collect();
    assert_eq!(places, [(0, 6), (9, 13)]);
    assert!(words[0].at < words[1].at);
    let asked = &models.asked()[0];
    assert_eq!((&asked["VoiceId"], &asked["OutputFormat"]), (&"Amy".into(), &"json".into()), "{asked}");
    assert_eq!(voice.words(&"Slopes multiply along the chain. ".repeat(200), &slow).await.unwrap(), []);
}

#[tokio::test]
async fn the_usual_voice_is_the_operators_choice() {
    let models = Models::start().await.unwrap();
    let voice = PollyNarrator::new(&at(&models.address).await).usually("arthur").unwrap();
    assert_eq!((voice.card().model.as_str(), voice.voices()[0].name.as_str()), ("Arthur", "Arthur"));
    let _: Vec<_> = voice.speak("Yes.", &Style::default()).await.unwrap().collect().await;
    assert_eq!(models.asked()[0]["VoiceId"], "Arthur");
    let unknown = PollyNarrator::new(&at(&models.address).await).usually("Hal").unwrap_err();
    assert_eq!(unknown.code, Code::EngineMissing);
}

#[tokio::test]
async fn a_voice_that_is_throttled_speaks_a_little_later_and_else_says_that_it_is_busy() {
    let models = Models::start().await.unwrap();
    let voice = PollyNarrator::new(&at(&models.address).await);
    models.fail([THROTTLED; TRIES - 1]);
    assert!(voice.speak("Yes.", &Style::default()).await.is_ok());
    models.fail([THROTTLED; TRIES]);
    let busy = voice.speak("Yes.", &Style::default()).await.err().unwrap();
    assert_eq!((busy.code, busy.code.retryable()), (Code::Busy, true));
    models.fail([Mishap::Refused(403, "AccessDeniedException")]);
    assert_eq!(voice.speak("Yes.", &Style::default()).await.err().unwrap().code, Code::EngineMissing);
}

#[tokio::test]
async fn speech_that_breaks_off_says_so() {
    let models = Models::start().await.unwrap();
    let voice = PollyNarrator::new(&at(&models.address).await);
    models.fail([Mishap::Cut]);
    let mut speech = voice.speak("The gradient points uphill.", &Style::default()).await.unwrap();
    assert!(speech.next().await.unwrap().is_ok(), "what came is heard");
    models.cut();
    let rest: Vec<_> = speech.collect().await;
    assert_eq!(rest.last().unwrap().as_ref().err().map(|failure| failure.code), Some(Code::EngineFailed));
}

#[tokio::test]
async fn titan_behaves_as_every_embedder() {
    let models = Models::start().await.unwrap();
    for dimension in [256, 512, 1024] {
        engines::embedder(&TitanEmbedder::new(&at(&models.address).await, dimension).unwrap()).await;
    }
    assert!(TitanEmbedder::new(&at(&models.address).await, 384).is_err());
    let embedder = TitanEmbedder::new(&at(&models.address).await, 256).unwrap();
    models.fail([THROTTLED; TRIES]);
    let busy = embedder.embed(&["a word".into()], EmbedKind::Query).await.err().unwrap();
    assert_eq!(busy.code, Code::Busy);
}

#[tokio::test]
async fn a_model_says_what_it_writes_while_it_writes_it_and_what_it_cost() {
    let models = Models::start().await.unwrap();
    let model = Converse::new(&at(&models.address).await, MODEL);
    let said: Vec<Said> = ask(&model).await.into_iter().collect::<Result<_, _>>().unwrap();
    let usage = Usage { tokens_in: 1_012, tokens_out: 7, ..Usage::default() };
    let text = |words: &str| Said::Text(words.into());
    assert_eq!(said, [text("The gradient "), text("points uphill “↑”."), Said::End { usage, cut: false }]);
    let asked = &models.asked()[0];
    assert_eq!(asked["system"][0]["text"], "Answer briefly.");
    assert_eq!(asked["system"][1]["cachePoint"]["type"], "default", "what does not change is kept for the next question");
    let roles: Vec<_> = asked["messages"].as_array().unwrap().iter().map(|m| m["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["user", "assistant", "user"]);
    assert_eq!(asked["inferenceConfig"]["maxTokens"], 300);
}

#[tokio::test]
async fn a_model_that_breaks_off_in_any_way_says_so_after_what_it_said() {
    let models = Models::start().await.unwrap();
    let model = Converse::new(&at(&models.address).await, MODEL);
    for (mishap, code) in [
        (Mishap::Cut, Code::EngineFailed),
        (Mishap::Short, Code::EngineFailed),
        (Mishap::Inside("throttlingException"), Code::Busy),
        (Mishap::Inside("modelStreamErrorException"), Code::EngineFailed),
        (Mishap::Inside("aFutureException"), Code::EngineFailed),
    ] {
        models.fail([mishap]);
        let mut said = begin(&model).await.unwrap();
        assert_eq!(said.next().await.unwrap().ok(), Some(Said::Text("The gradient ".into())), "{mishap:?}");
        models.cut();
        let rest: Vec<_> = said.collect().await;
        assert_eq!(rest.iter().map(|s| s.as_ref().err().map(|f| f.code)).collect::<Vec<_>>(), [Some(code)], "{mishap:?}");
    }
    models.fail([THROTTLED; TRIES - 1]);
    assert!(ask(&model).await.iter().all(Result::is_ok), "it is asked again before it said a word");
}

async fn ask(model: &Converse) -> Vec<Result<Said, Failure>> {
    match begin(model).await {
        Ok(stream) => stream.collect().await,
        Err(failure) => vec![Err(failure)],
    }
}

async fn begin(model: &Converse) -> Result<BoxStream<'static, Result<Said, Failure>>, Failure> {
    let talk = [(Speaker::Person, "Hello."), (Speaker::Model, "Hello!"), (Speaker::Person, "What is the gradient?")];
    let talk = talk.map(|(speaker, words)| (speaker, words.to_owned()));
    model.stream("Answer briefly.", &talk, 300).await
}
