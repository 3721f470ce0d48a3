//! Programs in other languages: what one needs on this machine, and how it is prepared and run.

mod command;
mod language;
mod prepare;
mod program;

pub use self::{
    command::{Command, Ended},
    language::{GO, JAVA, Language, NODE, PYTHON},
    prepare::NotReady,
    program::Program,
};
