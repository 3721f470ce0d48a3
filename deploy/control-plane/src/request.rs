//! One request of gcloud, taken apart.

use std::collections::BTreeMap;

use axum::{body::Bytes, http::Method};
use serde_json::Value;

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The API's name: what stands before `.googleapis.com`, without a region.
    pub(crate) api: String,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) body: Bytes,
}

impl Request {
    /// None when it is for a host that is not Google's.
    pub(crate) fn new(method: Method, host: &str, path: &str, query: &str, body: Bytes) -> Option<Self> {
        let host = host.split(':').next()?.strip_suffix(".googleapis.com")?;
        // `europe-west1-run` is Cloud Run in that region.
        let api = host.rsplit('-').next()?.to_owned();
        let query = serde_urlencoded::from_str(query).unwrap_or_default();
        Some(Self { method, api, path: path.to_owned(), query, body })
    }

    /// The path in pieces, for a `match`.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|segment| !segment.is_empty()).collect()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// As a line of a log: `POST iam /v1/…`.
    pub(crate) fn line(&self) -> String {
        format!("{} {} {}", self.method, self.api, self.path)
    }

    /// What it does, whatever it does it to: `DELETE iam serviceAccounts`, `POST run services:setIamPolicy`.
    pub(crate) fn kind(&self) -> String {
        let segments = self.segments();
        let (last, before) = (segments.last().copied().unwrap_or_default(), segments.iter().rev().nth(1));
        match (last.split_once(':'), before) {
            (Some((_, verb)), Some(collection)) => format!("{} {} {collection}:{verb}", self.method, self.api),
            // Of a resource; `iam` is Storage's name for the policy of one.
            (None, Some(collection)) if self.method != Method::POST && last != "iam" => {
                format!("{} {} {collection}", self.method, self.api)
            }
            _ => format!("{} {} {last}", self.method, self.api),
        }
    }
}

/// The text at a path such as `/metadata/name`, empty when there is none.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
