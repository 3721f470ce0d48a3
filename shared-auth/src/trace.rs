//! The trace of the request that is being answered: the service half reads it and logs it, the calling half passes it on.
//!
//! It belongs to the task that answers the request. A task that this one spawns has none, unless it is carried there.

use std::{fmt, future::Future};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use tokio::task_local;

task_local! {
    static CURRENT: Trace;
}

/// A trace id, and whether the trace is being recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trace {
    id: u128,
    is_sampled: bool,
}

impl Trace {
    /// The trace that Google's front end or another caller gave the request, or a new one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let of_w3c = text(TRACEPARENT).and_then(Self::from_traceparent);
        of_w3c.or_else(|| text(CLOUD_TRACE).and_then(Self::from_cloud_trace)).unwrap_or_else(Self::new)
    }

    fn new() -> Self {
        Self { id: fastrand::u128(1..), is_sampled: false }
    }

    /// Of the request that this task answers, if it answers one.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.try_with(|trace| *trace).ok()
    }

    /// Makes `work`, for a task of its own, a part of the trace that this task is a part of.
    pub(crate) fn carry_into<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
        let trace = Self::current();
        async move {
            match trace {
                Some(trace) => trace.within(work).await,
                None => work.await,
            }
        }
    }

    /// Runs `work` as a part of this trace.
    pub(crate) async fn within<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    /// Sets `traceparent` for the next service, if this is a part of a trace and nobody has set it: the same trace, with
    /// a parent id of its own.
    pub(crate) fn pass_on(headers: &mut HeaderMap) {
        let value = Self::current().map(|trace| {
            let flags = u8::from(trace.is_sampled);
            format!("00-{trace}-{:016x}-{flags:02x}", fastrand::u64(1..))
        });
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.entry(TRACEPARENT).or_insert(value);
        }
    }

    /// `version-traceid-parentid-flags` (<https://www.w3.org/TR/trace-context/#traceparent-header>).
    fn from_traceparent(value: &str) -> Option<Self> {
        let mut fields = value.split('-').skip(1);
        let (id, flags) = (fields.next()?, fields.nth(1).unwrap_or_default());
        Self::checked(id, u8::from_str_radix(flags, 16).is_ok_and(|flags| flags & 1 == 1))
    }

    /// `TRACE_ID/SPAN_ID;o=OPTIONS` (<https://cloud.google.com/trace/docs/trace-context#legacy-http-header>).
    fn from_cloud_trace(value: &str) -> Option<Self> {
        let id = value.split(['/', ';']).next()?;
        Self::checked(id, value.ends_with(";o=1"))
    }

    /// Anything else that a client wrote there could be a token.
    fn checked(id: &str, is_sampled: bool) -> Option<Self> {
        let is_hex = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let id = u128::from_str_radix(id, 16).ok().filter(|number| id.len() == 32 && is_hex && *number != 0)?;
        Some(Self { id, is_sampled })
    }
}

/// The id as 32 digits, the form in which logs and headers name it.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.id)
    }
}

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const CLOUD_TRACE: HeaderName = HeaderName::from_static("x-cloud-trace-context");

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0af7651916cd43dd8448eb211c80319c";

    fn trace_of(name: HeaderName, value: &str) -> Trace {
        Trace::of(&HeaderMap::from_iter([(name, value.parse().unwrap())]))
    }

    #[test]
    fn the_trace_comes_from_either_header() {
        for (name, value, is_sampled) in [
            (TRACEPARENT, format!("00-{ID}-b7ad6b7169203331-01"), true),
            (TRACEPARENT, format!("00-{ID}-b7ad6b7169203331-00"), false),
            (TRACEPARENT, format!("00-{ID}-b7ad6b7169203331-02"), false),
            (CLOUD_TRACE, format!("{ID}/123;o=1"), true),
            (CLOUD_TRACE, format!("{ID}/123;o=0"), false),
            (CLOUD_TRACE, ID.to_owned(), false),
        ] {
            let trace = trace_of(name, &value);
            assert_eq!((trace.to_string().as_str(), trace.is_sampled), (ID, is_sampled), "{value}");
        }
    }

    #[test]
    fn what_is_not_a_trace_id_is_replaced_by_a_new_one() {
        for value in
            ["", "00", "abc", "00-abc-b7ad-01", &format!("00-{}-b7-01", ID.replace('0', "\"")), &"0".repeat(32)]
        {
            for name in [TRACEPARENT, CLOUD_TRACE] {
                let (first, second) = (trace_of(name.clone(), value), trace_of(name.clone(), value));
                assert!(first.id != 0 && first != second, "{name}: {value:?} gave {first:?}");
            }
        }
    }

    #[tokio::test]
    async fn the_next_service_gets_the_same_trace_and_another_parent() {
        let passed_on = || {
            let mut headers = HeaderMap::new();
            Trace::pass_on(&mut headers);
            headers.remove(TRACEPARENT)
        };
        assert_eq!(passed_on(), None, "outside of a request there is none");
        for flags in ["00", "01"] {
            let trace = trace_of(TRACEPARENT, &format!("00-{ID}-b7ad6b7169203331-{flags}"));
            let (first, second) = trace.within(async { (passed_on().unwrap(), passed_on().unwrap()) }).await;
            assert_ne!(first, second);
            let value = first.to_str().unwrap();
            assert!(value.starts_with(&format!("00-{ID}-")) && value.ends_with(flags), "{value}");
            assert!(value.len() == 55 && !value.contains("b7ad6b7169203331"), "{value}");
        }
    }
}
