//! Mistakes that a state file can make although it is the right JSON: found before anything listens.

use std::{collections::HashSet, io};

use super::{State, mistake};
use crate::{developer, front_door, outside_provider};

pub(super) fn check(state: &State) -> io::Result<()> {
    let mut names = HashSet::new();
    for identity in &state.identities {
        if !is_name(&identity.name) || !is_name(&identity.project) {
            let (name, project) = (&identity.name, &identity.project);
            let rule = "small letters, digits and hyphens only";
            return Err(mistake(&format!("identity {name:?} of project {project:?}: {rule}")));
        }
        if !names.insert(identity.name.as_str()) {
            return Err(mistake(&format!("there are two identities named {:?}", identity.name)));
        }
    }
    let ids: HashSet<_> = state.identities().iter().map(|identity| identity.unique_id).collect();
    if ids.len() < names.len() {
        return Err(mistake("two identities have the same unique_id"));
    }
    let mut services = HashSet::new();
    for door in &state.front_doors {
        if !is_name(&door.service) || !services.insert(&door.service) {
            return Err(mistake(&format!("service {:?}: small letters, digits and hyphens, and once", door.service)));
        }
        front_door::authority(&door.upstream)?;
    }
    let invokers = state.front_doors.iter().flat_map(|door| &door.invokers);
    let targets = state.impersonation.iter().map(|binding| &binding.target);
    let principals = state.impersonation.iter().map(|binding| &binding.principal);
    let principals = principals.filter(|name| *name != developer::EMAIL && outside_provider::subject(name).is_none());
    let with_port = state.ports.metadata.keys();
    match invokers.chain(targets).chain(principals).chain(with_port).find(|name| !names.contains(name.as_str())) {
        Some(unknown) => Err(mistake(&format!("there is no identity named {unknown:?}"))),
        None => Ok(()),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_named() {
        let one = r#"{ "name": "a", "project": "p", "unique_id": "1" }"#;
        for (json, named) in [
            ("", "EOF"),
            (r#"{ "identities": [], "doors": [] }"#, "doors"),
            (r#"{ "identities": [{ "name": "A", "project": "p" }] }"#, "\"A\""),
            (&format!(r#"{{ "identities": [{one}, {one}] }}"#), "two identities named \"a\""),
            (&format!(r#"{{ "identities": [{one}, {}] }}"#, one.replace("\"a\"", "\"b\"")), "unique_id"),
            (r#"{ "identities": [], "impersonation": [{ "principal": "x", "target": "y" }] }"#, "\"y\""),
            (
                r#"{ "identities": [], "front_doors": [{ "service": "s", "upstream": "http://a", "invokers": ["i"] }] }"#,
                "\"i\"",
            ),
            (r#"{ "identities": [], "ports": { "metadata": { "m": 1 } } }"#, "\"m\""),
            (r#"{ "identities": [], "ports": { "sts": 1 } }"#, "sts"),
            (r#"{ "identities": [], "front_doors": [{ "service": "s", "upstream": "b" }] }"#, "\"b\" is not the URL"),
            (r#"{ "identities": [], "front_doors": [{ "service": "", "upstream": "http://a" }] }"#, "service \"\""),
        ] {
            let error = State::parse(json).unwrap_err().to_string();
            assert!(error.contains(named), "{json}: {error}");
        }
    }
}
