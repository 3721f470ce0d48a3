//! The time of something that takes microseconds: the median of many rounds, on one thread or on several at once.

use std::{
    future::Future,
    io,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use tokio::runtime;

use crate::cores::Cores;

/// The microseconds of one call, on each of so many threads. A round is what all threads do at once, a thread's part
/// being so many calls; the median is over the parts of all rounds but the first, which warms up.
///
/// `part` gets the numbers of the round and the thread, and runs on a runtime of the thread.
///
/// # Errors
/// There is no thread or no runtime.
pub(crate) fn micros_a_call<F: Future<Output = ()>>(
    cores: &Cores,
    threads: usize,
    calls: usize,
    part: impl Fn(usize, usize) -> F + Sync,
) -> io::Result<f64> {
    let (start, part) = (Barrier::new(threads), &part);
    let mut times = Vec::new();
    thread::scope(|scope| {
        let parts = (0..threads).map(|thread| {
            let start = &start;
            scope.spawn(move || -> io::Result<Vec<Duration>> {
                cores.stay_on(thread)?;
                let runtime = runtime::Builder::new_current_thread().build()?;
                let timed = (0..=ROUNDS).map(|round| {
                    start.wait();
                    let since = Instant::now();
                    runtime.block_on(part(round, thread));
                    since.elapsed()
                });
                Ok(timed.skip(1).collect())
            })
        });
        for part in parts.collect::<Vec<_>>() {
            times.extend(part.join().map_err(|_| io::Error::other("a thread panicked"))??);
        }
        Ok::<_, io::Error>(())
    })?;
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    Ok(median.as_secs_f64() * 1e6 / calls as f64)
}

/// How many rounds count.
pub(crate) const ROUNDS: usize = 15;
