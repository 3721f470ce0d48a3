use std::{
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
    time::UNIX_EPOCH,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tokio::{sync::Semaphore, task::JoinSet};

use super::*;

/// A source whose clock the test moves: it gives tokens that live for `lifetime` seconds, or fails.
#[derive(Debug, Clone)]
struct Source(Arc<Knobs>);

#[derive(Debug)]
struct Knobs {
    now: AtomicU64,
    lifetime: AtomicU64,
    asked: AtomicU64,
    gate: Semaphore,
    fails: Mutex<bool>,
}

impl Source {
    fn new() -> (Self, TokenCache) {
        let knobs = Knobs {
            now: AtomicU64::new(1_800_000_000),
            lifetime: AtomicU64::new(3600),
            asked: AtomicU64::new(0),
            gate: Semaphore::new(1_000_000),
            fails: Mutex::new(false),
        };
        let source = Self(Arc::new(knobs));
        let clock = {
            let source = source.clone();
            Clock::from_fn(move || UNIX_EPOCH + Duration::from_secs(source.0.now.load(Ordering::SeqCst)))
        };
        (source.clone(), TokenCache::with_clock(source, clock))
    }

    fn advance(&self, seconds: u64) {
        self.0.now.fetch_add(seconds, Ordering::SeqCst);
    }

    fn asked(&self) -> u64 {
        self.0.asked.load(Ordering::SeqCst)
    }

    fn fail(&self, fails: bool) {
        *self.0.fails.lock().unwrap() = fails;
    }
}

impl TokenSource for Source {
    fn id_token<'a>(&'a self, _: &'a Audience) -> Pin<Box<dyn Future<Output = Result<IdToken, Error>> + Send + 'a>> {
        Box::pin(async {
            self.0.asked.fetch_add(1, Ordering::SeqCst);
            let _permit = self.0.gate.acquire().await.unwrap();
            if *self.0.fails.lock().unwrap() {
                return Err(Error::SourceRefused {
                    step: Step::Source,
                    status: axum::http::StatusCode::NOT_FOUND,
                    code: None,
                });
            }
            let exp = self.0.now.load(Ordering::SeqCst) + self.0.lifetime.load(Ordering::SeqCst);
            let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{exp}}}"#));
            Ok(IdToken::from_compact(&format!("e30.{payload}.c2ln")).unwrap())
        })
    }
}

fn audience() -> Audience {
    "https://profile.example".parse().unwrap()
}

/// Asks, and lets a fetch that was started in passing come to its end.
async fn ask(cache: &TokenCache) -> Result<IdToken, Error> {
    let token = cache.token(&audience()).await;
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    token
}

#[tokio::test]
async fn a_thousand_waiters_on_a_cold_cache_cause_one_fetch() {
    let (source, cache) = Source::new();
    source.0.gate.forget_permits(1_000_000);
    let cache = Arc::new(cache);
    let mut waiters = JoinSet::new();
    for _ in 0..1000 {
        let cache = cache.clone();
        waiters.spawn(async move { cache.token(&audience()).await });
    }
    while source.asked() == 0 {
        tokio::task::yield_now().await;
    }
    source.0.gate.add_permits(1_000);
    assert!(waiters.join_all().await.into_iter().all(|token| token.is_ok()));
    assert_eq!(source.asked(), 1);
}

#[tokio::test]
async fn a_token_is_kept_until_four_minutes_before_it_expires_and_serves_while_the_next_is_fetched() {
    let (source, cache) = Source::new();
    let first = ask(&cache).await.unwrap();
    source.advance(3600 - 241);
    assert_eq!(ask(&cache).await.unwrap().expires_at(), first.expires_at());
    assert_eq!(source.asked(), 1);

    source.advance(2);
    assert_eq!(ask(&cache).await.unwrap().expires_at(), first.expires_at(), "the old one serves");
    assert_eq!(source.asked(), 2);
    assert!(ask(&cache).await.unwrap().expires_at() > first.expires_at(), "the new one is there");
}

#[tokio::test]
async fn a_good_token_serves_through_an_outage_and_an_expired_one_is_never_handed_out() {
    let (source, cache) = Source::new();
    ask(&cache).await.unwrap();
    source.fail(true);
    source.advance(3600 - 30);
    assert!(ask(&cache).await.is_ok(), "30 seconds are left");
    source.advance(29);
    assert!(ask(&cache).await.is_err(), "it would expire on the way");
    source.advance(10);
    assert!(ask(&cache).await.is_err());
}

#[tokio::test]
async fn a_failing_source_is_asked_with_back_off_and_works_again_without_a_restart() {
    let (source, cache) = Source::new();
    source.fail(true);
    assert!(matches!(ask(&cache).await, Err(Error::SourceRefused { .. })));
    for _ in 0..1000 {
        let Err(Error::SourceBackingOff { source, .. }) = ask(&cache).await else { panic!("no back-off") };
        assert!(matches!(*source, Error::SourceRefused { .. }));
    }
    assert_eq!(source.asked(), 1);

    source.fail(false);
    source.advance(10);
    assert!(ask(&cache).await.is_ok());
}

#[tokio::test]
async fn a_token_that_has_expired_already_is_an_error_and_not_a_token() {
    let (source, cache) = Source::new();
    source.0.lifetime.store(0, Ordering::SeqCst);
    assert!(matches!(ask(&cache).await, Err(Error::SourceAnswer { .. })));
}

#[tokio::test]
async fn tokens_that_live_for_minutes_do_not_cause_a_fetch_with_every_request() {
    let (source, cache) = Source::new();
    source.0.lifetime.store(120, Ordering::SeqCst);
    for _ in 0..1000 {
        ask(&cache).await.unwrap();
    }
    assert_eq!(source.asked(), 1);
}

#[tokio::test]
async fn a_source_whose_tokens_live_for_minutes_is_asked_more_and_more_slowly() {
    let (source, cache) = Source::new();
    source.0.lifetime.store(200, Ordering::SeqCst);
    for _ in 0..120 {
        ask(&cache).await.unwrap();
        while !cache.entry(&audience()).flight.is_idle() {
            tokio::task::yield_now().await;
        }
        source.advance(1);
    }
    assert!(source.asked() < 40, "{}", source.asked());
}

#[tokio::test]
async fn the_number_of_audiences_is_bounded() {
    let (source, cache) = Source::new();
    for number in 0..1000 {
        cache.token(&format!("https://{number}.example").parse().unwrap()).await.unwrap();
        ask(&cache).await.unwrap();
        source.advance(1);
    }
    assert_eq!(source.asked(), 1001, "the one that is used stays");
    assert_eq!(cache.entries.load().len(), MOST_AUDIENCES);
}

#[tokio::test]
async fn whoever_comes_after_a_fetch_has_ended_does_not_start_another() {
    let (source, cache) = Source::new();
    let token = cache.token(&audience()).await.unwrap();
    let late = cache.fetch(&cache.entry(&audience()), &audience(), cache.clock.now());
    assert!(matches!(late, Err(NoFetch::NotNeeded(there)) if there.is_same(&token)));
    assert_eq!(source.asked(), 1);
}
