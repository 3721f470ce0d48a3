//! Service accounts, and who may act as them.

use axum::http::Method;
use serde_json::json;

use crate::{
    answer::{Answer, Refusal},
    policy,
    request::{Request, text},
    world::{PROJECT, World},
};

pub(crate) fn answer(world: &mut World, request: &Request) -> Answer {
    let accounts = format!("projects/{PROJECT}/serviceAccounts");
    match (&request.method, request.segments().as_slice()) {
        (&Method::GET, ["v1", "projects", PROJECT, "serviceAccounts"]) => Ok(world.list(&accounts, "accounts")),
        (&Method::POST, ["v1", "projects", PROJECT, "serviceAccounts"]) => {
            let body = request.json();
            let email = format!("{}@{PROJECT}.iam.gserviceaccount.com", text(&body, "/accountId"));
            let name = format!("{accounts}/{email}");
            let account = json!({
                "name": name,
                "email": email,
                "projectId": PROJECT,
                "displayName": text(&body, "/serviceAccount/displayName"),
                "description": text(&body, "/serviceAccount/description"),
            });
            world.create(&name, account)
        }
        (method, ["v1", "projects", _, "serviceAccounts", account]) => {
            let (email, verb) = account.split_once(':').unwrap_or((account, ""));
            let name = format!("{accounts}/{email}");
            match (method, verb) {
                (&Method::GET, "") => world.find(&name),
                (&Method::DELETE, "") => world.delete(&name).map(|_| json!({})),
                (&Method::POST, "getIamPolicy") => policy::read(world, &name),
                (&Method::POST, "setIamPolicy") => policy::write(world, &name, &request.json()),
                _ => Err(Refusal::unknown()),
            }
        }
        _ => Err(Refusal::unknown()),
    }
}
