//! The demo as a person runs it: what it prints, how it ends, and that it leaves nothing running.

use std::{
    env, fs,
    net::TcpStream,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    time::{Duration, timeout},
};

const SERVICES: [&str; 3] = ["profile-service", "search-service", "login-service"];

/// The folder of the built programs. Cargo builds the programs of other packages only when it is asked to.
fn programs() -> PathBuf {
    let demo = PathBuf::from(env!("CARGO_BIN_EXE_demo"));
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--locked", "--bins"]).args(SERVICES.map(|name| format!("--package={name}")));
    assert!(build.status().expect("cargo runs").success(), "the services do not build");
    demo.parent().expect("a folder").to_owned()
}

fn demo(programs: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_demo")).env("PROGRAMS", programs).output().expect("the demo runs")
}

/// A folder of programs in which `name` is a shell script with this text, which finds the real program at `$REAL`.
fn with_script(name: &str, script: &str) -> PathBuf {
    let (real, folder) =
        (programs(), PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", script.len())));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    for other in SERVICES.iter().filter(|other| **other != name) {
        symlink(real.join(other), folder.join(other)).expect("a link");
    }
    let script = format!("#!/bin/sh\nREAL='{}'\n{script}\n", real.join(name).display());
    fs::write(folder.join(name), script).expect("a script");
    fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).expect("a script that runs");
    folder
}

/// Whether anything still listens at one of the addresses that were printed.
fn is_anything_left(printed: &str) -> bool {
    let addresses = printed.split_whitespace().filter_map(|word| word.strip_prefix("http://"));
    let addresses: Vec<_> = addresses.filter_map(|url| url.split('/').next()).collect();
    assert!(addresses.len() >= 2, "{printed}");
    addresses.iter().any(|address| TcpStream::connect(address).is_ok())
}

#[test]
fn it_shows_the_story_and_the_matrix_in_plain_text_and_leaves_nothing_running() {
    let output = demo(&programs());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for expected in [
        r#"200 {"profile":{"#,
        r#""profile_error":"forbidden""#,
        "nobody                      401, got 401",
        "login-service               200, got 200       \u{2713}  403, got 403",
        "search-service              403, got 403       \u{2713}  403, got 403",
        "frontend                    403, got 403       \u{2713}  200, got 200",
        "stranger, another project   403, got 403       \u{2713}  403, got 403",
        "a forged signature          401, got 401       \u{2713}  401, got 401",
    ] {
        assert!(text.contains(expected), "{expected} is missing in:\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colour in a pipe");
    assert!(!text.contains('\u{2717}'), "{text}");
    assert!(!is_anything_left(&text));
}

#[test]
fn a_receiver_that_lets_the_wrong_caller_in_is_seen() {
    let everyone = "frontend login-service search-service stranger";
    let emails = everyone.split(' ').map(|name| {
        let project = if name == "stranger" { "other-project" } else { "demo-project" };
        format!("{name}@{project}.iam.gserviceaccount.com")
    });
    let allowed = emails.collect::<Vec<_>>().join(",");
    let output = demo(&with_script("search-service", &format!("ALLOWED_CALLERS={allowed} exec \"$REAL\"")));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("403, got 200       \u{2717}"), "{text}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("3 of the answers above are not as expected"));
    assert!(!is_anything_left(&text));
}

#[test]
fn a_service_that_does_not_start_is_named_with_what_it_said() {
    let output = demo(&with_script("login-service", "echo 'out of order' >&2; exit 3"));
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    for expected in ["login-service did not start", "exit status: 3", "out of order"] {
        assert!(error.contains(expected), "{error}");
    }
    assert!(!is_anything_left(&String::from_utf8(output.stdout).unwrap()));
}

#[test]
fn a_service_that_dies_on_the_way_is_named() {
    let dies_after_a_login = r#"
        log="$0.log"; mkfifo "$log"; "$REAL" > "$log" & service=$!
        while read -r line; do
            echo "$line"
            case "$line" in *'POST /login'*) kill -9 $service; exit 1;; esac
        done < "$log""#;
    let output = demo(&with_script("login-service", dies_after_a_login));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("login-service ended"), "{error}");
    assert!(!is_anything_left(&String::from_utf8(output.stdout).unwrap()));
}

#[test]
fn an_argument_that_it_does_not_know_is_a_mistake() {
    let output = Command::new(env!("CARGO_BIN_EXE_demo")).arg("down").output().unwrap();
    assert_eq!(output.status.code(), Some(64));
}

#[tokio::test]
async fn up_prints_commands_that_work_when_pasted_and_ctrl_c_stops_everything() {
    let mut up = tokio::process::Command::new(env!("CARGO_BIN_EXE_demo"))
        .arg("up")
        .env("PROGRAMS", programs())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(up.stdout.take().unwrap()).lines();
    let mut printed = String::new();
    while !printed.contains("Everything is up") {
        let line = timeout(Duration::from_secs(60), lines.next_line()).await.expect("it comes up").unwrap();
        printed += &line.expect("it stays up");
        printed.push('\n');
    }
    let printed_lines: Vec<_> = printed.lines().map(str::trim).collect();
    let commands: Vec<_> = printed_lines.windows(2).filter(|pair| pair[0].starts_with("# ")).collect();
    assert_eq!(commands.len(), 9);
    if Command::new("curl").arg("--version").output().is_ok() {
        for pair in commands {
            let (_, status) = pair[0].split_once(": ").unwrap();
            let answer = Command::new("sh").args(["-c", pair[1]]).output().unwrap();
            let answer = String::from_utf8(answer.stdout).unwrap();
            assert!(answer.starts_with(&format!("HTTP/1.1 {}", &status[..3])), "{pair:?} gave:\n{answer}");
        }
    } else {
        println!("skipped: the printed commands need curl, which is not on this machine");
    }

    kill_process(Pid::from_raw(i32::try_from(up.id().unwrap()).unwrap()).unwrap(), Signal::INT).unwrap();
    let ended = timeout(Duration::from_secs(20), up.wait()).await.expect("it stops").unwrap();
    assert!(ended.success());
    assert!(!is_anything_left(&printed));
}
