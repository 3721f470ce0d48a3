//! What the fuzz targets share: one receiver with its keys, and tokens for it that can be named in a seed.
//!
//! The clock stands still and the budget for unknown key ids is spent, so that an input has the same answer each time,
//! and none waits for a fetch.

use std::{
    future::Future,
    sync::LazyLock,
    time::{Duration, UNIX_EPOCH},
};

use google_emulator::Emulator;
use shared_auth::{
    Clock,
    receiver::{Issuer, KeySet, Verifier, VerifyError},
};
use tokio::runtime::{Builder, Runtime};

/// A receiver, and two callers it knows to be genuine.
pub struct Receiver {
    /// Holds its keys.
    pub verifier: Verifier,
    /// A genuine token.
    pub token: String,
    /// A genuine token of someone who is on no list.
    pub stranger: String,
    runtime: Runtime,
    // Holds the port of the certs open.
    _emulator: Emulator,
}

/// Started by whoever needs it first.
pub static RECEIVER: LazyLock<Receiver> = LazyLock::new(Receiver::start);

impl Receiver {
    fn start() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let emulator = runtime.block_on(Emulator::start()).expect("the emulator starts");
        let now = UNIX_EPOCH + Duration::from_secs(u64::try_from(emulator.now()).expect("after 1970"));
        let certs_url = emulator.certs_url().parse().expect("a loopback URL");
        let clock = Clock::from_fn(move || now);
        let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(certs_url).clock(clock).build().expect("TLS");
        let verifier = Verifier::new(keys, AUDIENCE.parse().expect("an audience"));
        let token = |identity| emulator.token(identity, AUDIENCE);
        let verify = |token: String| runtime.block_on(verifier.verify(&token));
        // Without this, a target that asks for refusals only would be content with a receiver that is out of order.
        verify(token(ALLOWED).sign()).expect("a genuine token is accepted");
        assert_eq!(verify(token(ALLOWED).signed_by_unpublished_key().sign()), Err(VerifyError::Signature));
        for kid in ["these", "spend", "the budget"] {
            assert_eq!(verify(token(ALLOWED).header("kid", kid).sign()), Err(VerifyError::UnknownKey));
        }
        let (token, stranger) = (token(ALLOWED).sign(), token("stranger").sign());
        Self { verifier, token, stranger, runtime, _emulator: emulator }
    }

    /// Runs one input to its end.
    pub fn block_on<T>(&self, input: impl Future<Output = T>) -> T {
        self.runtime.block_on(input)
    }

    /// The text with the names of the genuine tokens and of their parts replaced by what they name: `$TOKEN`, its
    /// `$HEADER`, `$PAYLOAD` and `$SIGNATURE`, and `$STRANGER`. A seed cannot hold them, since the keys are new each time.
    pub fn fill(&self, text: &str) -> String {
        let parts = self.token.split('.');
        let named = ["$HEADER", "$PAYLOAD", "$SIGNATURE"].into_iter().zip(parts);
        let named = named.chain([("$TOKEN", self.token.as_str()), ("$STRANGER", self.stranger.as_str())]);
        named.fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

/// For whom the tokens are made.
pub const AUDIENCE: &str = "https://profile-service.example";
/// The caller of [`Receiver::token`], in the emulator.
const ALLOWED: &str = "login-service";
