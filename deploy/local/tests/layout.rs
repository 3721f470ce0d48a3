//! The shape of the workspace: what a reader relies on and no compiler checks.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const SERVICES: [&str; 3] = ["login-service", "profile-service", "search-service"];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below `folder` with one of these endings, in order.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name in Unicode");
        if path.is_dir() && name != "target" && name != ".git" {
            found.extend(files(&path, endings));
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn every_member_inherits_the_lints() {
    let manifests = files(&workspace(), &["Cargo.toml"]);
    let members: Vec<_> = manifests.iter().filter(|path| path.parent() != Some(&workspace())).collect();
    assert!(members.len() >= 7);
    for member in members {
        assert!(read(member).contains("\n[lints]\nworkspace = true\n"), "{}", member.display());
    }
}

#[test]
fn the_three_services_have_the_same_files_and_a_short_main() {
    let sources = |service: &str| -> Vec<_> {
        let root = workspace().join(service);
        let below = |path: PathBuf| path.strip_prefix(&root).expect("below the root").to_owned();
        ["src", "tests"].iter().flat_map(|folder| files(&root.join(folder), &[".rs"])).map(below).collect()
    };
    let main = |service: &str| read(&workspace().join(service).join("src/main.rs"));
    let code = |service: &str| -> Vec<_> {
        main(service).lines().filter(|line| !line.starts_with("//!")).map(str::to_owned).collect()
    };
    for service in SERVICES {
        assert_eq!(sources(service), sources("profile-service"), "{service}");
        assert_eq!(code(service), code("profile-service"), "{service}");
        assert!(main(service).lines().count() <= 40, "{service}");
    }
}

#[test]
fn the_two_halves_do_not_know_each_other() {
    let shared_auth = workspace().join("shared-auth/src");
    for (half, other) in [("caller", "receiver"), ("receiver", "caller")] {
        for file in files(&shared_auth.join(half), &[".rs"]) {
            let text = read(&file);
            for import in [format!("crate::{other}"), format!("    {other}::")] {
                assert!(!text.contains(&import), "{} knows the other half", file.display());
            }
        }
    }
}

#[test]
fn the_emulator_does_not_know_what_it_tests() {
    assert!(!read(&workspace().join("deploy/emulator/Cargo.toml")).contains("shared-auth"));
    for service in SERVICES.iter().chain(&["shared-auth"]) {
        let manifest = read(&workspace().join(service).join("Cargo.toml"));
        let (dependencies, _) = manifest.split_once("[dev-dependencies]").expect("tests");
        assert!(!dependencies.contains("emulator") && !dependencies.contains("local"), "{service} needs the emulator");
    }
}

#[test]
fn nobody_compiles_tonic_but_whoever_builds_the_grpc_example() {
    let example = workspace().join("examples/grpc");
    for manifest in files(&workspace(), &["Cargo.toml"]) {
        let is_elsewhere = ![workspace(), example.clone()].iter().any(|folder| manifest.parent() == Some(folder));
        let text = read(&manifest);
        let needs_it = ["tonic", "prost", "grpc-example"].iter().any(|name| text.contains(name));
        assert!(!(is_elsewhere && needs_it), "{} needs gRPC", manifest.display());
    }
    // `make demo` builds every program of the workspace.
    assert!(!example.join("src/main.rs").exists() && !example.join("src/bin").exists());
}

#[test]
fn the_makefile_runs_what_the_readme_says() {
    let runs = |target: &str, commands: &[&str]| {
        let output = Command::new("make")
            .env_remove("MAKEFLAGS")
            .args(["--dry-run", target])
            .current_dir(workspace())
            .output()
            .expect("make");
        let printed = String::from_utf8(output.stdout).expect("text");
        for command in commands {
            assert!(
                printed.lines().any(|line| line.ends_with(command)),
                "make {target} does not run {command}:\n{printed}"
            );
        }
    };
    runs("demo", &["cargo build --locked --bins", "--bin demo"]);
    runs("up", &["cargo build --locked --bins", "--bin demo up"]);
    runs("attacks", &["cargo build --locked --bins", "--bin attacks"]);
    runs("interop", &["cargo build --locked --bins", "-p shared-auth --example call", "--bin interop"]);
    runs("test", &["cargo test --locked --workspace --no-fail-fast"]);
    runs("deploy", &["deploy/cloud-run/deploy.sh"]);
    runs("smoke", &["deploy/cloud-run/smoke.sh"]);
    runs("teardown", &["deploy/cloud-run/teardown.sh"]);
    runs(
        "deploy-check",
        &["DEPLOY_CHECK=1 cargo test --locked -p google-control-plane --test deploy", "-p local --test cloud_run"],
    );
    runs("soak", &["cargo build --locked --bins", "--bin soak 10m "]);
    runs("image", &["deploy/image.sh profile-service"]);
    runs("image-check", &["deploy/image-check/check.sh"]);
    runs(
        "fuzz-token",
        &["cargo run --locked --release --bin token -- -max_total_time=30 -timeout=10 -max_len=9000 \\"],
    );
    runs(
        "bench",
        &["cargo build --locked --release --manifest-path bench/Cargo.toml --target-dir target", "release/bench "],
    );
    runs("bench-page", &["release/bench page"]);
    runs("check", &["cargo fmt --all --check", "cargo test --locked --workspace --no-fail-fast"]);
}

#[test]
fn the_image_is_built_with_the_rust_that_the_workspace_asks_for() {
    let manifest = read(&workspace().join("Cargo.toml"));
    let (_, version) = manifest.split_once("rust-version = \"").expect("a version");
    let (version, _) = version.split_once('"').expect("its end");
    let image = format!("\nARG RUST_IMAGE=docker.io/library/rust:{version}.");
    assert!(read(&workspace().join("deploy/Dockerfile")).contains(&image), "the Dockerfile has another than {version}");
}

#[test]
fn what_is_measured_is_built_as_the_services_are() {
    let profile = |manifest: &str| {
        let text = read(&workspace().join(manifest));
        let (_, profile) = text.split_once("[profile.release]\n").expect("a profile");
        let lines = profile.lines().take_while(|line| !line.starts_with('[') && !line.is_empty());
        lines.map(|line| line.split(" #").next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(profile("bench/Cargo.toml"), profile("Cargo.toml"));
}

#[test]
fn the_readme_quotes_only_ratios_that_were_measured() {
    let (readme, results) = (read(&workspace().join("README.md")), read(&workspace().join("bench/results.md")));
    let quoted: Vec<_> = readme.split(" ×").filter_map(|text| text.rsplit([' ', '|', '(', '\n']).next()).collect();
    let ratios: Vec<_> = quoted.iter().take(quoted.len() - 1).collect();
    assert!(!ratios.is_empty(), "the README quotes none");
    for ratio in ratios {
        assert!(results.contains(&format!("| {ratio} × |")), "{ratio} × is not in bench/results.md");
    }
}

#[test]
fn a_readme_is_short_and_no_private_key_is_in_the_tree() {
    for readme in files(&workspace(), &["README.md"]) {
        let is_long = [workspace(), workspace().join("deploy")].iter().any(|folder| readme.parent() == Some(folder));
        let limit = if is_long { 200 } else { 60 };
        assert!(read(&readme).lines().count() <= limit, "{} is longer than {limit} lines", readme.display());
    }
    for file in files(&workspace(), &[".rs", ".md", ".json", ".toml", ".pem", ".key", ".yml"]) {
        let marker = ["PRIVATE", "KEY-----"].join(" ");
        assert!(!read(&file).contains(&marker), "{}", file.display());
    }
}
