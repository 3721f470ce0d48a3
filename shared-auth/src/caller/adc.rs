//! Which token source, found as Application Default Credentials are
//! (<https://cloud.google.com/docs/authentication/application-default-credentials>): the file that
//! `GOOGLE_APPLICATION_CREDENTIALS` names, else the file that gcloud left for this user, else the metadata server.
//!
//! A file that is there and cannot be used ends the start: otherwise the service could call as another account than
//! the one that was configured.

use std::{
    fs,
    io::{
        self,
        ErrorKind::{NotADirectory, NotFound},
    },
    path::Path,
    sync::Arc,
};

use tracing::info;

use super::{CredentialError, CredentialFile, MetadataHost, MetadataSource, TokenSource};
use crate::{TlsError, service::Environment};

/// The credentials that the environment names.
#[derive(Debug)]
pub struct DefaultCredentials(Found);

#[derive(Debug)]
enum Found {
    Named(CredentialFile),
    OfGcloud(CredentialFile),
    Metadata(MetadataHost),
}

impl DefaultCredentials {
    /// Reads `GOOGLE_APPLICATION_CREDENTIALS`, `CLOUDSDK_CONFIG` or `HOME`, and `GCE_METADATA_HOST`; `None` when one of
    /// them, or the file, is wrong, which `environment` remembers.
    pub fn read(environment: &mut Environment<'_>) -> Option<Self> {
        let host = environment.with_default("GCE_METADATA_HOST", MetadataSource::DEFAULT_HOST, str::parse);
        if let Some(file) = environment.optional("GOOGLE_APPLICATION_CREDENTIALS", |path| load(path.as_ref()))? {
            return Some(Self(Found::Named(file)));
        }
        let of_gcloud = match environment.optional("CLOUDSDK_CONFIG", |folder| load_if_there(folder.as_ref()))? {
            Some(found) => found,
            None => {
                environment.optional("HOME", |home| load_if_there(&Path::new(home).join(".config/gcloud")))?.flatten()
            }
        };
        Some(Self(of_gcloud.map_or(Found::Metadata(host?), Found::OfGcloud)))
    }

    /// The source. The log says which one it is, and why.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn into_source(self) -> Result<Arc<dyn TokenSource>, TlsError> {
        Ok(match self.0 {
            Found::Named(file) => {
                info!(
                    account = file.description,
                    "ID tokens come from the file that GOOGLE_APPLICATION_CREDENTIALS names"
                );
                file.into_source()
            }
            Found::OfGcloud(file) => {
                info!(
                    account = file.description,
                    "ID tokens come from the file that gcloud left, since GOOGLE_APPLICATION_CREDENTIALS is not set"
                );
                file.into_source()
            }
            Found::Metadata(host) => {
                info!(%host, "ID tokens come from the metadata server, since there is no credential file");
                Arc::new(MetadataSource::new(host)?)
            }
        })
    }
}

fn load(path: &Path) -> Result<CredentialFile, LoadError> {
    let json = fs::read(path).map_err(LoadError::Read)?;
    Ok(CredentialFile::from_json(&json)?)
}

/// gcloud's own file in its folder of configuration, if there is one.
fn load_if_there(folder: &Path) -> Result<Option<CredentialFile>, LoadError> {
    match load(&folder.join("application_default_credentials.json")) {
        Err(LoadError::Read(error)) if matches!(error.kind(), NotFound | NotADirectory) => Ok(None),
        Err(error) => Err(LoadError::OfGcloud(Box::new(error))),
        Ok(file) => Ok(Some(file)),
    }
}

#[derive(Debug, thiserror::Error)]
enum LoadError {
    #[error("the file cannot be read")]
    Read(#[source] io::Error),
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    #[error("gcloud's application_default_credentials.json there cannot be used")]
    OfGcloud(#[source] Box<Self>),
}
