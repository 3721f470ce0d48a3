//! The catalogue of attacks against the real profile-service: each row is answered as it must be, and no token is logged.

use std::{
    collections::HashSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use local::{
    attacks::{Forger, Target, catalogue},
    program::built,
};

fn programs() -> PathBuf {
    built(env!("CARGO_BIN_EXE_attacks"), &["profile-service"])
}

#[tokio::test]
async fn every_attack_is_answered_as_it_must_be_and_no_token_comes_to_the_log() {
    let target = Target::start(&programs()).await.unwrap();
    let mut wrong = Vec::new();
    for (number, attack) in target.chapters.iter().flat_map(|chapter| &chapter.attacks).enumerate() {
        let got = target.answer(number, attack).await.unwrap();
        if got != attack.expected {
            wrong.push(format!("{}\n  expected {:?}\n  got      {got:?}", attack.name, attack.expected));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(target.logged().first(), None, "a part of its token is in the log");
    assert_eq!(target.forger.elsewhere.certs().requests(), 0, "a token does not say where its keys are");
}

#[tokio::test]
async fn the_catalogue_has_many_rows_under_different_names_and_most_are_refused() {
    let chapters = catalogue(&Forger::start().await.unwrap());
    assert!(chapters.iter().all(|chapter| !chapter.attacks.is_empty()));
    let rows: Vec<_> = chapters.iter().flat_map(|chapter| &chapter.attacks).collect();
    let mut names = HashSet::new();
    let twice: Vec<_> = rows.iter().map(|row| &row.name).filter(|name| !names.insert(*name)).collect();
    assert!(twice.is_empty(), "{twice:?}");
    assert!(rows.iter().filter(|row| row.expected.is_refusal()).count() >= 120);
    assert!(rows.iter().any(|row| !row.expected.is_refusal()), "the edge is shown, too");
}

#[test]
fn the_command_prints_every_row_and_fails_when_an_attack_gets_in() {
    let attacks = |programs: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_attacks")).env("PROGRAMS", programs).output().expect("it runs");
        (output.status.code(), String::from_utf8(output.stdout).expect("text"))
    };
    let (code, text) = attacks(&programs());
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("401  alg \"none\", without a signature"), "{text}");
    assert!(text.contains("no token stands in it"), "{text}");
    assert!(text.contains("0 answered otherwise than expected"), "{text}");

    let (code, text) = attacks(&with_an_audience_too_many());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("\u{2717} 200  aud of nobody"), "{text}");
    assert!(text.contains("expected 401 the token is for the audience \"https://evil.example\""), "{text}");
}

/// A folder with a profile-service that answers to an audience of the attacker's.
fn with_an_audience_too_many() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("an-audience-too-many");
    fs::create_dir_all(&folder).expect("a folder");
    let (real, script) = (programs().join("profile-service"), folder.join("profile-service"));
    let text = format!("#!/bin/sh\nAUDIENCES=\"$AUDIENCES,https://evil.example\" exec '{}'\n", real.display());
    fs::write(&script, text).expect("a script");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("a script that runs");
    folder
}
