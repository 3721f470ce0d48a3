#![doc = include_str!("../README.md")]

pub mod client;
pub mod profiles;
pub mod server;
pub mod status;
