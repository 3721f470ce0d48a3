//! The binary: what it prints, what it serves, how it ends.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

const PROGRAM: &str = env!("CARGO_BIN_EXE_google-emulator");

/// A folder of one test's own, empty at first.
fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder for temporary files can be written");
    folder
}

/// Up to the line that says how to stop it.
fn announcement(program: &mut Child) -> String {
    let output = BufReader::new(program.stdout.take().expect("the output is piped"));
    let mut lines = Vec::new();
    for line in output.lines() {
        lines.push(line.expect("the output is text"));
        if lines.last().is_some_and(|line| line.contains("Ctrl-C")) {
            break;
        }
    }
    lines.join("\n")
}

fn fetch(url: &str) -> String {
    let (host, path) = url.trim_start_matches("http://").split_once('/').expect("the URL has a path");
    let mut connection = TcpStream::connect(host).expect("the emulator listens");
    write!(connection, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("it answers");
    answer
}

#[test]
fn it_says_what_it_is_and_serves_until_interrupted() {
    let folder = folder("serves");
    let mut program = Command::new(PROGRAM).current_dir(&folder).stdout(Stdio::piped()).spawn().unwrap();
    let announcement = announcement(&mut program);
    let certs_url = announcement.lines().find_map(|line| line.strip_prefix("GOOGLE_CERTS_URL="));
    // Asked before the signal: an answer shows that it is past its start and waits for one.
    let certs = certs_url.map(fetch);
    let control = announcement.lines().find_map(|line| line.strip_prefix("The control port, which explains itself: "));
    let help = control.map(fetch);
    let id = i32::try_from(program.id()).ok().and_then(Pid::from_raw).unwrap();
    kill_process(id, Signal::INT).unwrap();
    let status = program.wait().unwrap();

    assert!(announcement.contains("not Google"), "{announcement}");
    assert_eq!(announcement.matches("GCE_METADATA_HOST=127.0.0.1:").count(), 5, "{announcement}");
    assert!(announcement.contains("curl -H 'Metadata-Flavor: Google'"), "{announcement}");
    assert!(certs.unwrap().starts_with("HTTP/1.1 200 OK"));
    assert!(help.unwrap().contains("Usage: google-emulator"));
    assert_eq!(status.code(), Some(0));

    let files = announcement.lines().filter_map(|line| line.strip_prefix("GOOGLE_APPLICATION_CREDENTIALS="));
    let kind = |file| {
        let content = fs::read_to_string(folder.join(file)).expect("the file was written");
        let content: serde_json::Value = serde_json::from_str(&content).expect("the file is JSON");
        content["type"].as_str().expect("the file has a type").to_owned()
    };
    let kinds: Vec<String> = files.map(kind).collect();
    assert_eq!(&kinds[4..], ["service_account", "authorized_user", "impersonated_service_account", "external_account"]);
}

#[test]
fn whoever_ends_containers_ends_it_too() {
    let mut program = Command::new(PROGRAM).current_dir(folder("ends")).stdout(Stdio::piped()).spawn().unwrap();
    let announcement = announcement(&mut program);
    let control = announcement.lines().find_map(|line| line.strip_prefix("The control port, which explains itself: "));
    assert!(control.map(fetch).is_some_and(|help| help.contains("Usage")));
    kill_process(Pid::from_child(&program), Signal::TERM).unwrap();
    assert_eq!(program.wait().unwrap().code(), Some(0));
}

#[test]
fn it_explains_itself_when_asked() {
    let help = Command::new(PROGRAM).arg("--help").output().unwrap();
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8(help.stdout).unwrap().contains("Usage: google-emulator"));
}

#[test]
fn an_unknown_argument_is_a_usage_error() {
    for (arguments, said) in [
        (vec!["--ports=80"], "unknown argument \"--ports=80\""),
        (vec!["80"], "unknown argument \"80\""),
        (vec!["--port", "70000"], "\"70000\" is not a port"),
        (vec!["--port"], "--port needs a value"),
        (vec!["--state="], "--state needs a value"),
        (vec!["--state", "/nowhere"], "the state file"),
    ] {
        let refused = Command::new(PROGRAM).args(&arguments).output().unwrap();
        assert_eq!(refused.status.code(), Some(64), "EX_USAGE of sysexits.h");
        let errors = String::from_utf8(refused.stderr).unwrap();
        assert!(errors.contains(said), "{arguments:?}: {errors}");
    }
}
