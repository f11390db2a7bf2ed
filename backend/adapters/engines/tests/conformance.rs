//! Every engine that needs no server runs the suite of its port; those behind servers run it in their own tests.

use synapscribe_domain::Code;
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
    match BuiltInVoice::open(None) {
        Ok(voice) => engines::narrator(&voice).await,
        // A machine without the library gets a failure that names the package; what the voice does is tested where it is installed.
        Err(failure) => assert_eq!(failure.code, Code::EngineMissing),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_ear_behaves_as_every_ear() {
    match BuiltInEar::open() {
        Ok(ear) => engines::transcriber(&ear).await,
        Err(failure) => assert_eq!(failure.code, Code::EngineMissing),
    }
}
