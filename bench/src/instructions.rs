//! What a request costs in instructions of the program, without the system's: by valgrind, which counts the same each time,
//! whatever else the machine does. It tells where time goes, and not how much.

use std::{error::Error, ffi::OsString, fs, path::Path, process::Command};

use crate::{
    figures::{Chapter, Figures},
    load::Load,
    quantity::{
        Quantity,
        Unit::{Count, Times},
    },
    receivers::{GOOGLE, Kind, OURS, RECEIVERS, SERVICE},
    verification::tokens,
    workbench::Workbench,
};

/// Counts them for the receivers in Rust, where valgrind is on this machine.
///
/// # Errors
/// A receiver fails, or valgrind counts nothing.
pub(crate) async fn measure(bench: &Workbench<'_>, figures: &mut Figures) -> Result<(), Box<dyn Error>> {
    if !Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success()) {
        figures.skipped.push("instructions: valgrind is not on this machine".to_owned());
        return Ok(());
    }
    let note = format!(
        "User space only, one request of a connection that is open; the mean of {REQUESTS}, counted by callgrind."
    );
    let mut chapter = Chapter::new("Instructions", &note, &["of ours", "protected", "open", "the check"]);
    let tokens = tokens(bench.emulator, 1);
    let mut ours = None;
    for receiver in RECEIVERS.iter().filter(|receiver| [OURS, SERVICE, GOOGLE].contains(&receiver.name)) {
        let Kind::Rust(program) = receiver.kind else { continue };
        let mut counts = Vec::new();
        for path in ["/protected", "/open"] {
            let load = Load::new(path, &tokens);
            let few = count(bench, program, &load, WARM_UP).await?;
            let many = count(bench, program, &load, WARM_UP + REQUESTS).await?;
            counts.push((many - few) / REQUESTS as f64);
        }
        let [protected, open] = counts[..] else { continue };
        let times = protected / *ours.get_or_insert(protected);
        let figures = [(times, Times), (protected, Count), (open, Count), (protected - open, Count)];
        chapter.row(receiver.name, figures.map(|(value, unit)| Some(Quantity::new(value, unit))));
    }
    figures.chapters.push(chapter);
    Ok(())
}

/// The instructions of a receiver that answers so many requests, from its start to its end.
async fn count(bench: &Workbench<'_>, program: &str, load: &Load, requests: usize) -> Result<f64, Box<dyn Error>> {
    let out = bench.folder.join("callgrind.out");
    let _ = fs::remove_file(&out);
    let valgrind = ["valgrind", "--tool=callgrind", "--quiet"].map(OsString::from);
    let file = OsString::from(format!("--callgrind-out-file={}", out.display()));
    let words: Vec<_> = valgrind.into_iter().chain([file, bench.program(program)?]).collect();
    let mut process = bench.run(&words, Path::new("."), &bench.environment()?)?;
    process.first_answer(load).await?;
    load.send_count(process.address, requests).await?;
    drop(process);
    let out = fs::read_to_string(out)?;
    let total = out.lines().find_map(|line| line.strip_prefix("totals: ")).ok_or("callgrind has counted nothing")?;
    Ok(total.trim().parse()?)
}

const WARM_UP: usize = 500;
const REQUESTS: usize = 1000;
