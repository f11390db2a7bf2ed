//! Searching: what it asks the library for.

use synapscribe_domain::LectureState;
use synapscribe_domain::retrieval::Weights;
use synapscribe_ports::{EmbedKind, Embedder, Library, Meaning};
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

#[tokio::test]
async fn what_is_near_and_says_nothing_of_it_makes_room_for_what_does() {
    let world = World::new();
    for (name, text) in [("noise", "The the the sun."), ("tide", "A moon rises over hills and woods.")] {
        let lecture = world.lecture(name, "ada", LectureState::Ready, &[text]).await;
        let vectors = world.vectors.embed(&[text.to_owned()], EmbedKind::Passage).await.unwrap();
        let passages = world.library.passages(&(&lecture.id).into()).await.unwrap();
        let meanings: Vec<Meaning> = vectors.into_iter().map(Meaning::from).collect();
        world.library.index(&(&lecture.id).into(), &passages, &world.vectors.space(), &meanings).await.unwrap();
    }
    let searching = Searching {
        library: world.library.clone(),
        embedder: Some(world.vectors.clone()),
        patience: Patience::default(),
        weights: Weights::default(),
    };
    let wish = Wish { text: "the the the moon".into(), sources: Vec::new(), limit: 1 };
    let found = searching.search(&person("ada"), &wish).await.unwrap();
    assert_eq!(found.hits.iter().map(|hit| (hit.title.as_str(), hit.place.number)).collect::<Vec<_>>(), [("tide", 1)]);
}
