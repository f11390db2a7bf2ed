//! The ports in memory behave as every adapter of them has to, so that what is tested on them holds elsewhere.

use std::sync::Arc;

use async_trait::async_trait;
use synapscribe_domain::account::EmailAddress;
use synapscribe_domain::{Code, ConnectionId, Failure, Pcm, Timestamp};
use synapscribe_ports::conformance::connections::Peer;
use synapscribe_ports::conformance::engines::Saying;
use synapscribe_ports::conformance::{
    accounts, agent, audience, audio, classes, connections, documents, engines, herald, jobs, ledger, library, models, objects,
    packs, page_recogniser, reader, sessions, world,
};
use synapscribe_ports::fakes::{
    CountedIdentities, CountedSecrets, Ear, Eye, Listeners, Mailbox, MemoryAccounts, MemoryAudit, MemoryBus, MemoryConnections,
    MemoryInvitations, MemoryJobs, MemoryKeys, MemoryLedger, MemoryLibrary, MemoryLimits, MemoryModels, MemoryObjects,
    MemoryProofs, MemorySessions, MemorySignIns, NumberedIds, PlainPasswords, PlainTokens, Postbox, ScriptedAgent, ScriptedTutor,
    SetClock, TextReader, Town, Voice, WavAudio, WordVectors,
};
use synapscribe_ports::{Bias, EmbedKind, Embedder, EngineCard, Meaning, Parted, Transcriber, Transcript};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn the_stores_behave_as_every_store() {
    library::suite(&MemoryLibrary::default()).await;
    let shelf = MemoryLibrary::default();
    documents::suite(&shelf, &shelf).await;
    classes::suite(&MemoryLibrary::default()).await;
    packs::suite(&MemoryLibrary::default()).await;
    sessions::suite(&MemorySessions::default()).await;
    ledger::suite(&MemoryLedger::default()).await;
    jobs::suite(&MemoryJobs::default()).await;
    let scratch = tempfile::tempdir().unwrap();
    objects::suite(&MemoryObjects::new(Arc::new(SetClock::at(Timestamp(1)))), scratch.path()).await;
    let shelf = MemoryModels::default();
    models::suite(&shelf, &Filling(&shelf)).await;
}

#[tokio::test]
async fn accounts_are_kept_as_everywhere() {
    let passwords = Arc::new(PlainPasswords::default());
    let people = MemoryAccounts::new(Arc::new(CountedSecrets::default()));
    accounts::people(&people, &MemoryProofs::apart(Arc::clone(&passwords) as _)).await;
    let people = Arc::new(MemoryAccounts::new(Arc::new(CountedSecrets::default())));
    let proofs = MemoryProofs::of(Arc::clone(&people), passwords);
    accounts::people(&*people, &proofs).await;
    accounts::beside(&*people, &proofs).await;
    accounts::sign_ins(&MemorySignIns::default()).await;
    accounts::invitations(&MemoryInvitations::default()).await;
    accounts::limits(&MemoryLimits::default()).await;
    accounts::audit(&MemoryAudit::default()).await;
    accounts::keys(&MemoryKeys::default()).await;
    let post = Postbox::default();
    let inbox = async |address: &EmailAddress| post.of(address).into_iter().map(|letter| (letter.subject, letter.text)).collect();
    accounts::mail(&post, inbox).await;
}

#[tokio::test]
async fn secrets_that_are_none_behave_as_those_that_are() {
    accounts::passwords(&PlainPasswords::default(), &PlainPasswords::exhausted()).await;
    let host = CountedSecrets::default;
    accounts::secrets(&host(), &host(), &CountedSecrets::of_host(1));
    accounts::identities(&CountedIdentities::default()).await;
    let (ours, stranger, clock) = (PlainTokens::default(), PlainTokens::default(), SetClock::at(Timestamp(1_790_000_000_000)));
    let makers = accounts::Makers { ours: &ours, elsewhere: &ours.clone(), stranger: &stranger, clock: &clock };
    accounts::tokens(makers, |token, key| token.split('.').next() == Some(key.kid.as_str())).await;
}

#[test]
fn time_that_is_set_and_names_that_are_counted_behave_as_real_ones() {
    world::clock(&SetClock::at(Timestamp(1_790_000_000_000)));
    world::ids(&NumberedIds::default());
}

struct Filling<'a>(&'a MemoryModels);

#[async_trait]
impl models::Hand for Filling<'_> {
    async fn whole(&self) -> u64 {
        self.0.put("ear", 700);
        700
    }

    async fn part(&self) -> u64 {
        self.0.put("meaning", 30);
        30
    }

    async fn stray(&self) {}

    async fn none(&self) {
        self.0.clear();
    }
}

#[tokio::test]
async fn the_engines_behave_as_every_engine() {
    engines::tutor(&ScriptedTutor::default()).await;
    engines::tutor(&ScriptedTutor::with_window(8_192)).await;
    engines::narrator(&Voice::default()).await;
    engines::transcriber(&Ear::default(), &tone()).await;
    engines::embedder(&WordVectors::default()).await;
    let words = "The moon pulls the water.\nIt rises.\n\nThe wind makes waves.";
    let sheets = page_recogniser::Sheets { written: words.into(), words: words.into(), blank: Vec::new() };
    page_recogniser::suite(&Eye::default(), &sheets).await;
    let folder = tempfile::tempdir().unwrap();
    audio::suite(&WavAudio, folder.path()).await;
    let folder = tempfile::tempdir().unwrap();
    reader::suite(&TextReader, folder.path()).await;
}

/// A second of sound, in which the ear hears how long it is.
fn tone() -> Saying {
    Saying { audio: Pcm(vec![0.1; 16_000]), words: "Something of 1000 ms was said.".into() }
}

/// Hears these words in everything that is not silent.
struct Imagines(&'static str);

#[async_trait]
impl Transcriber for Imagines {
    fn card(&self) -> EngineCard {
        EngineCard::local("imagination", "imagination")
    }

    async fn transcribe(&self, audio: Pcm, bias: &Bias, cancel: &CancellationToken) -> Result<Transcript, Failure> {
        let ear = Ear::default();
        ear.expect(if self.0.is_empty() { &bias.text } else { self.0 });
        ear.transcribe(audio, bias, cancel).await
    }

    fn as_dyn(&self) -> &dyn Transcriber {
        self
    }
}

/// Hears nothing at all.
struct Deaf;

#[async_trait]
impl Transcriber for Deaf {
    fn card(&self) -> EngineCard {
        EngineCard::local("deaf", "deaf")
    }

    async fn transcribe(&self, _: Pcm, _: &Bias, cancel: &CancellationToken) -> Result<Transcript, Failure> {
        if cancel.is_cancelled() { Err(Failure::new(Code::Cancelled, "it was stopped")) } else { Ok(Transcript::default()) }
    }

    fn as_dyn(&self) -> &dyn Transcriber {
        self
    }
}

#[tokio::test]
async fn a_deaf_ear_and_one_that_imagines_words_are_told_from_one_that_hears() {
    engines::transcriber_without_words(&Deaf).await;
    engines::transcriber(&Imagines("Something of 1000 ms was said."), &tone()).await;
    // Words of one's own, and those that the bias makes likely.
    for ear in [Box::new(Deaf) as Box<dyn Transcriber>, Box::new(Imagines("Thanks for watching!")), Box::new(Imagines(""))] {
        let judged = tokio::spawn(async move { engines::transcriber(ear.as_ref(), &tone()).await }).await;
        assert!(judged.is_err_and(|error| error.is_panic()));
    }
}

/// Vectors of words, of every part as well, with a slip.
struct Slips(fn(&mut Vec<Meaning>));

#[async_trait]
impl Embedder for Slips {
    fn card(&self) -> EngineCard {
        EngineCard::local("slips", "slips")
    }

    fn dimension(&self) -> usize {
        WordVectors::default().dimension()
    }

    async fn embed(&self, texts: &[String], kind: EmbedKind) -> Result<Vec<Vec<f32>>, Failure> {
        WordVectors::default().embed(texts, kind).await
    }

    async fn embed_parted(&self, texts: &[Parted]) -> Result<Vec<Meaning>, Failure> {
        let mut meanings = WordVectors::default().embed_parted(texts).await?;
        for (meaning, text) in meanings.iter_mut().zip(texts) {
            let parts: Vec<String> = text.parts.iter().map(|part| text.text[part.clone()].to_owned()).collect();
            meaning.parts = self.embed(&parts, EmbedKind::Passage).await?;
        }
        if !texts.is_empty() {
            self.0(&mut meanings);
        }
        Ok(meanings)
    }
}

#[tokio::test]
async fn an_embedder_that_loses_a_part_or_bends_a_vector_is_told_from_one_that_does_not() {
    engines::embedder(&Slips(|_| {})).await;
    let slips: [fn(&mut Vec<Meaning>); 6] = [
        |meanings| drop(meanings.pop()),
        |meanings| drop(meanings[0].parts.pop()),
        |meanings| meanings[2].parts = meanings[0].parts.clone(),
        |meanings| meanings[0].parts[1][0] += 1.0,
        |meanings| meanings[1].parts[0].truncate(3),
        |meanings| meanings.swap(0, 1),
    ];
    for slip in slips {
        let judged = tokio::spawn(async move { engines::embedder(&Slips(slip)).await }).await;
        assert!(judged.is_err_and(|error| error.is_panic()));
    }
}

#[tokio::test]
async fn the_agent_behaves_as_every_agent() {
    let scripted = ScriptedAgent::default();
    agent::suite(&scripted, &|| scripted.working()).await;
}

struct Letters(Mailbox);

#[async_trait]
impl Peer for Letters {
    async fn next(&mut self) -> Option<String> {
        self.0.next().await
    }
}

/// Somebody who is there until dropped and reads what they were told one by one.
struct Listener {
    listeners: Arc<Listeners>,
    connection: ConnectionId,
    read: usize,
}

#[async_trait]
impl Peer for Listener {
    async fn next(&mut self) -> Option<String> {
        let notice = self.listeners.told(&self.connection).into_iter().nth(self.read)?;
        self.read += 1;
        Some(format!("{notice:?}"))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.listeners.leave(&self.connection);
    }
}

#[tokio::test]
async fn the_gateway_and_the_audience_behave_as_all_of_them() {
    let gateway = MemoryConnections::default();
    connections::suite(&gateway, |connection| Box::new(Letters(gateway.attach(connection)))).await;
    let listeners = Arc::new(Listeners::default());
    let connect = |connection: &ConnectionId| -> Box<dyn Peer> {
        listeners.arrive(connection);
        Box::new(Listener { listeners: Arc::clone(&listeners), connection: connection.clone(), read: 0 })
    };
    audience::suite(&*listeners, connect).await;
}

#[tokio::test]
async fn other_systems_are_told_as_everywhere() {
    let town = Town::default();
    herald::suite(&town, async || town.told().len()).await;
    let bus = MemoryBus::default();
    herald::bus(&bus, async || bus.taken()).await;
}
