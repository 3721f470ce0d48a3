//! What goes wrong meanwhile: keys rotate and are withdrawn, certs fail, forged key ids come in floods; alone and
//! together, with quiet times between.

use std::{ops::Range, sync::Arc, time::Duration};

use fastrand::Rng;
use google_emulator::Fault;
use tokio::{task::spawn_blocking, time::sleep};

use super::load::{Load, rng_duration};

/// One piece of trouble.
#[derive(Clone, Debug)]
enum Episode {
    /// A new key, which must serve from its first request.
    Rotation,
    /// A new key between two floods.
    FloodedRotation,
    /// The certs are slow, and a new key waits for them.
    SlowRotation,
    /// Forged key ids, many at once.
    Flood,
    /// The certs fail, and a new key cannot be fetched.
    Outage(Fault),
    /// The same, between two floods.
    FloodedOutage(Fault),
    /// The old keys leave the set.
    Retirement,
}

/// Does not end.
pub(super) async fn make(load: Arc<Load>, mut rng: Rng) {
    // First what the shortest soak should have.
    for episode in [Episode::Rotation, Episode::Flood, Episode::Outage(Fault::Status(500))] {
        sleep(Duration::from_millis(500)).await;
        happen(&load, episode, &mut rng).await;
    }
    loop {
        let mut episodes = all();
        rng.shuffle(&mut episodes);
        for episode in episodes {
            sleep(rng_duration(&mut rng, QUIET)).await;
            happen(&load, episode, &mut rng).await;
        }
    }
}

fn all() -> Vec<Episode> {
    let page = |body: &str| Fault::Body { content_type: "application/json".to_owned(), body: body.into() };
    let slow = Fault::Slow(Duration::from_secs(5));
    let faults = [Fault::Status(500), Fault::Hang, page("<html>"), page(""), page(r#"{"keys":[]}"#), slow];
    let outages = faults.iter().cloned().map(Episode::Outage);
    let flooded = faults.iter().cloned().map(Episode::FloodedOutage);
    let others = [
        Episode::Rotation,
        Episode::SlowRotation,
        Episode::FloodedRotation,
        Episode::Flood,
        Episode::Retirement,
        Episode::Retirement,
    ];
    outages.chain(flooded).chain(others).collect()
}

async fn happen(load: &Arc<Load>, episode: Episode, rng: &mut Rng) {
    let certs = load.tokens.certs();
    match episode {
        Episode::Rotation => rotate(load).await,
        Episode::FloodedRotation => {
            load.flood(rng).await;
            rotate(load).await;
            load.flood(rng).await;
        }
        Episode::SlowRotation => {
            certs.fail(Fault::Slow(Duration::from_secs(1)));
            rotate(load).await;
            sleep(Duration::from_secs(2)).await;
            certs.heal();
        }
        Episode::Flood => load.flood(rng).await,
        Episode::Outage(fault) => {
            load.conditions.outage_begins();
            certs.fail(fault);
            rotate(load).await;
            sleep(rng_duration(rng, OUTAGE)).await;
            certs.heal();
            load.conditions.outage_ends();
        }
        Episode::FloodedOutage(fault) => {
            load.conditions.outage_begins();
            certs.fail(fault);
            load.flood(rng).await;
            rotate(load).await;
            load.flood(rng).await;
            sleep(rng_duration(rng, OUTAGE)).await;
            certs.heal();
            load.conditions.outage_ends();
        }
        Episode::Retirement => {
            if load.tokens.leave_old_keys() {
                // What is under way with an old key is answered before that key goes.
                sleep(Duration::from_secs(5)).await;
                load.tokens.retire();
            }
        }
    }
}

/// Making a key takes a while, and the load goes on.
async fn rotate(load: &Arc<Load>) {
    let load = load.clone();
    // An error would mean a panic, which ends the soak when the next one asks for the tokens.
    let _ = spawn_blocking(move || load.tokens.rotate()).await;
}

/// Long enough for the service to recover and for its budget to have a fetch again: what comes next has no excuse but its
/// own. Google's keys rotate days apart; nearer to each other than this they would spend the budget by themselves.
const QUIET: Range<u64> = 21_500..25_000;
const OUTAGE: Range<u64> = 2_000..9_000;
