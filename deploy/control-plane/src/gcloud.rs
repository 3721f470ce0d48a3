//! How gcloud is told to ask this server, and nobody else.

use std::{fs, io, net::Ipv4Addr, path::Path};

use crate::server::ControlPlane;

impl ControlPlane {
    /// The environment of a gcloud that works as `user:developer@example.com`. Its own files are in `folder`.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn gcloud_environment(&self, folder: &Path) -> io::Result<Vec<(String, String)>> {
        let token = folder.join("access-token");
        fs::write(&token, "of-the-deployer")?;
        let proxy = format!("http://{}", self.address);
        let variables = [
            ("CLOUDSDK_CONFIG", folder.join("gcloud").display().to_string()),
            ("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", token.display().to_string()),
            ("CLOUDSDK_CORE_ACCOUNT", DEPLOYER.to_owned()),
            ("CLOUDSDK_PROXY_TYPE", "http".to_owned()),
            ("CLOUDSDK_PROXY_ADDRESS", self.address.ip().to_string()),
            ("CLOUDSDK_PROXY_PORT", self.address.port().to_string()),
            // The request for an ID token does not go by gcloud's own settings.
            ("http_proxy", proxy.clone()),
            ("https_proxy", proxy),
            ("no_proxy", Ipv4Addr::LOCALHOST.to_string()),
            ("CLOUDSDK_CORE_DISABLE_PROMPTS", "1".to_owned()),
            ("CLOUDSDK_CORE_DISABLE_USAGE_REPORTING", "1".to_owned()),
            ("CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK", "1".to_owned()),
        ];
        let overrides =
            APIS.map(|(api, url)| (format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{api}"), format!("http://{url}")));
        Ok(variables.map(|(name, value)| (name.to_owned(), value)).into_iter().chain(overrides).collect())
    }
}

/// Who has the access token.
pub(crate) const DEPLOYER: &str = "developer@example.com";

/// gcloud's names for the APIs, and where they are. Plain http: only so does a request come to a proxy whole.
const APIS: [(&str, &str); 9] = [
    ("SERVICEUSAGE", "serviceusage.googleapis.com/"),
    ("CLOUDRESOURCEMANAGER", "cloudresourcemanager.googleapis.com/"),
    ("IAM", "iam.googleapis.com/"),
    ("IAMCREDENTIALS", "iamcredentials.googleapis.com/"),
    ("ARTIFACTREGISTRY", "artifactregistry.googleapis.com/"),
    ("CLOUDBUILD", "cloudbuild.googleapis.com/"),
    ("STORAGE", "storage.googleapis.com/storage/v1/"),
    ("SECRETMANAGER", "secretmanager.googleapis.com/"),
    ("RUN", "run.googleapis.com/"),
];
