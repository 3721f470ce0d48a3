//! `getIamPolicy` and `setIamPolicy`, the same for every resource: <https://cloud.google.com/iam/docs/policies>.

use std::{
    collections::{BTreeMap, BTreeSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal},
    request::text,
    world::{PROJECT, World},
};

pub(crate) fn read(world: &World, resource: &str) -> Answer {
    world.find(resource)?;
    Ok(of(world, resource))
}

pub(crate) fn write(world: &mut World, resource: &str, request: &Value) -> Answer {
    world.find(resource)?;
    replace(world, resource, request)
}

/// Whoever changes a policy has read it, and says so by its etag.
pub(crate) fn replace(world: &mut World, resource: &str, request: &Value) -> Answer {
    if text(request, "/policy/etag") != etag(world, resource) {
        return Err(Refusal::stale(resource));
    }
    let mut bindings = BTreeSet::new();
    for binding in request.pointer("/policy/bindings").and_then(Value::as_array).into_iter().flatten() {
        let members = binding.get("members").and_then(Value::as_array);
        for member in members.into_iter().flatten().filter_map(Value::as_str) {
            check_member(world, member)?;
            bindings.insert((text(binding, "/role").to_owned(), member.to_owned()));
        }
    }
    world.policies.insert(resource.to_owned(), bindings);
    world.policies.retain(|_, bindings| !bindings.is_empty());
    Ok(of(world, resource))
}

pub(crate) fn of(world: &World, resource: &str) -> Value {
    let mut roles: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (role, member) in world.policies.get(resource).into_iter().flatten() {
        roles.entry(role).or_default().push(member);
    }
    let bindings: Vec<_> =
        roles.into_iter().map(|(role, members)| json!({ "role": role, "members": members })).collect();
    json!({ "version": 1, "etag": etag(world, resource), "bindings": bindings })
}

/// Of four letters, as gcloud decodes it from base64.
fn etag(world: &World, resource: &str) -> String {
    let mut hasher = DefaultHasher::new();
    world.policies.get(resource).hash(&mut hasher);
    format!("{:08x}", hasher.finish() as u32)
}

/// IAM refuses a binding of an account that is not there.
fn check_member(world: &World, member: &str) -> Result<(), Refusal> {
    let email = member.strip_prefix("serviceAccount:");
    match email.filter(|email| email.ends_with(&format!("@{PROJECT}.iam.gserviceaccount.com"))) {
        Some(email) if world.find(&format!("projects/{PROJECT}/serviceAccounts/{email}")).is_err() => {
            Err(Refusal::invalid(format!("Service account {email} does not exist.")))
        }
        _ => Ok(()),
    }
}
