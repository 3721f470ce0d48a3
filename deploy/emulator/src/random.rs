//! What nobody can guess: access tokens, what a developer's login is made of, the numbers of traces.

use aws_lc_rs::rand;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// # Panics
/// When the system gives no random numbers; nothing here could go on without them.
pub(crate) fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    rand::fill(&mut bytes).expect("the system gives random numbers");
    bytes
}

/// Text of 256 random bits.
pub(crate) fn unguessable() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(random::<32>())
}
