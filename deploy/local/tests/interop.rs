//! How `make interop` judges: what programs report, in any language, and what comes of it. None is needed here.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use local::interop::{CLIENTS, Cell, Expected, Flow, Got, Table};

const EMAIL: &str = "login-service@demo-project.iam.gserviceaccount.com";

#[test]
fn the_last_line_of_a_program_is_its_report() {
    assert_eq!(Got::parse("status 200\n"), Got::Status(200));
    assert_eq!(Got::parse("a warning\nstatus 403"), Got::Status(403));
    assert_eq!(Got::parse(&format!("accepted {EMAIL}\n")), Got::Accepted(EMAIL.to_owned()));
    assert_eq!(Got::parse("refused token expired\n\n"), Got::Refused("token expired".to_owned()));
}

#[test]
fn a_program_that_says_nothing_or_something_else_is_broken() {
    for output in ["", "\n", "status", "status ok", "accepted", "refused ", "200", "status 200\nand then it stopped"] {
        assert!(matches!(Got::parse(output), Got::Broken(_)), "{output:?}");
    }
}

#[test]
fn each_expectation_is_met_by_one_report_alone() {
    let reports = [
        Got::Status(200),
        Got::Status(401),
        Got::Status(403),
        Got::Accepted(EMAIL.to_owned()),
        Got::Refused("expired".to_owned()),
        Got::Accepted("stranger@other-project.iam.gserviceaccount.com".to_owned()),
        Got::Broken("exit status: 1".to_owned()),
    ];
    let expectations =
        [Expected::Status(200), Expected::Status(401), Expected::Status(403), Expected::Accepted, Expected::Refused];
    for (row, expected) in expectations.into_iter().enumerate() {
        for (column, got) in reports.iter().enumerate() {
            assert_eq!(Cell::judge(expected, got) == Cell::Pass, row == column, "{expected} {got}");
        }
    }
}

#[test]
fn a_verifier_that_refuses_everything_does_not_pass() {
    let broken = Cell::judge(Expected::Accepted, &Got::Broken("no certs".to_owned()));
    let refused = Cell::judge(Expected::Refused, &Got::Refused("no certs".to_owned()));
    assert_eq!(refused.clone().beside(&Cell::Pass), Cell::Pass);
    assert_eq!(refused.beside(&broken).word(), "FAIL");
}

#[test]
fn a_refusal_is_expected_where_there_is_one_to_see() {
    let expected = Flow::ALL.map(Flow::expected);
    let refusals = expected.iter().filter(|expected| !matches!(expected, Expected::Status(200) | Expected::Accepted));
    assert_eq!(refusals.count(), 4);
}

#[test]
fn a_failure_is_counted_and_its_reason_stands_below_the_table() {
    let mut table = Table::default();
    let failed = Cell::judge(Expected::Status(401), &Got::Status(200));
    table.add(
        &CLIENTS[0],
        vec![Cell::Pass, failed, Cell::Cannot("it has no verifier"), Cell::Cannot("it has no verifier")],
    );
    table.add(&CLIENTS[1], vec![Cell::Skipped("not on this machine".to_owned())]);
    assert_eq!(["pass", "FAIL", "cannot", "skipped"].map(|word| table.count(word)), [1, 1, 2, 1]);
    let text = table.to_string();
    assert!(text.contains("Python    pass        FAIL 1      cannot 2    cannot 2\n"), "{text}");
    assert!(text.contains("Node      skipped 3\n"), "{text}");
    assert!(text.contains("\n 1 Python: expected status 401, got status 200\n"), "{text}");
    assert!(text.ends_with("\n 3 Node: not on this machine"), "{text}");
}

#[test]
fn a_machine_without_other_languages_skips_them_all_and_says_so() {
    let output = interop("nothing", &[]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains(&format!("0 pass, 0 FAIL, 0 cannot, {} skipped", CLIENTS.len() * Flow::ALL.len())), "{text}");
    assert!(text.contains("gcloud: not on this machine"), "{text}");
}

#[test]
fn a_client_that_gets_no_token_fails_the_command() {
    let output = interop("silent-gcloud", &["gcloud"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("gcloud: expected status 200, got sh call.sh call: exit status"), "{text}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("of the cells above fail"));
}

/// Runs the command on a machine that has a shell, and these programs, which end well and say nothing.
fn interop(name: &str, silent: &[&str]) -> Output {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("interop-{name}"));
    let _ = fs::remove_dir_all(&folder);
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).expect("a folder");
    for program in silent {
        fs::write(bin.join(program), "#!/bin/sh\n").expect("a script");
        fs::set_permissions(bin.join(program), fs::Permissions::from_mode(0o755)).expect("a script that runs");
    }
    symlink("/bin/sh", bin.join("sh")).expect("a link");
    let programs = Path::new(env!("CARGO_BIN_EXE_interop")).parent().expect("a folder");
    let built = ["profile-service", "examples/call"].iter().all(|program| programs.join(program).exists());
    assert!(built, "run `make test`, or `cargo build --bins --examples` before this test");
    // What is fetched goes beside this folder, and so not to where `make interop` keeps it.
    symlink(programs, folder.join("programs")).expect("a link");
    let mut command = Command::new(env!("CARGO_BIN_EXE_interop"));
    command.env_clear().env("PATH", &bin).env("PROGRAMS", folder.join("programs")).output().expect("it runs")
}
