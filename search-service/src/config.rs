//! What search-service reads from its environment: a receiver's variables, and a caller's.

use shared_auth::{
    caller::CallerConfig,
    receiver::ReceiverConfig,
    service::{Environment, ServiceConfig},
};

pub(crate) struct Config {
    pub(crate) service: ServiceConfig,
    pub(crate) receiver: ReceiverConfig,
    pub(crate) profiles: CallerConfig,
}

impl Config {
    pub(crate) fn read(environment: &mut Environment<'_>) -> Option<Self> {
        let service = ServiceConfig::read(environment);
        let receiver = ReceiverConfig::read(environment);
        let profiles = CallerConfig::read(environment, "PROFILE");
        Some(Self { service: service?, receiver: receiver?, profiles: profiles? })
    }
}
