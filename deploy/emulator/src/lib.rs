#![doc = include_str!("../README.md")]

mod certs;
mod ec_key;
mod emulator;
mod endpoint;
mod iap;
mod identity;
mod issuer;
mod listener;
mod metadata;
mod rsa_key;
mod service_account_key;
mod signing_key;
mod token;
mod token_endpoint;

pub use emulator::Emulator;
pub use endpoint::{Endpoint, Fault};
pub use identity::Identity;
pub use signing_key::SigningKey;
pub use token::TokenBuilder;
