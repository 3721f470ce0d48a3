//! Commands to try by hand while everything is up. Each works when pasted, in any order.

use crate::{
    environment::{PROFILE_AUDIENCE, SEARCH_AUDIENCE, USER},
    stage::Stage,
};

/// What a command shows, and the command, for a shell with curl.
pub fn commands(stage: &Stage) -> Vec<(&'static str, String)> {
    let token = |identity, audience| {
        format!("$(curl -s -H 'Metadata-Flavor: Google' '{}')", stage.metadata_url(identity, audience))
    };
    let call = |url: String, identity, audience| {
        format!("curl -si -H \"Authorization: Bearer {}\" '{url}'", token(identity, audience))
    };
    let (profile, search) = (stage.profile.url("/profiles/ada"), stage.search.url("/search?q=ada"));
    let (user, password) = USER;
    vec![
        (
            "a user logs in: 200",
            format!(
                "curl -si -H 'Content-Type: application/json' -d '{{\"username\":\"{user}\",\"password\":\"{password}\"}}' '{}'",
                stage.login.url("/login")
            ),
        ),
        ("nobody reads a profile: 401", format!("curl -si '{profile}'")),
        ("login-service reads a profile: 200", call(profile.clone(), "login-service", PROFILE_AUDIENCE)),
        ("whom profile-service sees: 200", call(stage.profile.url("/whoami"), "login-service", PROFILE_AUDIENCE)),
        ("search-service reads a profile: 403", call(profile.clone(), "search-service", PROFILE_AUDIENCE)),
        ("a stranger from another project: 403", call(profile, "stranger", PROFILE_AUDIENCE)),
        ("frontend searches: 200, without profiles", call(search.clone(), "frontend", SEARCH_AUDIENCE)),
        ("login-service may not search: 403", call(search.clone(), "login-service", SEARCH_AUDIENCE)),
        ("a token for profile-service at search-service: 401", call(search, "frontend", PROFILE_AUDIENCE)),
    ]
}
