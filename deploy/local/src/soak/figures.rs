//! What the soak shows at its end: the answers by kind and status, the figures, and each limit that did not hold.

use std::time::Duration;

use super::{
    conditions::Troubles,
    memory::{MARGIN, Memory},
    tally::{Counts, Tally},
};
use crate::report::Report;

/// All but the answers.
pub(super) struct Figures {
    pub(super) elapsed: Duration,
    pub(super) fetches: u64,
    pub(super) troubles: Troubles,
    pub(super) rotations: usize,
    pub(super) stopped: bool,
    pub(super) tokens_in_log: usize,
    pub(super) memory: Memory,
}

impl Figures {
    /// Shows everything, and returns how many limits did not hold.
    pub(super) fn show(&self, tally: &Tally, report: Report) -> u64 {
        let (requests, _) = tally.so_far();
        let seconds = self.elapsed.as_secs_f64();
        report.heading(&format!("{requests} requests in {seconds:.0} s, {:.0} a second", requests as f64 / seconds));
        let mut counts = tally.counts();
        show_answers(&counts, report);
        let [median, most, all] = counts.percentiles([50, 99, 100]);
        report.line(&format!("callers let in after: half in {median:.1} ms, 99 % in {most:.1} ms, all in {all:.1} ms"));
        let Troubles { outages, floods } = self.troubles;
        report.line(&format!("{} rotations of keys, {outages} outages of the certs, {floods} floods", self.rotations));

        report.heading("The limits");
        let limits = self.limits(&counts);
        limits.iter().for_each(|(what, got, held)| report.verdict(what, got, *held));
        limits.iter().filter(|(_, _, held)| !held).count() as u64
    }

    /// Each limit: what it is about, what was got, and whether it held.
    fn limits(&self, counts: &Counts) -> [(&'static str, String, bool); 5] {
        let answers = match counts.broken {
            0 => "none".to_owned(),
            broken => format!("{broken}{}", counts.wrong()),
        };
        let most = self.most_fetches();
        [
            ("answers that nothing allowed", answers, counts.broken == 0),
            ("fetches of the certs", format!("{}, at most {most}", self.fetches), self.fetches <= most),
            ("memory of the service", self.memory_line(), self.memory.is_flat()),
            ("lines of its log that hold a token", self.tokens_in_log.to_string(), self.tokens_in_log == 0),
            ("it stopped when it was told to", if self.stopped { "yes" } else { "no" }.to_owned(), self.stopped),
        ]
    }

    /// One at the start, two for a burst of unknown key ids, one for each ten seconds after.
    fn most_fetches(&self) -> u64 {
        3 + self.elapsed.as_secs() / 10
    }

    fn memory_line(&self) -> String {
        let Some([start, warm, end]) = self.memory.milestones() else {
            return "skipped: only Linux says how much it is".to_owned();
        };
        let growth = match self.memory.growth() {
            Some(growth) => format!("grew by {growth} KiB in the last third, at most {MARGIN}"),
            None => "too short to say whether it grows".to_owned(),
        };
        format!("{start} KiB at the start, {warm} warmed up, {end} at the end; {growth}")
    }
}

fn show_answers(counts: &Counts, report: Report) {
    let statuses = counts.statuses();
    let head: String = statuses.iter().map(|status| format!("{status:>9}")).collect();
    report.line(&format!("{:<18}{head}", "sent, answered"));
    for kind in counts.kinds() {
        let row: String = statuses.iter().map(|status| format!("{:>9}", counts.answered(kind, *status))).collect();
        report.line(&format!("{:<18}{row}", format!("{kind:?}")));
    }
}

#[cfg(test)]
mod tests {
    use super::{super::judge::Kind, *};

    fn figures() -> Figures {
        Figures {
            elapsed: Duration::from_secs(60),
            fetches: 9,
            troubles: Troubles::default(),
            rotations: 0,
            stopped: true,
            tokens_in_log: 0,
            memory: Memory::of(None),
        }
    }

    fn broken(figures: Figures, counts: &Counts) -> Vec<&'static str> {
        figures.limits(counts).into_iter().filter(|(_, _, held)| !held).map(|(what, _, _)| what).collect()
    }

    #[test]
    fn each_limit_that_does_not_hold_is_seen() {
        let tally = Tally::default();
        let none: [&str; 0] = [];
        assert_eq!(broken(figures(), &tally.counts()), none);
        let more_fetches = Figures { fetches: 10, ..figures() };
        assert_eq!(broken(more_fetches, &tally.counts()), ["fetches of the certs"]);
        let talkative = Figures { tokens_in_log: 1, ..figures() };
        assert_eq!(broken(talkative, &tally.counts()), ["lines of its log that hold a token"]);
        let stuck = Figures { stopped: false, ..figures() };
        assert_eq!(broken(stuck, &tally.counts()), ["it stopped when it was told to"]);
        tally.count(Kind::Genuine, 503, Duration::from_millis(1), Err("why".to_owned()));
        assert_eq!(broken(figures(), &tally.counts()), ["answers that nothing allowed"]);
    }
}
