//! What a caller reads from its environment.

use super::{AuthenticatedClient, ServiceUrl, adc::DefaultCredentials};
use crate::{TlsError, service::Environment};

/// For a service that is called `PROFILE`: `PROFILE_URL`, `PROFILE_AUDIENCE`, and where tokens come from.
#[derive(Debug)]
pub struct CallerConfig {
    service: ServiceUrl,
    credentials: DefaultCredentials,
}

impl CallerConfig {
    /// Reads the variables of the service called `name`; `None` when one of them is wrong, which `environment`
    /// remembers.
    pub fn read(environment: &mut Environment<'_>, name: &str) -> Option<Self> {
        let service = environment.required(&format!("{name}_URL"), str::parse::<ServiceUrl>);
        let audience = environment.optional(&format!("{name}_AUDIENCE"), str::parse);
        let credentials = DefaultCredentials::read(environment);
        let (service, audience) = (service?, audience?);
        let service = match audience {
            Some(audience) => service.with_audience(audience),
            None => service,
        };
        Some(Self { service, credentials: credentials? })
    }

    /// A client for the service.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn build(self) -> Result<AuthenticatedClient, TlsError> {
        AuthenticatedClient::new(self.service, self.credentials.into_source()?)
    }
}
