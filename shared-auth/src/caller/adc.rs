//! Which token source: the first and the last of the places where Application Default Credentials look, the file that
//! `GOOGLE_APPLICATION_CREDENTIALS` names, else the metadata server
//! (<https://cloud.google.com/docs/authentication/application-default-credentials>). A developer's own login is not read.
//!
//! A file that is named and cannot be used ends the start: otherwise the service could call as another account than
//! the one that was configured.

use std::{fs, io, sync::Arc};

use tracing::info;

use super::{KeyFileError, MetadataHost, MetadataSource, ServiceAccountKey, ServiceAccountSource, TokenSource};
use crate::{TlsError, service::Environment};

/// The credentials that the environment names.
#[derive(Debug)]
pub(super) enum DefaultCredentials {
    KeyFile(ServiceAccountKey),
    Metadata(MetadataHost),
}

impl DefaultCredentials {
    pub(super) fn read(environment: &mut Environment<'_>) -> Option<Self> {
        let key = environment.optional("GOOGLE_APPLICATION_CREDENTIALS", load_key);
        let host = environment.with_default("GCE_METADATA_HOST", MetadataSource::DEFAULT_HOST, str::parse);
        let (key, host) = (key?, host?);
        Some(key.map_or(Self::Metadata(host), Self::KeyFile))
    }

    pub(super) fn into_source(self) -> Result<Arc<dyn TokenSource>, TlsError> {
        Ok(match self {
            Self::KeyFile(key) => {
                info!(account = key.email(), "ID tokens come from the key that GOOGLE_APPLICATION_CREDENTIALS names");
                Arc::new(ServiceAccountSource::new(key)?)
            }
            Self::Metadata(host) => {
                info!(%host, "ID tokens come from the metadata server, since GOOGLE_APPLICATION_CREDENTIALS is not set");
                Arc::new(MetadataSource::new(host)?)
            }
        })
    }
}

fn load_key(path: &str) -> Result<ServiceAccountKey, LoadError> {
    Ok(ServiceAccountKey::from_json(&fs::read(path)?)?)
}

#[derive(Debug, thiserror::Error)]
enum LoadError {
    #[error("the file cannot be read")]
    Read(#[from] io::Error),
    #[error(transparent)]
    Key(#[from] KeyFileError),
}
