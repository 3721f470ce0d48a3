//! `compose.yaml` without containers: its programs on this machine, with its commands and its environment to the letter,
//! but for ports, which are free ones, and mounted files, which are where they are mounted from.

use std::{
    env, fs,
    io::{Write, stderr},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use local::program::built;

/// Each service of the file with its program, in the order of their start.
const SERVICES: [(&str, &str); 4] = [
    ("emulator", "google-emulator"),
    ("profile-service", "profile-service"),
    ("search-service", "search-service"),
    ("login-service", "login-service"),
];
const PORTS: [&str; 9] = ["8080", "8081", "8082", "9000", "9001", "9002", "9003", "9004", "9005"];

#[test]
fn the_story_goes_as_it_should() {
    let Some((output, text)) = story("as-it-is", |compose| compose) else { return };
    assert!(output.status.success(), "{text}");
    assert_eq!(text.lines().count(), 16, "{text}");
    for (what, status) in [
        ("nobody reads a profile", 401),
        ("login-service reads a profile", 200),
        ("login-service searches", 403),
        ("search-service reads a profile", 403),
        ("frontend searches", 200),
        ("a stranger, of another project, searches", 403),
        ("a forged signature reads a profile", 401),
        ("a token for another service searches", 401),
    ] {
        assert!(text.lines().any(|line| line == format!("{what:50} {status}")), "{what}, {status}:\n{text}");
    }
}

#[test]
fn a_receiver_that_lets_the_wrong_caller_in_ends_it_with_a_failure() {
    let wrong = |compose: String| compose.replace("frontend@demo-project", "login-service@demo-project");
    let Some((output, text)) = story("wrong", wrong) else { return };
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("200, expected 403") && text.contains("403, expected 200"), "{text}");
}

/// Starts all and walks the story, if this machine can: how it ended, and all that it printed.
fn story(test: &str, change: impl Fn(String) -> String) -> Option<(Output, String)> {
    if Command::new("curl").arg("--version").output().is_err() {
        let _ = writeln!(stderr(), "skipped: the story of compose.yaml needs curl, which is not on this machine");
        return None;
    }
    let compose = Compose::read(test, change);
    let programs = built(env!("CARGO_BIN_EXE_demo"), &SERVICES.map(|(_, program)| program));
    let _running = SERVICES.map(|(service, program)| {
        let mut command = compose.command(service, &programs.join(program), &compose.list(service, "command"));
        Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts"))
    });
    let entrypoint = compose.list("story", "entrypoint");
    let (program, arguments) = entrypoint.split_first().expect("a program");
    let mut walk = compose.command("story", Path::new(program), arguments);
    let output = walk.env("PATH", env::var_os("PATH").expect("where curl is")).output().expect("a shell");
    let text = String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).expect("text");
    Some((output, text))
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The file, as far as this test reads it.
struct Compose {
    text: String,
    /// Where its files are, and of this test alone.
    folder: PathBuf,
}

impl Compose {
    /// With a free port in the place of each, here and in the emulator's state.
    fn read(test: &str, change: impl Fn(String) -> String) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("compose-{test}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        // All are held until all are found, so that no two are the same.
        let free = PORTS.map(|_| TcpListener::bind("127.0.0.1:0").expect("a port"));
        let free = free.each_ref().map(|socket| socket.local_addr().expect("an address").port().to_string());
        for name in ["compose.yaml", "emulator-state.json", "users.json", "profiles.json", "story.sh"] {
            let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a file");
            let text = text.split_inclusive(|character: char| !character.is_ascii_digit()).map(|part| {
                let number = part.trim_end_matches(|character: char| !character.is_ascii_digit());
                let port = PORTS.iter().zip(&free).find(|(port, _)| **port == number);
                port.map_or_else(|| part.to_owned(), |(port, free)| part.replacen(port, free, 1))
            });
            fs::write(folder.join(name), text.collect::<String>()).expect("a file");
        }
        let text = change(fs::read_to_string(folder.join("compose.yaml")).expect("the file that was written"));
        Self { text, folder }
    }

    fn command(&self, service: &str, program: &Path, arguments: &[String]) -> Command {
        let variables = self.service(service).below("environment:");
        let variables = variables.0.iter().filter_map(|line| line.trim().split_once(": "));
        let variables = variables.filter(|(name, _)| !name.starts_with('#'));
        let mut command = Command::new(program);
        command.env_clear().current_dir(&self.folder);
        command.args(arguments.iter().map(|argument| self.found(service, argument)));
        command.envs(variables.map(|(name, value)| (name, self.found(service, value.trim_matches('"')))));
        command
    }

    fn list(&self, service: &str, key: &str) -> Vec<String> {
        let block = self.service(service);
        let list = block.0.iter().find_map(|line| line.trim().strip_prefix(&format!("{key}: ")));
        list.map_or_else(Vec::new, |list| serde_json::from_str(list).expect("a list in one line"))
    }

    /// The path on this machine of what is a mounted file in the container, and everything else as it is.
    fn found(&self, service: &str, value: &str) -> String {
        let mounted = self.service(service).below("volumes:");
        let mut mounted = mounted.0.iter().filter_map(|line| {
            let mut parts = line.trim().trim_start_matches("- ").split(':');
            Some((parts.next()?, parts.next()?))
        });
        match mounted.find(|(_, path)| *path == value) {
            Some((source, _)) => self.folder.join(source).display().to_string(),
            None if value == "/credentials" => self.folder.join("credentials").display().to_string(),
            None => value.to_owned(),
        }
    }

    fn service(&self, name: &str) -> Block<'_> {
        Block(self.text.lines().collect()).below("services:").below(&format!("{name}:"))
    }
}

/// Lines of YAML as this file writes it: a key in a line, and what belongs to it indented below.
struct Block<'a>(Vec<&'a str>);

impl<'a> Block<'a> {
    /// What belongs to `key`; nothing, if it is not there.
    fn below(&self, key: &str) -> Block<'a> {
        let indent = |line: &str| line.len() - line.trim_start().len();
        let mut lines = self.0.iter().skip_while(|line| line.trim() != key);
        let depth = lines.next().map_or(0, |line| indent(line));
        Block(lines.take_while(|line| line.is_empty() || indent(line) > depth).copied().collect())
    }
}
