//! The services themselves: how soon profile-service answers, how much memory it takes, how large programs and images are.

use std::{error::Error, fs, path::Path, process::Command, slice, time::Duration};

use google_emulator::{Emulator, Fault};
use local::environment::{PROFILE_AUDIENCE, profile_service};

use crate::{
    figures::{Chapter, Figures},
    load::Load,
    process::Process,
    quantity::{
        Quantity,
        Unit::{Megabytes, Millis},
    },
    workbench::{Workbench, programs},
};

/// The row that the aims are about.
pub(crate) const PROFILE_SERVICE: &str = "profile-service";
/// From the start of the process, with the certs 1 ms away.
pub(crate) const FIRST: &str = "first 200";
/// Resident, after the first answer.
pub(crate) const IDLE: &str = "memory idle";

/// Measures them.
///
/// # Errors
/// A service is not built, or does not start.
pub(crate) async fn measure(bench: &Workbench<'_>, figures: &mut Figures) -> Result<(), Box<dyn Error>> {
    let note = "Start: from the start of the process to its first 200 on a protected route, the median of some starts, with the certs \
                1 ms away. Images: by `make image`, where it has built them.";
    let mut chapter = Chapter::new("The services", note, &[FIRST, IDLE, "program", "image"]);
    for service in [PROFILE_SERVICE, "search-service", "login-service"] {
        let started = if service == PROFILE_SERVICE { Some(start(bench).await?) } else { None };
        let size =
            fs::metadata(programs()?.join(service)).map_err(|error| format!("{service} is not built: {error}"))?.len();
        let megabytes = |bytes: u64| Quantity::new(bytes as f64 / 1e6, Megabytes);
        let image = image_size(service);
        if image.is_none() {
            figures
                .skipped
                .push(format!("the size of {service}'s image: there is none; `make image SERVICE={service}` makes it"));
        }
        let first = started.map(|(first, _)| Quantity::new(first.as_secs_f64() * 1e3, Millis));
        chapter.row(
            service,
            [first, started.map(|(_, idle)| megabytes(idle)), Some(megabytes(size)), image.map(megabytes)],
        );
    }
    figures.chapters.push(chapter);
    Ok(())
}

/// The time to the first 200 of profile-service, and its memory then.
async fn start(bench: &Workbench<'_>) -> Result<(Duration, u64), Box<dyn Error>> {
    let program = programs()?.join(PROFILE_SERVICE).into_os_string();
    let variables: Vec<_> = profile_service(bench.emulator).into_iter().filter(|(name, _)| *name != "PORT").collect();
    let token = bench.emulator.token("login-service", PROFILE_AUDIENCE).sign();
    first_answer(bench.emulator, &Load::new("/whoami", &[token]), || {
        bench.run(slice::from_ref(&program), Path::new("."), &variables)
    })
    .await
}

/// The median time from the start of a process to its first 200, with the certs 1 ms away, and the memory of the last one.
///
/// # Errors
/// It does not start, or does not answer.
pub(crate) async fn first_answer(
    emulator: &Emulator,
    load: &Load,
    start: impl Fn() -> Result<Process, Box<dyn Error>>,
) -> Result<(Duration, u64), Box<dyn Error>> {
    emulator.certs().fail(Fault::Slow(Duration::from_millis(1)));
    let (mut times, mut idle) = (Vec::new(), 0);
    for _ in 0..STARTS {
        let mut process = start()?;
        times.push(process.first_answer(load).await?);
        [idle, _] = process.memory()?;
    }
    emulator.certs().heal();
    times.sort_unstable();
    Ok((times.get(STARTS / 2).copied().unwrap_or_default(), idle))
}

/// In bytes, by the first engine that has such an image.
fn image_size(service: &str) -> Option<u64> {
    let asks: [&[&str]; 3] = [
        &["docker", "image", "inspect", "--format", "{{.Size}}"],
        &["podman", "image", "inspect", "--format", "{{.Size}}"],
        &["buildah", "images", "--json"],
    ];
    asks.iter().find_map(|ask| {
        let (engine, arguments) = ask.split_first()?;
        let output =
            Command::new(engine).args(arguments).arg(service).output().ok().filter(|output| output.status.success())?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.trim().parse().ok().or_else(|| {
            // buildah says it in words: 24.6 MB.
            let images: serde_json::Value = serde_json::from_str(&text).ok()?;
            let size = images.pointer("/0/size")?.as_str()?.strip_suffix("MB")?.trim();
            size.parse::<f64>().ok().map(|megabytes| (megabytes * 1e6) as u64)
        })
    })
}

const STARTS: usize = 9;
