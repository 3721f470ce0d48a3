//! What one verification costs: of a remembered token, of a new one, and of what a new one cannot do without.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use google_emulator::Emulator;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::Value;
use shared_auth::receiver::{Issuer, KeySet, Verifier};

const AUDIENCE: &str = "https://profile-service.example";
const TOKENS: usize = 1000;
const ROUNDS: usize = 15;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let certs_url = emulator.certs_url().parse().expect("a loopback URL");
    let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(certs_url).build().expect("TLS");
    let verifier = || Verifier::new(keys.clone(), AUDIENCE.parse().expect("an audience"));
    let genuine = emulator.token("login-service", AUDIENCE);
    let tokens: Vec<_> = (0..TOKENS).map(|number| genuine.clone().claim("number", number).sign()).collect();
    let jwk = emulator.jwks().pointer("/keys/0").cloned().expect("a key");
    let number = |name: &str| jwk.get(name).and_then(Value::as_str).expect("a number").to_owned();
    let (n, e) = (number("n"), number("e"));

    let warm = verifier();
    for token in &tokens {
        warm.verify(token).await.expect("a genuine token");
    }
    let remembered = median_of(async || {
        let start = Instant::now();
        for token in &tokens {
            black_box(warm.verify(token).await).expect("a genuine token");
        }
        start.elapsed()
    });
    let new = median_of(async || {
        // Another verifier remembers nothing yet.
        let cold = verifier();
        let start = Instant::now();
        for token in &tokens {
            black_box(cold.verify(token).await).expect("a genuine token");
        }
        start.elapsed()
    });
    let key = DecodingKey::from_rsa_components(&n, &e).expect("a key");
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&["https://accounts.google.com"]);
    let library = median_of(async || {
        let start = Instant::now();
        for token in &tokens {
            black_box(decode::<Value>(token, &key, &validation)).expect("a genuine token");
        }
        start.elapsed()
    });
    let components = [n, e].map(|number| URL_SAFE_NO_PAD.decode(number).expect("base64url"));
    let [n, e] = &components;
    let signed: Vec<_> = tokens.iter().filter_map(|token| token.rsplit_once('.')).collect();
    let signed: Vec<_> = signed
        .iter()
        .map(|(message, signature)| (message, URL_SAFE_NO_PAD.decode(signature).expect("base64url")))
        .collect();
    let signature = median_of(async || {
        let start = Instant::now();
        for (message, signature) in &signed {
            let key = RsaPublicKeyComponents { n, e };
            black_box(key.verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), signature)).expect("genuine");
        }
        start.elapsed()
    });
    let [remembered, new, library, signature] = [remembered.await, new.await, library.await, signature.await];
    println!("One verification on one core, the median of {ROUNDS} rounds of {TOKENS} tokens:\n");
    for (what, time) in [
        ("a remembered token", remembered),
        ("a new token", new),
        ("a new token, jsonwebtoken alone", library),
        ("its RSA signature alone", signature),
    ] {
        println!(
            "  {what:32} {:>8.2} µs   {:>6.1} × a remembered one",
            micros(time),
            micros(time) / micros(remembered)
        );
    }
}

async fn median_of(round: impl AsyncFn() -> Duration) -> Duration {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        times.push(round().await);
    }
    times.sort();
    times.get(ROUNDS / 2).copied().unwrap_or_default()
}

/// The time for one token.
fn micros(round: Duration) -> f64 {
    round.as_secs_f64() * 1e6 / TOKENS as f64
}
