//! How often a fleet of instances asks Google for keys and for ID tokens: a day in simulated time, with one rotation of
//! keys, real fetches over loopback, and real tokens.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use google_emulator::Emulator;
use shared_auth::{
    Audience, Clock,
    caller::{MetadataHost, MetadataSource, TokenCache},
    receiver::{Issuer, KeySet, Verifier},
};
use tokio::task::yield_now;

use crate::{
    figures::Chapter,
    quantity::{
        Quantity,
        Unit::{Count, PerHour},
    },
    verification::AUDIENCE,
};

/// Simulates fleets of several sizes, each with little traffic and with ten times as much.
///
/// # Errors
/// The emulator does not start, or a genuine caller is refused.
pub(crate) async fn measure() -> Result<Chapter, Box<dyn Error>> {
    let note = format!(
        "{HOURS} simulated hours; every instance is called, and calls, in each {} seconds; the keys are rotated once, and the \
         old one is withdrawn an hour later. Per instance and hour, whatever the traffic.",
        STEP.as_secs()
    );
    let columns = ["certs fetches", "token fetches", "requests", "genuine refused"];
    let mut chapter = Chapter::new("Fetches from Google", &note, &columns);
    for (instances, burst) in [(1, 1), (1, 10), (10, 1), (10, 10), (100, 1), (100, 10), (1000, 1), (1000, 10)] {
        let [certs, tokens, requests, refused] = simulate(instances, burst).await?;
        let hourly = |count: u64| Some(Quantity::new(count as f64 / HOURS as f64 / instances as f64, PerHour));
        let plural = if instances == 1 { "" } else { "s" };
        let name = format!("{instances} instance{plural}, {} requests an hour each", burst * HOUR / STEP.as_secs());
        chapter
            .row(name, [hourly(certs), hourly(tokens), hourly(requests), Some(Quantity::new(refused as f64, Count))]);
    }
    Ok(chapter)
}

struct Instance {
    keys: KeySet,
    verifier: Verifier,
    tokens: TokenCache,
}

impl Instance {
    fn new(emulator: &Emulator, clock: &Clock) -> Result<Self, Box<dyn Error>> {
        let keys =
            KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(emulator.certs_url().parse()?).clock(clock.clone());
        let keys = keys.build()?;
        let host: MetadataHost = emulator.metadata_host("login-service").parse()?;
        let tokens = TokenCache::with_clock(MetadataSource::new(host)?, clock.clone());
        Ok(Self { verifier: Verifier::new(keys.clone(), AUDIENCE.parse()?), keys, tokens })
    }
}

async fn simulate(instances: u64, burst: u64) -> Result<[u64; 4], Box<dyn Error>> {
    let emulator = Emulator::start().await?;
    let (start, passed) = (SystemTime::now(), Arc::new(AtomicU64::new(0)));
    let clock = {
        let passed = passed.clone();
        Clock::from_fn(move || start + Duration::from_secs(passed.load(Ordering::Relaxed)))
    };
    let fleet = (0..instances).map(|_| Instance::new(&emulator, &clock)).collect::<Result<Vec<_>, _>>()?;
    let audience: Audience = AUDIENCE.parse()?;
    let (mut requests, mut refused) = (0, 0);
    let steps = HOURS * HOUR / STEP.as_secs();
    for step in 0..steps {
        match step * STEP.as_secs() {
            ROTATION => emulator.rotate_keys(),
            WITHDRAWAL => emulator.retire_old_keys(),
            _ => {}
        }
        // Whoever calls has a token that is renewed in time, as our own callers have.
        let token = emulator.token("login-service", AUDIENCE);
        let token = token.issued_at(emulator.now() / TOKEN_LIFE * TOKEN_LIFE).sign();
        for instance in &fleet {
            for _ in 0..burst {
                requests += 1;
                refused += u64::from(instance.verifier.verify(&token).await.is_err());
                instance.tokens.token(&audience).await?;
            }
        }
        settle(&emulator, &fleet).await;
        passed.fetch_add(STEP.as_secs(), Ordering::Relaxed);
        emulator.move_clock(STEP.as_secs() as i64);
    }
    Ok([emulator.certs().requests(), emulator.metadata("login-service").requests(), requests, refused])
}

/// Lets the fetches end that the step has started.
async fn settle(emulator: &Emulator, fleet: &[Instance]) {
    for _ in 0..SETTLE {
        yield_now().await;
    }
    let ended = || fleet.iter().map(|instance| instance.keys.status().fetches).sum::<u64>();
    while ended() < emulator.certs().requests() {
        yield_now().await;
    }
}

const HOURS: u64 = 24;
const HOUR: u64 = 3600;
const STEP: Duration = Duration::from_secs(30);
const ROTATION: u64 = 9 * HOUR;
const WITHDRAWAL: u64 = 10 * HOUR;
const TOKEN_LIFE: i64 = 3000;
const SETTLE: usize = 200;
