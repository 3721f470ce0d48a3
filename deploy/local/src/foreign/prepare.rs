//! Fetches a program's libraries and builds it, in a folder of its own below `target`.
//!
//! The files are copied there, so that nothing generated comes into the tree. What was fetched is kept until a file
//! that pins versions changes.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use super::{Command, Ended, Program};

/// Why a program cannot be run.
#[derive(Clone, Debug)]
pub enum NotReady {
    /// The language is not on this machine, or its libraries cannot be fetched; for this reason.
    Missing(String),
    /// What is there does not work; for this reason.
    Broken(String),
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Missing(reason) | Self::Broken(reason)) = self;
        f.write_str(reason)
    }
}

impl Program {
    /// Makes everything ready in `workshop`, where [`run`](Self::run) runs.
    ///
    /// # Errors
    /// The reason why there is nothing to run.
    pub async fn prepare(&self, workshop: &Path) -> Result<(), NotReady> {
        if let Ended::Badly { reason } = Command::new(self.language.probe).run_in(Path::new(".")).await {
            return Err(NotReady::Missing(format!("not on this machine. {reason}")));
        }
        let failed = |error: io::Error| NotReady::Broken(format!("{}: {error}", workshop.display()));
        let pinned = self.copy_to(workshop).map_err(failed)?;
        let stamp = workshop.join("fetched");
        if fs::read(&stamp).ok() != Some(pinned.clone()) {
            for command in self.language.fetch {
                if let Ended::Badly { reason } = Command::new(command).run_in(workshop).await {
                    return Err(NotReady::Missing(format!("its library cannot be fetched. {reason}")));
                }
            }
            fs::write(&stamp, pinned).map_err(failed)?;
        }
        if self.build.is_empty() {
            return Ok(());
        }
        match Command::new(self.build).run_in(workshop).await {
            Ended::Well { .. } => Ok(()),
            Ended::Badly { reason } => Err(NotReady::Broken(format!("it cannot be built. {reason}"))),
        }
    }

    /// Copies all files, and returns the content of those that pin versions.
    fn copy_to(&self, workshop: &Path) -> io::Result<Vec<u8>> {
        fs::create_dir_all(workshop)?;
        let mut pinned = Vec::new();
        let mut files = fs::read_dir(self.source())?.collect::<io::Result<Vec<_>>>()?;
        files.sort_by_key(fs::DirEntry::file_name);
        for file in files {
            fs::copy(file.path(), workshop.join(file.file_name()))?;
            if PINNING.iter().any(|name| file.file_name() == *name) {
                pinned.extend(fs::read(file.path())?);
            }
        }
        Ok(pinned)
    }

    fn source(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(self.folder)
    }
}

const PINNING: [&str; 6] = ["requirements.txt", "package.json", "package-lock.json", "go.mod", "go.sum", "pom.xml"];
