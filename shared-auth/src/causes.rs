//! An error in one line, for a log or a message: what it says, and what each of its causes says.

use std::{error::Error, iter};

pub(crate) fn with_causes(error: &dyn Error) -> String {
    let causes = iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
