//! What is aimed at, compared with what was measured. What was not measured has no aim.

use crate::{
    figures::{Aim, Figures, Goal},
    id_tokens,
    quantity::{
        Quantity,
        Unit::{self, Count, Megabytes, Micros, Millis, Times},
    },
    receivers, requests, sizes, verification,
};

impl Figures {
    /// Fills in the aims.
    pub(crate) fn compare(&mut self) {
        let one = |row, column| self.figure(row, column);
        let verified = |row| one(("One verification", row), verification::ONE_THREAD);
        let cached = |row| one(("One cached ID token", row), verification::ONE_THREAD);
        let requests = |row, column| one((requests::TITLE, row), column);
        let [remembered, new] = [verification::REMEMBERED, verification::NEW].map(verified);
        let mut aims = vec![
            ratio(
                "one verification: a remembered token, against google-cloud-auth",
                verified(verification::GOOGLE),
                remembered,
                20.0,
            ),
            limit("one verification: a remembered token", remembered, 1.0, Micros),
            ratio(
                "one verification: a new token, against jsonwebtoken alone",
                verified(verification::JSONWEBTOKEN),
                new,
                0.9,
            ),
            ratio(
                "one cached ID token, against google-cloud-auth",
                cached(verification::GOOGLE),
                cached(id_tokens::OURS),
                1.0,
            ),
        ];
        let what = format!("requests a second on the protected route, against the open one: {}", receivers::SERVICE);
        let [protected, open] =
            [requests::PROTECTED, requests::OPEN].map(|column| requests(receivers::SERVICE, column));
        let share = requests(receivers::SERVICE, requests::SHARE);
        aims.push(share.map(|measured| Aim {
            what,
            goal: at_least(0.95),
            measured,
            of: protected.zip(open).map(Into::into),
        }));
        let ours = requests(receivers::OURS, requests::PROTECTED);
        let peers =
            [(receivers::GOOGLE, 2.5), (receivers::GO, 2.0), (receivers::NODE, 20.0), (receivers::PYTHON, 20.0)];
        for (peer, goal) in peers {
            let what = format!("protected requests a second, against {peer}");
            aims.push(ratio(&what, ours, requests(peer, requests::PROTECTED), goal));
        }
        aims.extend([
            limit("genuine requests refused under load", requests(receivers::OURS, requests::REFUSED), 0.0, Count),
            limit(
                "start to the first 200, with the certs 1 ms away: profile-service",
                one(("The services", sizes::PROFILE_SERVICE), sizes::FIRST),
                20.0,
                Millis,
            ),
            limit(
                "resident memory, idle: profile-service",
                one(("The services", sizes::PROFILE_SERVICE), sizes::IDLE),
                12.0,
                Megabytes,
            ),
        ]);
        self.aims = aims.into_iter().flatten().collect();
    }

    fn figure(&self, (chapter, row): (&str, &str), column: &str) -> Option<Quantity> {
        self.chapters.iter().find(|found| found.title == chapter)?.figure(row, column)
    }
}

/// How often `other` goes into `one`, which should be `goal` times at least.
fn ratio(what: &str, one: Option<Quantity>, other: Option<Quantity>, goal: f64) -> Option<Aim> {
    let (one, other) = one.zip(other)?;
    let measured = Quantity::new(one.value / other.value, Times);
    Some(Aim { what: what.to_owned(), goal: at_least(goal), measured, of: Some([one, other]) })
}

fn limit(what: &str, measured: Option<Quantity>, goal: f64, unit: Unit) -> Option<Aim> {
    Some(Aim { what: what.to_owned(), goal: Goal::AtMost(Quantity::new(goal, unit)), measured: measured?, of: None })
}

fn at_least(times: f64) -> Goal {
    Goal::AtLeast(Quantity::new(times, Times))
}
