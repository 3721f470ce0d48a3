#![doc = include_str!("../README.md")]

mod access_tokens;
mod certificate;
mod certs;
mod developer;
mod discovery;
mod ec_key;
mod emulator;
mod endpoint;
mod front_door;
mod iam_credentials;
mod iap;
mod identity;
mod issuer;
mod listener;
mod metadata;
mod oauth_refusal;
mod outside_provider;
mod pem;
mod person;
mod random;
mod rsa_key;
mod service_account_key;
mod signing_key;
mod sts;
mod token;
mod token_endpoint;
mod unverified;

pub use emulator::Emulator;
pub use endpoint::{Endpoint, Fault};
pub use front_door::FrontDoor;
pub use identity::Identity;
pub use signing_key::SigningKey;
pub use token::TokenBuilder;
