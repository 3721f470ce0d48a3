//! What a caller pays for an ID token that is there already.

use std::{error::Error, hint::black_box};

use google_cloud_auth::credentials::idtoken;
use google_emulator::Emulator;
use shared_auth::{
    Audience,
    caller::{MetadataSource, TokenCache},
};

use crate::{
    cores::Cores,
    figures::Chapter,
    quantity::{Quantity, Unit::Micros},
    stopwatch::{ROUNDS, micros_a_call},
    verification::{AUDIENCE, GOOGLE, ONE_THREAD, TWO_THREADS},
};

/// The row of ours.
pub(crate) const OURS: &str = "shared-auth";

/// Measures both.
///
/// # Errors
/// A source cannot be built, or gives no token.
pub(crate) async fn measure(emulator: &Emulator, cores: &Cores) -> Result<Chapter, Box<dyn Error>> {
    let host = emulator.metadata_host("login-service");
    let cache = TokenCache::new(MetadataSource::new(host.parse()?)?);
    let audience: Audience = AUDIENCE.parse()?;
    cache.token(&audience).await?;
    let google = idtoken::mds::Builder::new(AUDIENCE).with_endpoint(format!("http://{host}")).build()?;
    google.id_token().await?;
    let (cache, audience, google) = (&cache, &audience, &google);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for threads in [1, 2] {
        ours.push(micros_a_call(cores, threads, CALLS, |_, _| async move {
            for _ in 0..CALLS {
                black_box(cache.token(audience).await).expect("a token that is kept");
            }
        })?);
        theirs.push(micros_a_call(cores, threads, CALLS, |_, _| async move {
            for _ in 0..CALLS {
                black_box(google.id_token().await).expect("a token that is kept");
            }
        })?);
    }
    let note =
        format!("The time to be given a token that is kept already; the median of {ROUNDS} rounds of {CALLS} calls.");
    let mut chapter = Chapter::new("One cached ID token", &note, &[ONE_THREAD, TWO_THREADS]);
    for (name, figures) in [(OURS, ours), (GOOGLE, theirs)] {
        chapter.row(name, figures.into_iter().map(|figure| Some(Quantity::new(figure, Micros))));
    }
    Ok(chapter)
}

const CALLS: usize = 20_000;
