//! What there is in the project: resources and policies by their full names, and the enabled APIs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::answer::{Answer, Refusal};

/// The one project, and its number.
pub const PROJECT: &str = "demo-project";
/// See [`PROJECT`].
pub const PROJECT_NUMBER: &str = "123456789012";

/// Everything that requests have made so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    /// `projects/…`, as the APIs name them, and what they say of it.
    pub resources: BTreeMap<String, Value>,
    /// Who has which role on a resource: `(role, member)`.
    pub policies: BTreeMap<String, BTreeSet<(String, String)>>,
    /// `run.googleapis.com` and so on.
    pub apis: BTreeSet<String>,
    /// What Cloud Build has done. Nobody can remove that.
    pub builds: Vec<Value>,
}

impl World {
    /// Names of resources below this one, of one kind.
    pub fn names(&self, prefix: &str) -> Vec<&str> {
        self.below(prefix).map(|(name, _)| name).collect()
    }

    /// The members that have a role on a resource.
    pub fn members(&self, resource: &str, role: &str) -> Vec<&str> {
        let policy = self.policies.get(resource).into_iter().flatten();
        policy.filter(|(bound, _)| bound == role).map(|(_, member)| member.as_str()).collect()
    }

    pub(crate) fn has_role(&self, resource: &str, role: &str, member: &str) -> bool {
        self.members(resource, role).contains(&member)
    }

    pub(crate) fn check_role(&self, resource: &str, role: &str, member: &str) -> Result<(), Refusal> {
        if self.has_role(resource, role, member) {
            return Ok(());
        }
        Err(Refusal::forbidden(format!("{member} does not have {role} on {resource}")))
    }

    pub(crate) fn find(&self, name: &str) -> Answer {
        self.resources.get(name).cloned().ok_or_else(|| Refusal::not_found(name))
    }

    pub(crate) fn create(&mut self, name: &str, resource: Value) -> Answer {
        if self.resources.contains_key(name) {
            return Err(Refusal::exists(name));
        }
        self.resources.insert(name.to_owned(), resource.clone());
        Ok(resource)
    }

    /// With its policy and with all that is below it.
    pub(crate) fn delete(&mut self, name: &str) -> Answer {
        let deleted = self.find(name)?;
        let below = format!("{name}/");
        let gone = |key: &String| key == name || key.starts_with(&below);
        self.resources.retain(|key, _| !gone(key));
        self.policies.retain(|key, _| !gone(key));
        Ok(deleted)
    }

    /// A page that is never full: `{ member: [ … ] }`.
    pub(crate) fn list(&self, prefix: &str, member: &str) -> Value {
        let found: Vec<_> = self.below(prefix).map(|(_, resource)| resource.clone()).collect();
        json!({ member: found })
    }

    fn below(&self, prefix: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.resources.iter().filter_map(move |(name, resource)| {
            let rest = name.strip_prefix(prefix)?.strip_prefix('/')?;
            (!rest.contains('/')).then_some((name.as_str(), resource))
        })
    }
}
