//! The resident memory of the service, over time: it may grow while everything is met for the first time, and then no
//! more. Linux says how much it is; elsewhere the figure is left out, and the soak says so.

use std::{fmt, fs};

/// Samples, in KiB.
pub(super) struct Memory {
    process: Option<u32>,
    samples: Vec<u64>,
}

impl Memory {
    /// With a first sample.
    pub(super) fn of(process: Option<u32>) -> Self {
        let mut memory = Self { process, samples: Vec::new() };
        memory.sample();
        memory
    }

    pub(super) fn sample(&mut self) {
        self.samples.extend(self.process.and_then(resident));
    }

    /// At the start, after a third of the time, and at the end.
    pub(super) fn milestones(&self) -> Option<[u64; 3]> {
        Some([*self.samples.first()?, *self.samples.get(self.samples.len() / 3)?, *self.samples.last()?])
    }

    /// By how much the most of the last third is above the most of the second, in KiB; `None` when there are too few
    /// samples to tell.
    pub(super) fn growth(&self) -> Option<u64> {
        let third = self.samples.len() / 3;
        if third < FEWEST_A_THIRD {
            return None;
        }
        let (before, last) = self.samples.split_at(self.samples.len() - third);
        let second = before.iter().skip(third).max()?;
        Some(last.iter().max()?.saturating_sub(*second))
    }

    /// Whether it grows no more.
    pub(super) fn is_flat(&self) -> bool {
        self.growth().is_none_or(|growth| growth <= MARGIN)
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.samples.last() {
            Some(last) => write!(f, "{} KiB resident", last),
            None => write!(f, "memory is not sampled, which needs Linux"),
        }
    }
}

/// <https://docs.kernel.org/filesystems/proc.html>
fn resident(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// In KiB. What a burst takes from the system for good, not what a leak of one token a request would.
pub(super) const MARGIN: u64 = 2 * 1024;
/// Samples are five seconds apart when the soak is long enough.
const FEWEST_A_THIRD: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(samples: impl IntoIterator<Item = u64>) -> Memory {
        Memory { process: None, samples: samples.into_iter().collect() }
    }

    #[test]
    fn memory_may_grow_at_first_and_not_for_ever() {
        let warm_up_then_flat = (0..36).map(|sample| 10_000 + 1_000 * sample.min(12));
        assert_eq!(memory(warm_up_then_flat).growth(), Some(0));
        let leak = memory((0..36).map(|sample| 10_000 + 200 * sample));
        assert_eq!(leak.growth(), Some(12 * 200));
        assert!(!leak.is_flat());
    }

    #[test]
    fn a_few_samples_say_nothing() {
        assert_eq!(memory([1, 1000, 1_000_000]).growth(), None);
    }
}
