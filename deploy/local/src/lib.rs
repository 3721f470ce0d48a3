#![doc = include_str!("../README.md")]

pub mod attacks;
pub mod by_hand;
pub mod environment;
pub mod foreign;
pub mod interop;
pub mod matrix;
pub mod program;
pub mod report;
pub mod service;
pub mod soak;
pub mod stage;
pub mod stand_in;
pub mod story;
