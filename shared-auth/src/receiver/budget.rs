//! How many fetches unknown key ids may cause: a few in a burst, then one per interval.
//!
//! Attempts count, not successes, so that forged key ids stay cheap while the issuer is down, too.

use std::time::{Duration, SystemTime};

use crate::clock::elapsed;

/// A token bucket.
#[derive(Debug)]
pub(super) struct Budget {
    left: u32,
    counted_from: SystemTime,
}

impl Budget {
    /// One fetch comes back after each.
    pub(super) const INTERVAL: Duration = Duration::from_secs(10);

    /// A full one.
    pub(super) fn new(now: SystemTime) -> Self {
        Self { left: BURST, counted_from: now }
    }

    /// Takes one, if one is left.
    pub(super) fn take(&mut self, now: SystemTime) -> bool {
        self.refill(now);
        if self.left == BURST {
            self.counted_from = now;
        }
        let taken = self.left > 0;
        self.left = self.left.saturating_sub(1);
        taken
    }

    fn refill(&mut self, now: SystemTime) {
        // A clock that was set back starts a new interval; else the budget would stay empty until it has caught up.
        let Some(elapsed) = elapsed(self.counted_from, now) else {
            self.counted_from = now;
            return;
        };
        let intervals = u32::try_from(elapsed.as_secs() / Self::INTERVAL.as_secs()).unwrap_or(u32::MAX);
        self.left = BURST.min(self.left.saturating_add(intervals));
        // Whole intervals only: what is left of one, to the last fraction, counts towards the next.
        self.counted_from += Self::INTERVAL.saturating_mul(intervals);
    }
}

const BURST: u32 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_per_interval_and_never_more_than_a_burst_is_saved_up() {
        let start = SystemTime::now();
        let mut budget = Budget::new(start);
        let mut takes = |seconds: u64| (0..100).filter(|_| budget.take(start + Duration::from_secs(seconds))).count();
        assert_eq!([takes(9), takes(18), takes(19), takes(28), takes(34), takes(39)], [2, 0, 1, 0, 1, 1]);
        assert_eq!([takes(3600), takes(3609), takes(3610)], [2, 0, 1]);
    }

    #[test]
    fn it_comes_back_while_it_is_asked_for_many_times_a_second() {
        let start = SystemTime::now();
        let mut budget = Budget::new(start);
        let times = (0..1000).map(|tenth| start + Duration::from_millis(100 * tenth));
        assert_eq!(times.filter(|now| budget.take(*now)).count(), 2 + 9);
    }

    #[test]
    fn a_clock_that_was_set_back_delays_it_by_one_interval_at_most() {
        let start = SystemTime::now();
        let mut budget = Budget::new(start);
        while budget.take(start) {}
        let earlier = start - Duration::from_secs(3600);
        assert!(!budget.take(earlier));
        assert!(budget.take(earlier + Budget::INTERVAL));
    }
}
