//! What time it is at the server. Requests are signed with the time, and a server takes none that is dated minutes away from its
//! own, so a machine whose clock is wrong goes by the `Date` of the answers that it gets. Knows no request.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use aws_smithy_async::time::TimeSource;

/// Clocks differ a little, and an answer is a while under way; up to here this machine's own is as good.
const TOLERATED_MS: i64 = 60_000;

/// No server's clock is outside these years: 2020 to 2100, in seconds since 1970.
const BELIEVABLE: std::ops::Range<u64> = 1_577_836_800..4_102_444_800;

/// The time at one server; clones share what was learned.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServerTime {
    ahead_ms: Arc<AtomicI64>,
}

impl ServerTime {
    /// This moment, as the server would tell it.
    pub fn now(&self) -> SystemTime {
        self.at(SystemTime::now())
    }

    /// How many seconds the server's clock is ahead of this machine's; none as long as the difference does not matter.
    pub fn ahead(&self) -> i64 {
        self.ahead_ms.load(Ordering::Relaxed) / 1000
    }

    /// Looks at an answer that came just now.
    pub fn learn(&self, headers: &http::HeaderMap) {
        self.learn_at(headers, SystemTime::now());
    }

    fn at(&self, here: SystemTime) -> SystemTime {
        let ahead = self.ahead_ms.load(Ordering::Relaxed);
        let by = Duration::from_millis(ahead.unsigned_abs());
        let there = if ahead < 0 { here.checked_sub(by) } else { here.checked_add(by) };
        there.unwrap_or(here)
    }

    fn learn_at(&self, headers: &http::HeaderMap, here: SystemTime) {
        let text = |name: http::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(dated) = text(http::header::DATE).and_then(|date| httpdate::parse_http_date(date).ok()) else { return };
        // A cache in between tells for how long it has had the answer.
        let age = text(http::header::AGE).and_then(|age| age.trim().parse::<u32>().ok()).unwrap_or(0);
        let seconds = dated.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs() + u64::from(age));
        if !BELIEVABLE.contains(&seconds) {
            return;
        }
        let there = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let ahead = match there.duration_since(here) {
            Ok(ahead) => millis(ahead),
            Err(behind) => -millis(behind.duration()),
        };
        let ahead = if ahead.abs() > TOLERATED_MS { ahead } else { 0 };
        let before = self.ahead_ms.swap(ahead, Ordering::Relaxed);
        if (ahead - before).abs() > TOLERATED_MS {
            tracing::warn!(
                seconds = ahead / 1000,
                "the server's clock is not this machine's; requests are dated by the server's"
            );
        }
    }
}

/// Storage is asked by the same clock.
impl TimeSource for ServerTime {
    fn now(&self) -> SystemTime {
        Self::now(self)
    }
}

/// A difference that no calendar has is cut, so that it can be added to any other.
fn millis(difference: Duration) -> i64 {
    i64::try_from(difference.as_millis()).unwrap_or(i64::MAX).min(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(date: &str, age: Option<&str>) -> http::HeaderMap {
        let mut headers = http::HeaderMap::new();
        headers.insert(http::header::DATE, date.parse().unwrap());
        if let Some(age) = age {
            headers.insert(http::header::AGE, age.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_clock_that_is_far_off_is_put_right_by_what_the_server_says() {
        let there = httpdate::parse_http_date("Sat, 21 Nov 2026 12:00:00 GMT").unwrap();
        let minutes = |n: u64| Duration::from_secs(60 * n);
        let time = ServerTime::default();
        for (here, ahead) in
            [(there - minutes(200), 12_000), (there + minutes(90), -5_400), (SystemTime::UNIX_EPOCH, 1_795_262_400)]
        {
            time.learn_at(&answer("Sat, 21 Nov 2026 12:00:00 GMT", None), here);
            assert_eq!(time.ahead(), ahead);
            assert_eq!(time.at(here), there);
            assert_eq!(time.at(here + minutes(3)), there + minutes(3), "it goes on from there");
        }
        // A clock that was set meanwhile is believed again.
        time.learn_at(&answer("Sat, 21 Nov 2026 12:00:00 GMT", None), there + Duration::from_secs(20));
        assert_eq!((time.ahead(), time.at(there)), (0, there));
    }

    #[test]
    fn an_answer_from_a_cache_is_as_old_as_it_says_and_one_without_a_date_tells_nothing() {
        let here = httpdate::parse_http_date("Sat, 21 Nov 2026 12:00:00 GMT").unwrap();
        let time = ServerTime::default();
        time.learn_at(&answer("Sat, 21 Nov 2026 10:00:00 GMT", Some("7200")), here);
        assert_eq!(time.ahead(), 0);
        time.learn_at(&answer("Sat, 21 Nov 2026 10:00:00 GMT", Some("soon")), here);
        assert_eq!(time.ahead(), -7_200);
        time.learn_at(&answer("some day", None), here);
        time.learn_at(&answer("Fri, 31 Dec 9999 23:59:59 GMT", None), here);
        time.learn_at(&answer("Thu, 31 Dec 2099 23:59:59 GMT", Some("4294967295")), here);
        time.learn_at(&answer("Thu, 01 Jan 1970 00:00:00 GMT", None), here);
        time.learn_at(&http::HeaderMap::new(), here);
        assert_eq!(time.ahead(), -7_200, "what was learned stays");
    }
}
