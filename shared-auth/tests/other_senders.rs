//! Google's own services as callers: each sends an ID token of the service account that it was given, for an audience
//! that can have a path. To a receiver they are callers like any other.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    routing::post,
};
use google_emulator::{Emulator, TokenBuilder};
use serde_json::json;
use shared_auth::receiver::{Caller, Issuer, KeySet, RequireCaller, Verifier};
use tower::ServiceExt;

const SERVICE: &str = "https://worker-1234567890.europe-west1.run.app";

/// One sender, and what it puts into its token.
struct Sender {
    account: &'static str,
    unique_id: &'static str,
    audience: String,
}

impl Sender {
    fn email(&self) -> String {
        format!("{}@demo-project.iam.gserviceaccount.com", self.account)
    }

    fn token(&self, emulator: &Emulator) -> TokenBuilder {
        let token = emulator.token("frontend", &self.audience).claim("email", self.email());
        token.claim("sub", self.unique_id).claim("azp", self.unique_id)
    }

    /// Sends `token` to a receiver for this sender alone, and returns the status.
    async fn deliver(&self, emulator: &Emulator, token: TokenBuilder) -> StatusCode {
        let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS)
            .certs_url(emulator.certs_url().parse().expect("a loopback URL"))
            .build()
            .expect("TLS");
        let verifier = Verifier::new(keys, self.audience.parse().expect("an audience"));
        let policy = self.email().parse().expect("a list of callers");
        let require_caller = RequireCaller::new("worker", verifier, policy).expect("a realm");
        let email = self.email();
        let handle = async move |caller: Caller| {
            assert_eq!(caller.email(), Some(email.as_str()));
            StatusCode::NO_CONTENT
        };
        let routes = Router::new().route("/", post(handle)).route_layer(require_caller);
        let message = json!({ "message": { "data": "aGVsbG8=", "messageId": "1" }, "subscription": "s" });
        let request = Request::post("/").header("Authorization", format!("Bearer {}", token.sign()));
        let request = request.body(Body::from(message.to_string())).expect("a request");
        routes.oneshot(request).await.expect("an answer").status()
    }

    /// Its token is let in; that of another account, for another path or without its e-mail is not.
    async fn is_let_in_and_nobody_else(&self) {
        let emulator = Emulator::start().await.expect("the emulator starts");
        let genuine = self.token(&emulator);
        assert_eq!(self.deliver(&emulator, genuine.clone()).await, StatusCode::NO_CONTENT);
        let other = emulator.token("frontend", &self.audience);
        assert_eq!(self.deliver(&emulator, other).await, StatusCode::FORBIDDEN);
        let elsewhere = genuine.clone().claim("aud", format!("{}/other", self.audience));
        assert_eq!(self.deliver(&emulator, elsewhere).await, StatusCode::UNAUTHORIZED);
        let without_email = genuine.without_claim("email").without_claim("email_verified");
        assert_eq!(self.deliver(&emulator, without_email).await, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn pub_sub_pushes_with_the_audience_of_the_subscription() {
    let (account, unique_id) = ("pubsub-push", "300000000000000000001");
    Sender { account, unique_id, audience: SERVICE.to_owned() }.is_let_in_and_nobody_else().await;
}

#[tokio::test]
async fn cloud_tasks_calls_with_the_target_as_audience_path_and_query_included() {
    let (account, unique_id) = ("tasks", "300000000000000000002");
    let audience = format!("{SERVICE}/tasks/resize?size=2");
    Sender { account, unique_id, audience }.is_let_in_and_nobody_else().await;
}

#[tokio::test]
async fn cloud_scheduler_calls_with_the_target_as_audience_path_included() {
    let (account, unique_id) = ("scheduler", "300000000000000000003");
    Sender { account, unique_id, audience: format!("{SERVICE}/jobs/nightly") }.is_let_in_and_nobody_else().await;
}

#[tokio::test]
async fn eventarc_delivers_with_the_destination_as_audience_path_included() {
    let (account, unique_id) = ("eventarc", "300000000000000000004");
    Sender { account, unique_id, audience: format!("{SERVICE}/events") }.is_let_in_and_nobody_else().await;
}
