//! The soak, for seconds instead of minutes, against the real profile-service and against one that is out of order.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use local::program::built;
use rustix::process::{Pid, Signal, kill_process};

fn programs() -> PathBuf {
    built(env!("CARGO_BIN_EXE_soak"), &["profile-service"])
}

fn start(arguments: &[&str], programs: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_soak"));
    command.args(arguments).env("PROGRAMS", programs).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the soak runs")
}

fn soak(arguments: &[&str], programs: &Path) -> Output {
    start(arguments, programs).wait_with_output().expect("its output")
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("text")
}

/// Whether anything still listens at one of the two addresses that were printed.
fn is_anything_left(printed: &str) -> bool {
    let addresses = printed.split_whitespace().filter_map(|word| word.strip_prefix("http://"));
    let addresses: Vec<_> = addresses.filter_map(|url| url.split(['/', ',']).next()).collect();
    assert_eq!(addresses.len(), 2, "{printed}");
    addresses.iter().any(|address| TcpStream::connect(address).is_ok())
}

#[test]
fn a_few_seconds_show_every_figure_and_break_no_limit() {
    let output = soak(&["6s", "7"], &programs());
    let printed = text(output.stdout);
    assert!(output.status.success(), "{printed}");
    for expected in [
        "seed 7",
        " requests in 6 s, ",
        "GenuineNewKey ",
        "Stranger ",
        "ForgedSignature ",
        "ForgedKeyId ",
        "Expired ",
        "OtherAudience ",
        "callers let in after: half in ",
        "2 rotations of keys, 1 outages of the certs, 1 floods",
        "\u{2713} answers that nothing allowed\n      none",
        "\u{2713} fetches of the certs\n      ",
        "\u{2713} memory of the service\n      ",
        "\u{2713} lines of its log that hold a token\n      0",
        "\u{2713} it stopped when it was told to\n      yes",
    ] {
        assert!(printed.contains(expected), "{expected:?} is missing in:\n{printed}");
    }
    assert!(!is_anything_left(&printed));
}

#[test]
fn a_receiver_that_refuses_a_caller_on_the_list_is_seen() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("soak-one-caller");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let real = programs().join("profile-service");
    let one = "frontend@demo-project.iam.gserviceaccount.com";
    let script = format!("#!/bin/sh\nALLOWED_CALLERS={one} exec '{}'\n", real.display());
    fs::write(folder.join("profile-service"), script).expect("a script");
    fs::set_permissions(folder.join("profile-service"), fs::Permissions::from_mode(0o755)).expect("a script that runs");

    let output = soak(&["2s"], &folder);
    let (printed, error) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("was answered 403, allowed was [200]"), "{printed}");
    assert!(error.contains("limits that did not hold: 1; the seed was "), "{error}");
}

#[test]
fn ctrl_c_stops_everything() {
    let mut running = start(&["10m"], &programs());
    let mut lines = BufReader::new(running.stdout.take().expect("a pipe")).lines();
    let printed = lines.find_map(|line| line.ok().filter(|line| line.contains("seed"))).expect("it starts");
    kill_process(Pid::from_child(&running), Signal::INT).expect("it runs");
    let output = running.wait_with_output().expect("its output");
    assert_eq!((output.status.code(), text(output.stderr).as_str()), (Some(1), "soak: interrupted\n"));
    assert!(!is_anything_left(&printed));
}

#[test]
fn a_time_that_it_cannot_read_is_a_mistake() {
    for arguments in [vec![], vec!["10"], vec!["m"], vec!["0m"], vec!["-1s"], vec!["9999999m"], vec!["1s", "seed"]] {
        assert_eq!(soak(&arguments, &programs()).status.code(), Some(64), "{arguments:?}");
    }
}
