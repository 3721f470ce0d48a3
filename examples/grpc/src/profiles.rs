//! The gRPC service: its messages, written by hand, and the code that `build.rs` writes. As a `.proto` file it is
//!
//! ```proto
//! syntax = "proto3";
//! package example;
//!
//! service Profiles { rpc Show(ShowRequest) returns (Profile); }
//!
//! message ShowRequest { string username = 1; }
//! message Profile { string username = 1; string shown_to = 2; }
//! ```

/// Whose profile.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ShowRequest {
    /// The user's name.
    #[prost(string, tag = "1")]
    pub username: String,
}

/// A profile.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Profile {
    /// The user's name.
    #[prost(string, tag = "1")]
    pub username: String,
    /// Who asked, as the receiver knows it from the ID token.
    #[prost(string, tag = "2")]
    pub shown_to: String,
}

pub use generated::{profiles_client::ProfilesClient, profiles_server};

mod generated {
    #![allow(unreachable_pub, unused_qualifications, reason = "tonic-build writes for any place in a crate")]

    use super::{Profile, ShowRequest};

    include!(concat!(env!("OUT_DIR"), "/example.Profiles.rs"));
}
