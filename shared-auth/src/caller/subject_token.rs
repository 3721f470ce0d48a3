//! The token of an outside identity provider that federation starts with: in a file that the platform keeps fresh, or
//! at a URL of the platform (<https://google.aip.dev/auth/4117>). It is read anew each time.

use std::{
    collections::HashMap,
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};
use url::{Host, Url};

use super::{CredentialError, Error, Step, endpoint::Endpoint};
use crate::{SecureUrl, UrlError, outbound};

/// `credential_source` in the file. Whatever else it holds (an executable, an environment of AWS, a certificate) is not
/// supported.
#[derive(Deserialize)]
pub(super) struct CredentialSource {
    file: Option<PathBuf>,
    url: Option<String>,
    #[serde(default)]
    headers: HashMap<String, String>,
    format: Option<Format>,
}

#[derive(Clone, Deserialize)]
struct Format {
    r#type: String,
    subject_token_field_name: Option<String>,
}

/// Where the token is, and in which form.
#[derive(Clone)]
pub(super) struct SubjectToken {
    place: Place,
    /// The member of a JSON object that holds it; else it is the whole text.
    member: Option<String>,
}

#[derive(Clone)]
enum Place {
    /// One reader at a time: a file that blocks must not take up one thread after the other.
    File {
        path: PathBuf,
        reader: Arc<Semaphore>,
    },
    Url {
        url: Url,
        headers: HeaderMap,
        endpoint: Endpoint,
    },
}

impl SubjectToken {
    pub(super) fn new(source: CredentialSource) -> Result<Self, CredentialError> {
        let member = match source.format {
            None => None,
            Some(Format { r#type, .. }) if r#type == "text" => None,
            Some(Format { r#type, subject_token_field_name: Some(name) }) if r#type == "json" => Some(name),
            Some(_) => return Err(CredentialError::Json),
        };
        let place = match (source.file, source.url) {
            (Some(path), None) => Place::File { path, reader: Arc::new(Semaphore::new(1)) },
            (None, Some(text)) => {
                let url = parse_url(&text).map_err(|error| CredentialError::Url("credential_source.url", error))?;
                let headers =
                    source.headers.iter().map(|(name, value)| Some((name.parse::<HeaderName>().ok()?, header(value)?)));
                let headers = headers.collect::<Option<HeaderMap>>().ok_or(CredentialError::Json)?;
                let endpoint = Endpoint { step: Step::SubjectToken, http: outbound::client(READ_LIMIT)? };
                Place::Url { url, headers, endpoint }
            }
            _ => return Err(CredentialError::Federation("credential_source")),
        };
        Ok(Self { place, member })
    }

    pub(super) async fn read(&self) -> Result<String, Error> {
        let bytes = match &self.place {
            Place::File { path, reader } => {
                let (path, permit) = (path.clone(), reader.clone().try_acquire_owned());
                let read = async {
                    let permit = permit.map_err(io::Error::other)?;
                    let read = spawn_blocking(move || read_file(&path, permit));
                    timeout(READ_LIMIT, read).await?.map_err(io::Error::other).flatten()
                };
                read.await.map_err(|error| Error::SubjectTokenFile(Arc::new(error)))?
            }
            Place::Url { url, headers, endpoint } => {
                endpoint.answer(endpoint.http.get(url.clone()).headers(headers.clone())).await?
            }
        };
        self.token_in(&bytes).ok_or(Error::SourceAnswer {
            step: Step::SubjectToken,
            problem: "there is no token where credential_source.format says",
        })
    }

    fn token_in(&self, bytes: &[u8]) -> Option<String> {
        let text = str::from_utf8(bytes).ok()?.trim();
        let token = match &self.member {
            None => text.to_owned(),
            Some(name) => serde_json::from_str::<Value>(text).ok()?.get(name)?.as_str()?.to_owned(),
        };
        // Whatever kind of token it is, it is one word.
        (!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())).then_some(token)
    }
}

/// Shows where the token is. The headers of a URL can be secrets.
impl fmt::Debug for SubjectToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::File { path, .. } => write!(f, "SubjectToken({})", path.display()),
            Place::Url { url, .. } => write!(f, "SubjectToken({})", url.origin().ascii_serialization()),
        }
    }
}

fn read_file(path: &Path, _permit: OwnedSemaphorePermit) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    if read as u64 > LARGEST_FILE { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// A secret header: it is not shown.
fn header(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A metadata server of another cloud speaks `http`, at an address that is not routed (RFC 3927).
fn parse_url(text: &str) -> Result<Url, UrlError> {
    let is_link_local = |url: &Url| matches!(url.host(), Some(Host::Ipv4(address)) if address.is_link_local());
    let is_bare = |url: &Url| url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    match Url::parse(text) {
        Ok(url) if url.scheme() == "http" && is_link_local(&url) && is_bare(&url) => Ok(url),
        _ => text.parse::<SecureUrl>().map(|url| url.as_url().clone()),
    }
}

/// In bytes.
const LARGEST_FILE: u64 = 64 * 1024;
const READ_LIMIT: Duration = Duration::from_secs(3);
