//! Every check of the verifier: each has a token that fails it alone, and would pass without it.

use std::time::{Duration, UNIX_EPOCH};

use google_emulator::{Emulator, TokenBuilder};
use serde_json::{Value, json};
use shared_auth::{
    Clock,
    receiver::{Caller, Issuer, KeySet, Verifier, VerifyError},
};

const AUDIENCE: &str = "https://profile-service.example";
const SKEW: i64 = 30;

struct Fixture {
    emulator: Emulator,
    verifier: Verifier,
    /// When it is, in Unix seconds; time does not pass here.
    now: i64,
}

impl Fixture {
    async fn start() -> Self {
        let emulator = Emulator::start().await.expect("the emulator starts");
        let certs_url = emulator.certs_url().parse().expect("a loopback URL");
        let now = emulator.now();
        let frozen = UNIX_EPOCH + Duration::from_secs(u64::try_from(now).expect("after 1970"));
        let clock = Clock::from_fn(move || frozen);
        let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(certs_url).clock(clock).build().expect("TLS");
        let audiences = format!("https://other.example,{AUDIENCE}").parse().expect("two audiences");
        Self { emulator, verifier: Verifier::new(keys, audiences), now }
    }

    fn token(&self) -> TokenBuilder {
        self.emulator.token("login-service", AUDIENCE).issued_at(self.now)
    }

    async fn verify(&self, token: &str) -> Result<Caller, VerifyError> {
        self.verifier.verify(token).await
    }

    async fn refusal(&self, token: TokenBuilder) -> VerifyError {
        self.verify(&token.sign()).await.expect_err("the token is refused")
    }

    async fn accepts(&self, token: TokenBuilder) -> bool {
        self.verify(&token.sign()).await.is_ok()
    }
}

#[tokio::test]
async fn a_genuine_token_makes_a_caller() {
    let fixture = Fixture::start().await;
    let caller = fixture.verify(&fixture.token().sign()).await.unwrap();
    assert_eq!(caller.email(), Some("login-service@demo-project.iam.gserviceaccount.com"));
    assert_eq!(caller.subject(), "100000000000000000001");
    assert_eq!(caller.audience().as_str(), AUDIENCE);
    let expires_at = UNIX_EPOCH + Duration::from_secs(u64::try_from(fixture.now).unwrap() + 3600);
    assert_eq!(caller.expires_at(), expires_at);
}

#[tokio::test]
async fn both_spellings_of_the_issuer_are_googles() {
    let fixture = Fixture::start().await;
    assert!(fixture.accepts(fixture.token().claim("iss", "accounts.google.com")).await);
}

#[tokio::test]
async fn a_token_has_three_segments() {
    let fixture = Fixture::start().await;
    let token = fixture.token().sign();
    let (message, signature) = token.rsplit_once('.').unwrap();
    for text in ["", ".", "..", message, &format!("{token}."), &format!("{token}.{signature}"), &format!(".{token}")] {
        assert!(matches!(fixture.verify(text).await, Err(VerifyError::Malformed(_))), "{text:?}");
    }
}

#[tokio::test]
async fn a_token_that_is_too_large_is_not_looked_at() {
    let fixture = Fixture::start().await;
    let padded = |size: usize| fixture.token().claim("padding", "x".repeat(size)).sign();
    assert!(fixture.verify(&padded(4000)).await.is_ok());
    assert!(matches!(fixture.verify(&padded(8000)).await, Err(VerifyError::Malformed("the token is too large"))));
}

#[tokio::test]
async fn a_segment_is_base64url_without_padding_and_in_its_one_spelling() {
    let fixture = Fixture::start().await;
    let token = fixture.token().sign();
    assert!(matches!(fixture.verify(&format!("{token}=")).await, Err(VerifyError::Malformed(_))));
    assert!(matches!(fixture.verify(&token.replacen('e', "+", 1)).await, Err(VerifyError::Malformed(_))));
    // Of the last character of 256 bytes two bits count, so four are free to be forged.
    let mut respelled = token;
    let last = respelled.pop().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let index = alphabet.find(last).unwrap();
    respelled.push(alphabet.chars().nth(index ^ 1).unwrap());
    assert!(matches!(fixture.verify(&respelled).await, Err(VerifyError::Malformed(_))));
}

#[tokio::test]
async fn the_header_is_json_and_its_members_are_of_their_types_and_occur_once() {
    let fixture = Fixture::start().await;
    let kid = fixture.emulator.jwks()["keys"][0]["kid"].as_str().unwrap().to_owned();
    for header in [
        String::new(),
        "[]".to_owned(),
        format!(r#"["RS256","{kid}"]"#),
        "null".to_owned(),
        format!(r#"{{"alg":"RS256","kid":"{kid}""#),
        format!(r#"{{"alg":"RS256","kid":"{kid}"}} x"#),
        format!(r#"{{"alg":"RS256","alg":"RS256","kid":"{kid}"}}"#),
        format!(r#"{{"alg":"RS256","kid":"other","kid":"{kid}"}}"#),
        format!(r#"{{"alg":["RS256"],"kid":"{kid}"}}"#),
        format!(r#"{{"alg":"RS256","kid":"{kid}","typ":null}}"#),
        format!(r#"{{"kid":"{kid}"}}"#),
        r#"{"alg":"RS256","kid":7}"#.to_owned(),
        r#"{"alg":"RS256","kid":null}"#.to_owned(),
        format!("{}{}", "[".repeat(2000), "]".repeat(2000)),
    ] {
        let refusal = fixture.refusal(fixture.token().raw_header(header.clone())).await;
        assert!(matches!(refusal, VerifyError::Malformed(_)), "{header}: {refusal}");
    }
}

#[tokio::test]
async fn the_algorithm_is_the_issuers_whatever_the_token_says() {
    let fixture = Fixture::start().await;
    for algorithm in
        ["none", "None", "NONE", "", "HS256", "RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256", "RS256 "]
    {
        assert_eq!(
            fixture.refusal(fixture.token().header("alg", algorithm)).await,
            VerifyError::Algorithm,
            "{algorithm:?}"
        );
    }
}

#[tokio::test]
async fn a_critical_extension_is_refused_whatever_it_is() {
    let fixture = Fixture::start().await;
    for crit in [json!(["exp"]), json!([]), json!(null), json!("b64"), json!(["b64"])] {
        assert_eq!(
            fixture.refusal(fixture.token().header("crit", crit.clone())).await,
            VerifyError::CriticalExtension,
            "{crit}"
        );
    }
}

#[tokio::test]
async fn a_token_of_another_type_is_refused() {
    let fixture = Fixture::start().await;
    assert!(fixture.accepts(fixture.token().without_header("typ")).await);
    for typ in ["at+jwt", "", "jwt", "application/jwt", "JWT "] {
        assert_eq!(fixture.refusal(fixture.token().header("typ", typ)).await, VerifyError::Type, "{typ:?}");
    }
}

#[tokio::test]
async fn a_key_id_is_needed_even_when_there_is_one_key_only() {
    let fixture = Fixture::start().await;
    assert_eq!(fixture.refusal(fixture.token().without_header("kid")).await, VerifyError::NoKeyId);
}

#[tokio::test]
async fn a_key_that_is_not_published_is_unknown() {
    let fixture = Fixture::start().await;
    assert_eq!(fixture.refusal(fixture.token().header("kid", "forged")).await, VerifyError::UnknownKey);
}

#[tokio::test]
async fn a_signature_of_another_key_is_wrong() {
    let fixture = Fixture::start().await;
    assert_eq!(fixture.refusal(fixture.token().signed_by_unpublished_key()).await, VerifyError::Signature);
    for signature in ["", "AAAA", &"A".repeat(342)] {
        assert_eq!(fixture.refusal(fixture.token().with_signature(signature)).await, VerifyError::Signature);
    }
}

#[tokio::test]
async fn a_signature_of_another_token_is_wrong() {
    let fixture = Fixture::start().await;
    let other = fixture.emulator.token("stranger", AUDIENCE).sign();
    let (_, signature) = other.rsplit_once('.').unwrap();
    assert_eq!(fixture.refusal(fixture.token().with_signature(signature)).await, VerifyError::Signature);
}

#[tokio::test]
async fn a_token_does_not_choose_the_key_it_is_checked_with() {
    let fixture = Fixture::start().await;
    let url = fixture.emulator.certs_url();
    let with_keys = |token: TokenBuilder| {
        let token = token.header("jwk", fixture.emulator.jwks()["keys"][0].clone()).header("jku", url.clone());
        token.header("x5u", url.clone()).header("x5c", json!(["AAAA"]))
    };
    assert!(fixture.accepts(with_keys(fixture.token())).await, "they are ignored");
    let forged = with_keys(fixture.token().signed_by_unpublished_key());
    assert_eq!(fixture.refusal(forged).await, VerifyError::Signature);
}

#[tokio::test]
async fn a_signature_that_cloud_run_removed_has_an_error_of_its_own_and_is_never_trusted() {
    let fixture = Fixture::start().await;
    let stripped = fixture.token().with_signature("SIGNATURE_REMOVED_BY_GOOGLE");
    assert_eq!(fixture.refusal(stripped).await, VerifyError::SignatureRemoved);
}

#[tokio::test]
async fn another_issuer_is_refused() {
    let fixture = Fixture::start().await;
    for issuer in [
        "https://accounts.google.com/",
        "http://accounts.google.com",
        "https://accounts.google.com.evil.example",
        "ACCOUNTS.GOOGLE.COM",
        "https://cloud.google.com/iap",
        "",
    ] {
        assert_eq!(fixture.refusal(fixture.token().claim("iss", issuer)).await, VerifyError::Issuer, "{issuer:?}");
    }
}

#[tokio::test]
async fn an_audience_that_is_not_on_the_list_is_refused() {
    let fixture = Fixture::start().await;
    assert!(fixture.accepts(fixture.token().claim("aud", "https://other.example")).await, "it is on the list, too");
    for got in ["https://profile-service.example/", "https://PROFILE-SERVICE.example", "https://evil.example", ""] {
        let refusal = fixture.refusal(fixture.token().claim("aud", got)).await;
        assert_eq!(refusal, VerifyError::Audience { got: got.to_owned() });
    }
}

#[tokio::test]
async fn an_expired_token_is_refused_after_the_skew() {
    let fixture = Fixture::start().await;
    let now = fixture.now;
    let expiring = |exp: i64| fixture.token().claim("iat", now - 3600).claim("exp", exp);
    assert!(fixture.accepts(expiring(now - SKEW + 1)).await);
    assert_eq!(fixture.refusal(expiring(now - SKEW)).await, VerifyError::Expired);
}

#[tokio::test]
async fn a_token_issued_in_the_future_is_refused_beyond_the_skew() {
    let fixture = Fixture::start().await;
    let now = fixture.now;
    assert!(fixture.accepts(fixture.token().issued_at(now + SKEW)).await);
    let refusal = fixture.refusal(fixture.token().issued_at(now + SKEW + 1)).await;
    assert_eq!(refusal, VerifyError::IssuedInTheFuture);
}

#[tokio::test]
async fn a_token_that_is_not_valid_yet_is_refused_beyond_the_skew() {
    let fixture = Fixture::start().await;
    let now = fixture.now;
    assert!(fixture.accepts(fixture.token().claim("nbf", now + SKEW)).await);
    assert_eq!(fixture.refusal(fixture.token().claim("nbf", now + SKEW + 1)).await, VerifyError::NotYetValid);
}

#[tokio::test]
async fn a_token_that_lives_longer_than_a_day_or_less_than_nothing_is_refused() {
    let fixture = Fixture::start().await;
    let now = fixture.now;
    let day = 24 * 60 * 60;
    assert!(fixture.accepts(fixture.token().claim("exp", now + day)).await);
    let too_long = fixture.token().claim("iat", now).claim("exp", now + day + 1);
    assert_eq!(fixture.refusal(too_long).await, VerifyError::Lifetime);
    let for_ever = fixture.token().claim("exp", u64::MAX);
    assert_eq!(fixture.refusal(for_ever).await, VerifyError::Lifetime);
    let negative = fixture.token().claim("iat", now + 20).claim("exp", now + 10);
    assert_eq!(fixture.refusal(negative).await, VerifyError::Lifetime);
}

#[tokio::test]
async fn a_token_names_its_subject() {
    let fixture = Fixture::start().await;
    assert_eq!(fixture.refusal(fixture.token().claim("sub", "")).await, VerifyError::Subject);
}

#[tokio::test]
async fn a_required_claim_that_is_missing_or_any_claim_of_a_wrong_type_is_refused() {
    let fixture = Fixture::start().await;
    for name in ["iss", "aud", "exp", "iat", "sub"] {
        let refusal = fixture.refusal(fixture.token().without_claim(name)).await;
        assert!(matches!(refusal, VerifyError::Malformed(_)), "without {name}: {refusal}");
    }
    let now = fixture.now;
    let wrong: [(&str, Vec<Value>); 8] = [
        ("iss", vec![json!(null), json!(["https://accounts.google.com"])]),
        ("aud", vec![json!(null), json!([AUDIENCE]), json!([AUDIENCE, AUDIENCE]), json!({})]),
        ("exp", vec![json!(null), json!((now + 600).to_string()), json!(-1), json!(1e300), json!(true)]),
        ("iat", vec![json!(null), json!(now.to_string()), json!(-1), json!(0.5)]),
        ("nbf", vec![json!(null), json!("0"), json!(-1)]),
        ("sub", vec![json!(null), json!(7), json!(["1"])]),
        ("email", vec![json!(null), json!(7), json!(["a@b"])]),
        ("email_verified", vec![json!(null), json!("true"), json!(1)]),
    ];
    for (name, values) in wrong {
        for value in values {
            let refusal = fixture.refusal(fixture.token().claim(name, value.clone())).await;
            assert!(matches!(refusal, VerifyError::Malformed(_)), "{name} {value}: {refusal}");
        }
    }
}

#[tokio::test]
async fn a_claim_that_occurs_twice_is_refused() {
    let fixture = Fixture::start().await;
    let now = fixture.now;
    let payload = |aud: &str| {
        let exp = now + 600;
        format!(r#"{{"iss":"https://accounts.google.com",{aud},"exp":{exp},"iat":{now},"sub":"1"}}"#)
    };
    assert!(fixture.accepts(fixture.token().raw_payload(payload(&format!(r#""aud":"{AUDIENCE}""#)))).await);
    let twice = payload(&format!(r#""aud":"https://evil.example","aud":"{AUDIENCE}""#));
    assert!(matches!(fixture.refusal(fixture.token().raw_payload(twice)).await, VerifyError::Malformed(_)));
}

#[tokio::test]
async fn claims_are_an_object_and_not_a_list_of_their_values() {
    let fixture = Fixture::start().await;
    let (exp, iat) = (fixture.now + 600, fixture.now);
    let list = json!(["https://accounts.google.com", AUDIENCE, exp, iat, iat, "1", "a@b.c", true]);
    for payload in [list.to_string(), "null".to_owned(), String::new(), "\"\"".to_owned()] {
        let refusal = fixture.refusal(fixture.token().raw_payload(payload)).await;
        assert!(matches!(refusal, VerifyError::Malformed(_)), "{refusal}");
    }
}

#[tokio::test]
async fn an_email_counts_only_when_google_says_that_it_is_verified() {
    let fixture = Fixture::start().await;
    for token in [
        fixture.token().claim("email_verified", false),
        fixture.token().without_claim("email_verified"),
        fixture.token().without_claim("email"),
    ] {
        let caller = fixture.verify(&token.sign()).await.unwrap();
        assert_eq!((caller.email(), caller.subject()), (None, "100000000000000000001"));
    }
}

#[tokio::test]
async fn the_skew_can_be_set_and_has_a_limit() {
    let fixture = Fixture::start().await;
    let now = fixture.now;
    let verify_with = async |skew: u64, exp: i64| {
        let token = fixture.token().claim("iat", now - 3600).claim("exp", exp).sign();
        fixture.verifier.clone().clock_skew(Duration::from_secs(skew)).verify(&token).await.is_ok()
    };
    assert!(!verify_with(0, now).await && verify_with(300, now - 299).await);
    assert!(!verify_with(86_400, now - 300).await, "no more than five minutes");
}
