//! `make bench`: what authentication costs here, and what it costs with the peers, in one run and one table.

mod cores;
mod figures;
mod fleet;
mod id_tokens;
mod load;
mod many_callers;
mod process;
mod quantity;
mod receivers;
mod requests;
mod stopwatch;
mod table;
mod verification;
mod workbench;

use std::{env, error::Error, fs};

use google_emulator::Emulator;

use crate::{
    cores::Cores,
    figures::Figures,
    workbench::{Workbench, programs},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let only = env::args().nth(1);
    let wanted = |chapter: &str| only.as_deref().is_none_or(|only| only == chapter);
    let cores = Cores::of_this_machine()?;
    let emulator = Emulator::start().await?;
    let mut figures = Figures::default();
    if wanted("verification") {
        report("one verification");
        figures.chapters.push(verification::measure(&emulator, &cores).await?);
    }
    if wanted("id-tokens") {
        report("one cached ID token");
        figures.chapters.push(id_tokens::measure(&emulator, &cores).await?);
    }
    if wanted("many-callers") {
        report("many callers");
        figures.chapters.push(many_callers::measure(&emulator, &cores).await?);
    }
    if wanted("fleet") {
        report("fetches from Google");
        figures.chapters.push(fleet::measure().await?);
    }
    if wanted("requests") {
        let folder = programs()?.join("../bench");
        fs::create_dir_all(&folder)?;
        let bench = Workbench { emulator: &emulator, cores: &cores, folder };
        requests::measure(&bench, env::args().nth(2).as_deref(), &mut figures).await?;
    }
    println!("{figures}");
    Ok(())
}

/// Says what is being done, apart from the results.
fn report(what: &str) {
    eprintln!("bench: {what}");
}
