//! Every kind of credentials against the emulator: to a genuine ID token, or to an error that a person can act on.

use std::{fs, path::Path, sync::Arc};

use axum::response::IntoResponse;
use google_emulator::{Emulator, Fault};
use local::stand_in::StandIn;
use serde_json::{Value, json};
use shared_auth::{
    caller::{
        AuthenticatedClient, AuthorizedUser, CredentialError, CredentialFile, DefaultCredentials, Error,
        ExternalAccount, ImpersonatedSource, MetadataSource, ServiceAccountKey, ServiceAccountSource, ServiceUrl, Step,
        TokenSource,
    },
    receiver::{Issuer, KeySet, Verifier},
    service::Environment,
};

const AUDIENCE: &str = "https://profile-service.example";
const DEVELOPER: &str = "developer@example.com";
const LOGIN: &str = "login-service@demo-project.iam.gserviceaccount.com";

/// Whose token a receiver sees when it is called with tokens of `source`. Three calls cost one token.
async fn caller(emulator: &Emulator, source: impl TokenSource) -> String {
    let service = StandIn::start(|| "{}".into_response()).await.expect("a port");
    let url: ServiceUrl = service.url().parse().expect("a loopback URL");
    let url = url.with_audience(AUDIENCE.parse().expect("an audience"));
    let client = AuthenticatedClient::new(url, source).expect("TLS");
    for _ in 0..3 {
        client.get("/").send().await.expect("an answer");
    }
    let keys = KeySet::builder(Issuer::GOOGLE_ACCOUNTS).certs_url(emulator.certs_url().parse().expect("a URL"));
    let verifier = Verifier::new(keys.build().expect("TLS"), AUDIENCE.parse().expect("an audience"));
    let head = service.heads().remove(0);
    let bearer = head.get("authorization").and_then(|value| value.to_str().ok()).expect("a token");
    let token = bearer.strip_prefix("Bearer ").expect("a token");
    let caller = verifier.verify(token).await.expect("a genuine token");
    caller.email().expect("an e-mail").to_owned()
}

fn load(file: &Value) -> Result<CredentialFile, CredentialError> {
    CredentialFile::from_json(file.to_string().as_bytes())
}

fn source(file: &Value) -> Arc<dyn TokenSource> {
    load(file).expect("a file that can be used").into_source()
}

/// Why there is no token, and what is said to help.
async fn failure(file: &Value) -> (Error, Option<&'static str>) {
    let error = source(file).id_token(&AUDIENCE.parse().expect("an audience")).await.expect_err("no token");
    let hint = error.hint();
    (error, hint)
}

/// A `credential_source` that is a file, with this text in it.
fn subject_token_file(name: &str, text: &str) -> Value {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("a file");
    json!({ "file": path })
}

fn bytes(file: &Value) -> Vec<u8> {
    file.to_string().into_bytes()
}

#[tokio::test]
async fn a_service_accounts_key_brings_its_own_token() {
    let emulator = Emulator::start().await.unwrap();
    let file = emulator.service_account_key("login-service");
    let key = ServiceAccountKey::from_json(&bytes(&file)).unwrap();
    assert_eq!(key.email(), LOGIN);
    assert_eq!(caller(&emulator, ServiceAccountSource::new(key).unwrap()).await, LOGIN);
    assert_eq!(emulator.token_endpoint().requests(), 1);
    assert_eq!(caller(&emulator, source(&file)).await, LOGIN);
}

#[tokio::test]
async fn a_developers_login_impersonates_an_account_and_so_does_a_key_and_a_chain_of_delegates() {
    let emulator = Emulator::start().await.unwrap();
    emulator.allow_impersonation(DEVELOPER, "login-service");
    let developer = emulator.impersonated(emulator.authorized_user(), "login-service", &[]);
    assert_eq!(caller(&emulator, source(&developer)).await, LOGIN);
    assert_eq!((emulator.token_endpoint().requests(), emulator.iam_credentials().requests()), (1, 1));

    emulator.allow_impersonation("frontend", "login-service");
    let key = emulator.impersonated(emulator.service_account_key("frontend"), "login-service", &[]);
    assert_eq!(caller(&emulator, source(&key)).await, LOGIN);

    let mut chain = emulator.impersonated(emulator.authorized_user(), "profile-service", &["login-service"]);
    emulator.allow_impersonation("login-service", "profile-service");
    let profile = "profile-service@demo-project.iam.gserviceaccount.com";
    assert_eq!(caller(&emulator, source(&chain)).await, profile);
    chain["delegates"] = json!([LOGIN]);
    assert_eq!(caller(&emulator, source(&chain)).await, profile, "a delegate can be an e-mail, too");
}

#[tokio::test]
async fn an_outside_identity_impersonates_an_account_with_a_token_from_a_file_or_from_a_url() {
    let emulator = Emulator::start().await.unwrap();
    emulator.allow_impersonation(&emulator.federated_principal("build-7"), "login-service");
    let token = emulator.subject_token("build-7").sign();
    let as_json = json!({ "nested": 1, "id_token": token }).to_string();
    let mut json_file = subject_token_file("subject-token.json", &as_json);
    json_file["format"] = json!({ "type": "json", "subject_token_field_name": "id_token" });
    for credential_source in [
        subject_token_file("subject-token", &format!("{token}\n")),
        json_file,
        emulator.subject_token_as_text("build-7"),
        emulator.subject_token_as_json("build-7"),
    ] {
        let file = emulator.external_account(Some("login-service"), credential_source.clone());
        assert_eq!(caller(&emulator, source(&file)).await, LOGIN, "{credential_source}");
    }
    assert_eq!((emulator.sts().requests(), emulator.iam_credentials().requests()), (4, 4));
}

#[tokio::test]
async fn a_subject_token_is_read_anew_for_each_id_token() {
    let emulator = Emulator::start().await.unwrap();
    emulator.allow_impersonation(&emulator.federated_principal("build-7"), "login-service");
    let name = "subject-token-that-changes";
    let credential_source = subject_token_file(name, "not yet");
    let source = source(&emulator.external_account(Some("login-service"), credential_source));
    let audience = AUDIENCE.parse().unwrap();
    assert!(source.id_token(&audience).await.is_err());
    subject_token_file(name, &emulator.subject_token("build-7").sign());
    assert!(source.id_token(&audience).await.is_ok());
}

#[tokio::test]
async fn each_kind_can_be_made_by_itself_and_impersonate_with_its_access_tokens() {
    let emulator = Emulator::start().await.unwrap();
    let file = emulator.external_account(None, emulator.subject_token_as_text("build-7"));
    let host = emulator.metadata_host("frontend").parse().unwrap();
    let google = |base: Result<ImpersonatedSource, _>| base.unwrap();
    for source in [
        google(ImpersonatedSource::new(
            AuthorizedUser::from_json(&bytes(&emulator.authorized_user())).unwrap(),
            LOGIN,
            [""; 0],
        )),
        google(ImpersonatedSource::new(ExternalAccount::from_json(&bytes(&file)).unwrap(), LOGIN, [""; 0])),
        google(ImpersonatedSource::new(MetadataSource::new(host).unwrap(), LOGIN, [""; 0])),
    ] {
        assert_eq!(source.account(), LOGIN);
        assert!(format!("{source:?}").contains("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"));
    }
}

#[tokio::test]
async fn what_gives_no_id_token_says_what_to_do_instead() {
    let emulator = Emulator::start().await.unwrap();
    let login = load(&emulator.authorized_user()).unwrap_err();
    assert!(
        matches!(login, CredentialError::LoginAlone) && login.to_string().contains("--impersonate-service-account")
    );
    let federation = load(&emulator.external_account(None, emulator.subject_token_as_text("build-7"))).unwrap_err();
    assert!(matches!(federation, CredentialError::FederationAlone));
    assert!(federation.to_string().contains("--service-account"));
    let federation = emulator.external_account(Some("frontend"), emulator.subject_token_as_text("build-7"));
    for inner in [emulator.impersonated(json!({}), "frontend", &[]), federation] {
        let nested = load(&emulator.impersonated(inner, "login-service", &[])).unwrap_err();
        assert!(matches!(nested, CredentialError::Nested) && nested.to_string().contains("delegates"));
    }
    let other = load(&json!({ "type": format!("gdch{}", "x".repeat(1000)) })).unwrap_err();
    assert!(matches!(other, CredentialError::Kind(_)) && other.to_string().len() < 200, "{other}");
    for (member, value) in [
        ("credential_source", json!({ "executable": { "command": "id" } })),
        ("workforce_pool_user_project", json!("1")),
        ("client_id", json!("1")),
    ] {
        let mut file = emulator.external_account(Some("login-service"), emulator.subject_token_as_text("build-7"));
        file[member] = value;
        let error = load(&file).unwrap_err();
        assert!(
            matches!(error, CredentialError::Federation(_)) && error.to_string().contains("credential_source.file")
        );
    }
}

#[tokio::test]
async fn a_workload_on_google_cloud_impersonates_with_the_metadata_servers_access_token() {
    let emulator = Emulator::start().await.unwrap();
    emulator.allow_impersonation("frontend", "login-service");
    let file = emulator.impersonated(emulator.authorized_user(), "login-service", &[]);
    let url = file["service_account_impersonation_url"].as_str().unwrap();
    let metadata = MetadataSource::new(emulator.metadata_host("frontend").parse().unwrap()).unwrap();
    assert_eq!(caller(&emulator, ImpersonatedSource::at(url, metadata, Vec::new()).unwrap()).await, LOGIN);
}

#[tokio::test]
async fn a_file_of_one_kind_is_not_read_as_another() {
    let emulator = Emulator::start().await.unwrap();
    let (login, mut key) = (emulator.authorized_user(), emulator.service_account_key("login-service"));
    key["type"] = "authorized_user".into();
    let mut federation = emulator.external_account(None, emulator.subject_token_as_text("build-7"));
    federation["type"] = "service_account".into();
    assert!(matches!(ServiceAccountKey::from_json(&bytes(&key)), Err(CredentialError::Kind(_))));
    assert!(matches!(ExternalAccount::from_json(&bytes(&federation)), Err(CredentialError::Kind(_))));
    let mut person = login;
    person["type"] = "external_account".into();
    assert!(matches!(AuthorizedUser::from_json(&bytes(&person)), Err(CredentialError::Kind(_))));
}

#[tokio::test]
async fn a_subject_token_file_that_blocks_or_is_too_large_is_an_error_and_takes_up_one_thread() {
    let emulator = Emulator::start().await.unwrap();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("subject-token-that-blocks");
    let _ = fs::remove_file(&path);
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
    let source = source(&emulator.external_account(Some("login-service"), json!({ "file": path })));
    let audience = AUDIENCE.parse().unwrap();
    for _ in 0..2 {
        let error = source.id_token(&audience).await.unwrap_err();
        assert!(matches!(error, Error::SubjectTokenFile(_)), "{error:?}");
    }
    // Whoever opens the other end lets the one reader go.
    drop(fs::OpenOptions::new().write(true).open(&path).unwrap());
    let large = subject_token_file("large-subject-token", &"x".repeat(70_000));
    let (error, _) = failure(&emulator.external_account(Some("login-service"), large)).await;
    assert!(matches!(error, Error::SubjectTokenFile(_)), "{error:?}");
}

#[tokio::test]
async fn a_file_that_is_broken_or_leads_elsewhere_cannot_be_loaded_and_nothing_of_it_is_shown() {
    let emulator = Emulator::start().await.unwrap();
    let key = emulator.service_account_key("login-service");
    let person = emulator.impersonated(emulator.authorized_user(), "login-service", &[]);
    let outside = emulator.external_account(Some("login-service"), emulator.subject_token_as_json("build-7"));
    let secrets = [
        key["private_key"].as_str().unwrap().lines().nth(1).unwrap().to_owned(),
        person["source_credentials"]["refresh_token"].as_str().unwrap().to_owned(),
        person["source_credentials"]["client_secret"].as_str().unwrap().to_owned(),
    ];
    for (file, pointer, value) in [
        (&key, "/private_key", json!("secret")),
        (&key, "/private_key", json!(7)),
        (&key, "/token_uri", json!("http://oauth2.googleapis.com/token")),
        (&key, "/client_email", json!(null)),
        (
            &person,
            "/service_account_impersonation_url",
            json!("http://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b.c:generateAccessToken"),
        ),
        (
            &person,
            "/service_account_impersonation_url",
            json!("https://iamcredentials.googleapis.com/v1/other:generateAccessToken"),
        ),
        (
            &person,
            "/service_account_impersonation_url",
            json!("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b.c"),
        ),
        (&person, "/source_credentials/token_uri", json!("http://oauth2.googleapis.com/token")),
        (
            &person,
            "/service_account_impersonation_url",
            json!("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b.c:generateX?y=z"),
        ),
        (
            &person,
            "/service_account_impersonation_url",
            json!("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b.c?x:generateIdToken"),
        ),
        (
            &person,
            "/service_account_impersonation_url",
            json!("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/:generateIdToken"),
        ),
        (&person, "/source_credentials/type", json!("unknown")),
        (&outside, "/token_url", json!("http://sts.googleapis.com/v1/token")),
        (&outside, "/credential_source", json!({ "executable": { "command": "id" } })),
        (&outside, "/credential_source", json!({ "environment_id": "aws1" })),
        (&outside, "/credential_source/url", json!("http://identity.example/token")),
        (&outside, "/credential_source/format", json!({ "type": "json" })),
        (&outside, "/credential_source/headers", json!({ "a b": "c" })),
    ] {
        let shown = format!("{:?}", load(file));
        assert!(secrets.iter().all(|secret| !shown.contains(secret)), "{shown}");
        let mut broken = file.clone();
        *broken.pointer_mut(pointer).unwrap() = value.clone();
        let error = load(&broken).expect_err(pointer);
        let shown = format!("{error} {error:?}");
        assert!(secrets.iter().all(|secret| !shown.contains(secret)), "{shown}");
    }
    for text in ["", "[]", "{}", r#"["service_account"]"#, "<html>"] {
        assert!(matches!(CredentialFile::from_json(text.as_bytes()), Err(CredentialError::Json)), "{text}");
    }
}

#[tokio::test]
async fn a_metadata_server_of_another_cloud_may_be_asked_without_encryption() {
    let emulator = Emulator::start().await.unwrap();
    for (url, can_be_used) in [
        ("http://169.254.169.254/metadata/identity/oauth2/token", true),
        ("http://169.254.169.254.evil.example/token", false),
        ("http://u:p@169.254.169.254/token", false),
        ("http://10.0.0.1/token", false),
        ("https://token.actions.example/token", true),
    ] {
        let file = emulator.external_account(Some("login-service"), json!({ "url": url }));
        assert_eq!(load(&file).is_ok(), can_be_used, "{url}");
    }
}

#[tokio::test]
async fn whoever_may_not_impersonate_is_told_which_role_is_missing() {
    let emulator = Emulator::start().await.unwrap();
    let (error, hint) = failure(&emulator.impersonated(emulator.authorized_user(), "login-service", &[])).await;
    assert_eq!(error.to_string(), "IAM Credentials answered with status 403, PERMISSION_DENIED");
    assert!(hint.unwrap().contains("roles/iam.serviceAccountOpenIdTokenCreator"));
    let error = source(&emulator.impersonated(emulator.authorized_user(), "frontend", &["login-service"]));
    assert!(
        error.id_token(&AUDIENCE.parse().unwrap()).await.unwrap_err().hint().unwrap().contains("TokenCreator on each")
    );

    let mut file = emulator.impersonated(emulator.authorized_user(), "login-service", &[]);
    let url = file["service_account_impersonation_url"].as_str().unwrap().replace("login-service", "nobody");
    file["service_account_impersonation_url"] = url.into();
    let (error, hint) = failure(&file).await;
    assert_eq!(error.to_string(), "IAM Credentials answered with status 404, NOT_FOUND");
    assert!(hint.unwrap().contains("exist"));
}

#[tokio::test]
async fn a_key_that_google_does_not_know_a_wrong_clock_and_an_ended_login_are_an_invalid_grant() {
    let emulator = Emulator::start().await.unwrap();
    let mut swapped = emulator.service_account_key("login-service");
    swapped["client_email"] = emulator.service_account_key("frontend")["client_email"].clone();
    let mut ended = emulator.impersonated(emulator.authorized_user(), "login-service", &[]);
    ended["source_credentials"]["refresh_token"] = json!("1//ended");
    for file in [swapped, ended] {
        let (error, hint) = failure(&file).await;
        assert!(matches!(error, Error::SourceRefused { step: Step::TokenEndpoint, .. }) && error.is_transient());
        assert!(error.to_string().contains("invalid_grant") && hint.unwrap().contains("clock"), "{error}");
    }
    emulator.move_clock(-2 * 3600);
    let (error, _) = failure(&emulator.service_account_key("login-service")).await;
    assert!(error.to_string().contains("invalid_grant"), "{error}");
}

#[tokio::test]
async fn a_subject_token_that_is_missing_or_not_good_enough_is_told_apart() {
    let emulator = Emulator::start().await.unwrap();
    let outside = |credential_source| emulator.external_account(Some("login-service"), credential_source);
    let (error, hint) = failure(&outside(json!({ "file": "/nonexistent" }))).await;
    assert!(matches!(error, Error::SubjectTokenFile(_)) && hint.is_some());
    let (error, _) = failure(&outside(subject_token_file("empty-subject-token", " \n"))).await;
    assert!(matches!(error, Error::SourceAnswer { step: Step::SubjectToken, .. }), "{error}");
    let forged = emulator.subject_token("build-7").signed_by_unpublished_key().sign();
    let (error, hint) = failure(&outside(subject_token_file("forged-subject-token", &forged))).await;
    assert_eq!(error.to_string(), "the Security Token Service answered with status 400, invalid_grant");
    assert!(hint.unwrap().contains("provider"));
}

#[tokio::test]
async fn whatever_a_step_answers_it_is_an_error_that_names_the_step_and_heals() {
    let emulator = Emulator::start().await.unwrap();
    emulator.allow_impersonation(DEVELOPER, "login-service");
    emulator.allow_impersonation(&emulator.federated_principal("build-7"), "login-service");
    let key = emulator.service_account_key("login-service");
    let person = emulator.impersonated(emulator.authorized_user(), "login-service", &[]);
    let outside = emulator.external_account(Some("login-service"), emulator.subject_token_as_json("build-7"));
    let page = |body: &[u8]| Fault::Body { content_type: "application/json".to_owned(), body: body.into() };
    let faults = [
        Fault::Status(400),
        Fault::Status(404),
        Fault::Status(503),
        Fault::Redirect("http://127.0.0.1:1/".to_owned()),
        page(b""),
        page(b"<html>"),
        page(b"[]"),
        page(br#"{"access_token":"a b","id_token":"a.b","token":"e30.e30.e30"}"#),
        page(br#"{"access_token":7,"id_token":null}"#),
        page(&[b'x'; 100_000]),
    ];
    for (file, endpoint, step) in [
        (&key, emulator.token_endpoint(), Step::TokenEndpoint),
        (&person, emulator.token_endpoint(), Step::TokenEndpoint),
        (&person, emulator.iam_credentials(), Step::IamCredentials),
        (&outside, emulator.sts(), Step::SecurityTokenService),
        (&outside, emulator.subject_tokens(), Step::SubjectToken),
        (&outside, emulator.iam_credentials(), Step::IamCredentials),
    ] {
        for fault in &faults {
            endpoint.fail(fault.clone());
            let (error, _) = failure(file).await;
            let named = match error {
                Error::SourceRefused { step, .. } | Error::SourceAnswer { step, .. } => step,
                _ => panic!("{error:?}"),
            };
            assert_eq!(named, step, "{fault:?}: {error}");
            assert!(error.is_transient());
        }
        endpoint.heal();
        assert_eq!(caller(&emulator, source(file)).await, LOGIN);
    }
}

#[tokio::test]
async fn no_error_holds_what_was_sent_even_when_the_answer_does() {
    let emulator = Emulator::start().await.unwrap();
    let mut person = emulator.impersonated(emulator.authorized_user(), "login-service", &[]);
    let secret = person["source_credentials"]["refresh_token"].as_str().unwrap().to_owned();
    let echo = json!({ "error": secret, "error_description": secret }).to_string();
    let endpoint = StandIn::start(move || (axum::http::StatusCode::BAD_REQUEST, echo.clone()).into_response());
    let endpoint = endpoint.await.unwrap();
    person["source_credentials"]["token_uri"] = endpoint.url().into();
    let (error, _) = failure(&person).await;
    assert!(endpoint.heads().len() == 1 && !format!("{error} {error:?}").contains(&secret), "{error:?}");
}

#[test]
fn the_file_that_is_named_comes_first_then_that_of_gcloud_then_the_metadata_server() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let emulator = runtime.block_on(Emulator::start()).unwrap();
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("home");
    let gcloud = home.join(".config/gcloud");
    fs::create_dir_all(&gcloud).unwrap();
    let named = home.join("named.json");
    fs::write(&named, emulator.service_account_key("login-service").to_string()).unwrap();
    let of_gcloud = gcloud.join("application_default_credentials.json");
    let person = emulator.impersonated(emulator.authorized_user(), "frontend", &[]);
    fs::write(&of_gcloud, person.to_string()).unwrap();

    let found = |variables: &[(&str, &Path)]| {
        let lookup = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, path)| path.into());
        Environment::new(&lookup).read(DefaultCredentials::read).map(|found| format!("{found:?}"))
    };
    let (file, own, folder) = ("GOOGLE_APPLICATION_CREDENTIALS", "HOME", "CLOUDSDK_CONFIG");
    let all = found(&[(file, &named), (own, &home), (folder, &gcloud)]).unwrap();
    assert!(all.starts_with("DefaultCredentials(Named") && all.contains(LOGIN), "{all}");
    for variables in [&[(own, home.as_path())][..], &[(folder, gcloud.as_path()), (own, Path::new("/nowhere"))]] {
        let of_gcloud = found(variables).unwrap();
        assert!(of_gcloud.starts_with("DefaultCredentials(OfGcloud") && of_gcloud.contains("frontend@"), "{of_gcloud}");
    }
    for variables in [
        &[][..],
        &[(own, Path::new("/nowhere"))],
        &[(own, Path::new("/dev/null"))],
        &[(folder, home.as_path()), (own, home.as_path())],
    ] {
        assert!(found(variables).unwrap().starts_with("DefaultCredentials(Metadata"), "{variables:?}");
    }

    let missing = found(&[(file, Path::new("/nowhere")), (own, &home)]).unwrap_err().to_string();
    assert!(missing.contains("GOOGLE_APPLICATION_CREDENTIALS: the file cannot be read: "), "{missing}");
    fs::write(&of_gcloud, emulator.authorized_user().to_string()).unwrap();
    let login = found(&[(own, &home)]).unwrap_err().to_string();
    assert!(login.contains("HOME: gcloud's application_default_credentials.json"), "{login}");
    assert!(login.contains("--impersonate-service-account"), "{login}");
}
