//! The trace of a request: one number in two headers, so that the logs of all services can be put together.
//!
//! A caller that sends one of them is believed. See <https://cloud.google.com/trace/docs/trace-context>.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::random::random;

pub(super) fn add(headers: &mut HeaderMap) {
    let sent = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let trace = sent(PARENT).and_then(of_parent).or_else(|| sent(CONTEXT).and_then(of_context));
    let trace = trace.map_or_else(|| format!("{:032x}", u128::from_be_bytes(random())), str::to_owned);
    let span = u64::from_be_bytes(random());
    let added = [(PARENT, format!("00-{trace}-{span:016x}-01")), (CONTEXT, format!("{trace}/{span};o=1"))];
    for (name, text) in added {
        let usable = headers.get(&name).and_then(|value| value.to_str().ok()).is_some_and(|text| text.contains(&trace));
        if let (false, Ok(value)) = (usable, HeaderValue::try_from(text)) {
            headers.insert(name, value);
        }
    }
}

/// `VERSION-TRACE-SPAN-FLAGS`, [W3C Trace Context §3.2](https://www.w3.org/TR/trace-context/#traceparent-header).
fn of_parent(text: &str) -> Option<&str> {
    text.split('-').nth(1).filter(|trace| is_trace(trace))
}

/// `TRACE/SPAN;o=OPTIONS`, Google's older one.
fn of_context(text: &str) -> Option<&str> {
    text.split('/').next().filter(|trace| is_trace(trace))
}

fn is_trace(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

const PARENT: HeaderName = HeaderName::from_static("traceparent");
const CONTEXT: HeaderName = HeaderName::from_static("x-cloud-trace-context");
