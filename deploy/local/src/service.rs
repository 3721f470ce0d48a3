//! A service as a process of its own: started with nothing but the given environment, watched through its log, gone
//! when the value is dropped.

use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::watch,
    time::timeout,
};

use crate::environment::Variables;

/// A running service.
#[derive(Debug)]
pub struct Service {
    child: Child,
    address: String,
    log: watch::Receiver<Vec<String>>,
}

impl Service {
    /// Starts `binary` and waits until it listens. `variables` ask for the port 0 and for a JSON log, in which the
    /// service names the port it got.
    ///
    /// # Errors
    /// It cannot be started, ended at once, or does not listen in time; with what it wrote.
    pub async fn start(binary: &Path, variables: &Variables) -> Result<Self, StartError> {
        let fail = |reason: String, code: Option<i32>, log: &[String]| StartError {
            binary: binary.to_owned(),
            reason,
            code,
            log: log.to_vec(),
        };
        let spawned = Command::new(binary)
            .env_clear()
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child = spawned.map_err(|error| fail(error.to_string(), None, &[]))?;
        let (sender, log) = watch::channel(Vec::new());
        if let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) {
            tokio::spawn(collect(stdout, sender.clone()));
            tokio::spawn(collect(stderr, sender));
        }
        let listening = first_line(&log, |line| address(line).is_some()).await;
        if let Some(address) = listening.and_then(|line| address(&line)) {
            return Ok(Self { child, address, log });
        }
        Err(match timeout(END_LIMIT, child.wait()).await {
            Ok(Ok(status)) => fail(format!("it ended with {status}"), status.code(), &log.borrow()),
            _ => fail(format!("it does not listen after {START_LIMIT:?}"), None, &log.borrow()),
        })
    }

    /// The URL of `path` on this service.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where it listens, as `host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The process id; `None` when it has ended.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// The lines it wrote so far; of very many, the last ones.
    pub fn log(&self) -> Vec<String> {
        self.log.borrow().clone()
    }

    /// The first line that holds `text`, as soon as it is there; `None` when it does not come in time.
    pub async fn logged(&self, text: &str) -> Option<String> {
        self.logged_line(|line| line.contains(text)).await
    }

    /// The first line that is `wanted`, in the same way.
    pub async fn logged_line(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        first_line(&self.log, wanted).await
    }

    /// Sends SIGTERM, as Cloud Run does, without waiting for the end.
    ///
    /// # Errors
    /// It has ended already.
    pub fn terminate(&self) -> io::Result<()> {
        self.signal(Signal::TERM)
    }

    /// Sends SIGINT, as Ctrl-C does, without waiting for the end.
    ///
    /// # Errors
    /// It has ended already.
    pub fn interrupt(&self) -> io::Result<()> {
        self.signal(Signal::INT)
    }

    fn signal(&self, signal: Signal) -> io::Result<()> {
        let id = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        Ok(kill_process(id.ok_or(io::ErrorKind::NotFound)?, signal)?)
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// It does not come in time.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        timeout(STOP_LIMIT, self.child.wait()).await?
    }

    /// Whether it has ended, with its exit status.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

impl Drop for Service {
    /// Kills the process and sees it gone: tokio would kill it and leave the rest to the system.
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        let deadline = Instant::now() + END_LIMIT;
        while self.has_ended().is_none() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The first line that is `wanted`, as soon as it is there; `None` when it is late, or when no more lines can come.
async fn first_line(log: &watch::Receiver<Vec<String>>, wanted: impl Fn(&str) -> bool) -> Option<String> {
    let mut log = log.clone();
    let has = |lines: &Vec<String>| lines.iter().any(|line| wanted(line));
    let lines = timeout(START_LIMIT, log.wait_for(has)).await.ok()?.ok()?;
    lines.iter().find(|line| wanted(line)).cloned()
}

/// The address in the line that says so.
fn address(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    (line.get("message")? == "listening").then(|| line.get("address")?.as_str().map(str::to_owned))?
}

async fn collect(pipe: impl AsyncRead + Unpin, log: watch::Sender<Vec<String>>) {
    let mut lines = BufReader::new(pipe).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        log.send_modify(|log| {
            if log.len() == MOST_LINES {
                // Half at once: to move all lines up for each new one would take longer than to write it.
                log.drain(..MOST_LINES / 2);
            }
            log.push(line);
        });
    }
}

/// Why a service does not run.
#[derive(Debug)]
pub struct StartError {
    binary: PathBuf,
    reason: String,
    code: Option<i32>,
    log: Vec<String>,
}

impl StartError {
    /// The exit code, if the service ended with one.
    pub fn code(&self) -> Option<i32> {
        self.code
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} did not start: {}", self.binary.display(), self.reason)?;
        self.log.iter().try_for_each(|line| write!(f, "\n  | {line}"))
    }
}

impl Error for StartError {}

const START_LIMIT: Duration = Duration::from_secs(20);
const END_LIMIT: Duration = Duration::from_secs(1);
/// Longer than the ten seconds that Cloud Run gives.
const STOP_LIMIT: Duration = Duration::from_secs(15);
const MOST_LINES: usize = 100_000;
