//! The three services as they are deployed, each behind its front door.

use std::sync::Arc;

use google_control_plane::World;
use google_emulator::{Emulator, FrontDoor};
use local::{environment::Variables, program::built, service::Service};

use crate::settings::{Settings, invokers};

pub(crate) struct Platform {
    pub(crate) emulator: Arc<Emulator>,
    pub(crate) doors: Vec<FrontDoor>,
    _services: Vec<Service>,
}

impl Platform {
    pub(crate) async fn start(emulator: Arc<Emulator>, settings: impl Fn(&str) -> Settings) -> Self {
        let (mut doors, mut services) = (Vec::<FrontDoor>::new(), Vec::new());
        for name in ["profile-service", "search-service", "login-service"] {
            let settings = settings(name);
            let variables = on_this_machine(&emulator, name, &settings, doors.first());
            let program = built(env!("CARGO_BIN_EXE_demo"), &[name]).join(name);
            let service = Service::start(&program, &variables).await.expect("it starts");
            let door = emulator.front_door(name, &service.url("")).await.expect("a port");
            door.check_invoker(settings.is_private);
            settings.invokers.iter().for_each(|invoker| door.allow_invoker(invoker));
            doors.push(door);
            services.push(service);
        }
        Self { emulator, doors, _services: services }
    }

    pub(crate) fn door(&self, name: &str) -> &FrontDoor {
        self.doors.iter().find(|door| door.name() == name).expect("a service")
    }

    /// For the smoke test: where the services are, since they are not at their URLs.
    pub(crate) fn addresses(&self) -> [(&'static str, String); 3] {
        let services = [
            ("PROFILE_SERVICE_AT", "profile-service"),
            ("SEARCH_SERVICE_AT", "search-service"),
            ("LOGIN_SERVICE_AT", "login-service"),
        ];
        services.map(|(variable, name)| (variable, self.door(name).url()))
    }

    /// Lets in those whom the policies name, and nobody else.
    pub(crate) fn follow(&self, world: &World) {
        for door in &self.doors {
            let invokers = invokers(world, door.name());
            for identity in self.emulator.identities() {
                if invokers.iter().any(|name| name == identity.name) {
                    door.allow_invoker(identity.name);
                } else {
                    door.forbid_invoker(identity.name);
                }
            }
        }
    }
}

/// The deployed environment, what Cloud Run adds to it, and where Google and profile-service are on this machine.
fn on_this_machine(emulator: &Emulator, name: &str, settings: &Settings, profile: Option<&FrontDoor>) -> Variables {
    let mut variables = Variables::new();
    for (variable, value) in &settings.environment {
        let value = settings.files.get(value).map_or_else(|| value.clone(), |file| file.display().to_string());
        variables.insert(variable.clone().leak(), value);
    }
    if let (Some(url), Some(door)) = (variables.insert("PROFILE_URL", String::new()), profile) {
        // What it would ask a token for, and whom it finds there.
        variables.extend([("PROFILE_AUDIENCE", url), ("PROFILE_URL", door.url())]);
    } else {
        variables.remove("PROFILE_URL");
    }
    variables.extend([("K_SERVICE", name.to_owned()), ("PORT", "0".to_owned())]);
    variables.extend([
        ("LISTEN_HOST", "127.0.0.1".to_owned()),
        ("GOOGLE_CERTS_URL", emulator.certs_url()),
        ("GCE_METADATA_HOST", emulator.metadata_host(name)),
    ]);
    variables
}
