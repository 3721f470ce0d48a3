//! The binary: what it prints, what it serves, how it ends.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

const PROGRAM: &str = env!("CARGO_BIN_EXE_google-emulator");

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
    let mut program = Command::new(PROGRAM).stdout(Stdio::piped()).spawn().unwrap();
    let announcement = announcement(&mut program);
    let certs_url = announcement.lines().find_map(|line| line.strip_prefix("GOOGLE_CERTS_URL="));
    // Asked before the signal: an answer shows that it is past its start and waits for one.
    let certs = certs_url.map(fetch);
    let id = i32::try_from(program.id()).ok().and_then(Pid::from_raw).unwrap();
    kill_process(id, Signal::INT).unwrap();
    let status = program.wait().unwrap();

    assert!(announcement.contains("not Google"), "{announcement}");
    assert_eq!(announcement.matches("GCE_METADATA_HOST=127.0.0.1:").count(), 5, "{announcement}");
    assert!(announcement.contains("curl -H 'Metadata-Flavor: Google'"), "{announcement}");
    assert!(certs.unwrap().starts_with("HTTP/1.1 200 OK"));
    assert_eq!(status.code(), Some(0));
}

#[test]
fn it_explains_itself_when_asked() {
    let help = Command::new(PROGRAM).arg("--help").output().unwrap();
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8(help.stdout).unwrap().contains("Usage: google-emulator"));
}

#[test]
fn an_unknown_argument_is_a_usage_error() {
    let refused = Command::new(PROGRAM).arg("--port=80").output().unwrap();
    assert_eq!(refused.status.code(), Some(64), "EX_USAGE of sysexits.h");
    assert!(String::from_utf8(refused.stderr).unwrap().contains("unknown argument \"--port=80\""));
}
