//! Searching: what it asks the library for.

use synapscribe_domain::LectureState;
use synapscribe_domain::retrieval::Weights;
use synapscribe_usecases::Searching;
use synapscribe_usecases::patience::Patience;
use synapscribe_usecases::search::Wish;

use crate::world::{World, person};

#[tokio::test]
async fn a_search_looks_up_the_sources_of_what_it_tells_and_each_once() {
    let world = World::new();
    world.lecture("ebb", "ada", LectureState::Ready, &["The moon pulls."]).await;
    world.lecture("flow", "ada", LectureState::Ready, &["The moon rises.", "The moon sets."]).await;
    let searching =
        Searching { library: world.library.clone(), embedder: None, patience: Patience::default(), weights: Weights::default() };
    for (limit, sources) in [(1, 1), (3, 2)] {
        let before = world.library.looked_up();
        let wish = Wish { text: "moon".into(), sources: Vec::new(), limit };
        let found = searching.search(&person("ada"), &wish).await.unwrap();
        assert_eq!((found.hits.len(), world.library.looked_up() - before), (limit, sources));
    }
}
