//! Tokens of a service account, for whoever has `roles/iam.serviceAccountTokenCreator` on it.

use axum::http::Method;
use serde_json::json;

use crate::{
    answer::{Answer, Refusal},
    request::{Request, text},
    server::IdTokens,
    world::{PROJECT, World},
};

pub(crate) fn answer(world: &World, request: &Request, caller: &str, id_tokens: &IdTokens) -> Answer {
    let segments = request.segments();
    let (&Method::POST, ["v1", "projects", "-", "serviceAccounts", account]) = (&request.method, segments.as_slice())
    else {
        return Err(Refusal::unknown());
    };
    let (email, verb) = account.split_once(':').unwrap_or((account, ""));
    let name = format!("projects/{PROJECT}/serviceAccounts/{email}");
    if !world.has_role(&name, "roles/iam.serviceAccountTokenCreator", caller) {
        return Err(Refusal::forbidden(format!("Permission denied on {name} (or it may not exist).")));
    }
    match verb {
        // gcloud asks for it first, and calls nothing with it.
        "generateAccessToken" => Ok(json!({ "accessToken": "of-nobody", "expireTime": "2999-01-01T00:00:00Z" })),
        "generateIdToken" => Ok(json!({ "token": id_tokens(email, text(&request.json(), "/audience")) })),
        _ => Err(Refusal::unknown()),
    }
}
