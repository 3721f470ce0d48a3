//! For whom a token has to be, to be let in: <https://cloud.google.com/run/docs/configuring/custom-audiences>.

use super::{Private, assert_unverified, reached};

#[tokio::test]
async fn both_forms_of_the_run_app_url_are_accepted_from_the_start() {
    let service = Private::start().await;
    let [deterministic, with_hash] = service.door.run_app_urls();
    assert_eq!(deterministic, "https://profile-service-123456789012.europe-west1.run.app");
    assert!(with_hash.starts_with("https://profile-service-") && with_hash.ends_with("-ew.a.run.app"), "{with_hash}");
    for audience in [deterministic, with_hash] {
        let token = service.google.token("login-service", &audience).sign();
        reached(service.with_bearer(&token).await).await;
    }
}

#[tokio::test]
async fn a_custom_audience_is_accepted_once_it_was_added_and_has_to_match_exactly() {
    let service = Private::start().await;
    let custom = "https://profiles.example";
    let token = |audience: &str| service.google.token("login-service", audience).sign();
    assert_unverified(service.with_bearer(&token(custom)).await).await;
    service.door.accept_audience(custom);
    reached(service.with_bearer(&token(custom)).await).await;
    reached(service.with_bearer(&service.token("login-service")).await).await;
    for other in ["https://profiles.example/", "https://PROFILES.example", "profiles.example", ""] {
        assert_unverified(service.with_bearer(&token(other)).await).await;
    }
}

#[tokio::test]
async fn neither_the_front_doors_address_nor_a_path_or_another_service_is_an_audience() {
    let service = Private::start().await;
    let [deterministic, _] = service.door.run_app_urls();
    let other_service = deterministic.replace("profile", "search");
    for audience in [&service.door.url(), &format!("{deterministic}/profiles/ada"), &other_service] {
        let token = service.google.token("login-service", audience).sign();
        assert_unverified(service.with_bearer(&token).await).await;
    }
}
