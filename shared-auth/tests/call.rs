//! The command that calls a URL with an ID token, as a developer runs it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use axum::{http::StatusCode, response::IntoResponse};
use google_emulator::Emulator;
use local::stand_in::StandIn;

/// The example, which `cargo test` builds unless it is told to build one test only.
fn program() -> PathBuf {
    let tests = std::env::current_exe().expect("this test").parent().expect("a folder").to_owned();
    let program = tests.with_file_name("examples").join("call");
    assert!(program.exists(), "the example is not built: run `cargo test -p shared-auth`");
    program
}

/// Runs it with these credentials, and nothing else in its environment.
fn call(credentials: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.env_clear().env("GOOGLE_APPLICATION_CREDENTIALS", credentials).args(arguments);
    command.output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

fn key_file(emulator: &Emulator, name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, emulator.service_account_key("login-service").to_string()).expect("a file");
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_who_the_caller_is_and_shows_the_answer_and_the_token_only_when_asked() {
    let emulator = Emulator::start().await.unwrap();
    let service = StandIn::start(|| "hello".into_response()).await.unwrap();
    let key = key_file(&emulator, "call.json");
    let url = format!("{}/whoami?a=b", service.url());
    let quiet = call(&key, &[&url]);
    let (out, told) = (text(&quiet.stdout), text(&quiet.stderr));
    assert!(quiet.status.success() && out == "hello\n", "{out} {told}");
    for part in ["login-service@demo-project.iam.gserviceaccount.com", service.url(), "59 minutes", "200 OK"] {
        assert!(told.contains(part), "{part} is missing: {told}");
    }
    assert_eq!(service.targets(), ["GET /whoami?a=b"]);

    let loud = call(&key, &["--print-token", "--audience", "https://custom.example", &url]);
    assert!(text(&loud.stderr).contains("https://custom.example"));
    let tokens: Vec<_> =
        service.heads().iter().map(|head| head["authorization"].to_str().unwrap().to_owned()).collect();
    let token = tokens[1].strip_prefix("Bearer ").unwrap();
    assert!(text(&loud.stdout).starts_with(&format!("{token}\n")));
    for segment in tokens.iter().flat_map(|token| token.split(['.', ' '])).filter(|segment| *segment != "Bearer") {
        assert!(!out.contains(segment) && !told.contains(segment) && !text(&loud.stderr).contains(segment));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_comes_with_its_cause_and_what_to_do() {
    let emulator = Emulator::start().await.unwrap();
    let service = StandIn::start(|| StatusCode::FORBIDDEN.into_response()).await.unwrap();
    let refused = call(&key_file(&emulator, "call-refused.json"), &[service.url()]);
    let told = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1));
    assert!(told.contains("the service answered with status 403") && told.contains("roles/run.invoker"), "{told}");

    let missing = call(Path::new("/nowhere"), &[service.url()]);
    assert!(text(&missing.stderr).contains("GOOGLE_APPLICATION_CREDENTIALS: the file cannot be read"));
    for arguments in [&[][..], &["--loud", "https://a.example"], &["https://a.example", "b"], &["--audience"]] {
        assert_eq!(call(Path::new("/nowhere"), arguments).status.code(), Some(64), "{arguments:?}");
    }
}
