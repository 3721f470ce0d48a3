//! Both halves of `shared-auth` in gRPC, with tonic: [`server`] lets in the callers on its list, and [`client`] sends an ID
//! token with every call to the service that [`profiles`] describes. [`status`] is what whoever is refused is told.

pub mod client;
pub mod profiles;
pub mod server;
pub mod status;
