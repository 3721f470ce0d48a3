//! The scripts without Google and without a server: what they print, and what they refuse.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{Write, stderr},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use google_control_plane::scripts::{dry_run, is_there, script, workspace};
use serde_json::{Value, json};

/// Every dry run, with the options that add commands.
fn commands() -> Vec<Vec<String>> {
    let runs = [
        dry_run("deploy", &[("GRANT_SEARCH", "1"), ("DEPLOYER", "user:developer@example.com")]),
        dry_run("deploy", &[("PUBLIC", "allUsers"), ("SMOKE", "0"), ("GRANT_SEARCH", "0")]),
        dry_run("teardown", &[]),
    ];
    runs.concat()
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Not `eprintln!`, which a passing test keeps to itself.
fn skipped(what: &str) {
    let _ = writeln!(stderr(), "skipped: {what}");
}

#[test]
fn gcloud_takes_every_command_of_the_dry_runs() {
    if !is_there("gcloud") {
        return skipped("gcloud is not on this machine, and its commands are not checked");
    }
    let lines: BTreeSet<String> = commands().iter().map(|words| quoted(words)).collect();
    let bad = "gcloud run deploy profile-service --no-such-flag";
    let list: Vec<_> =
        lines.iter().map(String::as_str).chain([bad]).map(|line| json!({ "command_string": line })).collect();
    let folder = folder("lint");
    let file = folder.join("commands.json");
    fs::write(&file, json!(list).to_string()).unwrap();
    let lint = Command::new("gcloud")
        .args(["meta", "lint-gcloud-commands", "--commands-file"])
        .arg(&file)
        .env("CLOUDSDK_CONFIG", folder.join("gcloud"))
        .env("CLOUDSDK_CORE_DISABLE_USAGE_REPORTING", "1")
        .output()
        .unwrap();
    let found: Value = serde_json::from_slice(&lint.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&lint.stderr)));
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), list.len());
    let refused: Vec<_> = found.iter().filter(|command| command.get("success") != Some(&json!(true))).collect();
    assert_eq!(refused.len(), 1, "{refused:#?}");
    assert_eq!(refused.first().unwrap().get("command_string"), Some(&json!(bad)));
}

fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_command_is_complete_and_asks_nothing() {
    let commands = commands();
    assert!(commands.len() > 60);
    for command in commands {
        assert_eq!(command.first().map(String::as_str), Some("gcloud"), "{command:?}");
        for flag in ["--project=demo-project", "--quiet"] {
            assert!(command.iter().any(|word| word == flag), "{flag} is missing in {command:?}");
        }
        let to_fill_in =
            |word: &String| ["PROJECT_NUMBER", "DEPLOYER", "VERSION"].iter().any(|name| word.contains(name));
        assert!(!command.iter().any(|word| word.is_empty() || to_fill_in(word)), "{command:?}");
    }
}

#[test]
fn a_dry_run_runs_no_gcloud_and_shows_where_the_project_number_would_stand() {
    let (folder, path) = trap("dry");
    for name in ["deploy", "smoke", "teardown"] {
        let output = script(name).env("DRY_RUN", "1").env("PATH", &path).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let printed = String::from_utf8(output.stdout).unwrap();
        let shows_it = printed.contains("https://profile-service-PROJECT_NUMBER.europe-west1.run.app");
        assert_eq!(shows_it, name != "teardown", "{printed}");
    }
    assert!(!folder.join("gcloud.was-run").exists());
}

#[test]
fn a_mistake_in_what_is_given_ends_it_before_the_first_command() {
    let mistakes = [
        ("PROJECT", "", "PROJECT is missing"),
        ("PROJECT", "My_Project", "no project id"),
        ("REGION", "", "REGION is missing"),
        ("REGION", "europe-west1; rm", "no region"),
        ("DRY_RUN", "true", "DRY_RUN is true"),
        ("DRY_RUN", "0", "DRY_RUN is 0"),
        ("SMOKE", "no", "SMOKE is no"),
        ("GRANT_SEARCH", "yes", "GRANT_SEARCH is yes"),
        ("PUBLIC", "allusers", "PUBLIC is allusers"),
        ("LOGIN_USER", "a\"b", "LOGIN_USER may have"),
    ];
    let (folder, path) = trap("mistakes");
    for name in ["deploy", "smoke", "teardown"] {
        for (variable, value, message) in mistakes {
            let output = script(name).env("PATH", &path).env(variable, value).output().unwrap();
            let error = String::from_utf8(output.stderr).unwrap();
            assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(64), &[][..]), "{name}: {error}");
            assert!(error.contains(message), "{error}");
        }
    }
    assert!(!folder.join("gcloud.was-run").exists());
}

/// A gcloud that leaves a file behind when it is run, and the path on which it is found first.
fn trap(name: &str) -> (PathBuf, String) {
    let folder = folder(name);
    let trap = folder.join("gcloud");
    fs::write(&trap, "#!/bin/sh\ntouch \"$0.was-run\"\n").expect("a folder");
    fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).expect("a script that runs");
    let path = format!("{}:{}", folder.display(), env::var("PATH").expect("a path"));
    (folder, path)
}

#[test]
fn the_published_passwords_of_the_demo_are_not_deployed() {
    let mixed = folder("users").join("users.json");
    let demo = fs::read_to_string(workspace().join("deploy/local/users.json")).unwrap();
    fs::write(&mixed, demo.replacen("ada", "grace-hopper", 1)).unwrap();
    for (file, message) in [(mixed, "a password of the demo"), ("/no/such/file".into(), "not there")] {
        let output = script("deploy").env("DRY_RUN", "1").env("USERS_FILE", &file).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(64), &[][..]), "{error}");
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn shellcheck_finds_nothing() {
    if !is_there("shellcheck") {
        return skipped("shellcheck is not on this machine, and no script is checked");
    }
    let scripts = scripts(&workspace());
    assert!(scripts.len() > 20, "{scripts:?}");
    let output = Command::new("shellcheck").args(scripts).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// What ends in `.sh`, or is called `run`, anywhere in the workspace.
fn scripts(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        let (name, path) = (entry.file_name(), entry.path());
        if entry.file_type().expect("a type").is_dir() {
            if ![".git", ".terraform", "target", "node_modules"].iter().any(|other| name == *other) {
                found.append(&mut scripts(&path));
            }
        } else if name == "run" || path.extension().is_some_and(|ending| ending == "sh") {
            found.push(path);
        }
    }
    found
}
