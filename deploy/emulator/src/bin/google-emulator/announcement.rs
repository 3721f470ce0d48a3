//! What the program prints when it is up: where everything is, as the environment variables that lead there.

use std::path::PathBuf;

use google_emulator::{Emulator, FrontDoor};

pub(crate) fn text(google: &Emulator, doors: &[FrontDoor], files: &[PathBuf]) -> String {
    let mut lines = vec![
        "An emulator, not Google. Only this machine reaches it; its keys are new, and gone when it ends.\n".to_owned(),
        format!("GOOGLE_CERTS_URL={}", google.certs_url()),
        format!("The same keys as certificates: {}", google.pem_certs_url()),
        format!("The keys of Identity-Aware Proxy: {}", google.iap_certs_url()),
        format!("OpenID Connect's discovery: {}", google.discovery_url()),
    ];
    let identities = google.identities().iter();
    lines.extend(identities.map(|identity| {
        format!("GCE_METADATA_HOST={}  # for {}", google.metadata_host(identity.name), identity.email)
    }));
    lines.extend(files.iter().map(|file| format!("GOOGLE_APPLICATION_CREDENTIALS={}", file.display())));
    lines.extend(doors.iter().map(|door| format!("Front door of {}: {}", door.name(), door.url())));
    if let Some(identity) = google.identities().first() {
        let path = "computeMetadata/v1/instance/service-accounts/default/identity";
        let query = "audience=https://profile-service.example&format=full";
        let host = google.metadata_host(identity.name);
        lines.push(format!("\nTry: curl -H 'Metadata-Flavor: Google' 'http://{host}/{path}?{query}'"));
    }
    lines.join("\n")
}
