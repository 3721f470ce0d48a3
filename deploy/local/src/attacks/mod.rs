//! The catalogue of attacks: requests that profile-service must refuse, each with the answer that it must give.
//!
//! Wherever it can be, the token of a row is right in all but one thing, so that no other check refuses it. Rows that
//! are accepted stand next to some, and show where the edge is. One file a chapter; the last column of a row is a name
//! from `answer.rs`.

mod algorithm;
mod answer;
mod attack;
mod audience;
mod caller;
mod claims;
mod encoding;
mod forger;
mod hmac;
mod issuer;
mod json;
mod key_id;
mod misused_keys;
mod own_keys;
mod parameters;
mod segments;
mod signature;
mod target;
mod time;
mod transport;
mod wire;

pub use answer::Answer;
pub use attack::Attack;
pub use forger::Forger;
pub use target::Target;

/// Some attacks on one thing.
pub struct Chapter {
    /// What is attacked.
    pub title: &'static str,
    /// In the order in which they are told.
    pub attacks: Vec<Attack>,
}

/// All attacks. The emulator publishes the misused keys from now on, so a service is to start only after this: a key
/// that it does not know costs a fetch, and these have a budget.
pub fn catalogue(forger: &Forger) -> Vec<Chapter> {
    let chapter = |title, attacks| Chapter { title, attacks };
    vec![
        chapter("The algorithm", algorithm::attacks(forger)),
        chapter("The public key as a shared secret", hmac::attacks(forger)),
        chapter("Other parameters of the header", parameters::attacks(forger)),
        chapter("The key id", key_id::attacks(forger)),
        chapter("Keys that the token brings along", own_keys::attacks(forger)),
        chapter("Published keys that are not for ID tokens", misused_keys::attacks(forger)),
        chapter("The signature", signature::attacks(forger)),
        chapter("The claims and their types", claims::attacks(forger)),
        chapter("The times", time::attacks(forger)),
        chapter("The issuer", issuer::attacks(forger)),
        chapter("The audience", audience::attacks(forger)),
        chapter("The caller", caller::attacks(forger)),
        chapter("JSON", json::attacks(forger)),
        chapter("The segments", segments::attacks(forger)),
        chapter("base64url", encoding::attacks(forger)),
        chapter("The request", transport::attacks(forger)),
    ]
}
