//! Whatever else a metadata server knows: a tree of directories and values, of which clients read a few and probe others.
//!
//! A directory answers with the names in it, or with all that is below it when it is asked with `recursive=true`.
//! See <https://cloud.google.com/compute/docs/metadata/querying-metadata#aggcontents>.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Query, Request, State},
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{MetadataServer, Refusal};
use crate::{access_tokens::CLOUD_PLATFORM, identity::Identity};

/// What a service of Cloud Run finds, in Google's names. Null is what has a handler of its own.
pub(super) fn tree(identity: &Identity) -> Value {
    let (project, number) = (identity.project, identity.project_number());
    let account = json!({
        "aliases": ["default"],
        "email": identity.email,
        "identity": null,
        "scopes": [CLOUD_PLATFORM],
        "token": null,
    });
    json!({
        "instance": {
            "id": "0",
            "region": format!("projects/{number}/regions/{REGION}"),
            "service-accounts": { "default": account, identity.email.as_str(): account },
            "zone": format!("projects/{number}/zones/{REGION}-1"),
        },
        "project": { "numeric-project-id": number, "project-id": project },
        "universe": { "universe-domain": UNIVERSE, "universe_domain": UNIVERSE },
    })
}

pub(super) async fn value(
    State(server): State<Arc<MetadataServer>>,
    Query(query): Query<HashMap<String, String>>,
    request: Request,
) -> Result<Response, Refusal> {
    let path = request.uri().path().replace("%40", "@");
    let path = path.strip_prefix(super::ROOT).unwrap_or_default();
    // Clients ask for a directory with a slash at the end and without, and for a value without.
    let directory = path.strip_suffix('/').unwrap_or(path);
    let found = directory.split('/').skip(1).try_fold(&server.tree, |node, name| node.get(name));
    let found =
        found.filter(|node| node.is_object() || !node.is_null() && directory == path).ok_or(super::NOT_FOUND)?;
    let is = |name, value| query.get(name).is_some_and(|given| given.eq_ignore_ascii_case(value));
    if is("alt", "json") || is("recursive", "true") && found.is_object() {
        return Ok(([(CONTENT_TYPE, "application/json")], recursive(found).to_string()).into_response());
    }
    Ok(([(CONTENT_TYPE, "application/text")], text(found)).into_response())
}

/// A directory as its names, where those of directories end in a slash; a list as its lines.
fn text(node: &Value) -> String {
    match node {
        Value::Object(directory) => directory
            .iter()
            .map(|(name, node)| format!("{name}{}\n", if node.is_object() { "/" } else { "" }))
            .collect(),
        Value::Array(list) => list.iter().map(|entry| text(entry) + "\n").collect(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn recursive(node: &Value) -> Value {
    let Value::Object(directory) = node else { return node.clone() };
    let values = directory.iter().filter(|(_, node)| !node.is_null());
    Value::Object(Map::from_iter(values.map(|(name, node)| (member(name), recursive(node)))))
}

/// `service-accounts` becomes `serviceAccounts`; an e-mail address stays what it is.
fn member(name: &str) -> String {
    if name.contains('@') {
        return name.to_owned();
    }
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |joined, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        joined + &initial.to_ascii_uppercase() + rest
    })
}

/// Where the emulated services run.
const REGION: &str = "europe-west1";
const UNIVERSE: &str = "googleapis.com";
