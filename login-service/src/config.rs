//! What login-service reads from its environment: a caller's variables, and the users.

use shared_auth::{
    caller::CallerConfig,
    service::{Environment, ServiceConfig},
};

use crate::store::Users;

pub(crate) struct Config {
    pub(crate) service: ServiceConfig,
    pub(crate) profiles: CallerConfig,
    pub(crate) users: Users,
}

impl Config {
    pub(crate) fn read(environment: &mut Environment<'_>) -> Option<Self> {
        let service = ServiceConfig::read(environment);
        let profiles = CallerConfig::read(environment, "PROFILE");
        let users = environment.required("USERS_FILE", Users::load);
        Some(Self { service: service?, profiles: profiles?, users: users? })
    }
}
