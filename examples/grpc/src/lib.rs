//! Both halves of `shared-auth` in gRPC, with tonic: [`server`] lets in the callers on its list, and [`client`] sends
//! an ID token with every call to the service that [`profiles`] describes. [`status`] is what a client is told whose
//! call is refused.

pub mod client;
pub mod profiles;
pub mod server;
pub mod status;
