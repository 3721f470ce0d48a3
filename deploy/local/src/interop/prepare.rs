//! Fetches a client's library and builds its program, in a folder of its own below `target`.
//!
//! The files are copied there, so that nothing generated comes into the tree. What was fetched is kept until a file
//! that pins versions changes.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Cell, Client, command::Command, command::Ended};

/// # Errors
/// A cell that says why there is nothing to run.
pub(super) async fn prepare(client: &Client, workshop: &Path) -> Result<(), Cell> {
    if let Ended::Badly { reason } = Command::new(client.probe).run_in(Path::new(".")).await {
        return Err(Cell::Skipped(format!("not on this machine. {reason}")));
    }
    let failed = |error: io::Error| Cell::Fail(format!("{}: {error}", workshop.display()));
    let pinned = copy(client, workshop).map_err(failed)?;
    let stamp = workshop.join("fetched");
    if fs::read(&stamp).ok() != Some(pinned.clone()) {
        for command in client.fetch {
            if let Ended::Badly { reason } = Command::new(command).run_in(workshop).await {
                return Err(Cell::Skipped(format!("its library cannot be fetched. {reason}")));
            }
        }
        fs::write(&stamp, pinned).map_err(failed)?;
    }
    if client.build.is_empty() {
        return Ok(());
    }
    match Command::new(client.build).run_in(workshop).await {
        Ended::Well { .. } => Ok(()),
        Ended::Badly { reason } => Err(Cell::Fail(format!("it cannot be built. {reason}"))),
    }
}

/// Copies all files of the client, and returns the content of those that pin versions.
fn copy(client: &Client, workshop: &Path) -> io::Result<Vec<u8>> {
    fs::create_dir_all(workshop)?;
    let mut pinned = Vec::new();
    let mut files = fs::read_dir(source(client))?.collect::<io::Result<Vec<_>>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    for file in files {
        fs::copy(file.path(), workshop.join(file.file_name()))?;
        if PINNING.iter().any(|name| file.file_name() == *name) {
            pinned.extend(fs::read(file.path())?);
        }
    }
    Ok(pinned)
}

fn source(client: &Client) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../interop").join(client.folder)
}

const PINNING: [&str; 6] = ["requirements.txt", "package.json", "package-lock.json", "go.mod", "go.sum", "pom.xml"];
