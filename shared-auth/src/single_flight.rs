//! One piece of work at a time, its result shared by everyone who asks for it meanwhile.
//!
//! The work runs in a task of its own, so that a waiter who goes away does not take it along; the task ends when the
//! owner goes. No lock is held while it runs. Work that forgets to limit its time is given up, and so is work whose
//! runtime is not driven any more, which looks the same from another one.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    sync::watch,
    task::{AbortHandle, spawn},
    time::timeout,
};
use tracing::Instrument;

use crate::trace::Trace;

/// Holds the work under way, if any.
#[derive(Debug)]
pub(crate) struct SingleFlight<T>(Mutex<Option<Running<T>>>);

#[derive(Debug)]
struct Running<T> {
    since: Instant,
    result: watch::Receiver<Option<T>>,
    task: AbortHandle,
}

/// A seat on a flight: the result, once it is there.
pub(crate) struct Ticket<T> {
    result: watch::Receiver<Option<T>>,
    /// Whether this ticket started the work, or joined work under way.
    pub(crate) started: bool,
}

impl<T: Clone + Send + Sync + 'static> SingleFlight<T> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Joins the work under way. When there is none, starts what `permit` returns, or passes its refusal on.
    ///
    /// `permit` runs under a lock: of all who ask at once, one is asked for a permit.
    pub(crate) fn join_or_start<E, W>(&self, permit: impl FnOnce() -> Result<W, E>) -> Result<Ticket<T>, E>
    where
        W: Future<Output = T> + Send + 'static,
    {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = &*running {
            if running.is_under_way() {
                return Ok(Ticket { result: running.result.clone(), started: false });
            }
            running.task.abort();
        }
        let work = permit()?;
        let (sender, result) = watch::channel(None);
        let task = async move {
            if let Ok(result) = timeout(LIMIT, work).await {
                sender.send_replace(Some(result));
            }
        };
        // Its log lines are those of the request that started it.
        let task = spawn(Trace::carry_into(task).in_current_span());
        *running = Some(Running { since: Instant::now(), result: result.clone(), task: task.abort_handle() });
        Ok(Ticket { result, started: true })
    }
}

#[cfg(test)]
impl<T> SingleFlight<T> {
    pub(crate) fn is_idle(&self) -> bool {
        self.0.lock().unwrap().as_ref().is_none_or(|running| !running.is_under_way())
    }
}

impl<T> Running<T> {
    fn is_under_way(&self) -> bool {
        self.result.borrow().is_none() && !self.task.is_finished() && self.since.elapsed() < LIMIT
    }
}

impl<T> Drop for SingleFlight<T> {
    fn drop(&mut self) {
        if let Some(running) = self.0.get_mut().unwrap_or_else(PoisonError::into_inner) {
            running.task.abort();
        }
    }
}

impl<T: Clone> Ticket<T> {
    /// The result; `None` when the work ended without one (it panicked, or its runtime was shut down), or is late.
    pub(crate) async fn wait(mut self) -> Option<T> {
        timeout(LIMIT, self.result.wait_for(Option::is_some)).await.ok()?.ok()?.clone()
    }
}

/// Longer than any work here takes that limits its own time.
const LIMIT: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        future::pending,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use axum::http::HeaderMap;
    use tokio::{
        runtime::Builder,
        sync::{Notify, oneshot},
    };

    use super::*;

    #[tokio::test]
    async fn the_work_belongs_to_the_trace_of_the_request_that_started_it() {
        let trace = Trace::of(&HeaderMap::new());
        let started = async {
            let flight = SingleFlight::new();
            let ticket = flight.join_or_start(|| Ok::<_, Infallible>(async { Trace::current() })).unwrap();
            ticket.wait().await
        };
        assert_eq!(trace.within(started).await, Some(Some(trace)));
    }

    #[tokio::test]
    async fn a_thousand_who_ask_at_once_share_one_piece_of_work() {
        let flight = SingleFlight::new();
        let (started, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let tickets: Vec<_> = (0..1000)
            .map(|_| {
                let (started, gate) = (started.clone(), gate.clone());
                flight.join_or_start(|| {
                    Ok::<_, Infallible>(async move {
                        gate.notified().await;
                        started.fetch_add(1, Ordering::SeqCst)
                    })
                })
            })
            .collect();
        gate.notify_one();
        for ticket in tickets {
            assert_eq!(ticket.unwrap().wait().await, Some(0));
        }
        assert_eq!(started.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn after_a_result_the_next_one_is_worked_for_again() {
        let flight = SingleFlight::new();
        for number in 0..3 {
            let ticket = flight.join_or_start(|| Ok::<_, Infallible>(async move { number }));
            assert_eq!(ticket.unwrap().wait().await, Some(number));
        }
    }

    #[tokio::test]
    async fn a_refused_permit_starts_nothing() {
        let flight = SingleFlight::<()>::new();
        assert!(flight.join_or_start(|| Err::<std::future::Ready<()>, _>("no")).is_err());
    }

    #[tokio::test]
    async fn work_that_panics_leaves_its_waiters_without_a_result_and_the_next_one_free() {
        let flight = SingleFlight::<u8>::new();
        let ticket = flight.join_or_start(|| Ok::<_, Infallible>(async { panic!("as a test wants it") }));
        assert_eq!(ticket.unwrap().wait().await, None);
        let ticket = flight.join_or_start(|| Ok::<_, Infallible>(async { 7 }));
        assert_eq!(ticket.unwrap().wait().await, Some(7));
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_does_not_end_is_given_up() {
        let flight = SingleFlight::<()>::new();
        let (alive, dropped) = oneshot::channel::<()>();
        let work = async move {
            let _alive = alive;
            pending().await
        };
        let ticket = flight.join_or_start(|| Ok::<_, Infallible>(work)).unwrap();
        assert_eq!(ticket.wait().await, None);
        assert!(dropped.await.is_err(), "the task let go of what it held");
        assert!(flight.join_or_start(|| Ok::<_, Infallible>(async {})).unwrap().started);
    }

    #[test]
    fn work_on_a_runtime_that_stands_still_is_not_waited_for_without_end() {
        let flight = SingleFlight::<u8>::new();
        let still = Builder::new_current_thread().enable_all().build().unwrap();
        let _ticket = still.block_on(async { flight.join_or_start(|| Ok::<_, Infallible>(pending())) });
        let driven = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        driven.block_on(async {
            let joined = flight.join_or_start(|| Ok::<_, Infallible>(async { 7 })).unwrap();
            assert!(!joined.started);
            assert_eq!(joined.wait().await, None);
            if let Some(running) = &mut *flight.0.lock().unwrap() {
                running.since -= LIMIT;
            }
            let anew = flight.join_or_start(|| Ok::<_, Infallible>(async { 7 })).unwrap();
            assert_eq!((anew.started, anew.wait().await), (true, Some(7)));
        });
    }

    #[tokio::test]
    async fn a_waiter_who_goes_away_does_not_stop_the_work_and_the_owner_who_goes_does() {
        let flight = SingleFlight::<()>::new();
        let (alive, dropped) = oneshot::channel::<()>();
        let ticket = flight.join_or_start(|| {
            Ok::<_, Infallible>(async move {
                let _alive = alive;
                pending().await
            })
        });
        drop(ticket);
        assert!(!flight.join_or_start(|| Ok::<_, Infallible>(async {})).unwrap().started);
        drop(flight);
        assert!(dropped.await.is_err(), "the task let go of what it held");
    }
}
