//! A figure and its unit, as the table and the page show it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A measured figure.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Quantity {
    /// How many of the unit.
    pub(crate) value: f64,
    /// Of what.
    pub(crate) unit: Unit,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Unit {
    /// How often one figure goes into another.
    Times,
    /// A number of something that the column names.
    Count,
    /// 10⁻⁶ s.
    Micros,
    /// 10⁻³ s.
    Millis,
    /// A number in a second.
    PerSecond,
    /// A number in an hour.
    PerHour,
    /// 10⁶ bytes.
    Megabytes,
}

impl Quantity {
    /// `value` of `unit`.
    pub(crate) fn new(value: f64, unit: Unit) -> Self {
        Self { value, unit }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = match (self.unit, self.value) {
            (Unit::Count | Unit::PerSecond, _) => 0,
            (_, value) if value >= 100.0 => 0,
            (_, value) if value >= 10.0 => 1,
            _ => 2,
        };
        let unit = match self.unit {
            Unit::Times => " ×",
            Unit::Count => "",
            Unit::Micros => " µs",
            Unit::Millis => " ms",
            Unit::PerSecond => " /s",
            Unit::PerHour => " /h",
            Unit::Megabytes => " MB",
        };
        f.pad(&format!("{:.decimals$}{unit}", self.value))
    }
}
