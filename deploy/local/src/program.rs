//! What the commands and their tests share: where the services' programs are, and when to stop.

use std::{
    env,
    error::Error,
    path::{Path, PathBuf},
};

use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};

/// The folder of the services' programs: the one that this program is in, or the one that `PROGRAMS` names.
///
/// # Errors
/// The system does not say where this program is.
pub fn programs() -> Result<PathBuf, Box<dyn Error>> {
    if let Some(folder) = env::var_os("PROGRAMS") {
        return Ok(folder.into());
    }
    Ok(env::current_exe()?.parent().ok_or("this program is in no folder")?.to_owned())
}

/// The folder of the program `beside`, with these programs in it: `cargo test --workspace` builds them all.
///
/// # Panics
/// One of them is not there: a test that needs it cannot go on.
pub fn built(beside: &str, names: &[&str]) -> PathBuf {
    let folder = Path::new(beside).parent().expect("a program is in a folder").to_owned();
    let missing: Vec<_> = names.iter().filter(|name| !folder.join(name).exists()).collect();
    assert!(missing.is_empty(), "{missing:?} are not built: run `make test`, or `cargo build --bins` before this test");
    folder
}

/// Ctrl-C, and all the other ways to end a program or to close its terminal but the one that cannot be caught.
pub async fn stop_signal() {
    let mut signals = JoinSet::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()] {
        if let Ok(mut signal) = signal(kind) {
            signals.spawn(async move { signal.recv().await });
        }
    }
    signals.join_next().await;
}
