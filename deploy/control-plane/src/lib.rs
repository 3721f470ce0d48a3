#![doc = include_str!("../README.md")]

mod answer;
mod artifact_registry;
mod cloud_build;
mod gcloud;
mod iam;
mod iam_credentials;
mod policy;
mod request;
mod resource_manager;
mod run;
pub mod scripts;
mod secret_manager;
mod server;
mod service_usage;
mod storage;
mod world;

pub use server::{ControlPlane, IdTokens};
pub use world::{PROJECT, PROJECT_NUMBER, World};
