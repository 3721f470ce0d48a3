//! Programs in other languages: what one needs on this machine, and how it is prepared and run.

mod command;
mod prepare;
mod program;

pub use self::{
    command::{Command, Ended},
    prepare::NotReady,
    program::Program,
};
