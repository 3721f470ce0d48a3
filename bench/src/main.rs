//! `make bench`: what authentication costs here, and what it costs with the peers, in one run and one table.
//!
//! With the name of a chapter only that is measured, and with the name of a receiver after `requests` only that one.
//! `page` measures nothing, and makes the page from the figures of the last whole run.

mod aims;
mod cores;
mod figures;
mod fleet;
mod id_tokens;
mod instructions;
mod load;
mod many_callers;
mod page;
mod plot;
mod process;
mod quantity;
mod receivers;
mod requests;
mod sizes;
mod stopwatch;
mod table;
mod verification;
mod workbench;

use std::{env, error::Error, fs, path::Path};

use google_emulator::Emulator;

use crate::{
    cores::Cores,
    figures::Figures,
    page::page,
    plot::plot,
    workbench::{Workbench, programs},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let folder = programs()?.join("../bench");
    fs::create_dir_all(&folder)?;
    let file = folder.join("figures.json");
    if words == ["page"] {
        return write_page(&serde_json::from_slice(&fs::read(file)?)?);
    }
    let (emulator, cores) = (Emulator::start().await?, Cores::of_this_machine()?);
    let mut figures = Figures { machine: cores.describe()?, ..Figures::default() };
    let bench = Workbench { emulator: &emulator, cores: &cores, folder };
    let chapters = ["requests", "services", "instructions", "verification", "id-tokens", "many-callers", "fleet"];
    for chapter in chapters.into_iter().filter(|chapter| words.first().is_none_or(|only| only == chapter)) {
        report(chapter);
        match chapter {
            "requests" => requests::measure(&bench, words.get(1).copied(), &mut figures).await?,
            "services" => sizes::measure(&bench, &mut figures).await?,
            "instructions" => instructions::measure(&bench, &mut figures).await?,
            "verification" => figures.chapters.push(verification::measure(&emulator, &cores).await?),
            "id-tokens" => figures.chapters.push(id_tokens::measure(&emulator, &cores).await?),
            "many-callers" => figures.chapters.push(many_callers::measure(&emulator, &cores).await?),
            _ => figures.chapters.push(fleet::measure().await?),
        }
    }
    figures.compare();
    println!("{figures}");
    if words.is_empty() {
        fs::write(file, serde_json::to_vec_pretty(&figures)?)?;
    }
    Ok(())
}

fn write_page(figures: &Figures) -> Result<(), Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::write(here.join("results.svg"), plot(figures))?;
    fs::write(here.join("results.md"), page(figures, include_str!("../remarks.md"))?)?;
    Ok(())
}

/// Says what is being done, apart from the results.
fn report(what: &str) {
    eprintln!("bench: {what}");
}
