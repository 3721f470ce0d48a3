//! The calling half: obtains an ID token for one service and sends it there, and nowhere else.
//!
//! A [`TokenSource`] is where tokens come from, a [`TokenCache`] keeps them fresh, and an [`AuthenticatedClient`] puts
//! them on requests to a [`ServiceUrl`], which knows for which audience to ask. An [`IdTokenLayer`] does so for a
//! client of another make.

mod access_token;
mod adc;
mod authorized_user;
mod cache;
mod client;
mod config;
mod credential_file;
mod endpoint;
mod error;
mod external_account;
mod hint;
mod impersonated;
mod layer;
mod metadata;
mod request_headers;
mod response;
mod service_account;
mod service_account_key;
mod service_url;
mod source;
mod step;
mod subject_token;
mod target;
mod token;

pub use access_token::{AccessToken, AccessTokenSource};
pub use adc::DefaultCredentials;
pub use authorized_user::AuthorizedUser;
pub use cache::TokenCache;
pub use client::{AuthenticatedClient, RequestBuilder};
pub use config::CallerConfig;
pub use credential_file::{CredentialError, CredentialFile};
pub use error::Error;
pub use external_account::ExternalAccount;
pub use impersonated::{ImpersonatedSource, ImpersonationError};
pub use layer::{IdTokenLayer, IdTokenService};
pub use metadata::{MetadataHost, MetadataHostError, MetadataSource};
pub use response::Response;
pub use service_account::ServiceAccountSource;
pub use service_account_key::ServiceAccountKey;
pub use service_url::{ServiceUrl, ServiceUrlError};
pub use source::TokenSource;
pub use step::Step;
pub use token::IdToken;
