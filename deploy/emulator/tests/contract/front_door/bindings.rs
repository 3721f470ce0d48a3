//! Who may invoke the service: <https://cloud.google.com/run/docs/authenticating/service-to-service#set-up-sa>.

use super::{Private, assert_forbidden, reached};
use crate::client;

#[tokio::test]
async fn a_genuine_token_without_the_binding_is_forbidden() {
    let service = Private::start().await;
    for identity in ["profile-service", "search-service", "frontend", "stranger"] {
        assert_forbidden(service.with_bearer(&service.token(identity)).await).await;
    }
    assert_eq!(service.door.reached(), 0);
}

#[tokio::test]
async fn a_binding_can_be_given_and_taken_at_run_time() {
    let service = Private::start().await;
    let token = service.token("stranger");
    service.door.allow_invoker("stranger");
    reached(service.with_bearer(&token).await).await;
    reached(service.with_bearer(&service.token("login-service")).await).await;
    service.door.forbid_invoker("stranger");
    assert_forbidden(service.with_bearer(&token).await).await;
    service.door.forbid_invoker("login-service");
    assert_forbidden(service.with_bearer(&service.token("login-service")).await).await;
}

#[tokio::test]
async fn a_binding_is_for_one_service_alone() {
    let service = Private::start().await;
    let other = service.google.front_door("search-service", "http://127.0.0.1:9").await.unwrap();
    let token = service.google.token("login-service", &other.run_app_urls()[0]).sign();
    let url = format!("{}/profiles/ada", other.url());
    assert_forbidden(client().get(url).bearer_auth(token).send().await.unwrap()).await;
}

#[tokio::test]
async fn a_binding_holds_for_the_unique_id_and_not_for_the_email() {
    let service = Private::start().await;
    let audience = &service.door.run_app_urls()[0];
    let of = |identity| service.google.token(identity, audience);
    let without_email = of("login-service").without_claim("email").without_claim("email_verified");
    reached(service.with_bearer(&without_email.sign()).await).await;
    let made_again = of("stranger").claim("email", "login-service@demo-project.iam.gserviceaccount.com");
    assert_forbidden(service.with_bearer(&made_again.sign()).await).await;
    assert_forbidden(service.with_bearer(&of("login-service").without_claim("sub").sign()).await).await;
}

#[tokio::test]
#[should_panic(expected = "no identity named \"nobody\"")]
async fn an_unknown_identity_is_a_mistake_in_the_test() {
    Private::start().await.door.allow_invoker("nobody");
}
