//! Brings everything up in its order, and says where it is once all of it is there.

use std::{io, process::ExitCode, sync::Arc};

use google_emulator::{ControlPort, Emulator, State};
use tokio::{
    select,
    signal::{
        ctrl_c,
        unix::{SignalKind, signal},
    },
};

use crate::{announcement, arguments::Arguments, credential_files};

pub(crate) async fn until_interrupted(arguments: &Arguments, state: &State) -> io::Result<ExitCode> {
    let google = Arc::new(Emulator::start_from(state).await?);
    let doors = google.front_doors(state).await?;
    let files = credential_files::write(&google, state, &arguments.credentials)?;
    let announcement = announcement::text(&google, &doors, &files);
    let control = ControlPort::open(google, doors, arguments.port).await?;
    println!("{announcement}\nThe control port, which explains itself: {}/\nCtrl-C stops it.", control.url());
    // As a container's first process it would not even be ended by a SIGTERM that it does not handle.
    let mut terminated = signal(SignalKind::terminate())?;
    select! {
        interrupted = ctrl_c() => interrupted?,
        _ = terminated.recv() => {}
    }
    Ok(ExitCode::SUCCESS)
}
