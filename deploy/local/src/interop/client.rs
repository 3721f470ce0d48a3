//! A client: what it needs on this machine, how it is prepared and run, and what it cannot do.

use super::Flow;

/// One row of the table. Its program is in `deploy/interop`, in the folder of this name.
#[derive(Debug)]
pub struct Client {
    /// As the table calls it.
    pub name: &'static str,
    /// Where its files are.
    pub folder: &'static str,
    /// Runs when the language is on this machine.
    pub probe: &'static [&'static str],
    /// Fetches the library. When it fails, the client is skipped: most likely there is no network.
    pub fetch: &'static [&'static [&'static str]],
    /// Builds our program. When it fails, so does the client.
    pub build: &'static [&'static str],
    /// Runs our program.
    pub run: &'static [&'static str],
    /// Which flows the library does not offer, and why.
    pub cannot: &'static [(&'static [Flow], &'static str)],
}

impl Client {
    /// Why it cannot do this, if it cannot.
    pub fn why_not(&self, flow: Flow) -> Option<&'static str> {
        self.cannot.iter().find(|(flows, _)| flows.contains(&flow)).map(|(_, reason)| *reason)
    }
}
