//! How the front door says no: <https://cloud.google.com/run/docs/troubleshooting>.
//!
//! In HTML, by which a caller tells that the container has never seen the request.

use axum::{
    http::{
        StatusCode,
        header::{CONTENT_TYPE, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};

pub(super) enum Refusal {
    /// There is no token, or there is one and its bearer may not invoke the service.
    Forbidden,
    /// There is something, and it proves nothing: what is wrong with it is not said.
    Unverified,
}

impl Refusal {
    /// The answer to a request for this path.
    pub(super) fn about(self, path: &str) -> Response {
        let path = escaped(path);
        match self {
            Self::Forbidden => {
                let text =
                    format!("Your client does not have permission to get URL <code>{path}</code> from this server.");
                page(StatusCode::FORBIDDEN, "Forbidden", &text)
            }
            Self::Unverified => {
                let text = format!("Your client does not have permission to the requested URL <code>{path}</code>.");
                let page = page(StatusCode::UNAUTHORIZED, "Unauthorized", &text);
                ([(WWW_AUTHENTICATE, CHALLENGE)], page).into_response()
            }
        }
    }
}

/// The service cannot be reached, or broke off before it answered.
pub(super) struct NoAnswer;

impl IntoResponse for NoAnswer {
    fn into_response(self) -> Response {
        page(
            StatusCode::SERVICE_UNAVAILABLE,
            "Server Error",
            "The service you requested is not available at this time.",
        )
    }
}

fn page(status: StatusCode, title: &str, text: &str) -> Response {
    let body = format!(
        "<html><head>\n<meta http-equiv=\"content-type\" content=\"text/html;charset=utf-8\">\n<title>{} {title}</title>\n\
         </head>\n<body text=#000000 bgcolor=#ffffff>\n<h1>Error: {title}</h1>\n<h2>{text}</h2>\n<h2></h2>\n</body></html>\n",
        status.as_u16()
    );
    (status, [(CONTENT_TYPE, "text/html; charset=UTF-8")], body).into_response()
}

/// The path is the caller's to choose, and stands in a page.
fn escaped(path: &str) -> String {
    path.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const CHALLENGE: &str = "Bearer error=\"invalid_token\" error_description=\"The access token could not be verified\"";
