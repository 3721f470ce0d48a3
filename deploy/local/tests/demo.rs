//! The demo as a person runs it: what it prints, how it ends, and that it leaves nothing running.

use std::{
    env, fs,
    io::{Write, stderr},
    net::TcpStream,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
};

use local::program::built;
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Child,
    time::{Duration, timeout},
};

const SERVICES: [&str; 3] = ["profile-service", "search-service", "login-service"];

fn programs() -> PathBuf {
    built(env!("CARGO_BIN_EXE_demo"), &SERVICES)
}

/// One at a time: a port that one demo has left could be taken by another.
fn alone() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
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
    let _alone = alone();
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
    let _alone = alone();
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
    let _alone = alone();
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
    let _alone = alone();
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

/// Everything that `demo up` prints until it is up, with the services' programs in `programs`.
async fn up(programs: &Path) -> (Child, String) {
    let mut up = tokio::process::Command::new(env!("CARGO_BIN_EXE_demo"))
        .arg("up")
        .env("PROGRAMS", programs)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the demo runs");
    let mut lines = BufReader::new(up.stdout.take().expect("a pipe")).lines();
    let mut printed = String::new();
    while !printed.contains("Everything is up") {
        let line = timeout(Duration::from_secs(60), lines.next_line()).await.expect("it comes up").expect("text");
        printed += &line.expect("it stays up");
        printed.push('\n');
    }
    (up, printed)
}

async fn ended(up: Child) -> (Option<i32>, String) {
    let output = timeout(Duration::from_secs(20), up.wait_with_output()).await.expect("it ends").expect("its output");
    (output.status.code(), String::from_utf8(output.stderr).expect("text"))
}

fn send(process: u32, signal: Signal) {
    let id = i32::try_from(process).ok().and_then(Pid::from_raw).expect("a process id");
    kill_process(id, signal).expect("it runs");
}

#[tokio::test]
#[expect(clippy::await_holding_lock, reason = "the other tests are to wait")]
async fn up_prints_commands_that_work_when_pasted_and_every_signal_stops_everything() {
    let _alone = alone();
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        let (up, printed) = up(&programs()).await;
        if signal == Signal::INT {
            try_commands(&printed);
        }
        send(up.id().unwrap(), signal);
        assert_eq!(ended(up).await, (Some(0), String::new()));
        assert!(!is_anything_left(&printed));
    }
}

fn try_commands(printed: &str) {
    let lines: Vec<_> = printed.lines().map(str::trim).collect();
    let commands = lines.iter().zip(lines.iter().skip(1)).filter(|(what, _)| what.starts_with("# "));
    let commands: Vec<_> = commands.collect();
    assert_eq!(commands.len(), 9);
    if Command::new("curl").arg("--version").output().is_err() {
        // Not `eprintln!`, which a passing test keeps to itself.
        let _ =
            writeln!(stderr(), "skipped: the commands that `make up` prints need curl, which is not on this machine");
        return;
    }
    for (what, command) in commands {
        let (_, status) = what.split_once(": ").expect("what it shows");
        let status: String = status.chars().take(3).collect();
        let answer = Command::new("sh").args(["-c", command]).output().expect("a shell");
        let answer = String::from_utf8(answer.stdout).expect("text");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{what}\n{command}\ngave:\n{answer}");
    }
}

#[tokio::test]
#[expect(clippy::await_holding_lock, reason = "the other tests are to wait")]
async fn up_ends_when_a_service_does() {
    let _alone = alone();
    let programs = with_script("login-service", "echo $$ > \"$0.id\"; exec \"$REAL\"");
    let (up, printed) = up(&programs).await;
    let service = fs::read_to_string(programs.join("login-service.id")).unwrap();
    send(service.trim().parse().unwrap(), Signal::KILL);
    let (code, error) = ended(up).await;
    assert_eq!(code, Some(1));
    assert!(error.contains("login-service ended"), "{error}");
    assert!(!is_anything_left(&printed));
}
