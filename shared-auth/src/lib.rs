#![doc = include_str!("../README.md")]

pub mod caller;
pub mod receiver;
pub mod service;

mod audience;
mod backoff;
mod causes;
mod clock;
mod json_object;
mod list;
mod outbound;
mod problem;
mod secure_url;
mod single_flight;
mod trace;

pub use audience::{Audience, AudienceError};
pub use clock::Clock;
pub use json_object::JsonObject;
pub use list::ListError;
pub use outbound::TlsError;
pub use problem::Problem;
pub use secure_url::{SecureUrl, UrlError};
