//! One question to an endpoint that hands out tokens, and what of its answer is used: the token, or why there is none.

use std::sync::Arc;

use axum::http::{StatusCode, header::CONTENT_TYPE};
use reqwest::{RequestBuilder, Response};
use serde::{Deserialize, de::DeserializeOwned};
use url::form_urlencoded::Serializer;

use super::{AccessToken, Error, IdToken, Step};
use crate::{
    JsonObject, SecureUrl,
    outbound::{self, BodyError},
};

/// An endpoint that is asked for tokens.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    pub(super) step: Step,
    pub(super) http: reqwest::Client,
}

impl Endpoint {
    /// A form, as OAuth's endpoints want it (RFC 6749 section 4).
    pub(super) fn form(&self, url: &SecureUrl, form: &[(&str, &str)]) -> RequestBuilder {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.http.post(url.as_url().clone());
        request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)
    }

    /// Exchanges the form for an access token (RFC 6749 section 5.1, RFC 8693 section 2.2.1).
    pub(super) async fn access_token(&self, url: &SecureUrl, form: &[(&str, &str)]) -> Result<AccessToken, Error> {
        self.access_token_in(&self.answer(self.form(url, form)).await?)
    }

    /// The access token in an answer.
    pub(super) fn access_token_in(&self, body: &[u8]) -> Result<AccessToken, Error> {
        #[derive(Deserialize)]
        struct Answer {
            access_token: String,
        }
        let Answer { access_token } = self.parse(body)?;
        AccessToken::new(&access_token).ok_or(self.unusable("it is not an access token"))
    }

    /// An answer, read as JSON.
    pub(super) fn parse<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, Error> {
        let parsed = serde_json::from_slice(body).map(|JsonObject(answer)| answer);
        parsed.map_err(|_| self.unusable("it is not the JSON that was asked for"))
    }

    /// An ID token in its compact form.
    pub(super) fn id_token(&self, text: &str) -> Result<IdToken, Error> {
        IdToken::from_compact(text).ok_or(self.unusable("it is not a token that expires"))
    }

    /// The body of the answer, which must have the status 200.
    pub(super) async fn answer(&self, request: RequestBuilder) -> Result<Vec<u8>, Error> {
        let unreachable = |error| Error::SourceUnreachable { step: self.step, source: Arc::new(error) };
        let response = request.send().await.map_err(|error| unreachable(error.without_url()))?;
        let status = response.status();
        let body = self.body(response).await;
        if status != StatusCode::OK {
            let code = body.ok().and_then(|body| error_code(&body));
            return Err(Error::SourceRefused { step: self.step, status, code });
        }
        body
    }

    /// An answer that was read, and is not what it should be.
    pub(super) fn unusable(&self, problem: &'static str) -> Error {
        Error::SourceAnswer { step: self.step, problem }
    }

    async fn body(&self, response: Response) -> Result<Vec<u8>, Error> {
        outbound::read_body(response, LARGEST_ANSWER).await.map_err(|error| match error {
            BodyError::Transport(error) => Error::SourceUnreachable { step: self.step, source: Arc::new(error) },
            BodyError::TooLarge { .. } => self.unusable("it is too large"),
        })
    }
}

/// The code of an error: OAuth's `error` (RFC 6749 section 5.2), or the `status` of Google's APIs
/// (<https://cloud.google.com/apis/design/errors>). The description beside it is left alone, since it could quote what
/// was sent.
fn error_code(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Answer {
        error: ErrorCode,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum ErrorCode {
        OAuth(String),
        Google { status: String },
    }
    let JsonObject(Answer { error }) = serde_json::from_slice(body).ok()?;
    let (ErrorCode::OAuth(code) | ErrorCode::Google { status: code }) = error;
    let is_code = code.len() <= LONGEST_CODE && code.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    is_code.then_some(code)
}

/// In bytes.
const LARGEST_ANSWER: usize = 64 * 1024;
const LONGEST_CODE: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_by_its_code_and_nothing_else_of_the_answer_is() {
        let code = |body: &str| error_code(body.as_bytes());
        let oauth = r#"{"error":"invalid_grant","error_description":"it said: secret"}"#;
        assert_eq!(code(oauth).as_deref(), Some("invalid_grant"));
        let google = r#"{"error":{"code":403,"message":"it said: secret","status":"PERMISSION_DENIED"}}"#;
        assert_eq!(code(google).as_deref(), Some("PERMISSION_DENIED"));
        let long = format!(r#"{{"error":"{}"}}"#, "a".repeat(41));
        for body in
            ["", "<html>", "{}", r#"{"error":7}"#, r#"{"error":"eyJ0.eyJ1.c2ln"}"#, r#"["invalid_grant"]"#, &long]
        {
            assert_eq!(code(body), None, "{body}");
        }
    }
}
