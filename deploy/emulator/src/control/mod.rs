//! The emulator's own port: what Google does not offer, for people and for test code in other languages.
//!
//! It changes at run time what a test in Rust changes through [`Emulator`], and says no as Google's APIs do. The page
//! that it shows at `/` is its documentation.

mod endpoints;
mod fault;

use std::{io, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::HeaderName,
    response::IntoResponse,
    routing::{get, post, put},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api_refusal::{HEADERS, Refusal},
    emulator::Emulator,
    front_door::FrontDoor,
    listener::Listener,
};

/// The open control port; dropping it closes it, and the emulator goes on.
pub struct ControlPort {
    listener: Listener,
}

pub(crate) struct Controlled {
    google: Arc<Emulator>,
    doors: Vec<FrontDoor>,
}

impl ControlPort {
    /// Listens on 127.0.0.1; the port 0 is any that is free. The front doors stay open as long as this does.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn open(google: Arc<Emulator>, doors: Vec<FrontDoor>, port: u16) -> io::Result<Self> {
        let routes = Router::new()
            .route("/", get(|| async { HELP }))
            .route("/requests", get(endpoints::list))
            .route("/requests/{endpoint}", get(endpoints::asked))
            .route("/faults/{endpoint}", put(fault::fail).delete(fault::heal))
            .route("/keys/rotate", post(rotate))
            .route("/keys/retire", post(retire))
            .route("/clock", get(clock).post(move_clock))
            .route("/invokers/{service}/{identity}", put(allow).delete(forbid))
            .fallback(|| async { Refusal::no_such_method() })
            .method_not_allowed_fallback(|| async { Refusal::no_such_method() })
            .with_state(Arc::new(Controlled { google, doors }));
        Ok(Self { listener: Listener::start_on(port, |_, _| routes).await? })
    }

    /// Where it listens, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.listener.address)
    }
}

type Answer = Result<([(HeaderName, &'static str); 2], String), Refusal>;

fn answer(value: &Value) -> Answer {
    Ok((HEADERS, value.to_string()))
}

/// Reads a body whatever its content type is, so that `curl --data` is enough.
fn body<T: for<'a> Deserialize<'a>>(bytes: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| Refusal::invalid_argument(&error.to_string()))
}

async fn rotate(State(controlled): State<Arc<Controlled>>) -> impl IntoResponse {
    controlled.google.rotate_keys();
    answer(&json!({ "certs": controlled.google.jwks() }))
}

async fn retire(State(controlled): State<Arc<Controlled>>) -> impl IntoResponse {
    controlled.google.retire_old_keys();
    answer(&json!({ "certs": controlled.google.jwks() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Movement {
    seconds: i32,
}

async fn clock(State(controlled): State<Arc<Controlled>>) -> Answer {
    answer(&json!({ "now": controlled.google.now() }))
}

async fn move_clock(State(controlled): State<Arc<Controlled>>, bytes: Bytes) -> Answer {
    let movement: Movement = body(&bytes)?;
    controlled.google.move_clock(movement.seconds.into());
    answer(&json!({ "now": controlled.google.now() }))
}

async fn allow(State(controlled): State<Arc<Controlled>>, Path(names): Path<(String, String)>) -> Answer {
    controlled.door(&names)?.allow_invoker(&names.1);
    answer(&json!({}))
}

async fn forbid(State(controlled): State<Arc<Controlled>>, Path(names): Path<(String, String)>) -> Answer {
    controlled.door(&names)?.forbid_invoker(&names.1);
    answer(&json!({}))
}

impl Controlled {
    /// The front door of the service, if there is such an identity too.
    fn door(&self, (service, identity): &(String, String)) -> Result<&FrontDoor, Refusal> {
        let missing = |what: &str| Refusal::missing(&format!("There is no {what}."));
        let door = self.doors.iter().find(|door| door.name() == service);
        let door = door.ok_or_else(|| missing(&format!("front door of {service:?}")))?;
        let known = self.google.identities().iter().any(|known| known.name == identity);
        known.then_some(door).ok_or_else(|| missing(&format!("identity named {identity:?}")))
    }
}

/// One page: how the program is started, and what its control port understands.
pub const HELP: &str = include_str!("help.txt");
