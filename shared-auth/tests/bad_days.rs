//! A receiver on its bad days, over real sockets: a burst on a cold start, many requests at once, a flood of forged key
//! ids, certs that are out of order.

use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use axum::{Router, routing::get};
use google_emulator::{Emulator, Fault};
use reqwest::{Response, header::RETRY_AFTER};
use shared_auth::{
    Clock,
    receiver::{Caller, Issuer, KeySet, RequireCaller, Verifier},
};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinSet, yield_now},
};

const AUDIENCE: &str = "https://profile-service.example";
const ALLOWED: &str = "login-service@demo-project.iam.gserviceaccount.com";

/// What is left of Google's `max-age` after the `Age` that the emulator tells, and how long keys serve beyond: in seconds.
const LIFETIME: u64 = 21_155 - 7_200;
const STALE_LIMIT: u64 = 6 * 60 * 60;

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

    fn advance(&self, seconds: u64) {
        self.time.send_modify(|time| *time += Duration::from_secs(seconds));
        self.emulator.move_clock(i64::try_from(seconds).expect("a small number"));
    }

    fn genuine(&self) -> String {
        self.emulator.token("login-service", AUDIENCE).sign()
    }

    async fn send(&self, token: &str) -> Response {
        self.http.get(&self.url).bearer_auth(token).send().await.expect("an answer")
    }

    async fn call(&self, token: &str) -> u16 {
        self.send(token).await.status().as_u16()
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
    fixture.emulator.certs().fail(Fault::Hang);
    let forged = fixture.forge(400);
    while fixture.emulator.certs().requests() < 2 {
        yield_now().await;
    }
    let genuine = fixture.burst(50, |_| token.clone()).join_all().await;
    assert!(all(&genuine, 200), "{genuine:?}");
    assert_eq!(fixture.keys.status().fetches, 1, "the fetch for a forged one is still under way");

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
    fixture.advance(10);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_wrong_with_the_certs_known_keys_are_let_in_for_hours_and_new_ones_when_it_is_over() {
    let body =
        |content_type: &str, body: &[u8]| Fault::Body { content_type: content_type.to_owned(), body: body.into() };
    let elsewhere = Emulator::start().await.unwrap();
    for fault in [
        Fault::Status(500),
        Fault::Hang,
        Fault::Redirect(elsewhere.certs_url()),
        body("application/json", b"\x00\xff{"),
        body("text/html", b"<html>an error</html>"),
        body("application/json", br#"{"keys":[]}"#),
        body("application/json", &vec![b' '; 50 * 1024 * 1024]),
    ] {
        let fixture = Fixture::start().await;
        assert_eq!(fixture.call(&fixture.genuine()).await, 200);
        fixture.emulator.certs().fail(fault);
        fixture.advance(LIFETIME + STALE_LIMIT - 1);
        let token = fixture.genuine();
        let statuses = fixture.burst(50, |_| token.clone()).join_all().await;
        assert!(all(&statuses, 200), "{statuses:?}");
        let unknown = fixture.emulator.token("login-service", AUDIENCE).header("kid", "new").sign();
        let response = fixture.send(&unknown).await;
        assert_eq!(response.status(), 503);
        let retry_after: u64 = response.headers()[RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!((1..=10).contains(&retry_after), "{retry_after}");
        assert_eq!(fixture.emulator.certs().requests(), 2, "{:?}", fixture.keys.status());

        fixture.emulator.certs().heal();
        fixture.emulator.rotate_keys();
        fixture.advance(10);
        assert_eq!(fixture.call(&fixture.genuine()).await, 200, "{:?}", fixture.keys.status());
    }
    assert_eq!(elsewhere.certs().requests(), 0, "no redirect was followed");
}
