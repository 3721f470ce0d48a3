//! A receiver as a process, with a group of its own, since some start workers: its time on the CPU and its memory are
//! those of the whole group, as Linux tells them (<https://docs.kernel.org/filesystems/proc.html>).

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    param::clock_ticks_per_second,
    process::{Pid, Signal, kill_process_group},
};
use tokio::task::yield_now;

use crate::load::Load;

/// A running receiver, gone when the value is dropped.
pub(crate) struct Process {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    started: Instant,
}

impl Process {
    /// Starts `words` in `folder`, with `environment` and a free `PORT`; what it writes goes into the file `log`.
    ///
    /// # Errors
    /// There is no such program, or no port.
    pub(crate) fn start(
        words: &[OsString],
        folder: &Path,
        environment: &[(&str, String)],
        log: &Path,
    ) -> io::Result<Self> {
        let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let log = File::create(log)?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)));
        command.env("PORT", address.port().to_string()).envs(env::var_os("PATH").map(|path| ("PATH", path)));
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let started = Instant::now();
        Ok(Self { child: command.spawn()?, address, started })
    }

    /// Sends the first request of `load` again and again until the answer is 200, and returns the time since the start.
    ///
    /// # Errors
    /// It has ended, or does not answer in time.
    pub(crate) async fn first_answer(&mut self, load: &Load) -> io::Result<Duration> {
        loop {
            let answered = load.send_once(self.address).await;
            let elapsed = self.started.elapsed();
            match answered {
                Ok(()) => return Ok(elapsed),
                Err(error) if elapsed > START_LIMIT => return Err(error),
                Err(_) => yield_now().await,
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(io::Error::other(format!("it ended with {status}")));
            }
        }
    }

    /// What the group has used of the CPU so far.
    ///
    /// # Errors
    /// The system does not say.
    pub(crate) fn cpu_time(&self) -> io::Result<Duration> {
        let ticks: u64 = self.group()?.iter().map(|member| member.ticks).sum();
        Ok(Duration::from_secs_f64(ticks as f64 / clock_ticks_per_second() as f64))
    }

    /// The group's resident memory in bytes: now, and the most so far.
    ///
    /// # Errors
    /// The system does not say.
    pub(crate) fn memory(&self) -> io::Result<[u64; 2]> {
        let mut sum = [0, 0];
        for member in self.group()? {
            let status = fs::read_to_string(format!("/proc/{}/status", member.id))?;
            for (sum, name) in sum.iter_mut().zip(["VmRSS:", "VmHWM:"]) {
                let line = status.lines().find_map(|line| line.strip_prefix(name));
                *sum += line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok()).unwrap_or_default()
                    * 1024;
            }
        }
        Ok(sum)
    }

    fn group(&self) -> io::Result<Vec<Member>> {
        let mut members = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let Ok(id) = entry?.file_name().to_string_lossy().parse() else { continue };
            let Ok(stat) = fs::read_to_string(format!("/proc/{id}/stat")) else { continue };
            members.extend(Member::of(id, &stat).filter(|member| member.group == self.child.id()));
        }
        Ok(members)
    }
}

struct Member {
    id: u32,
    group: u32,
    /// On the CPU, in user space and in the kernel.
    ticks: u64,
}

impl Member {
    fn of(id: u32, stat: &str) -> Option<Self> {
        // The name, the second field, can hold anything but ends in the last parenthesis; `state` is the next.
        let fields: Vec<_> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let ticks = |field: usize| fields.get(field)?.parse::<u64>().ok();
        Some(Self { id, group: fields.get(2)?.parse().ok()?, ticks: ticks(11)? + ticks(12)? })
    }
}

impl Drop for Process {
    /// Asks the group to end, and kills what is still there a moment later.
    fn drop(&mut self) {
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let signal = |signal| group.map(|group| kill_process_group(group, signal));
        signal(Signal::TERM);
        let deadline = Instant::now() + END_LIMIT;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        signal(Signal::KILL);
        let _ = self.child.wait();
    }
}

const START_LIMIT: Duration = Duration::from_secs(30);
const END_LIMIT: Duration = Duration::from_secs(5);
