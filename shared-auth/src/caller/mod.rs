//! The calling half: obtains an ID token for one service and sends it there, and nowhere else.
//!
//! A [`TokenSource`] is where tokens come from, a [`TokenCache`] keeps them fresh, and an [`AuthenticatedClient`] puts
//! them on requests to a [`ServiceUrl`], which knows for which audience to ask. An [`IdTokenLayer`] does so for a
//! client of another make.

mod adc;
mod cache;
mod client;
mod config;
mod error;
mod layer;
mod metadata;
mod response;
mod service_account;
mod service_account_key;
mod service_url;
mod source;
mod target;
mod token;
mod token_headers;

pub use cache::TokenCache;
pub use client::{AuthenticatedClient, RequestBuilder};
pub use config::CallerConfig;
pub use error::Error;
pub use layer::{IdTokenLayer, IdTokenService};
pub use metadata::{MetadataHost, MetadataHostError, MetadataSource};
pub use response::Response;
pub use service_account::ServiceAccountSource;
pub use service_account_key::{KeyFileError, ServiceAccountKey};
pub use service_url::{ServiceUrl, ServiceUrlError};
pub use source::TokenSource;
pub use token::IdToken;
