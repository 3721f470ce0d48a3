//! Sends a request on to the container, and its answer back: both as streams, so that their length does not matter.
//!
//! HTTP/1.1 only, and no upgrade to another protocol.

use std::{io, net::Ipv4Addr};

use axum::{
    body::Body,
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, Uri, Version,
        header::{CONNECTION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE},
        uri::{Authority, Scheme},
    },
    response::Response,
};
use url::Url;

use super::{refusal::NoAnswer, service::Service, trace};

pub(super) async fn forward(service: &Service, mut request: Request) -> Result<Response, NoAnswer> {
    let mut uri = request.uri().clone().into_parts();
    (uri.scheme, uri.authority) = (Some(Scheme::HTTP), Some(service.upstream.clone()));
    *request.uri_mut() = Uri::from_parts(uri).map_err(|_| NoAnswer)?;
    *request.version_mut() = Version::HTTP_11;
    let headers = request.headers_mut();
    remove_hop_by_hop(headers);
    add_origin(headers);
    trace::add(headers);
    let mut answer = service.client.request(request).await.map_err(|_| NoAnswer)?;
    remove_hop_by_hop(answer.headers_mut());
    Ok(answer.map(Body::new))
}

/// The host and the port of a URL such as `http://127.0.0.1:8080`: all that a container has for an address.
pub(crate) fn authority(upstream: &str) -> io::Result<Authority> {
    let url = Url::parse(upstream).ok().filter(|url| url.scheme() == "http" && url.path() == "/" && !has_more(url));
    let authority = url.and_then(|url| url.authority().parse().ok());
    let mistake = || {
        let message = format!("{upstream:?} is not the URL of a service, such as http://127.0.0.1:8080");
        io::Error::new(io::ErrorKind::InvalidInput, message)
    };
    authority.ok_or_else(mistake)
}

fn has_more(url: &Url) -> bool {
    url.query().is_some() || url.fragment().is_some() || url.authority().contains('@')
}

/// These are about one connection, and not about the request:
/// [RFC 9110 §7.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1).
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let listed = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let listed = listed.flat_map(|value| value.split(',')).filter_map(|name| name.trim().parse().ok());
    let listed: Vec<HeaderName> = listed.collect();
    for name in listed.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Where the request came from, by the last entry; what stands before it is what the caller claims.
fn add_origin(headers: &mut HeaderMap) {
    let claimed = headers.get_all(&FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    // Only this machine reaches the front door.
    let caller = Ipv4Addr::LOCALHOST.to_string();
    let addresses: Vec<&str> = claimed.chain([caller.as_str()]).collect();
    if let Ok(addresses) = HeaderValue::try_from(addresses.join(", ")) {
        headers.insert(FORWARDED_FOR, addresses);
    }
    // Cloud Run is reached by https alone, so that is what a service is used to being told.
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static("https"));
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];
