//! For whom a token has to be: one of the URLs that Cloud Run itself gives to a service.
//!
//! See <https://cloud.google.com/run/docs/triggering/https-request>.

/// The deterministic URL, which is known before the first deployment, and the older one, which is not.
pub(super) fn run_app_urls(service: &str) -> [String; 2] {
    [
        format!("https://{service}-{PROJECT_NUMBER}.europe-west1.run.app"),
        format!("https://{service}-{PROJECT_HASH}-ew.a.run.app"),
    ]
}

/// All services of the emulator belong to one project and one region, as the demo's do.
const PROJECT_NUMBER: &str = "123456789012";
const PROJECT_HASH: &str = "4kq7xn2vda";
