//! The built-in voice and ear on real speech: what is spoken is understood, biased by the sample lecture.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use futures::StreamExt;
use synapscribe_domain::{Code, Pcm, Phrase};
use synapscribe_engines::builtin::denoise;
use synapscribe_engines::builtin::flite::{Flite, Speed, Voice};
use synapscribe_engines::builtin::lecture_words::LectureWords;
use synapscribe_engines::builtin::pocketsphinx::{Ear, Settings};
use synapscribe_engines::builtin::script::speak_script;
use synapscribe_engines::builtin::wer::{WordErrors, word_errors};
use synapscribe_engines::in_process::{BuiltInEar, BuiltInVoice};
use synapscribe_ports::{Bias, Narrator, Style, Transcriber};
use tokio_util::sync::CancellationToken;

static EAR: LazyLock<Ear> =
    LazyLock::new(|| Ear::open(Settings::default()).expect("the packages of the built-in ear are installed"));
static LECTURE: LazyLock<Arc<LectureWords>> = LazyLock::new(|| Arc::new(LectureWords::of(&sample("lecture.txt"))));

fn sample(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../samples/gradient-descent").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn voice() -> Flite {
    Flite::load().expect("the package of the built-in voice is installed")
}

/// A recording as a microphone makes it: half a second before and after the words.
fn recording(text: &str, who: Voice) -> Pcm {
    let mut samples = vec![0.0; 8000];
    samples.append(&mut voice().speak(text, who, Speed::NORMAL).unwrap().0);
    samples.resize(samples.len() + 8000, 0.0);
    Pcm(samples)
}

fn text(phrases: &[Phrase]) -> String {
    phrases.iter().map(|phrase| phrase.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn never() -> bool {
    false
}

fn noise(length: usize, loud: f32) -> Vec<f32> {
    let mut state = 12_345u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state as f32 / u32::MAX as f32 * 2.0 - 1.0) * loud
        })
        .collect()
}

/// The questions of the sample that its lecture answers.
fn questions() -> Vec<String> {
    let all: Vec<serde_json::Value> = serde_json::from_str(&sample("questions.json")).unwrap();
    let answerable = all.iter().filter(|question| question["unanswerable"] != true);
    answerable.map(|question| question["question"].as_str().unwrap().to_owned()).collect()
}

fn errors(questions: &[String], who: Voice, lecture: Option<&Arc<LectureWords>>) -> WordErrors {
    let mut sum = WordErrors::default();
    for question in questions {
        let heard = EAR.recognise(&recording(question, who), lecture, &never).unwrap();
        sum += word_errors(question, &text(&heard));
    }
    sum
}

#[test]
fn the_sample_lecture_holds_what_its_questions_ask() {
    let lecture = sample("lecture.txt");
    let all: Vec<serde_json::Value> = serde_json::from_str(&sample("questions.json")).unwrap();
    assert!(all[0]["question"].as_str().unwrap().contains("chain rule"));
    for question in all.iter().filter(|question| question["unanswerable"] != true) {
        let passage = question["passage_contains"].as_str().unwrap();
        assert!(lecture.contains(passage), "{passage}");
    }
    assert_eq!(all.iter().filter(|question| question["unanswerable"] == true).count(), 6);
}

#[test]
fn questions_about_the_lecture_are_understood_better_with_its_words() {
    let questions = questions();
    for (who, some) in [(Voice::Slt, &questions[..8]), (Voice::Rms, &questions[8..16])] {
        let biased = errors(some, who, Some(&LECTURE));
        assert!(biased.rate() <= 0.20, "{who:?}: {:.1} % with the lecture's words", 100.0 * biased.rate());
    }
    let some = &questions[..8];
    let (with, without) = (errors(some, Voice::Slt, Some(&LECTURE)), errors(some, Voice::Slt, None));
    // A few words decide on so short a set, so only a clear loss counts.
    assert!(with.rate() <= without.rate() + 0.05, "{with:?} against {without:?}");
    assert!(without.rate() <= 0.45, "{without:?}");
}

#[test]
fn words_that_no_dictionary_holds_are_learnt_from_the_lecture() {
    let lecture = Arc::new(LectureWords::of(
        "The Brimbolator was built by Professor Zantrovsky. Every Brimbolator has two zorkels. Zantrovsky called the zorkels simple.",
    ));
    let heard = text(
        &EAR.recognise(&recording("What is a Brimbolator, and who was Zantrovsky?", Voice::Slt), Some(&lecture), &never).unwrap(),
    );
    assert!(heard.contains("Brimbolator") && heard.contains("Zantrovsky"), "{heard}");
}

#[test]
fn silence_and_noise_hold_no_words_and_do_no_harm() {
    assert_eq!(EAR.recognise(&Pcm::default(), None, &never).unwrap(), []);
    assert_eq!(EAR.recognise(&Pcm(vec![0.0; 48_000]), None, &never).unwrap(), []);
    assert_eq!(EAR.recognise(&Pcm(vec![f32::NAN; 8_000]), None, &never).unwrap(), []);
    let heard = EAR.recognise(&Pcm(noise(64_000, 0.3)), Some(&LECTURE), &never).unwrap();
    assert!(heard.iter().map(|phrase| phrase.words.len()).sum::<usize>() < 8, "{heard:?}");
}

#[test]
fn speech_in_noise_is_cleaned_before_it_is_recognised() {
    let question = "What happens if the learning rate is too large?";
    let mut noisy = recording(question, Voice::Slt);
    let hiss = noise(noisy.0.len(), 0.012);
    noisy.0.iter_mut().zip(&hiss).for_each(|(sample, hiss)| *sample += hiss);
    assert_eq!(denoise::denoise(&noisy.0).len(), noisy.0.len());
    let heard = text(&EAR.recognise(&noisy, Some(&LECTURE), &never).unwrap());
    assert!(word_errors(question, &heard).rate() <= 0.35, "{heard}");
}

#[test]
fn words_are_known_while_somebody_still_speaks() {
    let question = "What does the chain rule say about the slope of a composition?";
    let sound = recording(question, Voice::Slt);
    let mut listening = EAR.listen(Some(&LECTURE), &never).unwrap();
    let mut partials = Vec::new();
    for chunk in sound.0.chunks(1600) {
        partials.extend(listening.hear(chunk).unwrap());
    }
    assert!(partials.len() > 10 && partials.iter().any(|partial| partial.contains("chain rule")), "{partials:?}");
    let heard = text(&listening.finish(&never).unwrap());
    assert!(word_errors(question, &heard).rate() <= 0.2, "{heard}");

    let mut nothing = EAR.listen(Some(&LECTURE), &never).unwrap();
    nothing.hear(&[0.0; 16_000]).unwrap();
    assert_eq!(nothing.finish(&never).unwrap(), []);
}

#[test]
fn a_long_live_question_is_understood_pause_by_pause() {
    let parts =
        ["The gradient points uphill, in the direction of steepest ascent.", "The learning rate is the size of the step."];
    let (pcm, said) = speak_script(&parts, Voice::Slt, &|_, _| ()).unwrap();
    let mut listening = EAR.listen(Some(&LECTURE), &never).unwrap();
    let mut partials = Vec::new();
    for chunk in pcm.0.chunks(1600).chain([&[0.0f32; 16_000][..]]) {
        partials.extend(listening.hear(chunk).unwrap());
    }
    let heard = listening.finish(&never).unwrap();
    assert!(word_errors(&parts.join(" "), &text(&heard)).rate() <= 0.2, "{heard:?}");
    // What a decoder heard before colours how it hears the first words; at the end all of them are weighed once more.
    let last = partials.last().unwrap();
    assert!(last.contains("steepest ascent") && last.contains("the learning rate"), "{last}");
    // The second sentence keeps its place in the recording.
    let second = heard.iter().flat_map(|phrase| &phrase.words).find(|word| word.text == "learning").unwrap();
    assert!(second.span.from >= said[1].span.from && second.span.to <= said[1].span.to, "{second:?} {said:?}");
}

#[test]
fn a_cancelled_recognition_stops_between_stretches() {
    let sound = recording(&"The gradient points uphill. ".repeat(20), Voice::Rms);
    let asked = AtomicUsize::new(0);
    let stop = || asked.fetch_add(1, Ordering::Relaxed) >= 2;
    assert_eq!(EAR.recognise(&sound, Some(&LECTURE), &stop).unwrap_err().code, Code::Cancelled);
    assert!(asked.load(Ordering::Relaxed) <= 4);
}

#[test]
fn a_script_is_spoken_with_exact_times_that_the_ear_confirms() {
    let told = Mutex::new(Vec::new());
    let paragraphs = ["The loss is a number. It tells us how wrong we are.", "The gradient points uphill."];
    let (pcm, phrases) = speak_script(&paragraphs, Voice::Slt, &|done, total| told.lock().unwrap().push((done, total))).unwrap();
    let mut told = told.into_inner().unwrap();
    told.sort_unstable();
    assert_eq!(told, [(1, 3), (2, 3), (3, 3)], "each sentence is told of");
    assert_eq!(phrases.len(), 3);
    assert_eq!(phrases[0].span.from.0, 0);
    let gap = |a: usize| phrases[a + 1].span.from.0 - phrases[a].span.to.0;
    assert!((349..=351).contains(&gap(0)) && (899..=901).contains(&gap(1)), "{} {}", gap(0), gap(1));
    assert_eq!(phrases[2].span.to, pcm.length());
    for pair in phrases.windows(2) {
        let silence = &pcm.0[pair[0].span.to.0 as usize * 16 + 16..pair[1].span.from.0 as usize * 16 - 16];
        assert!(silence.iter().all(|sample| *sample == 0.0));
    }
    let heard = EAR.recognise(&pcm, Some(&LECTURE), &never).unwrap();
    assert_eq!(heard.len(), 3, "{heard:?}");
    for (said, heard) in phrases.iter().zip(&heard) {
        assert!(
            said.span.from.0.abs_diff(heard.span.from.0) < 150 && said.span.to.0.abs_diff(heard.span.to.0) < 250,
            "{said:?} {heard:?}"
        );
        assert!((0.0..=1.0).contains(&heard.confidence) && heard.words.windows(2).all(|w| w[0].span.from < w[1].span.from));
    }
    assert!(speak_script(&[], Voice::Slt, &|_, _| ()).unwrap().1.is_empty());
}

#[test]
fn every_installed_voice_speaks_and_obeys_speed_and_stop() {
    let flite = voice();
    assert!(flite.voices().starts_with(&[Voice::Slt, Voice::Rms]), "{:?}", flite.voices());
    for who in flite.voices() {
        let normal = flite.speak("The learning rate is 0.1 and x² grows.", who, Speed::NORMAL).unwrap();
        let slow = flite.speak("The learning rate is 0.1 and x² grows.", who, Speed::new(0.5)).unwrap();
        assert!(slow.0.len() as f32 > 1.5 * normal.0.len() as f32, "{who:?}");
        assert!(normal.0.iter().any(|sample| sample.abs() > 0.1) && normal.0.iter().all(|sample| sample.abs() <= 1.0));
        let mut heard = 0;
        let flow = flite.speak_into(
            &"A long sentence that nobody wants to hear to its end. ".repeat(40),
            who,
            Speed::NORMAL,
            &mut |samples| {
                heard += samples.len();
                if heard > 1600 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        assert_eq!(flow.unwrap(), ControlFlow::Break(()));
        assert!(heard < 8000, "{who:?} went on for {heard} samples");
        assert!(flite.speak("… — 😀", who, Speed::NORMAL).unwrap().0.is_empty());
        let mut waited = Vec::new();
        let flow = flite.speak_into("Yes, it is.", who, Speed::NORMAL, &mut |samples| {
            waited.extend_from_slice(samples);
            ControlFlow::Continue(())
        });
        assert_eq!(flow.unwrap(), ControlFlow::Continue(()));
        let begins = waited.iter().position(|sample| sample.abs() >= 0.008);
        assert!(begins.is_some_and(|at| at < 5 * 16), "{who:?} begins after {begins:?} samples");
    }
}

#[test]
fn many_threads_speak_at_once_and_say_the_same() {
    let flite = voice();
    let sentence = "First comes the forward pass, and then comes the backward pass.";
    // The excitation draws from the process's random numbers, so samples differ a little; how loud it is when does not.
    let loudness =
        |samples: &[f32]| samples.chunks_exact(320).map(|c| c.iter().map(|s| f64::from(s * s)).sum::<f64>()).collect::<Vec<_>>();
    let alone = loudness(&flite.speak(sentence, Voice::Slt, Speed::NORMAL).unwrap().0);
    let power = |frames: &[f64]| frames.iter().map(|s| s * s).sum::<f64>();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let alone = &alone;
            scope.spawn(move || {
                for _ in 0..8 {
                    let who = if thread % 4 == 3 { Voice::Rms } else { Voice::Slt };
                    let said = loudness(&flite.speak(sentence, who, Speed::NORMAL).unwrap().0);
                    if who == Voice::Slt {
                        assert!(said.len().abs_diff(alone.len()) <= 2, "{} frames, {} alone", said.len(), alone.len());
                        let same: f64 = said.iter().zip(alone).map(|(a, b)| a * b).sum();
                        let likeness = same / (power(&said) * power(alone)).sqrt();
                        assert!(likeness > 0.9, "{likeness}");
                    }
                }
            });
        }
    });
}

#[test]
fn words_are_pronounced_from_the_dictionary_or_by_rule() {
    let flite = voice();
    let said = |word: &str, spelled| flite.pronounce(word, spelled).join(" ");
    assert_eq!(said("gradient", false), "G R EY D IY AH N T");
    assert_eq!(said("Brimbolator", false).split(' ').next(), Some("B"));
    assert_eq!(said("gpu", true), "JH IY P IY Y UW");
    assert!(said("network's", false).ends_with("K S"));
    assert!(said("loss's", false).ends_with("S IH Z"));
    assert_eq!(said("42", false), "");
}

#[test]
fn a_missing_model_names_the_packages_to_install() {
    let folder = tempfile::tempdir().unwrap();
    let failure = Ear::open(Settings { models: folder.path().into(), ..Settings::default() }).unwrap_err();
    assert_eq!(failure.code, Code::EngineMissing);
    assert!(failure.message.contains("apt install") && failure.message.contains("pocketsphinx-en-us"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ports_speak_listen_and_stop() {
    let narrator = BuiltInVoice::open(Some("rms")).unwrap();
    assert_eq!(narrator.voices()[0].name, "rms");
    let question = "Why do we square the error?";
    let style = Style { voice: Some("slt".into()), ..Style::default() };
    let mut samples = vec![0.0; 8000];
    let mut stream = narrator.speak(question, &style).await.unwrap();
    let mut chunks = 0;
    while let Some(speech) = stream.next().await {
        samples.extend(speech.unwrap().samples);
        chunks += 1;
    }
    assert!(chunks > 10, "{chunks}");
    // Dropping a stream at once must leave nothing behind that keeps a voice from the next.
    for _ in 0..20 {
        drop(narrator.speak(&question.repeat(30), &style).await.unwrap());
    }
    assert!(narrator.speak("  ", &style).await.unwrap().next().await.is_none());

    let transcriber = BuiltInEar::open().unwrap();
    let bias = Bias { lecture: None, text: sample("lecture.txt").into() };
    transcriber.warm(&bias).await;
    let go = CancellationToken::new();
    let whole = transcriber.transcribe(Pcm(samples.clone()), &bias, &go).await.unwrap();
    assert!(word_errors(question, &whole.text()).rate() <= 0.5, "{}", whole.text());
    assert_eq!(whole.usage.audio_in_ms, samples.len() as u64 / 16);

    let mut listening = transcriber.listen(&bias).await.unwrap();
    for chunk in samples.chunks(3200) {
        listening.hear(chunk).await.unwrap();
    }
    let live = listening.finish(&go).await.unwrap();
    assert!(live.text().starts_with("why do we"), "{}", live.text());
    assert_eq!(live.usage, whole.usage);

    let stopped = CancellationToken::new();
    stopped.cancel();
    assert_eq!(transcriber.transcribe(Pcm(samples.clone()), &bias, &stopped).await.unwrap_err().code, Code::Cancelled);
    drop(transcriber.listen(&bias).await.unwrap());
}
