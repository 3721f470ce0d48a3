//! `/oauth2/v1/certs`, compared with <https://www.googleapis.com/oauth2/v1/certs>: Google's older libraries read it.

use std::time::Duration;

use google_emulator::Fault;
use rustls_pki_types::{CertificateDer, UnixTime, pem::PemObject};
use serde_json::Value;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, aws_lc_rs::RSA_PKCS1_2048_8192_SHA256};

use crate::{AUDIENCE, certs::published, client, emulator, fetch, header, segment};

/// Whether the certificate's key made the token's signature, in the opinion of another parser.
fn verifies(certificate: &Value, token: &str) -> bool {
    let pem = certificate.as_str().expect("the certificate is text");
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).expect("the text is PEM");
    let certificate = EndEntityCert::try_from(&der).expect("the content is a certificate");
    let (signed, _) = token.rsplit_once('.').expect("the token has a signature");
    certificate.verify_signature(RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &segment(token, 2)).is_ok()
}

#[tokio::test]
async fn each_published_key_is_there_under_its_id_and_verifies_what_it_signed() {
    let google = emulator().await;
    let before = google.token("frontend", AUDIENCE).sign();
    google.rotate_keys();
    let after = google.token("frontend", AUDIENCE).sign();

    let certs = published(&google.pem_certs_url()).await;
    assert_eq!(certs, google.pem_certs());
    let [new, old] = [0, 1].map(|index| google.jwks()["keys"][index]["kid"].as_str().unwrap().to_owned());
    assert_eq!(certs.as_object().unwrap().len(), 2);
    assert!(verifies(&certs[&new], &after) && verifies(&certs[&old], &before));
    assert!(!verifies(&certs[&new], &before) && !verifies(&certs[&old], &after));

    google.retire_old_keys();
    let certs = published(&google.pem_certs_url()).await;
    assert_eq!(certs.as_object().unwrap().keys().collect::<Vec<_>>(), [&new]);
}

#[tokio::test]
async fn a_certificate_is_signed_by_itself_and_the_clock_may_be_moved_by_years() {
    let google = emulator().await;
    let certs = google.pem_certs();
    let pem = certs.as_object().unwrap().values().next().unwrap().as_str().unwrap();
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let anchor = anchor_from_trusted_cert(&der).unwrap();
    let certificate = EndEntityCert::try_from(&der).unwrap();
    let at = |unix_seconds| {
        let time = UnixTime::since_unix_epoch(Duration::from_secs(unix_seconds));
        let usage = KeyUsage::client_auth();
        let anchors = [anchor.clone()];
        certificate.verify_for_usage(&[RSA_PKCS1_2048_8192_SHA256], &anchors, &[], time, usage, None, None).map(drop)
    };
    let (first, last) = (1_577_836_800, 2_524_607_999); // 2020 begins, 2049 ends
    assert_eq!((at(first), at(last)), (Ok(()), Ok(())));
    assert!(at(first - 1).is_err() && at(last + 1).is_err());
}

#[tokio::test]
async fn they_may_be_kept_as_long_and_fail_with_the_others() {
    let google = emulator().await;
    let (jwks, pem) = (fetch(&google.certs_url()).await, fetch(&google.pem_certs_url()).await);
    for name in ["cache-control", "age", "content-type"] {
        assert_eq!(header(&pem, name), header(&jwks, name), "{name}");
        assert_ne!(header(&pem, name), "", "{name}");
    }
    google.certs().fail(Fault::Status(503));
    assert_eq!(fetch(&google.pem_certs_url()).await.status(), 503);
    google.certs().heal();
    assert_eq!(client().post(google.pem_certs_url()).send().await.unwrap().status(), 405);
    assert_eq!(google.certs().requests(), 4);
}

#[tokio::test]
async fn a_key_that_is_not_googles_has_no_certificate() {
    let google = emulator().await;
    google.publish(google_emulator::SigningKey::p256().jwk());
    assert_eq!(google.jwks()["keys"].as_array().unwrap().len(), 2);
    assert_eq!(published(&google.pem_certs_url()).await.as_object().unwrap().len(), 1);
}
