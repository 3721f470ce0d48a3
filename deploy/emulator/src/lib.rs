#![doc = include_str!("../README.md")]

mod certs;
mod emulator;
mod endpoint;
mod identity;
mod issuer;
mod listener;
mod metadata;
mod service_account_key;
mod signing_key;
mod token;
mod token_endpoint;

pub use emulator::Emulator;
pub use endpoint::{Endpoint, Fault};
pub use identity::Identity;
pub use token::TokenBuilder;
