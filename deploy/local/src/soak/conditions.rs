//! What was out of order and when: the excuses that a refusal can have.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The troubles so far.
#[derive(Default)]
pub(super) struct Conditions {
    outages: Spells,
    floods: Spells,
}

/// What was out of order while a request was under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Excuses {
    /// The certs failed, or had failed so recently that the service may still wait with its next attempt.
    pub(super) certs_failing: bool,
    /// Forged key ids had used up the budget, and the key of the token is younger than the budget's interval.
    pub(super) budget_spent: bool,
}

/// How often there was which trouble.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Troubles {
    pub(super) outages: usize,
    pub(super) floods: usize,
}

impl Conditions {
    pub(super) fn outage_begins(&self) {
        self.outages.begin(Instant::now());
    }

    pub(super) fn outage_ends(&self) {
        self.outages.end(Instant::now());
    }

    pub(super) fn flood_begins(&self) {
        self.floods.begin(Instant::now());
    }

    pub(super) fn flood_ends(&self) {
        self.floods.end(Instant::now());
    }

    /// For a request that was sent and answered at these times, with a key that was published then.
    pub(super) fn excuses(&self, sent: Instant, answered: Instant, key_published: Instant) -> Excuses {
        let from = sent.checked_sub(AFTERMATH).unwrap_or(sent);
        Excuses {
            certs_failing: self.outages.touch(from, answered),
            budget_spent: self.floods.touch(from, answered) && sent.duration_since(key_published) <= AFTERMATH,
        }
    }

    pub(super) fn troubles(&self) -> Troubles {
        Troubles { outages: self.outages.count(), floods: self.floods.count() }
    }
}

/// Stretches of time; the last one may not have ended.
#[derive(Default)]
struct Spells(Mutex<Vec<(Instant, Option<Instant>)>>);

impl Spells {
    fn begin(&self, now: Instant) {
        self.with(|spells| spells.push((now, None)));
    }

    fn end(&self, now: Instant) {
        self.with(|spells| spells.iter_mut().for_each(|(_, end)| *end = end.or(Some(now))));
    }

    fn touch(&self, from: Instant, to: Instant) -> bool {
        let touches = |&(begin, end): &(Instant, Option<Instant>)| begin <= to && end.is_none_or(|end| from <= end);
        self.with(|spells| spells.iter().any(touches))
    }

    fn count(&self) -> usize {
        self.with(|spells| spells.len())
    }

    fn with<T>(&self, what: impl FnOnce(&mut Vec<(Instant, Option<Instant>)>) -> T) -> T {
        what(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The budget gives one fetch back each ten seconds and the back-off waits eight at most; a second is for a busy machine.
const AFTERMATH: Duration = Duration::from_secs(11);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_excuses_while_it_lasts_and_a_while_after_and_not_before() {
        let second = Duration::from_secs(1);
        let start = Instant::now() + 100 * second;
        let conditions = Conditions::default();
        let excused = |sent: Instant| conditions.excuses(sent, sent + second / 10, sent).certs_failing;
        assert!(!excused(start));
        conditions.outages.begin(start);
        assert!(!excused(start - second) && excused(start) && excused(start + 1000 * second));
        conditions.outages.end(start + 5 * second);
        assert!(excused(start + 5 * second + AFTERMATH) && !excused(start + 6 * second + AFTERMATH));
    }

    #[test]
    fn a_flood_excuses_a_young_key_alone() {
        let now = Instant::now() + Duration::from_secs(100);
        let conditions = Conditions::default();
        conditions.floods.begin(now);
        let spent = |published| conditions.excuses(now, now, published);
        assert_eq!(spent(now), Excuses { certs_failing: false, budget_spent: true });
        assert_eq!(spent(now - AFTERMATH - Duration::from_secs(1)), Excuses::default());
    }
}
