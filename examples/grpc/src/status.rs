//! Every way a call can be refused, and what a gRPC client is told: the table of `shared_auth`'s rejections once more,
//! in gRPC's words (<https://grpc.github.io/grpc/core/md_doc_statuscodes.html>). The texts are constants, so that no
//! part of a token can be in them.

use std::time::Duration;

use axum::response::Response;
use shared_auth::receiver::{Caller, Rejection, VerifyError};
use tonic::{Request, Status};
use tracing::error;

/// Turns the answer of [`RequireCaller`](shared_auth::receiver::RequireCaller) into one that a gRPC client reads: HTTP
/// 200, no body, and the status among the headers. What a handler answers stays as it is. Belongs around that layer.
pub async fn in_grpc(response: Response) -> Response {
    match response.extensions().get() {
        Some(rejection) => of(rejection).into_http(),
        None => response,
    }
}

/// Who calls. On a route without the layer it is `INTERNAL`: a forgotten layer must not look like a caller.
///
/// # Errors
/// There is no caller.
pub fn caller_of<T>(request: &Request<T>) -> Result<&Caller, Status> {
    request.extensions().get().ok_or_else(|| {
        let rejection = Rejection::NotProtected;
        error!(reason = %rejection, "refused");
        of(&rejection)
    })
}

fn of(rejection: &Rejection) -> Status {
    match rejection {
        Rejection::NoToken { .. } => Status::unauthenticated("an ID token is required"),
        // Not `INVALID_ARGUMENT`: the arguments of a call are in its message, and nothing is wrong with that.
        Rejection::InvalidRequest(_) => Status::unauthenticated("the header of the ID token is unusable"),
        Rejection::Token(VerifyError::KeysUnavailable { retry_after }) => unavailable(*retry_after),
        Rejection::Token(_) => Status::unauthenticated("the ID token was not accepted"),
        Rejection::Forbidden(_) => Status::permission_denied("this caller may not do that"),
        Rejection::NotProtected => Status::internal("this service has a bug"),
        // A cause that this table does not know yet is still a refusal.
        _ => Status::internal("the call was refused"),
    }
}

/// The hint is one that gRPC's own clients obey when they are set to retry
/// (<https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback>).
fn unavailable(retry_after: Duration) -> Status {
    let mut status = Status::unavailable("the ID token cannot be checked right now");
    let milliseconds = u32::try_from(retry_after.as_millis()).unwrap_or(u32::MAX);
    status.metadata_mut().insert("grpc-retry-pushback-ms", milliseconds.into());
    status
}
