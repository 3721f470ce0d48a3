//! The emulator as a program: for a service that runs on its own, or for a look with curl.

use std::{io, process::ExitCode};

use google_emulator::Emulator;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<ExitCode> {
    match std::env::args().nth(1).as_deref() {
        None => serve().await,
        Some("-h" | "--help") => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        Some(unknown) => {
            eprintln!("google-emulator: unknown argument {unknown:?}\n\n{HELP}");
            Ok(ExitCode::from(64)) // EX_USAGE
        }
    }
}

async fn serve() -> io::Result<ExitCode> {
    let google = Emulator::start().await?;
    println!("An emulator, not Google. Only this machine reaches it; its keys are new, and gone when it ends.\n");
    println!("GOOGLE_CERTS_URL={}", google.certs_url());
    println!("The keys of Identity-Aware Proxy: {}", google.iap_certs_url());
    for identity in google.identities() {
        println!("GCE_METADATA_HOST={}  # for {}", google.metadata_host(identity.name), identity.email);
    }
    let path = "computeMetadata/v1/instance/service-accounts/default/identity";
    let query = "audience=https://profile-service.example&format=full";
    let host = google.metadata_host("login-service");
    println!("\nTry: curl -H 'Metadata-Flavor: Google' 'http://{host}/{path}?{query}'\nCtrl-C stops it.");
    tokio::signal::ctrl_c().await?;
    Ok(ExitCode::SUCCESS)
}

const HELP: &str = "Usage: google-emulator\n
Serves the Google endpoints that service-to-service authentication needs, on 127.0.0.1,
and prints where they are. It takes no arguments, and stops on Ctrl-C.";
