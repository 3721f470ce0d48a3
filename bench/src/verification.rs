//! What one verification costs: of a token that is remembered, of a new one, of the peers, and of the signature alone,
//! which nobody who verifies can do without.

use std::{
    error::Error,
    hint::black_box,
    sync::atomic::{AtomicUsize, Ordering},
};

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use google_cloud_auth::credentials::idtoken;
use google_emulator::Emulator;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::Value;
use shared_auth::receiver::{Issuer, KeySet, Verifier};

use crate::{
    cores::Cores,
    figures::Chapter,
    quantity::{Quantity, Unit::Micros},
    stopwatch::{ROUNDS, micros_a_call},
};

/// For whom the benchmark's tokens are.
pub(crate) const AUDIENCE: &str = "https://profile-service-123456789012.europe-west1.run.app";
/// Rows of the chapter.
pub(crate) const REMEMBERED: &str = "shared-auth, a remembered token";
/// A token that was not seen before.
pub(crate) const NEW: &str = "shared-auth, a new token";
/// Without a cache of keys, and without the checks of a claim that jsonwebtoken leaves out.
pub(crate) const JSONWEBTOKEN: &str = "jsonwebtoken alone";
/// Google's verifier.
pub(crate) const GOOGLE: &str = "google-cloud-auth";
/// Columns of the chapter.
pub(crate) const ONE_THREAD: &str = "1 thread";
/// With the other core busy with the same.
pub(crate) const TWO_THREADS: &str = "2 threads";

/// Measures all of them.
///
/// # Errors
/// A verifier cannot be built, or refuses a genuine token while nobody else asks.
pub(crate) async fn measure(emulator: &Emulator, cores: &Cores) -> Result<Chapter, Box<dyn Error>> {
    let tokens = tokens(emulator, TOKENS);
    let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(emulator.certs_url().parse()?).build()?;
    let verifier = || Ok::<_, Box<dyn Error>>(Verifier::new(keys.clone(), AUDIENCE.parse()?));
    let warm = verifier()?;
    for token in &tokens {
        warm.verify(token).await?;
    }
    let google = idtoken::verifier::Builder::new([AUDIENCE]).with_jwks_url(emulator.certs_url()).build();
    google.verify(tokens.first().ok_or("no tokens")?).await?;
    let jwk = emulator.jwks().pointer("/keys/0").cloned().ok_or("no key")?;
    let number = |name: &str| jwk.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (n, e) = (number("n"), number("e"));
    let decoding_key = DecodingKey::from_rsa_components(&n, &e)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&["https://accounts.google.com"]);
    let signed: Vec<_> = tokens.iter().filter_map(|token| token.rsplit_once('.')).collect();
    let signed = signed.iter().map(|(message, signature)| Ok((*message, URL_SAFE_NO_PAD.decode(signature)?)));
    let signed = signed.collect::<Result<Vec<_>, base64::DecodeError>>()?;
    let components = RsaPublicKeyComponents { n: URL_SAFE_NO_PAD.decode(n)?, e: URL_SAFE_NO_PAD.decode(e)? };

    let (mut rows, refused) = ([const { Vec::new() }; 5], AtomicUsize::new(0));
    for threads in [1, 2] {
        let share = TOKENS / threads;
        let part = |thread: usize| tokens.get(thread * share..(thread + 1) * share).unwrap_or_default();
        let fresh = (0..=ROUNDS).map(|_| verifier()).collect::<Result<Vec<_>, _>>()?;
        let (warm, google, fresh) = (&warm, &google, &fresh);
        let (refused, signed, components) = (&refused, &signed, &components);
        let (decoding_key, validation) = (&decoding_key, &validation);
        let figures = [
            micros_a_call(cores, threads, share, |_, thread| async move {
                for token in part(thread) {
                    black_box(warm.verify(token).await).expect("a genuine token");
                }
            })?,
            micros_a_call(cores, threads, share, |round, thread| async move {
                for (token, verifier) in part(thread).iter().zip(fresh.get(round).into_iter().cycle()) {
                    black_box(verifier.verify(token).await).expect("a genuine token");
                }
            })?,
            micros_a_call(cores, threads, share, |_, thread| async move {
                for token in part(thread) {
                    black_box(decode::<Value>(token, decoding_key, validation)).expect("a genuine token");
                }
            })?,
            micros_a_call(cores, threads, share, |_, thread| async move {
                for token in part(thread) {
                    refused.fetch_add(usize::from(black_box(google.verify(token).await).is_err()), Ordering::Relaxed);
                }
            })?,
            micros_a_call(cores, threads, share, |_, thread| async move {
                for (message, signature) in signed.iter().skip(thread * share).take(share) {
                    let verified = components.verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), signature);
                    black_box(verified).expect("a genuine signature");
                }
            })?,
        ];
        rows.iter_mut().zip(figures).for_each(|(row, figure)| row.push(Some(Quantity::new(figure, Micros))));
    }
    let refused = refused.into_inner();
    let note = format!(
        "The time of one verification on each thread; the median of {ROUNDS} rounds of {TOKENS} tokens. On two threads \
         google-cloud-auth refused {refused} genuine tokens, which is quicker than to verify them."
    );
    let mut chapter = Chapter::new("One verification", &note, &[ONE_THREAD, TWO_THREADS]);
    let names = [REMEMBERED, NEW, JSONWEBTOKEN, GOOGLE, "the RSA-2048 signature alone"];
    names.into_iter().zip(rows).for_each(|(name, cells)| chapter.row(name, cells));
    Ok(chapter)
}

/// Genuine tokens of login-service that differ in a claim which nobody reads.
pub(crate) fn tokens(emulator: &Emulator, count: usize) -> Vec<String> {
    let genuine = emulator.token("login-service", AUDIENCE);
    (0..count).map(|number| genuine.clone().claim("number", number).sign()).collect()
}

const TOKENS: usize = 1000;
