//! When a connection has to end, as the published gateway has it. Knows the time only by being told.

use std::time::Duration;

use synapscribe_agentcore::sockets::Terms;
use tokio::time::Instant;

/// When one connection ends.
#[derive(Debug)]
pub(super) struct Deadlines {
    rest: Duration,
    idle: Instant,
    end: Instant,
}

impl Deadlines {
    pub fn begin(opened: Instant, terms: Terms) -> Self {
        Self { rest: terms.idle, idle: opened + terms.idle, end: opened + terms.life }
    }

    /// Something was said, by either side.
    pub fn stirred(&mut self, now: Instant) {
        self.idle = now + self.rest;
    }

    /// The next deadline, and what to say when it passes.
    pub fn next(&self) -> (Instant, &'static str) {
        if self.idle < self.end {
            (self.idle, "idle for ten minutes; connect again")
        } else {
            (self.end, "open for two hours; connect again")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_is_used_lives_for_two_hours_and_one_that_rests_for_ten_minutes() {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        let opened = Instant::now();
        let mut deadlines = Deadlines::begin(opened, Terms::default());
        assert_eq!(deadlines.next(), (opened + minutes(10), "idle for ten minutes; connect again"));
        // A client pings every five minutes.
        for n in (5..=110).step_by(5) {
            deadlines.stirred(opened + minutes(n));
            assert!(deadlines.next().0 > opened + minutes(n + 5), "after {n} minutes");
        }
        deadlines.stirred(opened + minutes(115));
        assert_eq!(deadlines.next(), (opened + minutes(120), "open for two hours; connect again"));
    }
}
