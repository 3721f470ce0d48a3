//! The seam: whatever can give an ID token for an audience.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use super::{Error, IdToken};
use crate::Audience;

/// Where ID tokens come from. It asks anew each time; keeping tokens is the cache's work.
///
/// An implementation limits its own time, and its errors hold no token.
pub trait TokenSource: fmt::Debug + Send + Sync + 'static {
    /// An ID token for `audience`.
    fn id_token<'a>(
        &'a self,
        audience: &'a Audience,
    ) -> Pin<Box<dyn Future<Output = Result<IdToken, Error>> + Send + 'a>>;
}

impl TokenSource for Arc<dyn TokenSource> {
    fn id_token<'a>(
        &'a self,
        audience: &'a Audience,
    ) -> Pin<Box<dyn Future<Output = Result<IdToken, Error>> + Send + 'a>> {
        self.as_ref().id_token(audience)
    }
}
