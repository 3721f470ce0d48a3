//! One request over a socket of its own. No HTTP client is in between: it would not send what an attacker sends.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::Attack;

/// Sends `attack` under this trace id, and returns the status and the challenge of the answer.
///
/// # Errors
/// The answer is missing, late, or not HTTP.
pub(super) async fn send(address: &str, trace: &str, attack: &Attack) -> io::Result<(u16, Option<String>)> {
    let answer = timeout(LIMIT, exchange(address, &request(trace, attack))).await??;
    parse(&answer).ok_or_else(|| io::Error::other(format!("{:?}: the answer is not HTTP: {answer:?}", attack.name)))
}

fn request(trace: &str, attack: &Attack) -> Vec<u8> {
    let path = &attack.path;
    let start =
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\ntraceparent: 00-{trace}-1-01\r\n");
    let mut request = start.into_bytes();
    for (name, value) in &attack.headers {
        request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    request.extend(b"\r\n");
    request
}

async fn exchange(address: &str, request: &[u8]) -> io::Result<String> {
    let mut connection = TcpStream::connect(address).await?;
    let mut answer = Vec::new();
    // A server that has read enough answers and closes while the rest is still being sent. Both errors are then nothing
    // but the end, and whether there is an answer is seen by its text.
    _ = connection.write_all(request).await;
    _ = connection.read_to_end(&mut answer).await;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn parse(answer: &str) -> Option<(u16, Option<String>)> {
    let (head, _) = answer.split_once("\r\n\r\n")?;
    let (first, headers) = head.split_once("\r\n")?;
    let status = first.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let headers = headers.lines().filter_map(|line| line.split_once(": "));
    let challenges: Vec<_> =
        headers.filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate")).map(|(_, value)| value).collect();
    Some((status, (!challenges.is_empty()).then(|| challenges.join(", "))))
}

const LIMIT: Duration = Duration::from_secs(30);
