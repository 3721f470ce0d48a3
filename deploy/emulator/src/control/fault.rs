//! Breaks an endpoint, and mends it.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::json;

use super::{Answer, Controlled, answer, body};
use crate::endpoint::Fault;

/// As in JSON: `{"kind": "status", "status": 503}`.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum Wanted {
    Status { status: u16 },
    Slow { milliseconds: u64 },
    Hang {},
    Body { content_type: String, body: String },
    Redirect { location: String },
}

impl From<Wanted> for Fault {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::Status { status } => Self::Status(status),
            Wanted::Slow { milliseconds } => Self::Slow(Duration::from_millis(milliseconds)),
            Wanted::Hang {} => Self::Hang,
            Wanted::Body { content_type, body } => Self::Body { content_type, body: body.into_bytes() },
            Wanted::Redirect { location } => Self::Redirect(location),
        }
    }
}

pub(super) async fn fail(State(controlled): State<Arc<Controlled>>, Path(name): Path<String>, bytes: Bytes) -> Answer {
    let endpoint = controlled.endpoint(&name)?;
    endpoint.fail(body::<Wanted>(&bytes)?.into());
    answer(&json!({}))
}

pub(super) async fn heal(State(controlled): State<Arc<Controlled>>, Path(name): Path<String>) -> Answer {
    controlled.endpoint(&name)?.heal();
    answer(&json!({}))
}
