//! Where the emulator listens, and that nothing of it stays.

use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use google_emulator::{Emulator, Fault};
use tokio::{net::TcpStream, task::yield_now, time::timeout};

use crate::{emulator, fetch, member};

fn addresses(google: &Emulator) -> Vec<SocketAddr> {
    let key_file = google.service_account_key("frontend");
    let source = google.subject_token_as_text("a");
    let workload = google.external_account(Some("frontend"), source.clone());
    let others = [
        &google.certs_url(),
        &google.discovery_url(),
        &google.iap_certs_url(),
        member(&key_file, "token_uri"),
        member(&workload, "service_account_impersonation_url"),
        member(&workload, "token_url"),
        member(&source, "url"),
    ];
    let others = others.map(|url| url.split('/').nth(2).expect("the URL has a host").to_owned());
    let metadata = google.identities().iter().map(|identity| google.metadata_host(identity.name));
    metadata.chain(others).map(|host| host.parse().expect("the host is an address and a port")).collect()
}

#[tokio::test]
async fn it_listens_on_loopback_only_and_on_a_port_for_each_server() {
    let addresses = addresses(&emulator().await);
    assert!(addresses.iter().all(|address| address.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST)), "{addresses:?}");
    assert_eq!(addresses.iter().collect::<HashSet<_>>().len(), 12);
}

#[tokio::test]
async fn two_emulators_share_neither_ports_nor_keys() {
    let (one, other) = (emulator().await, emulator().await);
    assert_ne!(one.jwks(), other.jwks());
    assert!(addresses(&one).iter().all(|address| !addresses(&other).contains(address)));
}

#[tokio::test]
async fn after_it_is_dropped_every_connection_is_refused() {
    let google = emulator().await;
    let addresses = addresses(&google);
    for &address in &addresses {
        TcpStream::connect(address).await.unwrap();
    }
    drop(google);
    let all_refused = async {
        for address in addresses {
            while TcpStream::connect(address).await.is_ok() {
                yield_now().await;
            }
        }
    };
    timeout(Duration::from_secs(10), all_refused).await.expect("the ports are closed");
}

#[tokio::test]
async fn a_request_that_is_held_ends_when_the_emulator_is_dropped() {
    let google = emulator().await;
    google.certs().fail(Fault::Hang);
    let url = google.certs_url();
    let request = tokio::spawn(async move { fetch(&url).await.status() });
    while google.certs().requests() == 0 {
        yield_now().await;
    }
    drop(google);
    timeout(Duration::from_secs(10), request).await.expect("the request ends").unwrap();
}
