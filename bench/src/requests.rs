//! What a protected request costs, against an open one on the same service, for every receiver.

use std::{error::Error, time::Duration};

use crate::{
    figures::{Chapter, Figures},
    load::{Answers, Load},
    process::Process,
    quantity::{
        Quantity,
        Unit::{Count, Megabytes, Micros, Millis, PerSecond, Times},
    },
    receivers::RECEIVERS,
    report,
    sizes::{FIRST, IDLE, first_answer},
    verification::tokens,
    workbench::Workbench,
};

/// The name of the first chapter.
pub(crate) const TITLE: &str = "Requests";
/// Columns of the chapters.
pub(crate) const PROTECTED: &str = "protected";
/// The same request on the route of the same service that has no check.
pub(crate) const OPEN: &str = "open";
/// The share of the open route's requests per second that the protected one has.
pub(crate) const SHARE: &str = "protected / open";
/// Genuine requests that were not answered 200.
pub(crate) const REFUSED: &str = "refused";

/// Measures every receiver that can be had here.
///
/// # Errors
/// One of them fails.
pub(crate) async fn measure(
    bench: &Workbench<'_>,
    only: Option<&str>,
    figures: &mut Figures,
) -> Result<(), Box<dyn Error>> {
    let note = format!(
        "GET with a token over {CONNECTIONS} connections for {ROUNDS} times {ROUND:?} a route, in turn, by {CALLERS} callers; the receiver on one core, \
         the load on another. Requests a second are the median of the rounds."
    );
    let columns = ["ours to it", PROTECTED, OPEN, SHARE, "p50", "p99", "CPU protected", "CPU open", REFUSED];
    let mut requests = Chapter::new(TITLE, &note, &columns);
    let columns = [FIRST, IDLE, "memory under load"];
    let note = "As for the services, in the next table.";
    let mut starts = Chapter::new("Start and memory of the receivers", note, &columns);
    let tokens = tokens(bench.emulator, CALLERS);
    let (protected, open) = (Load::new("/protected", &tokens), Load::new("/open", &tokens));
    let mut ours = None;
    for receiver in RECEIVERS.iter().filter(|receiver| only.is_none_or(|only| receiver.name == only)) {
        report(&format!("{}: preparing", receiver.name));
        if let Err(reason) = bench.prepare(receiver).await {
            figures.skipped.push(format!("{}: {reason}", receiver.name));
            continue;
        }
        report(&format!("{}: running", receiver.name));
        let (first, idle) = first_answer(bench.emulator, &protected, || bench.start(receiver)).await?;
        let mut process = bench.start(receiver)?;
        process.first_answer(&protected).await?;
        process.first_answer(&open).await?;
        let routes = Routes::measure(&process, &protected, &open).await?;
        let [_, most] = process.memory()?;
        let ours = *ours.get_or_insert(routes.protected.per_second);
        requests.row(receiver.name, routes.cells(ours));
        let megabytes = |bytes: u64| Some(Quantity::new(bytes as f64 / 1e6, Megabytes));
        starts.row(
            receiver.name,
            [Some(Quantity::new(first.as_secs_f64() * 1e3, Millis)), megabytes(idle), megabytes(most)],
        );
    }
    figures.chapters.extend([requests, starts]);
    Ok(())
}

struct Routes {
    protected: Route,
    open: Route,
    share: f64,
}

struct Route {
    per_second: f64,
    p50: f64,
    p99: f64,
    /// Microseconds of the CPU for one request.
    cpu: f64,
    refused: usize,
}

impl Routes {
    /// In turn, so that what else happens on the machine meets both.
    async fn measure(process: &Process, protected: &Load, open: &Load) -> Result<Self, Box<dyn Error>> {
        for load in [protected, open] {
            load.send(process.address, CONNECTIONS, WARM_UP).await?;
        }
        let mut rounds = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (load, rounds) in [protected, open].into_iter().zip(&mut rounds) {
                let before = process.cpu_time()?;
                let answers = load.send(process.address, CONNECTIONS, ROUND).await?;
                rounds.push((answers, process.cpu_time()? - before));
            }
        }
        let [protected, open] = &rounds;
        let shares =
            protected.iter().zip(open).map(|((protected, _), (open, _))| protected.per_second() / open.per_second());
        Ok(Self { share: median(shares.collect()), protected: Route::of(protected), open: Route::of(open) })
    }

    fn cells(&self, ours: f64) -> [Option<Quantity>; 9] {
        let Self { protected, open, share } = self;
        [
            Quantity::new(ours / protected.per_second, Times),
            Quantity::new(protected.per_second, PerSecond),
            Quantity::new(open.per_second, PerSecond),
            Quantity::new(*share, Times),
            Quantity::new(protected.p50, Micros),
            Quantity::new(protected.p99, Micros),
            Quantity::new(protected.cpu, Micros),
            Quantity::new(open.cpu, Micros),
            Quantity::new((protected.refused + open.refused) as f64, Count),
        ]
        .map(Some)
    }
}

impl Route {
    fn of(rounds: &[(Answers, Duration)]) -> Self {
        let median_of =
            |figure: fn(&Answers) -> f64| median(rounds.iter().map(|(answers, _)| figure(answers)).collect());
        let cpu: Duration = rounds.iter().map(|(_, cpu)| *cpu).sum();
        let count: usize = rounds.iter().map(|(answers, _)| answers.count()).sum();
        Self {
            per_second: median_of(Answers::per_second),
            p50: median_of(|answers| answers.percentile(0.5)),
            p99: median_of(|answers| answers.percentile(0.99)),
            cpu: cpu.as_secs_f64() * 1e6 / count as f64,
            refused: rounds.iter().map(|(answers, _)| answers.refused).sum(),
        }
    }
}

/// The one in the middle.
fn median<T: PartialOrd + Copy + Default>(mut figures: Vec<T>) -> T {
    figures.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

const CALLERS: usize = 100;
const CONNECTIONS: usize = 16;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(1000);
const WARM_UP: Duration = Duration::from_secs(3);
