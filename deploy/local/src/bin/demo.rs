//! `demo` walks the story once and ends; `demo up` starts everything and stays until Ctrl-C. The services' programs are
//! taken from the folder that this one is in, or from the one that `PROGRAMS` names.

use std::{env, error::Error, process::ExitCode, time::Duration};

use local::{
    by_hand,
    program::{programs, stop_signal},
    report::Report,
    stage::Stage,
    story,
};
use tokio::{select, time::timeout};

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
        return Err(format!("{} ended", stage.one_ended().await).into());
    }
    let walked = story::walk(&stage, report).await;
    // A service that dies closes its connections a moment before it has ended.
    if let Err(error) = &walked
        && let Ok(name) = timeout(Duration::from_secs(1), stage.one_ended()).await
    {
        return Err(format!("{name} ended: {error}").into());
    }
    walked
}

fn show_commands(stage: &Stage, report: Report) {
    report.heading("To try in another terminal");
    for (what, command) in by_hand::commands(stage) {
        report.line(&format!("# {what}"));
        report.line(&format!("{command}\n"));
    }
    report.heading("Everything is up. Ctrl-C stops it.");
}
