//! The story, walked: a login that works, one that does not, a search that degrades, and the matrix.

use std::error::Error;

use serde_json::{Value, json};

use crate::{
    environment::{SEARCH_AUDIENCE, USER},
    matrix::ROWS,
    report::Report,
    stage::Stage,
};

/// Walks it, shows each step, and returns how many did not go as expected.
///
/// # Errors
/// A service or the emulator did not answer at all.
pub async fn walk(stage: &Stage, report: Report) -> Result<usize, Box<dyn Error>> {
    let mut wrong = 0;
    let mut show = |what: &str, (status, body): (u16, Value), expected: (u16, Value)| {
        let as_expected = status == expected.0 && contains(&body, &expected.1);
        report.verdict(what, &format!("{status} {body}"), as_expected);
        wrong += usize::from(!as_expected);
    };

    report.heading("A user logs in: login-service reads the profile from profile-service, with an ID token");
    let (user, password) = USER;
    let expected = (200, json!({ "profile": { "username": user } }));
    show("the right password", login(stage, user, password).await?, expected);
    let expected = || (401, json!({ "detail": "wrong user or password" }));
    show("a wrong password", login(stage, user, "guess").await?, expected());
    show("an unknown user: the same answer", login(stage, "nobody", "guess").await?, expected());

    report.heading("The frontend searches: profile-service refuses search-service, and the search degrades");
    let hit = json!({ "hits": [{ "username": user, "profile": null, "profile_error": "forbidden" }] });
    show("a search for \"ada\"", search(stage, user).await?, (200, hit));

    report.heading("Who may call whom: the status expected, and the status got");
    report.matrix_head();
    for row in &ROWS {
        let got = row.call(stage).await?;
        report.matrix_row(row, got);
        wrong += row.expected.iter().zip(got).filter(|(expected, got)| **expected != *got).count();
    }
    report.line("");
    report.line("The files are in shared-auth/src/receiver. Try it by hand with `make up`.");
    Ok(wrong)
}

async fn login(stage: &Stage, username: &str, password: &str) -> Result<(u16, Value), Box<dyn Error>> {
    let credentials = json!({ "username": username, "password": password });
    answer(stage.http.post(stage.login.url("/login")).json(&credentials)).await
}

async fn search(stage: &Stage, query: &str) -> Result<(u16, Value), Box<dyn Error>> {
    let token = stage.id_token("frontend", SEARCH_AUDIENCE).await?;
    answer(stage.http.get(stage.search.url(&format!("/search?q={query}"))).bearer_auth(token)).await
}

async fn answer(request: reqwest::RequestBuilder) -> Result<(u16, Value), Box<dyn Error>> {
    let response = request.send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

/// Whether everything in `expected` is in `value`, too.
fn contains(value: &Value, expected: &Value) -> bool {
    match (value, expected) {
        (Value::Object(value), Value::Object(expected)) => {
            expected.iter().all(|(name, expected)| value.get(name).is_some_and(|value| contains(value, expected)))
        }
        (Value::Array(value), Value::Array(expected)) => {
            value.len() == expected.len()
                && value.iter().zip(expected).all(|(value, expected)| contains(value, expected))
        }
        _ => value == expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_may_say_more_than_expected_and_nothing_else() {
        let value = json!({ "hits": [{ "username": "ada", "profile": null }], "more": 1 });
        assert!(contains(&value, &json!({ "hits": [{ "username": "ada" }] })));
        for other in
            [json!({ "hits": [] }), json!({ "hits": [{ "username": "alan" }] }), json!({ "less": 1 }), json!(1)]
        {
            assert!(!contains(&value, &other), "{other}");
        }
    }
}
