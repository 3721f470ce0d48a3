//! When to ask again after a failure: later each time, never later than a few seconds, never all at once.
//!
//! The key set and the token cache use it. It only ever refuses for a time, so everything heals without a restart.

use std::time::{Duration, SystemTime};

use crate::clock::elapsed;

/// The failures in a row, and how long the last one makes us wait.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    last: Option<(SystemTime, Duration)>,
}

impl Backoff {
    /// How long still to wait; `None` when it is time to ask.
    pub(crate) fn remaining(&self, now: SystemTime) -> Option<Duration> {
        let (failed_at, wait) = self.last?;
        wait.checked_sub(elapsed(failed_at, now)?).filter(|left| !left.is_zero())
    }

    /// Whether the last attempt failed.
    pub(crate) fn is_failing(&self) -> bool {
        self.failures > 0
    }

    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Returns how long to wait now.
    pub(crate) fn failed(&mut self, now: SystemTime) -> Duration {
        let longest = LONGEST.min(SHORTEST.saturating_mul(1 << self.failures.min(10)));
        self.failures = self.failures.saturating_add(1);
        // Jitter: a hundred instances that failed together must not come back together.
        let wait = longest.mul_f64(0.5 + fastrand::f64() / 2.0);
        self.last = Some((now, wait));
        wait
    }
}

const SHORTEST: Duration = Duration::from_millis(500);
/// Also the longest time that a recovered server goes unnoticed.
const LONGEST: Duration = Duration::from_secs(8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_longer_after_each_failure_up_to_a_limit_and_forgets_on_success() {
        let now = SystemTime::now();
        let mut backoff = Backoff::default();
        assert_eq!(backoff.remaining(now), None);
        for doubled in [1, 2, 4, 8, 16, 16, 16] {
            backoff.failed(now);
            let longest = SHORTEST * doubled;
            let wait = backoff.remaining(now).unwrap();
            assert!(wait >= longest / 2 && wait <= longest, "{wait:?} of {longest:?}");
            assert_eq!(backoff.remaining(now + longest), None);
        }
        backoff.succeeded();
        assert_eq!(backoff.remaining(now), None);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_prolong_the_wait() {
        let now = SystemTime::now();
        let mut backoff = Backoff::default();
        backoff.failed(now);
        assert_eq!(backoff.remaining(now - Duration::from_secs(3600)), None);
    }
}
