//! How the cost of a verification grows with the number of live tokens, up to more than are remembered.

use std::{error::Error, hint::black_box};

use google_emulator::Emulator;
use shared_auth::receiver::{Issuer, KeySet, Verifier};

use crate::{
    cores::Cores,
    figures::Chapter,
    quantity::{
        Quantity,
        Unit::{Micros, Times},
    },
    stopwatch::{ROUNDS, micros_a_call},
    verification::{AUDIENCE, tokens},
};

/// Measures it, each token being sent once in turn: the worst order for a memory.
///
/// # Errors
/// The verifier cannot be built, or refuses a genuine token.
pub(crate) async fn measure(emulator: &Emulator, cores: &Cores) -> Result<Chapter, Box<dyn Error>> {
    let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(emulator.certs_url().parse()?).build()?;
    let all = tokens(emulator, LIVE.into_iter().max().unwrap_or_default());
    let note = format!("Tokens that come in turn, each from another caller; the median of {ROUNDS} rounds.");
    let mut chapter = Chapter::new("Many callers", &note, &["of one token", "a verification"]);
    let mut first = None;
    for live in LIVE {
        let verifier = Verifier::new(keys.clone(), AUDIENCE.parse()?);
        let live = all.get(..live).unwrap_or_default();
        for token in live {
            verifier.verify(token).await?;
        }
        let verifier = &verifier;
        let micros = micros_a_call(cores, 1, live.len().max(FEWEST), |_, _| async move {
            for token in live.iter().cycle().take(live.len().max(FEWEST)) {
                black_box(verifier.verify(token).await).expect("a genuine token");
            }
        })?;
        let times = micros / *first.get_or_insert(micros);
        let name = format!("{} live tokens", live.len());
        chapter.row(name, [Some(Quantity::new(times, Times)), Some(Quantity::new(micros, Micros))]);
    }
    Ok(chapter)
}

/// The last two are more than a verifier remembers.
const LIVE: [usize; 6] = [1, 100, 1_000, 10_000, 12_000, 20_000];
/// A round of fewer calls would be too short to time.
const FEWEST: usize = 10_000;
