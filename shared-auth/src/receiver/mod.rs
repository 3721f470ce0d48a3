//! The receiving half: lets a request in when a verified caller is on the list, and refuses everything else.
//!
//! In the order a request meets them: [`RequireCaller`] (the layer) takes the ID token out of the header, the
//! [`Verifier`] asks whether it is genuine, with the keys of a [`KeySet`], the [`Policy`] asks whether this caller may
//! enter, and the handler receives the [`Caller`].

mod audiences;
mod budget;
mod caller;
mod certs_endpoint;
mod claims;
mod config;
mod extract;
// In tests as well, so that a change that breaks it is seen without the fuzzer.
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod header;
mod issuer;
mod jwk;
mod key_document;
mod key_set;
mod key_set_builder;
mod layer;
mod limits;
mod policy;
mod rejection;
mod remembered;
mod snapshot;
mod token_header;
mod verifier;

pub use audiences::AcceptedAudiences;
pub use caller::Caller;
pub use config::{ReceiverConfig, ReceiverError};
pub use issuer::Issuer;
pub use key_set::{KeySet, KeySetStatus};
pub use key_set_builder::KeySetBuilder;
pub use layer::{RealmError, RequireCaller, RequireCallerService};
pub use policy::{AllowedCaller, AllowedCallerError, Policy, PolicyError};
pub use rejection::Rejection;
pub use verifier::{Verifier, VerifyError};
