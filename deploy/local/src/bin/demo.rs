//! `demo` walks the story once and ends; `demo up` starts everything and stays until Ctrl-C. The services' programs are
//! taken from the folder that this one is in, or from the one that `PROGRAMS` names.

use std::{env, error::Error, future::pending, path::PathBuf, process::ExitCode};

use local::{by_hand, report::Report, stage::Stage, story};
use tokio::{
    select,
    signal::{
        ctrl_c,
        unix::{SignalKind, signal},
    },
};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let stay = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => false,
        ["up"] => true,
        _ => {
            eprintln!("demo: usage: demo [up]");
            return ExitCode::from(64);
        }
    };
    // Whichever ends first: then everything is dropped, and what is dropped stops.
    let ended = select! {
        ended = run(stay, Report::to_stdout()) => ended,
        () = stop_signal() => if stay { Ok(0) } else { Err("interrupted".into()) },
    };
    match ended {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("demo: {wrong} of the answers above are not as expected");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(stay: bool, report: Report) -> Result<usize, Box<dyn Error>> {
    report.heading("Starting, on free ports of this machine");
    let mut stage = Stage::start(&programs()?, |step| report.line(step)).await?;
    if stay {
        show_commands(&stage, report);
        pending::<()>().await;
    }
    match story::walk(&stage, report).await {
        Err(error) if !stage.dead().is_empty() => Err(format!("{} ended: {error}", stage.dead().join(", ")).into()),
        walked => walked,
    }
}

fn show_commands(stage: &Stage, report: Report) {
    report.heading("To try in another terminal");
    for (what, command) in by_hand::commands(stage) {
        report.line(&format!("# {what}"));
        report.line(&format!("{command}\n"));
    }
    report.heading("Everything is up. Ctrl-C stops it.");
}

fn programs() -> Result<PathBuf, Box<dyn Error>> {
    if let Some(folder) = env::var_os("PROGRAMS") {
        return Ok(folder.into());
    }
    Ok(env::current_exe()?.parent().ok_or("this program is in no folder")?.to_owned())
}

async fn stop_signal() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => select! { _ = terminate.recv() => {}, _ = ctrl_c() => {} },
        Err(_) => drop(ctrl_c().await),
    }
}
