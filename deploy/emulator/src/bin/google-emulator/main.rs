//! The emulator as a program: for services that run on their own, in any language, or for a look with curl.

mod announcement;
mod arguments;
mod credential_files;
mod serve;

use std::{fs, io, process::ExitCode};

use arguments::Arguments;
use google_emulator::{HELP, State};

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<ExitCode> {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) if arguments.help => {
            print!("{HELP}");
            return Ok(ExitCode::SUCCESS);
        }
        Ok(arguments) => arguments,
        Err(mistake) => return Ok(refuse(&format!("{mistake}\n\n{HELP}"))),
    };
    let state = match &arguments.state {
        None => Ok(State::default()),
        Some(path) => fs::read_to_string(path).and_then(|json| State::parse(&json)),
    };
    match state {
        Ok(state) => serve::until_interrupted(&arguments, &state).await,
        Err(mistake) => Ok(refuse(&format!("the state file: {mistake}"))),
    }
}

fn refuse(message: &str) -> ExitCode {
    eprintln!("google-emulator: {message}");
    ExitCode::from(64) // EX_USAGE
}
