//! The server: a proxy for http that answers in the place of every host.
//!
//! gcloud puts a region before the host of Cloud Run's API, so an address of this machine cannot be that host. As a proxy
//! the server also sees what gcloud would have sent elsewhere: such a request arrives as CONNECT, and is refused.

use std::{
    collections::BTreeSet,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    answer::{Answer, Refusal},
    artifact_registry, cloud_build,
    gcloud::DEPLOYER,
    iam, iam_credentials,
    request::Request,
    resource_manager, run, secret_manager,
    service_usage::{self, check_enabled},
    storage,
    world::World,
};

/// Makes the ID token of an account, by its e-mail, for an audience.
pub type IdTokens = Box<dyn Fn(&str, &str) -> String + Send + Sync>;

/// Google's control plane. Dropping it ends it.
pub struct ControlPlane {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<io::Result<()>>,
}

struct Shared {
    world: watch::Sender<World>,
    log: Mutex<Log>,
    id_tokens: IdTokens,
}

#[derive(Default)]
struct Log {
    requests: Vec<String>,
    unknown: Vec<String>,
    /// The kinds of changes that were refused already, while each is to fail once.
    refused: Option<BTreeSet<String>>,
    /// Lines of requests, each of which is to fail once.
    to_refuse: BTreeSet<String>,
}

impl ControlPlane {
    /// Starts with an empty project.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start(id_tokens: IdTokens) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { world: watch::Sender::default(), log: Mutex::default(), id_tokens });
        let routes = Router::new().fallback(enter).with_state(Arc::clone(&shared));
        Ok(Self { address, shared, task: tokio::spawn(async { axum::serve(listener, routes).await }) })
    }

    /// What there is now.
    pub fn world(&self) -> World {
        self.shared.world.borrow().clone()
    }

    /// What there is now and after each change.
    pub fn watch(&self) -> watch::Receiver<World> {
        self.shared.world.subscribe()
    }

    /// Changes it by hand, as somebody else in the project could.
    pub fn change(&self, change: impl FnOnce(&mut World)) {
        self.shared.world.send_modify(change);
    }

    /// From now on refuses every first change of its kind, such as the first service account to be made.
    pub fn refuse_each_kind_once(&self) {
        self.shared.log().refused = Some(BTreeSet::new());
    }

    /// The kinds of changes that were refused, and no more are.
    pub fn stop_refusing(&self) -> BTreeSet<String> {
        self.shared.log().refused.take().unwrap_or_default()
    }

    /// Refuses the next request of this line, such as `GET run /v1/…`, whether it changes anything or not.
    pub fn refuse_once(&self, line: &str) {
        self.shared.log().to_refuse.insert(line.to_owned());
    }

    /// Every request so far, as `METHOD api path`.
    pub fn requests(&self) -> Vec<String> {
        self.shared.log().requests.clone()
    }

    /// Those that nobody answers here, and those for hosts that gcloud cannot be turned away from.
    pub fn unknown(&self) -> Vec<String> {
        self.shared.log().unknown.clone()
    }
}

impl Drop for ControlPlane {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: &Request) -> Answer {
        if self.log().to_refuse.remove(&request.line()) {
            return Err(Refusal::fault());
        }
        let mut answer = Err(Refusal::unknown());
        self.world.send_if_modified(|world| {
            let before = world.clone();
            answer = check_enabled(world, &request.api).and_then(|()| match request.api.as_str() {
                "serviceusage" => service_usage::answer(world, request),
                "cloudresourcemanager" => resource_manager::answer(world, request),
                "iam" => iam::answer(world, request),
                "iamcredentials" => {
                    iam_credentials::answer(world, request, &format!("user:{DEPLOYER}"), &self.id_tokens)
                }
                "artifactregistry" => artifact_registry::answer(world, request),
                "cloudbuild" => cloud_build::answer(world, request),
                "storage" => storage::answer(world, request),
                "secretmanager" => secret_manager::answer(world, request),
                "run" => run::answer(world, request),
                _ => Err(Refusal::unknown()),
            });
            let changes = *world != before;
            if changes && self.is_to_fail(request) {
                (*world, answer) = (before, Err(Refusal::fault()));
                return false;
            }
            changes
        });
        answer
    }

    fn is_to_fail(&self, request: &Request) -> bool {
        self.log().refused.as_mut().is_some_and(|refused| refused.insert(request.kind()))
    }
}

async fn enter(State(shared): State<Arc<Shared>>, method: Method, uri: Uri, body: Bytes) -> Response {
    let (host, path) = (uri.host().unwrap_or_default(), uri.path());
    let request = Request::new(method.clone(), host, path, uri.query().unwrap_or_default(), body);
    let line = request.as_ref().map_or_else(|| format!("{method} {uri}"), Request::line);
    shared.log().requests.push(line);
    let Some(request) = request.filter(|request| request.method != Method::CONNECT) else {
        shared.log().unknown.push(format!("{method} {uri}"));
        return StatusCode::BAD_GATEWAY.into_response();
    };
    match shared.answer(&request) {
        Ok(value) if value.is_null() => StatusCode::NO_CONTENT.into_response(),
        Ok(value) => Json(value).into_response(),
        Err(refusal) => {
            if refusal.is_unknown() {
                shared.log().unknown.push(format!("{method} {uri}"));
            }
            refusal.into_response()
        }
    }
}
