//! Counts the answers, and keeps what was wrong with some of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::judge::Kind;

#[derive(Default)]
pub(super) struct Tally(Mutex<Counts>);

#[derive(Default)]
pub(super) struct Counts {
    answers: BTreeMap<(Kind, u16), u64>,
    /// Of genuine requests that were let in.
    latencies: Vec<Duration>,
    /// Answers that were wrong.
    pub(super) broken: u64,
    /// What was wrong with them, and how often.
    wrong: BTreeMap<String, u64>,
}

impl Tally {
    /// `status` is 0 when there was no answer.
    pub(super) fn count(&self, kind: Kind, status: u16, latency: Duration, verdict: Result<(), String>) {
        let mut counts = self.counts();
        *counts.answers.entry((kind, status)).or_default() += 1;
        if status == 200 {
            counts.latencies.push(latency);
        }
        if let Err(wrong) = verdict {
            counts.broken += 1;
            if counts.wrong.len() < MOST_TOLD || counts.wrong.contains_key(&wrong) {
                *counts.wrong.entry(wrong).or_default() += 1;
            }
        }
    }

    /// Requests, and answers that broke a limit.
    pub(super) fn so_far(&self) -> (u64, u64) {
        let counts = self.counts();
        (counts.answers.values().sum(), counts.broken)
    }

    pub(super) fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    pub(super) fn statuses(&self) -> BTreeSet<u16> {
        self.answers.keys().map(|(_, status)| *status).collect()
    }

    pub(super) fn kinds(&self) -> BTreeSet<Kind> {
        self.answers.keys().map(|(kind, _)| *kind).collect()
    }

    pub(super) fn answered(&self, kind: Kind, status: u16) -> u64 {
        self.answers.get(&(kind, status)).copied().unwrap_or_default()
    }

    /// What was wrong, how often, one a line.
    pub(super) fn wrong(&self) -> String {
        self.wrong.iter().map(|(wrong, times)| format!("\n      {times} times: {wrong}")).collect()
    }

    /// The latency that so many of a hundred stay below, in milliseconds.
    pub(super) fn percentiles<const N: usize>(&mut self, percents: [usize; N]) -> [f64; N] {
        self.latencies.sort_unstable();
        percents.map(|percent| {
            let position = (self.latencies.len() * percent / 100).min(self.latencies.len().saturating_sub(1));
            self.latencies.get(position).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1000.0)
        })
    }
}

/// Errors of a connection can each read differently.
const MOST_TOLD: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_broke_a_limit_is_counted_and_the_latencies_are_of_those_let_in() {
        let tally = Tally::default();
        for milliseconds in 1..=100 {
            tally.count(Kind::Genuine, 200, Duration::from_millis(milliseconds), Ok(()));
        }
        tally.count(Kind::Genuine, 401, Duration::from_secs(9), Err("why".to_owned()));
        assert_eq!(tally.so_far(), (101, 1));
        let mut counts = tally.counts();
        assert_eq!((counts.answered(Kind::Genuine, 200), counts.answered(Kind::Genuine, 401)), (100, 1));
        assert_eq!(counts.wrong(), "\n      1 times: why");
        assert_eq!(counts.percentiles([50, 99, 100]), [51.0, 100.0, 100.0]);
    }
}
