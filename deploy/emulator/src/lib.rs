#![doc = include_str!("../README.md")]

mod certs;
mod emulator;
mod endpoint;
mod identity;
mod issuer;
mod listener;
mod metadata;
mod signing_key;
mod token;

pub use emulator::Emulator;
pub use endpoint::{Endpoint, Fault};
pub use identity::Identity;
pub use token::TokenBuilder;
