//! How every store is brought up to date. It starts from an empty one.

use crate::schema::Schema;

/// Runs every check.
pub async fn suite(schema: &dyn Schema) {
    let together = futures::future::join_all((0..4).map(|_| schema.upgrade())).await;
    let together: Vec<_> = together.into_iter().map(Result::unwrap).collect();
    let (first, others): (Vec<_>, Vec<_>) = together.into_iter().partition(|upgrade| upgrade.from == 0);
    assert_eq!(first.len(), 1, "one of several at once does the work: {others:?}");
    let newest = first[0].to;
    assert!(newest > 0 && !first[0].applied.is_empty(), "{first:?}");
    for again in others.iter().chain([&schema.upgrade().await.unwrap()]) {
        assert_eq!((again.from, again.to), (newest, newest));
        assert!(again.applied.is_empty() && again.settled.is_empty(), "nothing is done twice: {again:?}");
    }
}
