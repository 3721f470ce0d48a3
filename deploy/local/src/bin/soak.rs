//! `soak 10m`, or `soak 8s`: mixed load on profile-service for so long, every answer checked against its limits. A number
//! behind it is the seed of an earlier run, to ask for the same things again.

use std::{env, process::ExitCode, time::Duration};

use local::{
    program::{programs, stop_signal},
    report::Report,
    soak,
};
use tokio::select;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let parsed = match arguments.as_slice() {
        [time] => duration(time).map(|duration| (duration, fastrand::u64(..))),
        [time, seed] => duration(time).zip(seed.parse().ok()),
        _ => None,
    };
    let Some((duration, seed)) = parsed else {
        eprintln!("soak: usage: soak MINUTESm|SECONDSs [SEED]");
        return ExitCode::from(64);
    };
    let report = Report::to_stdout();
    report.heading(&format!("Soaking for {duration:?}; Ctrl-C stops everything"));
    // Whichever ends first: then everything is dropped, and what is dropped stops.
    let broken = select! {
        ended = async { soak::run(&programs()?, duration, seed, report).await } => ended,
        () = stop_signal() => Err("interrupted".into()),
    };
    match broken {
        Ok(0) => ExitCode::SUCCESS,
        Ok(broken) => {
            eprintln!("soak: limits that did not hold: {broken}; the seed was {seed}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Up to a day: a number and its unit.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.strip_suffix('m').map(|number| (number, 60)).or(text.strip_suffix('s').zip(Some(1)))?;
    let seconds = number.parse::<u64>().ok()?.checked_mul(unit)?;
    (1..=24 * 60 * 60).contains(&seconds).then(|| Duration::from_secs(seconds))
}
