//! Who shows an access token, over everything in memory.

use std::sync::Arc;

use synapscribe_domain::Timestamp;
use synapscribe_ports::conformance::accounts::{self, Behind};
use synapscribe_ports::fakes::{CountedSecrets, MemoryAccounts, MemorySignIns, PlainTokens, SetClock};
use synapscribe_usecases::accounts::Admitting;

#[tokio::test]
async fn it_admits_as_everybody_who_looks_at_tokens() {
    let clock = Arc::new(SetClock::at(Timestamp(1_790_000_000_000)));
    let (tokens, sign_ins) = (Arc::new(PlainTokens::default()), Arc::new(MemorySignIns::default()));
    let people = Arc::new(MemoryAccounts::new(Arc::new(CountedSecrets::default())));
    let admitting = Admitting::new(tokens.clone(), sign_ins.clone(), people.clone(), clock.clone());
    let behind = Behind { tokens: &*tokens, sign_ins: &*sign_ins, accounts: &*people, clock: &clock };
    accounts::admission(&admitting, behind).await;
}
