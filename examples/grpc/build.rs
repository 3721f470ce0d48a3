//! Writes the code of the gRPC service that `src/profiles.rs` describes, the same that `tonic-prost-build` writes for a
//! `.proto` file. From one file with one method that is all it takes, and nobody needs `protoc`.

use tonic_build::manual::{Builder, Method, Service};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let show = Method::builder()
        .name("show")
        .route_name("Show")
        .input_type("super::ShowRequest")
        .output_type("super::Profile")
        .codec_path("tonic_prost::ProstCodec")
        .build();
    let profiles = Service::builder().package("example").name("Profiles").method(show).build();
    // Without `connect`, which would make a client that sends no token.
    Builder::new().build_transport(false).compile(&[profiles]);
}
