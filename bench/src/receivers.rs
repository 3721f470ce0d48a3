//! The receivers that are measured: what each is, and how it is run. All have the same two routes and the same answer;
//! their files are in `receivers`, the README there says how each is set up.

use local::foreign::{self, Program};

/// A receiver.
pub(crate) struct Receiver {
    /// As the tables call it.
    pub(crate) name: &'static str,
    /// Where it comes from.
    pub(crate) kind: Kind,
}

/// Where a receiver comes from.
pub(crate) enum Kind {
    /// A program of this package, of this name.
    Rust(&'static str),
    /// In another language.
    Foreign(Program),
}

/// The layer of shared-auth.
pub(crate) const OURS: &str = "shared-auth";
/// With all that a service has besides.
pub(crate) const SERVICE: &str = "shared-auth, as the services run";
/// On axum, too.
pub(crate) const GOOGLE: &str = "google-cloud-auth";
/// With Google's own libraries.
pub(crate) const GO: &str = "Go";
/// With Google's own libraries.
pub(crate) const JAVA: &str = "Java";
/// With Google's own libraries.
pub(crate) const NODE: &str = "Node";
/// With Google's own libraries.
pub(crate) const PYTHON: &str = "Python";

/// All, in the order of the tables.
pub(crate) const RECEIVERS: &[Receiver] = &[
    Receiver { name: OURS, kind: Kind::Rust("receiver-shared-auth") },
    Receiver { name: SERVICE, kind: Kind::Rust("receiver-shared-auth-service") },
    Receiver { name: GOOGLE, kind: Kind::Rust("receiver-google-cloud-auth") },
    Receiver {
        name: GO,
        kind: Kind::Foreign(Program {
            folder: "bench/receivers/go",
            language: foreign::GO,
            build: &["go", "build", "-o", "receiver", "."],
            run: &["./receiver"],
        }),
    },
    Receiver {
        name: JAVA,
        kind: Kind::Foreign(Program {
            folder: "bench/receivers/java",
            language: foreign::JAVA,
            build: &["javac", "-cp", "lib/*", "-d", "classes", "Receiver.java"],
            run: &[
                "java",
                "-XX:ActiveProcessorCount=1",
                "-XX:MaxRAM=512m",
                "-XX:MaxRAMPercentage=75",
                "-cp",
                "classes:lib/*",
                "Receiver",
            ],
        }),
    },
    Receiver {
        name: NODE,
        kind: Kind::Foreign(Program {
            folder: "bench/receivers/node",
            language: foreign::NODE,
            build: &[],
            run: &["node", "main.mjs"],
        }),
    },
    Receiver {
        name: PYTHON,
        kind: Kind::Foreign(Program {
            folder: "bench/receivers/python",
            language: foreign::PYTHON,
            build: &[],
            run: &["venv/bin/gunicorn", "main:app"],
        }),
    },
];
