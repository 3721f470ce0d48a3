//! What clients read of a metadata server besides tokens, and what they probe to find out where they are.
//!
//! The paths are those of Google's own libraries for Python, Node, Java and Go, and of gcloud; the form of the answers is
//! that of <https://cloud.google.com/compute/docs/metadata/querying-metadata>.

use google_emulator::Emulator;
use reqwest::Response;
use serde_json::{Value, json};

use crate::{client, emulator, header, json as json_of, text};

const EMAIL: &str = "login-service@demo-project.iam.gserviceaccount.com";

async fn ask(google: &Emulator, path: &str) -> Response {
    let url = format!("http://{}/computeMetadata/v1{path}", google.metadata_host("login-service"));
    client().get(url).header("metadata-flavor", "Google").send().await.expect("the emulator answers")
}

fn account() -> Value {
    json!({ "aliases": ["default"], "email": EMAIL, "scopes": ["https://www.googleapis.com/auth/cloud-platform"] })
}

#[tokio::test]
async fn each_value_that_a_client_reads_is_there_as_text() {
    let google = emulator().await;
    for (path, expected) in [
        ("/project/project-id", "demo-project"),
        ("/project/numeric-project-id", "123456789012"),
        ("/universe/universe-domain", "googleapis.com"),
        ("/universe/universe_domain", "googleapis.com"),
        ("/instance/region", "projects/123456789012/regions/europe-west1"),
        ("/instance/zone", "projects/123456789012/zones/europe-west1-1"),
        ("/instance/service-accounts/default/aliases", "default\n"),
        ("/instance/service-accounts/default/email", EMAIL),
        ("/instance/service-accounts/default/scopes", "https://www.googleapis.com/auth/cloud-platform\n"),
    ] {
        let answer = ask(&google, path).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (200, "application/text"), "{path}");
        assert_eq!(header(&answer, "metadata-flavor"), "Google", "{path}");
        assert_eq!(text(answer).await, expected, "{path}");
        assert_eq!(ask(&google, &format!("{path}/")).await.status(), 404, "{path} is no directory");
    }
}

#[tokio::test]
async fn a_directory_lists_its_names_with_a_slash_at_the_end_and_without() {
    let google = emulator().await;
    for (path, expected) in [
        ("", "instance/\nproject/\nuniverse/\n"),
        ("/instance", "id\nregion\nservice-accounts/\nzone\n"),
        ("/instance/service-accounts", &format!("default/\n{EMAIL}/\n")),
        ("/instance/service-accounts/default", "aliases\nemail\nidentity\nscopes\ntoken\n"),
    ] {
        for path in [path, &format!("{path}/"), &format!("{path}/?recursive=false")] {
            let answer = ask(&google, path).await;
            assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (200, "application/text"));
            assert_eq!(text(answer).await, expected, "{path}");
        }
    }
}

#[tokio::test]
async fn a_directory_asked_recursively_is_json_of_what_is_below_it() {
    let google = emulator().await;
    for (path, expected) in [
        ("/instance/service-accounts/default/", account()),
        (&format!("/instance/service-accounts/{EMAIL}/"), account()),
        ("/instance/service-accounts/", json!({ "default": account(), EMAIL: account() })),
        ("/project/", json!({ "numericProjectId": 123_456_789_012_u64, "projectId": "demo-project" })),
    ] {
        let answer = ask(&google, &format!("{path}?recursive=true")).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (200, "application/json"), "{path}");
        assert_eq!(json_of(answer).await, expected, "{path}");
    }
    let all = json_of(ask(&google, "/?recursive=true").await).await;
    assert_eq!(all["instance"]["serviceAccounts"]["default"], account());
    let value = ask(&google, "/project/numeric-project-id?alt=json").await;
    assert_eq!(json_of(value).await, 123_456_789_012_u64);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let google = emulator().await;
    let other = "/instance/service-accounts/frontend@demo-project.iam.gserviceaccount.com/";
    for path in ["/nowhere", "/instance/nowhere", "/project/project-id/more", "//", "/instance//zone", other] {
        assert_eq!(ask(&google, path).await.status(), 404, "{path}");
    }
    assert_eq!(ask(&google, "/instance/service-accounts/default/token/").await.status(), 404);
}

#[tokio::test]
async fn the_rules_for_headers_hold_everywhere() {
    let google = emulator().await;
    let url = |path| format!("http://{}/computeMetadata/v1{path}", google.metadata_host("login-service"));
    for path in ["", "/instance", "/project/project-id", "/universe/universe_domain"] {
        let plain = client().get(url(path));
        let right = plain.try_clone().unwrap().header("metadata-flavor", "Google");
        for (request, status) in [
            (plain.try_clone().unwrap(), 403),
            (plain.header("metadata-flavor", "google"), 404),
            (right.header("x-forwarded-for", "192.0.2.1"), 403),
        ] {
            let answer = request.send().await.unwrap();
            assert_eq!((answer.status().as_u16(), header(&answer, "metadata-flavor")), (status, "Google"), "{path}");
        }
    }
}

#[tokio::test]
async fn another_project_has_its_own_name_and_number() {
    let google = emulator().await;
    let url = format!("http://{}/computeMetadata/v1/project/?recursive=true", google.metadata_host("stranger"));
    let answer = client().get(url).header("metadata-flavor", "Google").send().await.unwrap();
    let expected = json!({ "numericProjectId": 210_987_654_321_u64, "projectId": "other-project" });
    assert_eq!(json_of(answer).await, expected);
}
