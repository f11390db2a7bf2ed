//! Steps that fail and may work later are tried again, after a pause that grows each time, and end in a state that says why.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use synapscribe_domain::document::{DocumentState, Step};
use synapscribe_domain::{Code, DocumentId, Failure};
use synapscribe_ports::{Clock, Documents, Job, Jobs, Lane};
use synapscribe_usecases::jobs::{Handler, Places, Worker};
use tokio_util::sync::CancellationToken;

use crate::documents::uploaded;
use crate::world::World;

/// Does steps, unless they are to fail.
struct Hands {
    world: Arc<World>,
    fails: bool,
    /// When, in milliseconds since the first, and whether it was said to be the last time.
    tried: Mutex<Vec<(i64, bool)>>,
}

#[async_trait]
impl Handler for Hands {
    async fn handle(&self, job: &Job, last: bool) -> Result<Option<Duration>, Failure> {
        let Job::MakeDocument { document, step } = job else { panic!("{job:?}") };
        self.tried.lock().unwrap().push((self.world.now().0, last));
        if self.fails {
            return Err(Failure::new(Code::EngineFailed, "the engine is away"));
        }
        self.world.making().step(document, *step, last).await.map(|()| None)
    }

    async fn gave_up(&self, job: &Job, failure: &Failure) {
        let document = job.document().expect("a step is about a document");
        self.world.making().give_up(&document, failure.clone()).await.unwrap();
    }
}

/// Works on whatever is due, a millisecond after the other, for this long.
async fn work(world: &Arc<World>, fails: bool, ms: i64) -> Vec<(i64, bool)> {
    let hands = Arc::new(Hands { world: Arc::clone(world), fails, tried: Mutex::default() });
    let worker = Worker {
        jobs: world.jobs.clone(),
        handler: Arc::clone(&hands) as Arc<dyn Handler>,
        clock: world.clock.clone(),
        places: Places::for_cores(1),
    };
    let (stop, begun) = (CancellationToken::new(), world.clock.now().0);
    for _ in 0..ms / 100 {
        while worker.one(Lane::Documents, &stop).await.unwrap() {}
        world.clock.pass(100);
    }
    let tried = hands.tried.lock().unwrap();
    tried.iter().map(|(at, last)| (at - begun, *last)).collect()
}

async fn state(world: &World, id: &DocumentId) -> DocumentState {
    world.library.document(id).await.unwrap().unwrap().state
}

#[tokio::test]
async fn a_step_is_tried_again_three_times_each_after_a_longer_pause_and_then_says_why() {
    let world = Arc::new(World::new());
    let id = uploaded(&world, "ada", "# Tides\n\nThe moon pulls.").await;
    let tried = work(&world, true, 120_000).await;
    assert_eq!(tried, [(0, false), (2_000, false), (10_000, false), (42_000, true)]);
    let DocumentState::Failed { failure } = state(&world, &id).await else { panic!("it did not end") };
    assert_eq!((failure.code, failure.message.as_str()), (Code::EngineFailed, "the engine is away"));
    assert_eq!(world.jobs.depth().await.unwrap(), (0, 0, 1), "an operator finds it");
}

#[tokio::test]
async fn a_step_that_works_again_goes_on_with_the_next_ones() {
    let world = Arc::new(World::new());
    let id = uploaded(&world, "ada", "# Tides\n\nThe moon pulls.").await;
    assert_eq!(work(&world, true, 5_000).await.len(), 2);
    assert_eq!(work(&world, false, 10_000).await.len(), Step::ALL.len());
    assert_eq!(state(&world, &id).await, DocumentState::Ready);
    assert_eq!(world.jobs.depth().await.unwrap(), (0, 0, 0));
}
