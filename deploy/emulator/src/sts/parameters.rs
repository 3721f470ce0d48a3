//! The parameters of a request: a form, as OAuth has it, or JSON, as Google's other APIs have it.
//!
//! In JSON the names may be written either way, `grantType` or `grant_type`.

use std::collections::HashMap;

use axum::{
    Form,
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header::CONTENT_TYPE},
};

use crate::oauth_refusal::Refusal;

pub(super) struct Parameters(HashMap<String, String>);

impl Parameters {
    /// The value of a parameter that has to be there and may not be empty.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        let value = self.0.get(name).or_else(|| self.0.get(&camel_case(name))).filter(|value| !value.is_empty());
        value
            .map(String::as_str)
            .ok_or_else(|| Refusal::invalid_request(&format!("Missing required parameter: {name}")))
    }
}

impl<S: Send + Sync> FromRequest<S> for Parameters {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        if content_type.starts_with("application/json") {
            let bytes = Bytes::from_request(request, state).await.map_err(|rejection| refusal(rejection.status()))?;
            return serde_json::from_slice(&bytes).map(Self).map_err(|_| refusal(StatusCode::BAD_REQUEST));
        }
        let form = Form::from_request(request, state).await.map_err(|rejection| refusal(rejection.status()))?;
        Ok(Self(form.0))
    }
}

fn refusal(status: StatusCode) -> Refusal {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::too_large(),
        _ => Refusal::invalid_request("The request is neither a form nor JSON."),
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(1);
        name + &initial.to_ascii_uppercase() + rest
    })
}
