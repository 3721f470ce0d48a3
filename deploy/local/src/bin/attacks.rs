//! `attacks` starts profile-service, sends it every attack of the catalogue, and prints what it answers. The program is
//! taken from the folder that this one is in, or from the one that `PROGRAMS` names.

use std::{env, error::Error, path::PathBuf, process::ExitCode};

use local::{attacks::Target, report::Report};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Report::to_stdout()).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("attacks: {wrong} of the answers above are not as expected");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("attacks: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How many rows were answered otherwise than expected.
async fn run(report: Report) -> Result<usize, Box<dyn Error>> {
    let target = Target::start(&programs()?).await?;
    let (mut number, mut refused, mut wrong) = (0, 0, 0);
    for chapter in &target.chapters {
        report.heading(chapter.title);
        for attack in &chapter.attacks {
            let got = target.answer(number, attack).await?;
            report.attack(attack, &got);
            number += 1;
            refused += usize::from(got.is_refusal());
            wrong += usize::from(got != attack.expected);
        }
    }
    report.heading("The log");
    let logged = target.logged();
    let found = logged.first().map_or("there is none".to_owned(), |name| format!("there is that of: {name}"));
    report.verdict("no token stands in it, and no segment of one", &found, logged.is_empty());
    wrong += logged.len();
    report.heading(&format!("{number} requests, {refused} refused, {wrong} answered otherwise than expected"));
    Ok(wrong)
}

fn programs() -> Result<PathBuf, Box<dyn Error>> {
    if let Some(folder) = env::var_os("PROGRAMS") {
        return Ok(folder.into());
    }
    Ok(env::current_exe()?.parent().ok_or("this program is in no folder")?.to_owned())
}
