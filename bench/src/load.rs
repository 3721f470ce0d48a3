//! A closed loop of requests over a number of connections, HTTP/1.1 and kept alive: each connection sends the next
//! request when the answer to the last one is there. Nothing but the heads of answers is parsed, so that the load costs
//! little beside the service that is measured.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};

/// Requests as they go over the wire; each connection sends them in turn, and starts somewhere else in the list.
#[derive(Clone)]
pub(crate) struct Load(Arc<[Vec<u8>]>);

/// What came back.
#[derive(Default)]
pub(crate) struct Answers {
    /// Of each answer with status 200, in nanoseconds.
    latencies: Vec<u32>,
    /// The number of answers with another status.
    pub(crate) refused: usize,
    elapsed: Duration,
}

impl Load {
    /// GET requests for `path`, one for each token, or one without a token.
    pub(crate) fn new(path: &str, tokens: &[String]) -> Self {
        let request = |authorization: String| {
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{authorization}\r\n").into_bytes()
        };
        if tokens.is_empty() {
            return Self([request(String::new())].into());
        }
        Self(tokens.iter().map(|token| request(format!("Authorization: Bearer {token}\r\n"))).collect())
    }

    /// Sends for `duration` over `connections`.
    ///
    /// # Errors
    /// A connection breaks, or an answer is not HTTP or does not come.
    pub(crate) async fn send(&self, to: SocketAddr, connections: usize, duration: Duration) -> io::Result<Answers> {
        let start = Instant::now();
        let mut running = JoinSet::new();
        for number in 0..connections {
            let (requests, first) = (self.0.clone(), self.0.len() * number / connections);
            running.spawn(async move {
                timeout(duration + LATE, converse(to, &requests, first, |_| Instant::now() < start + duration)).await?
            });
        }
        let mut answers = Answers::default();
        while let Some(one) = running.join_next().await {
            let one = one.map_err(io::Error::other)??;
            answers.latencies.extend(one.latencies);
            answers.refused += one.refused;
        }
        answers.elapsed = start.elapsed();
        answers.latencies.sort_unstable();
        Ok(answers)
    }

    /// Sends the first request once, on a connection of its own.
    ///
    /// # Errors
    /// There is no connection, or no answer; the status if it is not 200.
    pub(crate) async fn send_once(&self, to: SocketAddr) -> io::Result<()> {
        self.send_count(to, 1).await
    }

    /// Sends so many requests on one connection.
    ///
    /// # Errors
    /// As for one.
    pub(crate) async fn send_count(&self, to: SocketAddr, count: usize) -> io::Result<()> {
        let answers = timeout(LATE, converse(to, &self.0, 0, |sent| sent < count)).await??;
        if answers.refused > 0 { Err(io::Error::other("the answer is not 200")) } else { Ok(()) }
    }
}

impl Answers {
    /// How many answers there were, of any status.
    pub(crate) fn count(&self) -> usize {
        self.latencies.len() + self.refused
    }

    /// Answers with status 200 in a second.
    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// The time in microseconds within which this share of the 200s came.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let place = (self.latencies.len() as f64 * share) as usize;
        self.latencies.get(place).or(self.latencies.last()).map_or(f64::NAN, |nanos| f64::from(*nanos) / 1e3)
    }
}

/// Sends one request at least, and more while `goes_on`, which is asked with the number of those that were answered.
async fn converse(
    to: SocketAddr,
    requests: &[Vec<u8>],
    first: usize,
    goes_on: impl Fn(usize) -> bool,
) -> io::Result<Answers> {
    let mut stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let (mut answers, mut buffer) = (Answers::default(), Vec::with_capacity(4096));
    for request in requests.iter().cycle().skip(first) {
        let sent = Instant::now();
        stream.write_all(request).await?;
        let status = read_answer(&mut stream, &mut buffer).await?;
        if status == 200 {
            answers.latencies.push(u32::try_from(sent.elapsed().as_nanos()).unwrap_or(u32::MAX));
        } else {
            answers.refused += 1;
        }
        if !goes_on(answers.count()) {
            break;
        }
    }
    Ok(answers)
}

/// Reads one answer to its end, and returns its status.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<u16> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut head = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(length) = head.parse(buffer).map_err(io::Error::other)? else { continue };
        let body = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
        let body = body.and_then(|header| str::from_utf8(header.value).ok()?.parse::<usize>().ok());
        let body = body.ok_or_else(|| io::Error::other("an answer without Content-Length"))?;
        if buffer.len() >= length + body {
            return Ok(head.code.unwrap_or_default());
        }
    }
}

const LATE: Duration = Duration::from_secs(20);
