//! A receiver under load, over real sockets: a burst on a cold start, many requests at once, a flood of forged key ids.

use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use axum::{Router, routing::get};
use google_emulator::{Emulator, Fault};
use shared_auth::{
    Clock,
    receiver::{Caller, Issuer, KeySet, RequireCaller, Verifier},
};
use tokio::{net::TcpListener, sync::watch, task::JoinSet, time::timeout};

const AUDIENCE: &str = "https://profile-service.example";
const ALLOWED: &str = "login-service@demo-project.iam.gserviceaccount.com";

/// A receiver that serves, and whoever calls it. The clock stands still unless a test moves it.
#[derive(Clone)]
struct Fixture {
    emulator: Arc<Emulator>,
    time: watch::Sender<Duration>,
    keys: KeySet,
    url: String,
    http: reqwest::Client,
}

impl Fixture {
    async fn start() -> Self {
        let emulator = Arc::new(Emulator::start().await.expect("the emulator starts"));
        let (time, now) = watch::channel(UNIX_EPOCH.elapsed().expect("after 1970"));
        let clock = Clock::from_fn(move || UNIX_EPOCH + *now.borrow());
        let certs_url = emulator.certs_url().parse().expect("a loopback URL");
        let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(certs_url).clock(clock).build().expect("TLS");
        let verifier = Verifier::new(keys.clone(), AUDIENCE.parse().expect("an audience"));
        let policy = ALLOWED.parse().expect("a list of callers");
        let require_caller = RequireCaller::new("profile-service", verifier, policy).expect("a realm");
        let show = async |caller: Caller| caller.subject().to_owned();
        let routes = Router::new().route("/", get(show)).route_layer(require_caller);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        tokio::spawn(async { axum::serve(listener, routes).await });
        let http = reqwest::Client::builder().no_proxy().build().expect("TLS");
        Self { emulator, time, keys, url, http }
    }

    fn genuine(&self) -> String {
        self.emulator.token("login-service", AUDIENCE).sign()
    }

    async fn call(&self, token: &str) -> u16 {
        self.http.get(&self.url).bearer_auth(token).send().await.expect("an answer").status().as_u16()
    }

    /// The statuses of so many requests at once, each with a token that `token` makes.
    fn burst(&self, requests: usize, token: impl Fn(usize) -> String) -> JoinSet<u16> {
        let mut burst = JoinSet::new();
        for number in 0..requests {
            let (fixture, token) = (self.clone(), token(number));
            burst.spawn(async move { fixture.call(&token).await });
        }
        burst
    }

    fn forge(&self, requests: usize) -> JoinSet<u16> {
        let forged = self.emulator.token("login-service", AUDIENCE);
        self.burst(requests, |number| forged.clone().header("kid", format!("forged-{number}")).sign())
    }
}

fn all(statuses: &[u16], expected: u16) -> bool {
    statuses.iter().all(|status| *status == expected)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cold_start_lets_256_genuine_requests_in_with_one_fetch() {
    let fixture = Fixture::start().await;
    fixture.emulator.certs().fail(Fault::Slow(Duration::from_millis(300)));
    let token = fixture.genuine();
    let statuses = fixture.burst(256, |_| token.clone()).join_all().await;
    assert!(statuses.len() == 256 && all(&statuses, 200), "{statuses:?}");
    assert_eq!(fixture.emulator.certs().requests(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_warm_receiver_lets_64_times_1000_genuine_requests_in() {
    let fixture = Fixture::start().await;
    let mut tasks = JoinSet::new();
    for task in 0..64 {
        let token = fixture.emulator.token("login-service", AUDIENCE).claim("task", task).sign();
        let fixture = fixture.clone();
        tasks.spawn(async move {
            let mut let_in = 0;
            for _ in 0..1000 {
                let_in += usize::from(fixture.call(&token).await == 200);
            }
            let_in
        });
    }
    assert_eq!(tasks.join_all().await, [1000; 64]);
    assert_eq!(fixture.emulator.certs().requests(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_forged_key_ids_costs_three_fetches_and_no_genuine_request_waits_for_one() {
    let fixture = Fixture::start().await;
    let token = fixture.genuine();
    assert_eq!(fixture.call(&token).await, 200);
    // While the certs are silent, nothing that waits for them is answered.
    fixture.emulator.certs().fail(Fault::Hang);
    let forged = fixture.forge(400);
    let genuine = fixture.burst(400, |_| token.clone()).join_all();
    let genuine = timeout(Duration::from_secs(60), genuine).await.expect("they do not wait for the certs");
    assert!(all(&genuine, 200), "{genuine:?}");

    fixture.emulator.certs().fail(Fault::Slow(Duration::from_millis(500)));
    let (genuine, forged) = tokio::join!(fixture.burst(400, |_| token.clone()).join_all(), forged.join_all());
    assert!(all(&genuine, 200), "{genuine:?}");
    // The fetch that was silent for too long has failed, and then nobody can tell an unknown key from a new one.
    assert!(forged.len() == 400 && forged.iter().all(|status| [401, 503].contains(status)), "{forged:?}");
    assert!(fixture.emulator.certs().requests() <= 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_key_ids_are_401_and_a_new_key_is_let_in_ten_seconds_later_at_most() {
    let fixture = Fixture::start().await;
    let token = fixture.genuine();
    assert_eq!(fixture.call(&token).await, 200);
    fixture.emulator.certs().fail(Fault::Slow(Duration::from_millis(500)));
    let (forged, genuine) =
        tokio::join!(fixture.forge(400).join_all(), fixture.burst(400, |_| token.clone()).join_all());
    assert!(forged.len() == 400 && all(&forged, 401), "{forged:?}");
    assert!(genuine.len() == 400 && all(&genuine, 200), "{genuine:?}");
    assert!(fixture.emulator.certs().requests() <= 3, "{:?}", fixture.keys.status());

    fixture.emulator.certs().heal();
    fixture.emulator.rotate_keys();
    fixture.time.send_modify(|time| *time += Duration::from_secs(10));
    assert_eq!(fixture.call(&fixture.genuine()).await, 200);
    assert_eq!(fixture.call(&token).await, 200, "the old key is still published");
}

#[tokio::test]
async fn without_a_flood_a_new_key_is_let_in_on_its_first_request() {
    let fixture = Fixture::start().await;
    assert_eq!(fixture.call(&fixture.genuine()).await, 200);
    fixture.emulator.rotate_keys();
    assert_eq!(fixture.call(&fixture.genuine()).await, 200);
}
