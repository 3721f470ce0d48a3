//! Starts receivers: one at a time, on a core of its own, against one emulator.

use std::{
    env,
    error::Error,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use google_emulator::Emulator;
use local::foreign::NotReady;

use crate::{
    cores::{BENCHMARK, Cores, MEASURED},
    process::Process,
    receivers::{Kind, Receiver},
    verification::AUDIENCE,
};

/// Where receivers are prepared and started.
pub(crate) struct Workbench<'a> {
    /// Whose certs they fetch.
    pub(crate) emulator: &'a Emulator,
    /// On which they run.
    pub(crate) cores: &'a Cores,
    /// The folder for all that is made on the way.
    pub(crate) folder: PathBuf,
}

impl Workbench<'_> {
    /// Makes `receiver` ready to be started.
    ///
    /// # Errors
    /// The reason why it cannot be.
    pub(crate) async fn prepare(&self, receiver: &Receiver) -> Result<(), NotReady> {
        match &receiver.kind {
            Kind::Rust(_) => {
                fs::create_dir_all(self.workshop(receiver)).map_err(|error| NotReady::Broken(error.to_string()))
            }
            Kind::Foreign(program) => program.prepare(&self.workshop(receiver)).await,
        }
    }

    /// Starts `receiver`; it may take a while until it listens.
    ///
    /// # Errors
    /// There is no such program.
    pub(crate) fn start(&self, receiver: &Receiver) -> Result<Process, Box<dyn Error>> {
        let words = match &receiver.kind {
            Kind::Rust(program) => vec![self.program(program)?],
            Kind::Foreign(program) => program.run.iter().map(OsString::from).collect(),
        };
        let workshop = self.workshop(receiver);
        let mut environment = self.environment()?;
        // For programs that want to write somewhere; a person's own settings are not there.
        environment.push(("HOME", workshop.display().to_string()));
        self.run(&words, &workshop, &environment)
    }

    /// A program of this package.
    ///
    /// # Errors
    /// The system does not say where this one is.
    pub(crate) fn program(&self, name: &str) -> io::Result<OsString> {
        Ok(programs()?.join(name).into_os_string())
    }

    /// Starts any program on the core of what is measured.
    ///
    /// # Errors
    /// There is no such program.
    pub(crate) fn run(
        &self,
        words: &[OsString],
        folder: &Path,
        environment: &[(&str, String)],
    ) -> Result<Process, Box<dyn Error>> {
        self.cores.stay_on(MEASURED)?;
        let started = Process::start(words, folder, environment, &self.folder.join("receiver.log"));
        self.cores.stay_on(BENCHMARK)?;
        Ok(started?)
    }

    /// What every receiver is told, and the same under the services' own names.
    ///
    /// # Errors
    /// The emulator does not know the caller.
    pub(crate) fn environment(&self) -> Result<Vec<(&'static str, String)>, Box<dyn Error>> {
        let caller = self.emulator.identities().iter().find(|identity| identity.name == "login-service");
        let caller = caller.ok_or("the emulator knows no login-service")?.email.clone();
        Ok(vec![
            ("CERTS_URL", self.emulator.certs_url()),
            ("PEM_CERTS_URL", self.emulator.pem_certs_url()),
            ("AUDIENCE", AUDIENCE.to_owned()),
            ("ALLOWED_CALLER", caller.clone()),
            ("GOOGLE_CERTS_URL", self.emulator.certs_url()),
            ("AUDIENCES", AUDIENCE.to_owned()),
            ("ALLOWED_CALLERS", caller),
            ("LISTEN_HOST", "127.0.0.1".to_owned()),
            ("LOG_FORMAT", "json".to_owned()),
        ])
    }

    fn workshop(&self, receiver: &Receiver) -> PathBuf {
        self.folder.join(receiver.name.to_lowercase().replace([' ', ','], "-"))
    }
}

/// The folder of this program, which the other ones of this package and the services are in, too.
///
/// # Errors
/// The system does not say.
pub(crate) fn programs() -> io::Result<PathBuf> {
    let program = env::current_exe()?;
    Ok(program.parent().map(Path::to_owned).unwrap_or_default())
}
