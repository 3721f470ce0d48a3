//! `interop` runs Google's own client libraries against the emulator and profile-service, and prints one table. It fails
//! when a cell does; a language that is missing on this machine is skipped, and the table says so.

use std::{error::Error, process::ExitCode};

use local::{
    interop,
    program::{programs, stop_signal},
    report::Report,
};
use tokio::select;

#[tokio::main]
async fn main() -> ExitCode {
    let ended = select! {
        ended = run(Report::to_stdout()) => ended,
        () = stop_signal() => Err("interrupted".into()),
    };
    match ended {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            eprintln!("interop: {failed} of the cells above fail");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("interop: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How many cells fail.
async fn run(report: Report) -> Result<usize, Box<dyn Error>> {
    let programs = programs()?;
    report.heading("Google's own clients, each prepared once");
    let table = interop::run(&programs, &programs.with_file_name("interop"), report).await?;
    report.heading("What they did");
    table.to_string().lines().for_each(|line| report.line(line));
    let counted = ["pass", "FAIL", "cannot", "skipped"].map(|word| format!("{} {word}", table.count(word)));
    report.heading(&counted.join(", "));
    Ok(table.count("FAIL"))
}
