//! A client: its program, and what its library cannot do.

use super::Flow;
use crate::foreign::Program;

/// One row of the table.
#[derive(Debug)]
pub struct Client {
    /// As the table calls it.
    pub name: &'static str,
    /// Its program; it prints one line for each flow.
    pub program: Program,
    /// Which flows the library does not offer, and why.
    pub cannot: &'static [(&'static [Flow], &'static str)],
}

impl Client {
    /// Why it cannot do this, if it cannot.
    pub fn why_not(&self, flow: Flow) -> Option<&'static str> {
        self.cannot.iter().find(|(flows, _)| flows.contains(&flow)).map(|(_, reason)| *reason)
    }
}
