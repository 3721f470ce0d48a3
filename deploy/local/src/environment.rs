//! The environment of each service on localhost, as a deployment to Cloud Run would set it, but for the emulator's
//! addresses and a free port.

use std::collections::BTreeMap;

use google_emulator::Emulator;

/// Environment variables, by name.
pub type Variables = BTreeMap<&'static str, String>;

/// The URL that Cloud Run would give profile-service: known before the first deployment, and so an audience that does
/// not depend on where the service really listens.
pub const PROFILE_AUDIENCE: &str = "https://profile-service-123456789012.europe-west1.run.app";
/// The same for search-service.
pub const SEARCH_AUDIENCE: &str = "https://search-service-123456789012.europe-west1.run.app";

/// A user of [`login_service`], and the password.
pub const USER: (&str, &str) = ("ada", "analytical-engine");

/// profile-service: login-service may call it.
pub fn profile_service(emulator: &Emulator) -> Variables {
    let mut variables = receiver(emulator, PROFILE_AUDIENCE, "login-service");
    variables.insert("PROFILES_FILE", demo_file("profiles.json"));
    variables
}

/// search-service: frontend may call it. It calls profile-service at `profile_url`, and is refused.
pub fn search_service(emulator: &Emulator, profile_url: &str) -> Variables {
    let mut variables = receiver(emulator, SEARCH_AUDIENCE, "frontend");
    variables.extend(caller(emulator, "search-service", profile_url));
    variables
}

/// login-service: users may call it. It calls profile-service at `profile_url`.
pub fn login_service(emulator: &Emulator, profile_url: &str) -> Variables {
    let mut variables = service();
    variables.extend(caller(emulator, "login-service", profile_url));
    variables.insert("USERS_FILE", demo_file("users.json"));
    variables
}

fn service() -> Variables {
    let variables = [("PORT", "0"), ("LISTEN_HOST", "127.0.0.1"), ("LOG_FORMAT", "json")];
    variables.map(|(name, value)| (name, value.to_owned())).into()
}

fn receiver(emulator: &Emulator, audience: &str, allowed: &str) -> Variables {
    let mut variables = service();
    let allowed = emulator.identities().iter().find(|identity| identity.name == allowed);
    variables.extend(allowed.map(|identity| ("ALLOWED_CALLERS", identity.email.clone())));
    variables.insert("AUDIENCES", audience.to_owned());
    variables.insert("GOOGLE_CERTS_URL", emulator.certs_url());
    variables
}

fn caller(emulator: &Emulator, identity: &str, profile_url: &str) -> Variables {
    Variables::from([
        ("GCE_METADATA_HOST", emulator.metadata_host(identity)),
        ("PROFILE_URL", profile_url.to_owned()),
        ("PROFILE_AUDIENCE", PROFILE_AUDIENCE.to_owned()),
    ])
}

fn demo_file(name: &str) -> String {
    format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))
}
