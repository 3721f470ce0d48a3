//! The command line. Each option has a value, in the next argument or after an equals sign.

use std::path::PathBuf;

pub(crate) struct Arguments {
    pub(crate) help: bool,
    pub(crate) state: Option<PathBuf>,
    pub(crate) credentials: PathBuf,
    pub(crate) port: u16,
}

impl Arguments {
    pub(crate) fn parse(given: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self { help: false, state: None, credentials: DEFAULT_FOLDER.into(), port: 0 };
        let mut given = given.into_iter();
        while let Some(argument) = given.next() {
            let (name, joined) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            let mut value = || {
                let value = joined.clone().or_else(|| given.next()).filter(|value| !value.is_empty());
                value.ok_or_else(|| format!("{name} needs a value"))
            };
            match name {
                "-h" | "--help" if joined.is_none() => arguments.help = true,
                "--state" => arguments.state = Some(value()?.into()),
                "--credentials" => arguments.credentials = value()?.into(),
                "--port" => {
                    let text = value()?;
                    arguments.port = text.parse().map_err(|_| format!("{text:?} is not a port"))?;
                }
                _ => return Err(format!("unknown argument {argument:?}")),
            }
        }
        Ok(arguments)
    }
}

/// Below the current folder, where git looks away and `cargo clean` tidies up.
const DEFAULT_FOLDER: &str = "target/emulator-credentials";
