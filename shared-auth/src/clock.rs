//! Where time comes from: the system's clock in a service, one that a test can move in a test.
//!
//! Wall-clock time everywhere, because `exp` is wall-clock time, and because Cloud Run takes the CPU away between
//! requests, so that a timer may be late by hours (<https://cloud.google.com/run/docs/tips/general>).

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Tells the wall-clock time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::from_fn(SystemTime::now)
    }

    /// A clock that shows what `now` returns.
    pub fn from_fn(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    pub fn now(&self) -> SystemTime {
        (self.0)()
    }

    /// The time now, in whole seconds since 1970-01-01T00:00:00Z: the unit of `exp`, `iat` and `nbf`
    /// (NumericDate, RFC 7519 section 2).
    pub fn unix_seconds(&self) -> u64 {
        unix_seconds(self.now())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.unix_seconds())
    }
}

/// `time` in whole seconds since 1970; a time before that counts as 1970.
pub(crate) fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// How long ago `then` was; `None` when the clock was set back since, and nobody can tell.
pub(crate) fn elapsed(then: SystemTime, now: SystemTime) -> Option<Duration> {
    now.duration_since(then).ok()
}
