//! The key set against a certs endpoint that is slow, broken, flooded or rotated. Time is a clock that the test moves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use axum::{Json, http::StatusCode, response::IntoResponse};
use google_emulator::{Emulator, Fault, TokenBuilder};
use local::stand_in::StandIn;
use serde_json::json;
use shared_auth::{
    Clock,
    receiver::{Issuer, KeySet, KeySetBuilder, Verifier, VerifyError},
};
use tokio::task::JoinSet;

const AUDIENCE: &str = "https://profile-service.example";
/// In seconds: what is left of Google's `max-age` after the `Age` that the emulator tells.
const LIFETIME: u64 = 21_155 - 7_200;
const HOUR: u64 = 3600;

struct Fixture {
    emulator: Arc<Emulator>,
    keys: KeySet,
    verifier: Verifier,
    clock: Clock,
    ahead: Arc<AtomicU64>,
}

impl Fixture {
    async fn start() -> Self {
        Self::start_with(|keys| keys).await
    }

    async fn start_with(change: impl FnOnce(KeySetBuilder) -> KeySetBuilder) -> Self {
        let emulator = Arc::new(Emulator::start().await.expect("the emulator starts"));
        let ahead = Arc::new(AtomicU64::new(0));
        let (start, moved) = (u64::try_from(emulator.now()).expect("after 1970"), ahead.clone());
        let clock = Clock::from_fn(move || UNIX_EPOCH + Duration::from_secs(start + moved.load(Ordering::SeqCst)));
        let certs_url = emulator.certs_url().parse().expect("a loopback URL");
        let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(certs_url).clock(clock.clone());
        let keys = change(keys).build().expect("TLS");
        let verifier = Verifier::new(keys.clone(), AUDIENCE.parse().expect("an audience"));
        Self { emulator, keys, verifier, clock, ahead }
    }

    /// Moves the clock of the key set, of the verifier, and of the tokens that are made.
    fn advance(&self, seconds: u64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
        self.emulator.move_clock(i64::try_from(seconds).expect("a small number"));
    }

    fn set_back(&self, seconds: u64) {
        self.ahead.fetch_sub(seconds, Ordering::SeqCst);
        self.emulator.move_clock(-i64::try_from(seconds).expect("a small number"));
    }

    /// A genuine token from this moment; what the emulator makes by itself can be a second younger.
    fn token(&self) -> TokenBuilder {
        let now = i64::try_from(self.clock.unix_seconds()).expect("a time within reach");
        self.emulator.token("login-service", AUDIENCE).issued_at(now)
    }

    fn fetches(&self) -> u64 {
        self.emulator.certs().requests()
    }

    async fn genuine(&self) -> Result<(), VerifyError> {
        self.verify(self.emulator.token("login-service", AUDIENCE).sign()).await
    }

    async fn forged_key_id(&self, number: usize) -> Result<(), VerifyError> {
        self.verify(self.emulator.token("login-service", AUDIENCE).header("kid", format!("forged-{number}")).sign())
            .await
    }

    async fn verify(&self, token: String) -> Result<(), VerifyError> {
        self.verifier.verify(&token).await.map(drop)
    }

    /// Waits until so many fetches have reached the certs, for those that no request waits for.
    async fn fetched(&self, fetches: u64) {
        tokio::time::timeout(Duration::from_secs(10), async {
            while self.fetches() < fetches {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("the fetch is started");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_on_cold_and_slow_certs_costs_one_fetch_and_refuses_nobody() {
    let fixture = Fixture::start().await;
    fixture.emulator.certs().fail(Fault::Slow(Duration::from_millis(300)));
    let token = fixture.emulator.token("login-service", AUDIENCE).sign();
    let mut requests = JoinSet::new();
    for _ in 0..256 {
        let (verifier, token) = (fixture.verifier.clone(), token.clone());
        requests.spawn(async move { verifier.verify(&token).await });
    }
    assert!(requests.join_all().await.into_iter().all(|caller| caller.is_ok()));
    assert_eq!(fixture.fetches(), 1);
}

#[tokio::test]
async fn known_keys_are_served_without_a_fetch() {
    let fixture = Fixture::start().await;
    for _ in 0..100 {
        fixture.genuine().await.unwrap();
    }
    assert_eq!(fixture.fetches(), 1);
}

#[tokio::test]
async fn a_new_key_is_accepted_on_its_first_request() {
    let fixture = Fixture::start().await;
    fixture.genuine().await.unwrap();
    fixture.emulator.rotate_keys();
    fixture.genuine().await.unwrap();
    assert_eq!(fixture.fetches(), 2);
}

#[tokio::test]
async fn a_new_key_is_accepted_by_whoever_joined_a_fetch_that_left_before_it_was_published() {
    let fixture = Fixture::start().await;
    let forged = fixture.emulator.token("login-service", AUDIENCE).header("kid", "forged").sign();
    let old = fixture.emulator.token("login-service", AUDIENCE).sign();
    let old_set = fixture.emulator.jwks();
    fixture.emulator.rotate_keys();
    let (new, new_set) = (fixture.emulator.token("login-service", AUDIENCE).sign(), fixture.emulator.jwks());
    let fetches = AtomicU64::new(0);
    let certs = StandIn::start(move || match fetches.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => Json(old_set.clone()).into_response(),
        _ => Json(new_set.clone()).into_response(),
    });
    let certs = certs.await.unwrap();
    let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(certs.url().parse().unwrap()).build().unwrap();
    let verifier = Verifier::new(keys, AUDIENCE.parse().unwrap());
    verifier.verify(&old).await.unwrap();
    let (forger, genuine) = tokio::join!(verifier.verify(&forged), verifier.verify(&new));
    assert_eq!(forger.map(drop), Err(VerifyError::UnknownKey));
    assert!(genuine.is_ok() && certs.heads().len() == 3);
}

#[tokio::test]
async fn a_hundred_forged_key_ids_cost_two_fetches_and_hurt_nobody() {
    let fixture = Fixture::start().await;
    fixture.genuine().await.unwrap();
    for number in 0..100 {
        assert_eq!(fixture.forged_key_id(number).await, Err(VerifyError::UnknownKey));
        fixture.genuine().await.unwrap();
    }
    assert_eq!(fixture.fetches(), 3);

    fixture.emulator.rotate_keys();
    assert_eq!(fixture.genuine().await, Err(VerifyError::UnknownKey), "the budget is used up");
    fixture.advance(10);
    fixture.genuine().await.unwrap();
}

#[tokio::test]
async fn a_forged_key_id_costs_no_fetch_more_when_the_keys_are_due() {
    let fixture = Fixture::start().await;
    fixture.genuine().await.unwrap();
    fixture.advance(LIFETIME / 5 * 4);
    assert_eq!(fixture.forged_key_id(1).await, Err(VerifyError::UnknownKey));
    assert_eq!(fixture.fetches(), 2);
}

#[tokio::test]
async fn a_genuine_request_does_not_wait_for_a_fetch_that_a_forger_caused() {
    let fixture = Fixture::start().await;
    fixture.genuine().await.unwrap();
    fixture.emulator.certs().fail(Fault::Hang);
    let forged = fixture.emulator.token("login-service", AUDIENCE).header("kid", "forged").sign();
    let verifier = fixture.verifier.clone();
    let forger = tokio::spawn(async move { verifier.verify(&forged).await });
    fixture.fetched(2).await;
    fixture.genuine().await.unwrap();
    assert!(!forger.is_finished(), "the genuine request came first");
    fixture.emulator.certs().heal();
    assert_eq!(forger.await.unwrap().map(drop), Err(VerifyError::UnknownKey));
}

#[tokio::test]
async fn keys_are_refreshed_before_they_are_stale_and_nobody_waits_for_it() {
    let fixture = Fixture::start().await;
    fixture.genuine().await.unwrap();
    fixture.emulator.certs().fail(Fault::Hang);
    fixture.advance(LIFETIME / 5 * 4 - 10);
    assert!(fixture.keys.ready().is_ok() && fixture.genuine().await.is_ok());
    assert_eq!(fixture.fetches(), 1, "not due yet");
    fixture.advance(10);
    fixture.genuine().await.unwrap();
    fixture.fetched(2).await;
    fixture.genuine().await.unwrap();
    assert_eq!((fixture.fetches(), fixture.keys.status().fetches), (2, 1), "one refresh, and it is still under way");
}

#[tokio::test]
async fn old_keys_serve_through_an_outage_for_hours_and_not_for_ever() {
    let fixture = Fixture::start().await;
    fixture.genuine().await.unwrap();
    fixture.emulator.certs().fail(Fault::Status(500));
    fixture.advance(LIFETIME + 6 * HOUR - 1);
    fixture.genuine().await.unwrap();
    assert!(matches!(fixture.forged_key_id(0).await, Err(VerifyError::KeysUnavailable { .. })), "nobody can tell");
    fixture.advance(1);
    assert!(matches!(fixture.genuine().await, Err(VerifyError::KeysUnavailable { .. })));
    assert!(fixture.keys.ready().is_err());

    fixture.emulator.certs().heal();
    fixture.advance(10);
    fixture.genuine().await.unwrap();
}

#[tokio::test]
async fn whatever_is_wrong_with_the_certs_it_is_an_outage_that_heals_and_is_not_asked_at_every_request() {
    let page = |content_type: &str, body: Vec<u8>| Fault::Body { content_type: content_type.to_owned(), body };
    let elsewhere = Emulator::start().await.unwrap();
    for fault in [
        Fault::Status(404),
        Fault::Status(503),
        Fault::Status(204),
        Fault::Redirect(elsewhere.certs_url()),
        page("text/html", b"<html>sign in</html>".to_vec()),
        page("application/json", Vec::new()),
        page("application/json", b"{\"keys\":[]}".to_vec()),
        page("application/json", b"{\"keys\":[{\"kty\":\"EC\",\"kid\":\"1\"}]}".to_vec()),
    ] {
        let fixture = Fixture::start().await;
        fixture.emulator.certs().fail(fault.clone());
        for _ in 0..100 {
            let refused = fixture.genuine().await;
            assert!(
                matches!(refused, Err(VerifyError::KeysUnavailable { retry_after }) if !retry_after.is_zero()),
                "{refused:?}"
            );
        }
        assert_eq!(fixture.fetches(), 1);
        assert!(fixture.keys.ready().is_err());

        fixture.emulator.certs().heal();
        fixture.advance(10);
        fixture.genuine().await.unwrap();
        assert!(fixture.keys.ready().is_ok());
    }
    assert_eq!(elsewhere.certs().requests(), 0, "no redirect was followed");
}

#[tokio::test]
async fn a_key_set_that_is_far_too_large_is_not_read() {
    let fixture = Fixture::start().await;
    let body = format!("{}{}", fixture.emulator.jwks(), " ".repeat(50 * 1024 * 1024)).into_bytes();
    fixture.emulator.certs().fail(Fault::Body { content_type: "application/json".to_owned(), body });
    assert!(matches!(fixture.genuine().await, Err(VerifyError::KeysUnavailable { .. })));
}

#[tokio::test]
async fn keys_in_an_answer_that_is_not_a_success_are_not_used() {
    let fixture = Fixture::start().await;
    for status in [201, 404, 500] {
        let (code, set) = (StatusCode::from_u16(status).unwrap(), fixture.emulator.jwks());
        let certs = StandIn::start(move || (code, Json(set.clone())).into_response()).await.unwrap();
        let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(certs.url().parse().unwrap()).build().unwrap();
        let verifier = Verifier::new(keys, AUDIENCE.parse().unwrap());
        let token = fixture.emulator.token("login-service", AUDIENCE).sign();
        assert!(matches!(verifier.verify(&token).await, Err(VerifyError::KeysUnavailable { .. })), "{status}");
    }
}

#[tokio::test]
async fn in_an_outage_an_unknown_key_is_nobodys_fault_even_when_the_budget_is_used_up() {
    let fixture = Fixture::start().await;
    fixture.genuine().await.unwrap();
    fixture.emulator.certs().fail(Fault::Status(500));
    for number in 0..8 {
        let refused = fixture.forged_key_id(number).await;
        assert!(matches!(refused, Err(VerifyError::KeysUnavailable { .. })), "{refused:?}");
        fixture.advance(1);
    }
    assert_eq!(fixture.fetches(), 3, "attempts count, and not successes");
}

#[tokio::test]
async fn certs_that_hang_are_given_up() {
    let fixture = Fixture::start().await;
    fixture.emulator.certs().fail(Fault::Hang);
    let refused = tokio::time::timeout(Duration::from_secs(10), fixture.genuine()).await.expect("a limit");
    assert!(matches!(refused, Err(VerifyError::KeysUnavailable { .. })));
}

#[tokio::test]
async fn a_key_that_left_the_set_is_not_trusted_after_the_next_fetch() {
    let fixture = Fixture::start().await;
    let token = fixture.emulator.token("login-service", AUDIENCE).sign();
    fixture.verify(token.clone()).await.unwrap();
    fixture.emulator.rotate_keys();
    fixture.emulator.retire_old_keys();
    fixture.verify(token.clone()).await.unwrap();
    fixture.genuine().await.unwrap();
    assert_eq!(fixture.verify(token).await, Err(VerifyError::UnknownKey));
}

#[tokio::test]
async fn a_key_that_is_replaced_under_its_own_id_is_not_trusted_any_more() {
    let (old, new) = (Fixture::start().await, Emulator::start().await.unwrap());
    let (token, mut set) = (old.emulator.token("login-service", AUDIENCE).sign(), new.jwks());
    old.verify(token.clone()).await.unwrap();
    set["keys"][0]["kid"] = old.emulator.jwks()["keys"][0]["kid"].clone();
    let body = serde_json::to_vec(&set).unwrap();
    old.emulator.certs().fail(Fault::Body { content_type: "application/json".to_owned(), body });
    assert_eq!(old.forged_key_id(0).await, Err(VerifyError::UnknownKey), "this has fetched the new set");
    assert_eq!(old.verify(token).await, Err(VerifyError::Signature));
}

#[tokio::test]
async fn a_remembered_token_expires_and_is_not_valid_before_its_time() {
    let fixture = Fixture::start().await;
    fixture.advance(60);
    let token = fixture.token().sign();
    fixture.verify(token.clone()).await.unwrap();
    fixture.set_back(31);
    assert_eq!(fixture.verify(token.clone()).await, Err(VerifyError::IssuedInTheFuture));
    fixture.advance(31 + HOUR + 29);
    fixture.verify(token.clone()).await.unwrap();
    fixture.advance(1);
    assert_eq!(fixture.verify(token).await, Err(VerifyError::Expired));

    let later = fixture.token().claim("nbf", fixture.clock.unix_seconds() + 100).sign();
    fixture.advance(100);
    fixture.verify(later.clone()).await.unwrap();
    fixture.set_back(31);
    assert_eq!(fixture.verify(later).await, Err(VerifyError::NotYetValid));
}

#[tokio::test]
async fn a_remembered_token_is_refused_when_the_keys_are_too_old() {
    let fixture = Fixture::start_with(|keys| keys.stale_limit(Duration::ZERO)).await;
    fixture.advance(HOUR);
    let token = fixture.token().claim("exp", fixture.emulator.now() + 80_000).sign();
    fixture.verify(token.clone()).await.unwrap();
    fixture.emulator.certs().fail(Fault::Status(500));
    fixture.advance(LIFETIME - 1);
    fixture.verify(token.clone()).await.unwrap();
    fixture.advance(1);
    assert!(matches!(fixture.verify(token).await, Err(VerifyError::KeysUnavailable { .. })));
}

#[tokio::test]
async fn requests_with_a_remembered_token_keep_the_keys_fresh() {
    let fixture = Fixture::start().await;
    let token = fixture.token().claim("exp", fixture.emulator.now() + 80_000).sign();
    fixture.verify(token.clone()).await.unwrap();
    fixture.advance(LIFETIME / 5 * 4);
    fixture.verify(token).await.unwrap();
    fixture.fetched(2).await;
}

#[tokio::test]
async fn an_older_answer_does_not_take_the_place_of_a_newer_one() {
    let fixture = Fixture::start().await;
    let (old, old_set) = (fixture.emulator.token("login-service", AUDIENCE).sign(), fixture.emulator.jwks());
    fixture.emulator.rotate_keys();
    fixture.emulator.retire_old_keys();
    let (new, new_set) = (fixture.emulator.token("login-service", AUDIENCE).sign(), fixture.emulator.jwks());
    let fetches = AtomicU64::new(0);
    // A cache near the issuer has the new set, one far from it has had the old one for an hour.
    let certs = StandIn::start(move || match fetches.fetch_add(1, Ordering::SeqCst) {
        1 => ([("age", "3600")], Json(old_set.clone())).into_response(),
        _ => ([("age", "5")], Json(new_set.clone())).into_response(),
    });
    let certs = certs.await.unwrap();
    let keys =
        KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(certs.url().parse().unwrap()).clock(fixture.clock.clone());
    let keys = keys.build().unwrap();
    let verifier = Verifier::new(keys.clone(), AUDIENCE.parse().unwrap());
    verifier.verify(&new).await.unwrap();
    let refused = verifier.verify(&old).await;
    assert!(matches!(refused, Err(VerifyError::KeysUnavailable { .. })), "an old answer does not tell: {refused:?}");
    verifier.verify(&new).await.unwrap();
    assert!(keys.status().last_error.unwrap().contains("older"));

    fixture.advance(10);
    assert_eq!(verifier.verify(&old).await.map(drop), Err(VerifyError::UnknownKey));
    assert_eq!((certs.heads().len(), keys.status().last_error), (3, None));
}

#[tokio::test]
async fn an_older_answer_with_the_same_keys_is_as_good_as_a_newer_one() {
    let fixture = Fixture::start().await;
    let (set, fetches) = (fixture.emulator.jwks(), AtomicU64::new(0));
    let certs = StandIn::start(move || {
        let age = fetches.fetch_add(1, Ordering::SeqCst) * 3600;
        ([("age", age.to_string())], Json(set.clone())).into_response()
    });
    let certs = certs.await.unwrap();
    let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(certs.url().parse().unwrap()).build().unwrap();
    let verifier = Verifier::new(keys, AUDIENCE.parse().unwrap());
    verifier.verify(&fixture.emulator.token("login-service", AUDIENCE).sign()).await.unwrap();
    let forged = fixture.emulator.token("login-service", AUDIENCE).header("kid", "forged").sign();
    assert_eq!(verifier.verify(&forged).await.map(drop), Err(VerifyError::UnknownKey));
    assert_eq!(certs.heads().len(), 2);
}

#[tokio::test]
async fn the_stale_limit_can_be_set() {
    let fixture = Fixture::start_with(|keys| keys.stale_limit(Duration::from_secs(60))).await;
    fixture.genuine().await.unwrap();
    fixture.emulator.certs().fail(Fault::Status(500));
    fixture.advance(LIFETIME + 59);
    fixture.genuine().await.unwrap();
    fixture.advance(1);
    assert!(matches!(fixture.genuine().await, Err(VerifyError::KeysUnavailable { .. })));
}

#[tokio::test]
async fn its_status_tells_the_age_of_the_keys_the_fetches_and_the_last_error() {
    let fixture = Fixture::start().await;
    let told = || {
        let status = fixture.keys.status();
        (status.keys, status.age.map(|age| age.as_secs()), status.fetches, status.failures)
    };
    assert_eq!((told(), fixture.keys.status().last_error), ((0, None, 0, 0), None));
    fixture.genuine().await.unwrap();
    fixture.advance(90);
    assert_eq!((told(), fixture.keys.status().last_error), ((1, Some(90), 1, 0), None));

    fixture.emulator.certs().fail(Fault::Status(500));
    assert!(fixture.forged_key_id(0).await.is_err());
    let error = "the answer has status 500".to_owned();
    assert_eq!((told(), fixture.keys.status().last_error), ((1, Some(90), 2, 1), Some(error)));
    fixture.advance(LIFETIME + 6 * HOUR);
    assert_eq!(told(), (0, None, 2, 1), "too old to be used");

    fixture.emulator.certs().heal();
    fixture.genuine().await.unwrap();
    assert_eq!((told(), fixture.keys.status().last_error), ((1, Some(0), 3, 1), None));
}

#[tokio::test]
async fn a_key_that_cannot_be_used_does_not_spoil_the_others() {
    let fixture = Fixture::start().await;
    let mut set = fixture.emulator.jwks();
    let keys = set["keys"].as_array_mut().unwrap();
    for odd in [
        json!(7),
        json!({}),
        json!({ "kty": "EC", "kid": "ec", "crv": "P-256" }),
        json!({ "kty": "RSA", "kid": "short", "n": "AQAB", "e": "AQAB" }),
    ] {
        keys.insert(0, odd);
    }
    let body = serde_json::to_vec(&set).unwrap();
    fixture.emulator.certs().fail(Fault::Body { content_type: "application/json".to_owned(), body });
    fixture.genuine().await.unwrap();
}

#[tokio::test]
async fn a_key_published_for_something_else_is_not_used() {
    for (member, value) in
        [("use", json!("enc")), ("alg", json!("RS512")), ("key_ops", json!(["sign"])), ("kty", json!("EC"))]
    {
        let fixture = Fixture::start().await;
        let mut set = fixture.emulator.jwks();
        set["keys"][0][member] = value;
        let body = serde_json::to_vec(&set).unwrap();
        fixture.emulator.certs().fail(Fault::Body { content_type: "application/json".to_owned(), body });
        assert!(fixture.genuine().await.is_err(), "{member}");
    }
}

#[tokio::test]
async fn prefetching_does_not_wait_and_gets_the_keys() {
    let fixture = Fixture::start().await;
    fixture.keys.prefetch();
    assert!(fixture.keys.ready().is_err(), "not there yet");
    fixture.genuine().await.unwrap();
    assert!(fixture.keys.ready().is_ok());
    assert_eq!(fixture.fetches(), 1, "the request shared the fetch");
}

#[tokio::test]
async fn a_clock_that_is_set_back_or_far_ahead_refuses_nobody() {
    let fixture = Fixture::start().await;
    fixture.advance(10 * HOUR);
    fixture.genuine().await.unwrap();
    fixture.emulator.certs().fail(Fault::Hang);
    fixture.set_back(9 * HOUR);
    fixture.genuine().await.unwrap();
    fixture.fetched(2).await;
    fixture.emulator.certs().heal();
    fixture.genuine().await.unwrap();
    fixture.advance(1_000_000 * HOUR);
    fixture.genuine().await.unwrap();
}
