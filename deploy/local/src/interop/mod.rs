//! `make interop`: Google's own client libraries, unmodified, against the emulator and profile-service.
//!
//! Each client is a small program in `deploy/interop`. It is run once for each flow, with the environment that a
//! deployment would give it, and prints one line; what the line should say is known here alone.

mod cell;
mod client;
mod clients;
mod flow;
mod got;
mod scene;
mod table;

use std::{error::Error, path::Path};

use self::scene::Scene;
pub use self::{
    cell::Cell,
    client::Client,
    clients::CLIENTS,
    flow::{Expected, Flow},
    got::Got,
    table::Table,
};
use crate::{foreign::Command, report::Report};

/// Runs every flow of every client, in folders of its own below `folder`, with the services' programs from `programs`.
///
/// # Errors
/// The emulator or profile-service does not start, or the Rust caller gets no token.
pub async fn run(programs: &Path, folder: &Path, report: Report) -> Result<Table, Box<dyn Error>> {
    let scene = Scene::start(programs, folder).await?;
    let mut table = Table::default();
    for client in CLIENTS {
        let workshop = folder.join(client.name.to_lowercase());
        report.line(&format!("{}: preparing", client.name));
        let cells = match client.program.prepare(&workshop).await {
            Ok(()) => cells(client, &scene, &workshop, report).await,
            Err(reason) => Flow::ALL.map(|_| Cell::not_ready(&reason)).to_vec(),
        };
        table.add(client, cells);
    }
    Ok(table)
}

async fn cells(client: &Client, scene: &Scene, workshop: &Path, report: Report) -> Vec<Cell> {
    report.line(&format!("{}: running", client.name));
    let mut cells = Vec::new();
    let mut genuine = Cell::Pass;
    for flow in Flow::ALL {
        let mut cell = cell(client, scene, workshop, flow).await;
        match flow.expected() {
            Expected::Accepted => genuine = cell.clone(),
            Expected::Refused => cell = cell.beside(&genuine),
            Expected::Status(_) => {}
        }
        cells.push(cell);
    }
    cells
}

async fn cell(client: &Client, scene: &Scene, workshop: &Path, flow: Flow) -> Cell {
    if let Some(reason) = client.why_not(flow) {
        return Cell::Cannot(reason);
    }
    let command = Command::new(client.program.run).argument(flow.argument()).closed(scene.environment(flow));
    let ended = command.stdin(scene.stdin(flow)).run_in(workshop).await;
    Cell::judge(flow.expected(), &Got::read(&ended))
}
