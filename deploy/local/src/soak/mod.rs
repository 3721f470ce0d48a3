//! The soak: profile-service under mixed load for minutes, while keys rotate and the certs fail, every answer judged.
//!
//! A test shows that a thing happens once. This shows that nothing else happens: no refusal that nobody allowed, no key
//! fetched too often, no memory that grows.

mod conditions;
mod figures;
mod judge;
mod load;
mod memory;
mod tally;
mod tokens;
mod trouble;

use std::{error::Error, path::Path, sync::Arc, time::Duration};

use google_emulator::Emulator;
use reqwest::{Client, redirect};
use tokio::{
    select,
    time::{Instant, interval_at, sleep},
};

use self::{conditions::Conditions, figures::Figures, load::Load, memory::Memory, tally::Tally, tokens::Tokens};
use crate::{
    environment::{Variables, profile_service},
    report::Report,
    service::Service,
    stage::become_ready,
};

/// Runs for `duration`, shows the figures, and returns how many limits did not hold. The same `seed` makes the same
/// choices, as far as the answers let it.
///
/// # Errors
/// The service or the emulator did not start.
pub async fn run(programs: &Path, duration: Duration, seed: u64, report: Report) -> Result<u64, Box<dyn Error>> {
    let emulator = Arc::new(Emulator::start().await?);
    let mut service = Service::start(&programs.join("profile-service"), &variables(&emulator)).await?;
    report.line(&format!("profile-service at {}, keys at {}, seed {seed}", service.url(""), emulator.certs_url()));
    // Idle connections are closed here before the service could close them under a request.
    let http = Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(Duration::from_secs(20));
    let http = http.pool_idle_timeout(Duration::from_secs(5)).build()?;
    become_ready(&http, "profile-service", &service).await?;
    let load = Arc::new(Load {
        http,
        url: service.url("/whoami"),
        tokens: Tokens::new(emulator.clone()),
        conditions: Conditions::default(),
        tally: Tally::default(),
    });

    let started = Instant::now();
    let mut memory = Memory::of(service.id());
    select! {
        () = load.clone().press(fastrand::Rng::with_seed(seed)) => {},
        () = trouble::make(load.clone(), fastrand::Rng::with_seed(!seed)) => {},
        () = watch(&load, &mut memory, duration, report) => {},
        () = sleep(duration) => {},
    }
    memory.sample();
    emulator.certs().heal();
    let elapsed = started.elapsed();
    let log = service.log();
    service.terminate()?;
    let figures = Figures {
        elapsed,
        fetches: emulator.certs().requests(),
        troubles: load.conditions.troubles(),
        rotations: load.tokens.rotations(),
        stopped: service.ended().await.is_ok_and(|status| status.success()),
        // All tokens begin with the same bytes of JSON.
        tokens_in_log: log.iter().filter(|line| line.contains("eyJ")).count(),
        memory,
    };
    Ok(figures.show(&load.tally, report))
}

/// As in the demo, but with more callers on the list, one of them by its unique id.
fn variables(emulator: &Emulator) -> Variables {
    let mut variables = profile_service(emulator);
    let on_the_list = emulator.identities().iter().filter(|identity| tokens::ALLOWED.contains(&identity.name));
    let entry = |(index, identity): (usize, &google_emulator::Identity)| match index {
        0 => identity.unique_id.to_owned(),
        _ => identity.email.clone(),
    };
    variables.insert("ALLOWED_CALLERS", on_the_list.enumerate().map(entry).collect::<Vec<_>>().join(","));
    variables
}

/// Samples the memory, and says now and then that it is still there.
async fn watch(load: &Load, memory: &mut Memory, duration: Duration, report: Report) {
    let every = (duration / 12).min(Duration::from_secs(5));
    let started = Instant::now();
    let (mut ticks, mut said) = (interval_at(started + every, every), started);
    loop {
        let now = ticks.tick().await;
        memory.sample();
        if now.duration_since(said) >= PROGRESS {
            said = now;
            let (requests, broken) = load.tally.so_far();
            let seconds = now.duration_since(started).as_secs();
            report.line(&format!("{seconds} s: {requests} requests, {broken} broke a limit, {memory}"));
        }
    }
}

const PROGRESS: Duration = Duration::from_secs(30);
