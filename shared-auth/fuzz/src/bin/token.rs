//! Any bytes as an ID token: nobody becomes a caller, unless the bytes are a genuine token, and no claim is read of any
//! other.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shared_auth::receiver::VerifyError;
use shared_auth_fuzz::RECEIVER;

fuzz_target!(|bytes: &[u8]| {
    let sent = RECEIVER.fill(&String::from_utf8_lossy(bytes));
    let verified = RECEIVER.block_on(RECEIVER.verifier.verify(&sent));
    let is_genuine = sent == RECEIVER.token || sent == RECEIVER.stranger;
    assert_eq!(verified.is_ok(), is_genuine, "{verified:?}");
    if let Err(reason) = verified {
        assert!(is_of_the_outside(&reason), "{reason:?}: a claim was read, and nobody had vouched for it");
    }
});

/// Whether a token can be refused for this reason before its signature is right. All others are about claims.
fn is_of_the_outside(reason: &VerifyError) -> bool {
    matches!(
        reason,
        VerifyError::Malformed(_)
            | VerifyError::Algorithm
            | VerifyError::CriticalExtension
            | VerifyError::Type
            | VerifyError::NoKeyId
            | VerifyError::UnknownKey
            | VerifyError::Signature
            | VerifyError::SignatureRemoved
    )
}
