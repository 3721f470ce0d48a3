//! Every endpoint by its name, with where it is and what it was asked.

use std::sync::Arc;

use axum::extract::{Path, State};
use serde_json::{Map, Value, json};

use super::{Answer, Controlled, answer};
use crate::{api_refusal::Refusal, endpoint::Endpoint};

impl Controlled {
    /// Names, where they are, and the endpoints themselves.
    fn endpoints(&self) -> Vec<(String, String, &Endpoint)> {
        let google = &self.google;
        let at = |(name, url, endpoint): (&str, String, _)| (name.to_owned(), url, endpoint);
        let single = [
            ("certs", google.certs_url(), google.certs()),
            ("discovery", google.discovery_url(), google.discovery()),
            ("iap-certs", google.iap_certs_url(), google.iap_certs()),
            ("token-endpoint", google.token_url(), google.token_endpoint()),
            ("iam-credentials", google.iam_credentials_url(), google.iam_credentials()),
            ("sts", google.sts_url(), google.sts()),
            ("subject-tokens", google.subject_tokens_url(), google.subject_tokens()),
        ];
        let metadata = google.identities().iter().map(|identity| {
            let url = format!("http://{}", google.metadata_host(identity.name));
            (format!("metadata:{}", identity.name), url, google.metadata(identity.name))
        });
        let doors = self.doors.iter().map(|door| (format!("front-door:{}", door.name()), door.url(), door.endpoint()));
        single.into_iter().map(at).chain(metadata).chain(doors).collect()
    }

    pub(super) fn endpoint(&self, name: &str) -> Result<&Endpoint, Refusal> {
        let found = self.endpoints().into_iter().find(|(known, ..)| known == name);
        let missing = || Refusal::missing(&format!("There is no endpoint named {name:?}. GET /requests lists them."));
        found.map(|(.., endpoint)| endpoint).ok_or_else(missing)
    }
}

pub(super) async fn list(State(controlled): State<Arc<Controlled>>) -> Answer {
    let summary = controlled.endpoints().into_iter().map(|(name, url, endpoint)| {
        let mut about = json!({ "url": url, "requests": endpoint.requests(), "fails": endpoint.fails() });
        let door = controlled.doors.iter().find(|door| format!("front-door:{}", door.name()) == name);
        if let (Some(door), Some(members)) = (door, about.as_object_mut()) {
            members.insert("reached".to_owned(), json!(door.reached()));
        }
        (name, about)
    });
    answer(&Value::Object(Map::from_iter(summary)))
}

pub(super) async fn asked(State(controlled): State<Arc<Controlled>>, Path(name): Path<String>) -> Answer {
    let endpoint = controlled.endpoint(&name)?;
    answer(&json!({ "requests": endpoint.requests(), "latest": endpoint.latest() }))
}
