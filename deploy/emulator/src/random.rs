//! Text that nobody can guess: access tokens, and what a developer's login is made of.

use aws_lc_rs::rand;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// # Panics
/// When the system gives no random numbers; nothing here could go on without them.
pub(crate) fn unguessable() -> String {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).expect("the system gives random numbers");
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
