//! People: Google knows them as it knows service accounts, by an address that may change and a number that does not.

use aws_lc_rs::digest::{SHA256, digest};

/// The 21 digits by which Google knows a person: always the same for one address, and others for another.
pub(crate) fn unique_id(email: &str) -> String {
    let fingerprint = digest(&SHA256, email.as_bytes());
    let number = fingerprint.as_ref().iter().take(8).fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    format!("1{number:020}")
}
