//! An X.509 certificate around a public key of Google's: [RFC 5280 §4.1](https://www.rfc-editor.org/rfc/rfc5280#section-4.1).
//!
//! It is an envelope for the key and no more: it is signed by itself, and who reads it trusts it because of where it was
//! found. So it has the few fields that a parser asks for, written out here.

use crate::{pem::pem, rsa_key::RsaKey};

/// The certificate in PEM; for one key it is always the same.
pub(crate) fn self_signed(key: &RsaKey) -> String {
    let name = sequence(&[&der(SET, &sequence(&[COMMON_NAME, &der(UTF8_STRING, SUBJECT.as_bytes())]))]);
    let validity = sequence(&[&der(UTC_TIME, NOT_BEFORE), &der(UTC_TIME, NOT_AFTER)]);
    let body = sequence(&[
        VERSION_3,
        &der(INTEGER, SERIAL_NUMBER),
        SHA256_WITH_RSA,
        &name,
        &validity,
        &name,
        &key.public_key_info(),
        EXTENSIONS,
    ]);
    let signature = key.sign_as(RsaKey::ALGORITHM, &body);
    // A bit string says first how many bits of its last byte are not used.
    let signature = der(BIT_STRING, &[&[0], signature.as_slice()].concat());
    pem("CERTIFICATE", &sequence(&[&body, SHA256_WITH_RSA, &signature]))
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    der(SEQUENCE, &parts.concat())
}

/// One element: its tag, its length, its content.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = length.iter().position(|&byte| byte != 0).map_or(&length[..0], |first| length.split_at(first).1);
    let short = content.len() < usize::from(LONG_LENGTH);
    let length = if short {
        vec![content.len() as u8]
    } else {
        [&[LONG_LENGTH | significant.len() as u8], significant].concat()
    };
    [&[tag], length.as_slice(), content].concat()
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// Set in the first byte of a length that takes several.
const LONG_LENGTH: u8 = 0x80;

/// As in Google's own.
const SUBJECT: &str = "federated-signon.system.gserviceaccount.com";

/// So far apart that the emulator's clock may be moved without leaving them. Google's are some weeks apart.
const NOT_BEFORE: &[u8] = b"200101000000Z";
const NOT_AFTER: &[u8] = b"491231235959Z";

const SERIAL_NUMBER: &[u8] = &[1];
const VERSION_3: &[u8] = &[0xa0, 3, INTEGER, 1, 2];
/// 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x06, 3, 0x55, 4, 3];
/// 1.2.840.113549.1.1.11, and no parameters.
const SHA256_WITH_RSA: &[u8] = &[SEQUENCE, 13, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11, 0x05, 0];
/// The key signs (2.5.29.15), and is no authority (2.5.29.19); both critical.
const EXTENSIONS: &[u8] = &[
    0xa3, 32, SEQUENCE, 30, //
    SEQUENCE, 14, 0x06, 3, 0x55, 0x1d, 15, 0x01, 1, 0xff, 0x04, 4, BIT_STRING, 2, 7, 0x80, //
    SEQUENCE, 12, 0x06, 3, 0x55, 0x1d, 19, 0x01, 1, 0xff, 0x04, 2, SEQUENCE, 0,
];
