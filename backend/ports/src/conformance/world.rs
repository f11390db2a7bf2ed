//! How every clock and everybody who gives names behaves.

use std::collections::HashSet;
use std::thread;

use synapscribe_domain::{SessionId, Timestamp};

use crate::world::{Clock, Ids};

/// The beginnings of 2025 and 2100, in UTC: a moment that lies before or after is in another unit, or none.
const SANE: std::ops::Range<Timestamp> = Timestamp(1_735_689_600_000)..Timestamp(4_102_444_800_000);
/// Whoever sets a running clock right moves it by less.
const SET_BACK_MS: i64 = 60_000;

/// How every clock behaves.
pub fn clock(clock: &dyn Clock) {
    let mut latest = clock.now();
    for _ in 0..10_000 {
        let now = clock.now();
        assert!(SANE.contains(&now), "{now:?} is no moment in milliseconds since 1970");
        assert!(now >= latest.plus(-SET_BACK_MS), "it was {latest:?}, and now it is {now:?}");
        latest = latest.max(now);
    }
}

/// How everybody behaves who gives names: of many, by several at once, none is given twice, and each is safe as a part of a path.
pub fn ids(ids: &dyn Ids) {
    let names: Vec<String> = thread::scope(|scope| {
        let several: Vec<_> = (0..4).map(|_| scope.spawn(|| (0..2_500).map(|_| ids.fresh()).collect::<Vec<_>>())).collect();
        several.into_iter().flat_map(|names| names.join().unwrap()).collect()
    });
    for name in &names {
        assert!(SessionId::parse(name.as_str()).is_ok(), "{name:?} names nothing");
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{name:?} is no plain part of a path");
    }
    // Some file systems take small and capital letters for the same.
    let distinct: HashSet<_> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    assert_eq!(distinct.len(), names.len(), "a name was given twice");
}
