//! The clients: the rows of the table. What a library cannot do was read in the source of the pinned version.

use super::{
    Client,
    Flow::{Expired, Federation, Forged, Genuine, Impersonation, Key},
};
use crate::foreign::{self, Language, Program};

/// All, in the order of the table.
pub const CLIENTS: &[Client] = &[
    Client {
        name: "Python",
        program: Program {
            folder: "deploy/interop/python",
            language: foreign::PYTHON,
            build: &[],
            run: &["venv/bin/python", "main.py"],
        },
        cannot: &[(&[Impersonation], NO_ENDPOINT)],
    },
    Client {
        name: "Node",
        program: Program {
            folder: "deploy/interop/node",
            language: foreign::NODE,
            build: &[],
            run: &["node", "main.mjs"],
        },
        cannot: &[(&[Key], "it sends every assertion to oauth2.googleapis.com, whatever the file's token_uri says")],
    },
    Client {
        name: "Go",
        program: Program {
            folder: "deploy/interop/go",
            language: foreign::GO,
            build: &["go", "build", "-o", "interop", "."],
            run: &["./interop"],
        },
        cannot: &[(&[Impersonation], NO_ENDPOINT)],
    },
    Client {
        name: "Java",
        program: Program {
            folder: "deploy/interop/java",
            language: foreign::JAVA,
            build: &["javac", "-cp", "lib/*", "-d", "classes", "Interop.java"],
            run: &["java", "-cp", "classes:lib/*", "Interop"],
        },
        cannot: &[(&[Impersonation], NO_ENDPOINT), (&[Federation], "it takes no token_url without https")],
    },
    Client {
        name: "curl",
        program: Program {
            folder: "deploy/interop/curl",
            language: Language { probe: &["sh", "-c", "curl --version && openssl version"], fetch: &[] },
            build: &[],
            run: &["sh", "call.sh"],
        },
        cannot: &[(&[Genuine, Forged, Expired], NO_VERIFIER)],
    },
    Client {
        name: "gcloud",
        program: Program {
            folder: "deploy/interop/gcloud",
            language: Language { probe: &["gcloud", "--version"], fetch: &[] },
            build: &[],
            run: &["sh", "call.sh"],
        },
        cannot: &[(&[Genuine, Forged, Expired], NO_VERIFIER)],
    },
];

const NO_ENDPOINT: &str =
    "it asks iamcredentials.googleapis.com for the ID token, whatever the file says, and has no parameter for it";
const NO_VERIFIER: &str = "it has no verifier";
