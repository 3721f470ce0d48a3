//! Writes credential files into a folder: a key of each service account, the developer's login, and one file for each
//! permission to act as a service account.
//!
//! They are worth nothing once the emulator has ended, and are written over at its next start.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use google_emulator::{Emulator, State};

pub(crate) fn write(google: &Emulator, state: &State, folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let keys = google
        .identities()
        .iter()
        .map(|identity| (format!("{}.service_account.json", identity.name), google.service_account_key(identity.name)));
    let login = ("developer.authorized_user.json".to_owned(), google.authorized_user());
    let mut written = Vec::new();
    for (name, content) in keys.chain([login]).chain(google.impersonating_files(state)) {
        let path = folder.join(name);
        fs::write(&path, format!("{content:#}\n"))?;
        written.push(path);
    }
    Ok(written)
}
