//! What every store of model files tells; knows nothing of where they come from.

use async_trait::async_trait;

use crate::Models;

/// Somebody who puts files of models where the store keeps them, and takes them away.
#[async_trait]
pub trait Hand: Send + Sync {
    /// A model is there as a whole; returns its bytes.
    async fn whole(&self) -> u64;
    /// Of another model, a part is there, as of a download that broke off; returns the part's bytes.
    async fn part(&self) -> u64;
    /// A file is there that belongs to no model.
    async fn stray(&self);
    /// All models are gone.
    async fn none(&self);
}

/// All that is there of the models is counted, at that moment, and nothing else is.
pub async fn suite(models: &dyn Models, hand: &dyn Hand) {
    let bytes = async || models.bytes().await.expect("the models can be counted");
    assert_eq!(bytes().await, 0, "there is nothing at first, and that is no error");
    let part = hand.part().await;
    assert!(part > 0);
    assert_eq!(bytes().await, part, "what came before a download broke off takes room too");
    let whole = hand.whole().await;
    assert_eq!(bytes().await, part + whole);
    assert_eq!(bytes().await, part + whole, "counting changes nothing");
    hand.stray().await;
    assert_eq!(bytes().await, part + whole, "what is no model is not counted as one");
    hand.none().await;
    assert_eq!(bytes().await, 0, "what is gone takes no room");
}
