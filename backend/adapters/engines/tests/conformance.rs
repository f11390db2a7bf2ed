//! Every engine that needs no server runs the suite of its port; those behind servers run it in their own tests.

use synapscribe_domain::Pcm;
use synapscribe_engines::builtin::flite::{Flite, Speed, Voice};
use synapscribe_engines::extractive::ExtractiveTutor;
use synapscribe_engines::hashed::HashedEmbedder;
use synapscribe_engines::in_process::{BuiltInEar, BuiltInVoice};
use synapscribe_ports::conformance::engines;

#[tokio::test]
async fn the_built_in_tutor_behaves_as_every_tutor() {
    engines::tutor(&ExtractiveTutor).await;
}

#[tokio::test]
async fn word_hashes_behave_as_every_embedder() {
    engines::embedder(&HashedEmbedder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_voice_behaves_as_every_voice() {
    engines::narrator(&BuiltInVoice::open(None).expect("the set-up installs the voice's library")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_ear_behaves_as_every_ear() {
    let voice = Flite::load().expect("the set-up installs the voice's library");
    let words = "What happens when the steps that we take downhill are much too large?";
    let mut audio = vec![0.0; 8000];
    audio.append(&mut voice.speak(words, Voice::Slt, Speed::NORMAL).expect("it speaks").0);
    audio.resize(audio.len() + 8000, 0.0);
    let saying = engines::Saying { audio: Pcm(audio), words: words.into() };
    engines::transcriber(&BuiltInEar::open().expect("the set-up installs the ear's library"), &saying).await;
}
