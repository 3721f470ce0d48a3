//! What the commands share: where the services' programs are, and when to stop.

use std::{env, error::Error, path::PathBuf};

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
