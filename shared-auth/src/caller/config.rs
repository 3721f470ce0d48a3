//! What a caller reads from its environment.

use std::convert::Infallible;

use super::{AuthenticatedClient, MetadataHost, MetadataSource, ServiceUrl};
use crate::{TlsError, service::Environment};

/// For a service that is called `PROFILE`: `PROFILE_URL`, `PROFILE_AUDIENCE`, and where tokens come from.
#[derive(Debug)]
pub struct CallerConfig {
    service: ServiceUrl,
    metadata_host: MetadataHost,
}

impl CallerConfig {
    /// Reads the variables of the service called `name`; `None` when one of them is wrong, which `environment`
    /// remembers.
    pub fn read(environment: &mut Environment<'_>, name: &str) -> Option<Self> {
        let service = environment.required(&format!("{name}_URL"), str::parse::<ServiceUrl>);
        let audience = environment.optional(&format!("{name}_AUDIENCE"), str::parse);
        let default_host = MetadataSource::DEFAULT_HOST;
        let metadata_host = environment.with_default("GCE_METADATA_HOST", default_host, str::parse);
        // A file that is named and not read would mean calling as somebody else than the user thinks.
        let file = environment.optional("GOOGLE_APPLICATION_CREDENTIALS", |_| Err::<Infallible, _>(Unsupported));
        let (service, audience, None) = (service?, audience?, file?);
        let service = match audience {
            Some(audience) => service.with_audience(audience),
            None => service,
        };
        Some(Self { service, metadata_host: metadata_host? })
    }

    /// A client for the service.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn build(self) -> Result<AuthenticatedClient, TlsError> {
        AuthenticatedClient::new(self.service, MetadataSource::new(self.metadata_host)?)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("credential files are not supported, only the metadata server is; unset it")]
struct Unsupported;
