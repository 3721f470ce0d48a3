//! Which of the two headers is checked, and what of them reaches the container.

use super::{Private, assert_forbidden, assert_unverified, reached};

const REMOVED: &str = "SIGNATURE_REMOVED_BY_GOOGLE";

fn stripped(token: &str) -> String {
    let (signed, _) = token.rsplit_once('.').expect("the token has a signature");
    format!("Bearer {signed}.{REMOVED}")
}

#[tokio::test]
async fn with_authorization_alone_that_is_checked_and_loses_its_signature() {
    let service = Private::start().await;
    let token = service.token("login-service");
    let headers = reached(service.with_bearer(&token).await).await;
    assert_eq!(headers["authorization"], serde_json::json!([stripped(&token)]));
    assert!(headers.get("x-serverless-authorization").is_none());
}

#[tokio::test]
async fn with_both_headers_the_serverless_one_is_checked_and_the_other_arrives_untouched() {
    let service = Private::start().await;
    let token = service.token("login-service");
    let value = format!("Bearer {token}");
    for other in [value.as_str(), "Basic YTpi", "Bearer garbage"] {
        let headers =
            reached(service.with(&[("x-serverless-authorization", &value), ("authorization", other)]).await).await;
        assert_eq!(headers["x-serverless-authorization"], serde_json::json!([stripped(&token)]));
        assert_eq!(headers["authorization"], serde_json::json!([other]));
    }
}

#[tokio::test]
async fn a_right_authorization_does_not_help_a_wrong_serverless_one() {
    let service = Private::start().await;
    let right = format!("Bearer {}", service.token("login-service"));
    for wrong in ["", "Bearer garbage", &stripped(&service.token("login-service"))] {
        let headers = [("x-serverless-authorization", wrong), ("authorization", right.as_str())];
        assert_unverified(service.with(&headers).await).await;
    }
    let stranger = format!("Bearer {}", service.token("stranger"));
    let headers = [("x-serverless-authorization", stranger.as_str()), ("authorization", right.as_str())];
    assert_forbidden(service.with(&headers).await).await;
}

#[tokio::test]
async fn a_public_service_gets_every_header_as_it_was_sent_and_nobody_has_looked_at_it() {
    let service = Private::start().await;
    service.door.check_invoker(false);
    reached(service.with(&[]).await).await;
    let forged = stripped(&service.token("stranger"));
    let sent = [("x-serverless-authorization", forged.as_str()), ("authorization", "Bearer garbage")];
    let headers = reached(service.with(&sent).await).await;
    for (name, value) in sent {
        assert_eq!(headers[name], serde_json::json!([value]));
    }
    service.door.check_invoker(true);
    assert_forbidden(service.with(&[]).await).await;
}
