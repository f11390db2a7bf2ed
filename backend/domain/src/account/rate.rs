//! How often something may be done: the generic cell rate algorithm, which needs one moment for each key and no window that
//! fills up. It keeps nothing itself.

use crate::time::Timestamp;

/// So many at once, and then one in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many are allowed at once.
    pub burst: u32,
    /// The time after which one more is, in milliseconds.
    pub every_ms: i64,
}

/// What came of taking one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is allowed; the moment to keep for the key.
    Allowed(Timestamp),
    /// It is not; after so many milliseconds it will be.
    Wait(i64),
}

impl Rate {
    /// `burst` at once and `burst` in each period of so many milliseconds.
    pub const fn each(burst: u32, period_ms: i64) -> Self {
        Self { burst, every_ms: period_ms / burst as i64 }
    }

    /// Takes one now, where `kept` is the moment that was kept for the key.
    pub fn take(self, kept: Option<Timestamp>, now: Timestamp) -> Taken {
        let whole = self.every_ms.saturating_mul(i64::from(self.burst));
        // A clock that was set back must not lock anybody out for longer than a whole burst takes.
        let free = kept.map_or(now.0, |kept| kept.0.max(now.0).min(now.0.saturating_add(whole)));
        let then = free.saturating_add(self.every_ms);
        let wait = then - whole - now.0;
        if wait > 0 { Taken::Wait(wait) } else { Taken::Allowed(Timestamp(then)) }
    }

    /// When what is kept for a key says nothing any more, and can be forgotten.
    pub fn forgettable(kept: Timestamp, now: Timestamp) -> bool {
        kept <= now
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(5_000_000);

    #[test]
    fn a_burst_is_allowed_then_one_at_a_time() {
        let rate = Rate::each(3, 30_000);
        let mut kept = None;
        let mut take = |now: Timestamp| match rate.take(kept, now) {
            Taken::Allowed(then) => {
                kept = Some(then);
                0
            }
            Taken::Wait(ms) => ms,
        };
        assert_eq!([take(NOW), take(NOW), take(NOW)], [0; 3]);
        assert_eq!(take(NOW), 10_000);
        assert_eq!(take(NOW.plus(9_999)), 1);
        assert_eq!(take(NOW.plus(10_000)), 0);
        assert_eq!(take(NOW.plus(10_000)), 10_000, "being refused costs nothing, and gains nothing");
        assert_eq!([NOW.plus(40_000); 4].map(&mut take), [0, 0, 0, 10_000], "rest fills the burst again, and no more");
    }

    proptest! {
        #[test]
        fn never_more_than_the_burst_and_what_time_brought(gaps in prop::collection::vec(0i64..2_000, 1..200), burst in 1u32..9) {
            let rate = Rate { burst, every_ms: 1_000 };
            let (mut kept, mut now, mut allowed) = (None, NOW, 0i64);
            for gap in gaps {
                now = now.plus(gap);
                match rate.take(kept, now) {
                    Taken::Allowed(then) => { kept = Some(then); allowed += 1; }
                    Taken::Wait(ms) => {
                        prop_assert!(matches!(rate.take(kept, now.plus(ms)), Taken::Allowed(_)), "the wait that was named is enough");
                        prop_assert!(matches!(rate.take(kept, now.plus(ms - 1)), Taken::Wait(1)), "and no longer than needed");
                    }
                }
                prop_assert!(allowed <= i64::from(burst) + (now.0 - NOW.0) / 1_000);
            }
        }
    }
}
