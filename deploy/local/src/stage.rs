//! The emulator and the three services, started and ready.

use std::{error::Error, path::Path, time::Duration};

use google_emulator::Emulator;
use reqwest::{Client, Response, redirect};
use tokio::time::{Instant, sleep};

use crate::{
    environment::{Variables, login_service, profile_service, search_service},
    service::Service,
};

/// All that runs. Dropping it stops everything.
pub struct Stage {
    /// Google.
    pub emulator: Emulator,
    /// profile-service.
    pub profile: Service,
    /// search-service.
    pub search: Service,
    /// login-service.
    pub login: Service,
    /// Calls them all, and the emulator.
    pub http: Client,
}

impl Stage {
    /// Starts everything, with the services' programs from the folder `programs`, and tells `progress` each step.
    ///
    /// # Errors
    /// The first one that does not start or does not become ready, with what it wrote.
    pub async fn start(programs: &Path, progress: impl Fn(&str)) -> Result<Self, Box<dyn Error>> {
        let http = client()?;
        let emulator = Emulator::start().await?;
        progress(&format!("Google, emulated: keys at {}", emulator.certs_url()));
        let start = async |name: &str, variables: Variables| -> Result<Service, Box<dyn Error>> {
            let service = Service::start(&programs.join(name), &variables).await?;
            become_ready(&http, name, &service).await?;
            progress(&format!("{name} at {}", service.url("")));
            Ok(service)
        };
        let profile = start("profile-service", profile_service(&emulator)).await?;
        let search = start("search-service", search_service(&emulator, &profile.url(""))).await?;
        let login = start("login-service", login_service(&emulator, &profile.url(""))).await?;
        Ok(Self { emulator, profile, search, login, http })
    }

    /// An ID token as a workload gets it: from the metadata server of `identity`.
    ///
    /// # Errors
    /// The server did not answer.
    pub async fn id_token(&self, identity: &str, audience: &str) -> reqwest::Result<String> {
        let request = self.http.get(self.metadata_url(identity, audience)).header("Metadata-Flavor", "Google");
        request.send().await?.error_for_status()?.text().await
    }

    /// Where `identity` asks for an ID token.
    pub fn metadata_url(&self, identity: &str, audience: &str) -> String {
        let host = self.emulator.metadata_host(identity);
        format!("http://{host}{IDENTITY_PATH}?audience={audience}&format=full")
    }

    /// Waits until a service ends, which none should, and says which.
    pub async fn one_ended(&mut self) -> &'static str {
        loop {
            if let Some(name) = self.dead() {
                return name;
            }
            sleep(POLL).await;
        }
    }

    fn dead(&mut self) -> Option<&'static str> {
        let services = [
            ("profile-service", &mut self.profile),
            ("search-service", &mut self.search),
            ("login-service", &mut self.login),
        ];
        services.into_iter().find_map(|(name, service)| service.has_ended().map(|_| name))
    }
}

/// Calls what runs on this machine: without a proxy, and to where it is told.
pub(crate) fn client() -> reqwest::Result<Client> {
    Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(Duration::from_secs(30)).build()
}

/// Waits until the service says that it can do its job.
pub(crate) async fn become_ready(http: &Client, name: &str, service: &Service) -> Result<(), Box<dyn Error>> {
    let deadline = Instant::now() + READY_LIMIT;
    loop {
        let answer = http.get(service.url("/health/ready")).send().await;
        if answer.is_ok_and(|response: Response| response.status().is_success()) {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(format!("{name} is not ready after {READY_LIMIT:?}:\n{}", service.log().join("\n")).into());
        }
        sleep(POLL).await;
    }
}

const IDENTITY_PATH: &str = "/computeMetadata/v1/instance/service-accounts/default/identity";
const READY_LIMIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(20);
