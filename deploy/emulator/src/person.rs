//! People: Google knows them as it knows service accounts, by an address that may change and a number that does not.

use aws_lc_rs::digest::{SHA256, digest};

/// The 21 digits by which Google knows a person: always the same for one address, and others for another.
pub(crate) fn unique_id(email: &str) -> String {
    format!("1{:020}", number(email))
}

/// Always the same for one text, and as good as never for another.
pub(crate) fn number(text: &str) -> u64 {
    let fingerprint = digest(&SHA256, text.as_bytes());
    fingerprint.as_ref().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
