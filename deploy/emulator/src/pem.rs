//! The textual form of keys and certificates: [RFC 7468](https://www.rfc-editor.org/rfc/rfc7468).

use base64::{Engine, prelude::BASE64_STANDARD};

pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let lines: String = der.chunks(BYTES_A_LINE).map(|line| BASE64_STANDARD.encode(line) + "\n").collect();
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n")
}

/// 64 characters of base64.
const BYTES_A_LINE: usize = 48;
