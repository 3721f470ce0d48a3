//! Which core a measured process runs on. A receiver has one core to itself, as an instance with one vCPU has, and the
//! benchmark another. A process inherits its core from the thread that starts it.

use std::{fs, io};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The cores that this program may use.
pub(crate) struct Cores(Vec<usize>);

impl Cores {
    /// Asks the system, before anything was pinned.
    ///
    /// # Errors
    /// The system does not say.
    pub(crate) fn of_this_machine() -> io::Result<Self> {
        let allowed = sched_getaffinity(None)?;
        Ok(Self((0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect()))
    }

    /// The machine in a few words: its cores and its processor.
    ///
    /// # Errors
    /// The system does not say.
    pub(crate) fn describe(&self) -> io::Result<String> {
        let cpus = fs::read_to_string("/proc/cpuinfo")?;
        let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let model = model.map_or("a processor without a name", |(_, model)| model);
        Ok(format!("{} cores of {model}, Linux", self.0.len()))
    }

    /// Keeps this thread, and whatever it starts from now on, on the core of this number. Where there are fewer, they are
    /// shared, and figures that need two mean little.
    ///
    /// # Errors
    /// The system does not allow it.
    pub(crate) fn stay_on(&self, number: usize) -> io::Result<()> {
        let mut only = CpuSet::new();
        only.set(self.0.get(number % self.0.len()).copied().unwrap_or_default());
        Ok(sched_setaffinity(None, &only)?)
    }
}

/// For what is measured.
pub(crate) const MEASURED: usize = 1;
/// For the benchmark, and for the emulator in it.
pub(crate) const BENCHMARK: usize = 0;
