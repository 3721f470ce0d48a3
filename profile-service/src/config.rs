//! What profile-service reads from its environment: a receiver's variables, and the profiles.

use shared_auth::{
    receiver::ReceiverConfig,
    service::{Environment, ServiceConfig},
};

use crate::store::Profiles;

pub(crate) struct Config {
    pub(crate) service: ServiceConfig,
    pub(crate) receiver: ReceiverConfig,
    pub(crate) profiles: Profiles,
}

impl Config {
    pub(crate) fn read(environment: &mut Environment<'_>) -> Option<Self> {
        let service = ServiceConfig::read(environment);
        let receiver = ReceiverConfig::read(environment);
        let profiles = environment.required("PROFILES_FILE", Profiles::load);
        Some(Self { service: service?, receiver: receiver?, profiles: profiles? })
    }
}
