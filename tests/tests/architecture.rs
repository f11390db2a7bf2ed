//! The dependency direction of ARCHITECTURE.md, read from `cargo metadata`: an arrow the other way, or a crate that a layer must
//! not know, fails here. It must not build anything.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cargo_metadata::{DependencyKind, MetadataCommand, PackageId};

/// What a layer may lean on. Every crate of the workspace belongs to exactly one layer.
struct Layer {
    members: &'static [&'static str],
    /// Crates of ours that its library and programs may use.
    may_use: &'static [&'static str],
    /// Crates of ours that only its program may use: the dependency has to be optional, so that the library builds without.
    program_may_use: &'static [&'static str],
    /// Crates from elsewhere that must not be reachable, however far away. A trailing `*` stands for any ending.
    must_not_reach: &'static [&'static str],
}

const DOMAIN: &str = "synapscribe-domain";
const PORTS: &str = "synapscribe-ports";
const USECASES: &str = "synapscribe-usecases";
const PROTOCOL: &str = "synapscribe-protocol";
const WIRE: &str = "synapscribe-wire";
const SQL: &str = "synapscribe-sql";
const ENGINES: &str = "synapscribe-engines";
const LOCAL: &str = "synapscribe-local";
const MEDIA: &str = "synapscribe-media";
const READER: &str = "synapscribe-reader";
const SANDBOX: &str = "synapscribe-sandbox";
const AGENT_CLIENT: &str = "synapscribe-agent-client";
const VAULT: &str = "synapscribe-vault";
const AWS: &str = "synapscribe-aws";
const DEPLOYMENT: &str = "synapscribe-deployment";
const TELEMETRY: &str = "synapscribe-telemetry";
const SOUND: &str = "synapscribe-sound";
const HOST: &str = "synapscribe-host";
const AGENTCORE: &str = "synapscribe-agentcore";
const REHEARSAL: &str = "synapscribe-rehearsal";
const CLIENT: &str = "synapscribe-client";
const OPERATIONS: &str = "synapscribe-operations";
const TERMINAL: &str = "synapscribe-terminal";
const LAMBDAS: [&str; 7] = [
    "lambda-websocket",
    "lambda-answer",
    "lambda-validate-lecture",
    "lambda-library",
    "lambda-accounts",
    "lambda-migrate",
    "lambda-documents",
];

const HTTP: [&str; 5] = ["axum*", "reqwest", "hyper", "lambda_*", "aws_lambda_*"];

const LAYERS: &[Layer] = &[
    Layer {
        members: &[DOMAIN],
        may_use: &[],
        program_may_use: &[],
        must_not_reach: &["aws*", "axum*", "tokio*", "tauri*", "sqlx*", "reqwest", "hyper", "futures*", "rand", "tracing*"],
    },
    Layer {
        members: &[PORTS],
        may_use: &[DOMAIN],
        program_may_use: &[],
        must_not_reach: &["aws*", "axum*", "tauri*", "sqlx*", "reqwest", "hyper", "lambda_*"],
    },
    Layer {
        members: &[PROTOCOL],
        may_use: &[],
        program_may_use: &[],
        must_not_reach: &["aws*", "axum*", "tokio*", "tauri*", "sqlx*", "reqwest", "hyper", "lambda_*"],
    },
    // The one place that knows both the domain and the protocol: it converts, and has nothing to carry messages with.
    Layer {
        members: &[WIRE],
        may_use: &[PORTS, DOMAIN, PROTOCOL],
        program_may_use: &[],
        must_not_reach: &["aws*", "axum*", "tauri*", "sqlx*", "reqwest", "hyper", "lambda_*"],
    },
    Layer {
        members: &[USECASES],
        may_use: &[PORTS, DOMAIN],
        program_may_use: &[],
        must_not_reach: &["aws*", "axum*", "tauri*", "sqlx*", "reqwest", "hyper", "lambda_*"],
    },
    Layer { members: &[SQL], may_use: &[PORTS, DOMAIN], program_may_use: &[], must_not_reach: &HTTP },
    Layer {
        members: &[ENGINES],
        may_use: &[PORTS, DOMAIN, SANDBOX],
        program_may_use: &[],
        must_not_reach: &["sqlx*", "libsqlite3-sys", "aws-sdk-*", "tauri*", "lambda_*"],
    },
    // What both sides do to sound: samples in, samples out, and nothing of ours.
    Layer {
        members: &[SOUND],
        may_use: &[],
        program_may_use: &[],
        must_not_reach: &["aws*", "axum*", "tokio*", "tauri*", "sqlx*", "reqwest", "hyper", "cpal", "rodio", "lambda_*"],
    },
    Layer {
        members: &[MEDIA],
        may_use: &[PORTS, DOMAIN, SOUND, SANDBOX],
        program_may_use: &[],
        must_not_reach: &["sqlx*", "libsqlite3-sys", "aws*", "axum*", "reqwest", "hyper", "tauri*", "lambda_*"],
    },
    Layer {
        members: &[READER],
        may_use: &[PORTS, DOMAIN, SANDBOX],
        program_may_use: &[],
        must_not_reach: &["sqlx*", "libsqlite3-sys", "aws*", "axum*", "reqwest", "hyper", "tauri*", "lambda_*"],
    },
    // The child process for untrusted files, whatever is in them.
    Layer {
        members: &[SANDBOX],
        may_use: &[DOMAIN],
        program_may_use: &[],
        must_not_reach: &[
            "sqlx*",
            "libsqlite3-sys",
            "aws*",
            "axum*",
            "reqwest",
            "hyper",
            "tauri*",
            "lambda_*",
            "symphonia*",
            "hayro*",
        ],
    },
    Layer {
        members: &[LOCAL],
        may_use: &[PORTS, DOMAIN],
        program_may_use: &[],
        must_not_reach: &["sqlx*", "libsqlite3-sys", "aws-sdk-*", "tauri*", "lambda_*"],
    },
    // The cryptography of accounts: no store, no wire.
    Layer {
        members: &[VAULT],
        may_use: &[PORTS, DOMAIN],
        program_may_use: &[],
        must_not_reach: &["sqlx*", "axum*", "reqwest", "hyper", "aws-sdk-*", "rustls", "tauri*", "lambda_*"],
    },
    Layer {
        members: &[AWS],
        may_use: &[PORTS, DOMAIN],
        program_may_use: &[],
        must_not_reach: &["sqlx*", "libsqlite3-sys", "axum*", "reqwest", "tauri*", "lambda_*", "aws_lambda_*"],
    },
    // What a process tells its operator: the log, traces and measurements.
    Layer {
        members: &[TELEMETRY],
        may_use: &[DOMAIN],
        program_may_use: &[],
        must_not_reach: &["aws-sdk-*", "aws-smithy-*", "aws-config", "axum*", "tauri*", "sqlx*", "lambda_*", "s3s*", "tonic*"],
    },
    Layer {
        members: &LAMBDAS,
        may_use: &[USECASES, PORTS, DOMAIN, PROTOCOL, WIRE, TELEMETRY],
        program_may_use: &[DEPLOYMENT, SQL, ENGINES, LOCAL, MEDIA, READER],
        must_not_reach: &["tauri*"],
    },
    // The composition root on AWS, for the programs of the Lambdas and the daemon.
    Layer {
        members: &[DEPLOYMENT],
        may_use: &[USECASES, PORTS, DOMAIN, WIRE, SQL, AWS, MEDIA, READER, VAULT, AGENT_CLIENT, TELEMETRY],
        program_may_use: &[],
        must_not_reach: &["tauri*", "rten*", "whisper*", "s3s*"],
    },
    // The other end of its routes, for whoever asks it over the network.
    Layer {
        members: &[AGENT_CLIENT],
        may_use: &[PORTS, DOMAIN, PROTOCOL, WIRE],
        program_may_use: &[],
        must_not_reach: &["tauri*", "aws-sdk-*", "aws-smithy-*", "axum*", "sqlx*", "rten*", "lambda_*"],
    },
    Layer {
        members: &[AGENTCORE],
        may_use: &[USECASES, PORTS, DOMAIN, PROTOCOL, WIRE, AGENT_CLIENT, TELEMETRY],
        program_may_use: &[],
        must_not_reach: &["tauri*", "aws_lambda_*", "lambda_*", "aws-sdk-*", "sqlx*", "rten*"],
    },
    // The program on the GPU host: the one place that knows both the engines and a deployment.
    Layer {
        members: &["synapscribe-agentcore-daemon"],
        may_use: &[AGENTCORE, DEPLOYMENT, USECASES, PORTS, DOMAIN, SQL, ENGINES, LOCAL, MEDIA, READER, TELEMETRY],
        program_may_use: &[],
        must_not_reach: &["tauri*", "aws_lambda_*", "lambda_*"],
    },
    Layer {
        members: &[HOST],
        may_use: &[
            USECASES, PORTS, DOMAIN, PROTOCOL, WIRE, SQL, ENGINES, LOCAL, MEDIA, READER, VAULT, AGENTCORE, LAMBDAS[0],
            LAMBDAS[1], LAMBDAS[2], LAMBDAS[3], LAMBDAS[4],
        ],
        program_may_use: &[],
        must_not_reach: &["tauri*", "cpal", "rodio", "ratatui*"],
    },
    Layer {
        members: &[CLIENT],
        may_use: &[PROTOCOL, SOUND],
        program_may_use: &[],
        must_not_reach: &["tauri*", "axum*", "sqlx*", "libsqlite3-sys", "s3s*", "lambda_*", "rten*"],
    },
    // An operator's side: AWS from outside, and the client.
    Layer {
        members: &[OPERATIONS],
        may_use: &[CLIENT, PROTOCOL],
        program_may_use: &[],
        must_not_reach: &["tauri*", "axum*", "sqlx*", "libsqlite3-sys", "s3s*", "lambda_*", "rten*", "ratatui*"],
    },
    Layer {
        members: &[TERMINAL],
        may_use: &[CLIENT, OPERATIONS, HOST, PROTOCOL, READER, ENGINES, TELEMETRY],
        program_may_use: &[],
        must_not_reach: &["tauri*"],
    },
    Layer {
        members: &["synapscribe-desktop"],
        may_use: &[CLIENT, HOST, PROTOCOL],
        program_may_use: &[],
        must_not_reach: &["ratatui*"],
    },
    // The stories know what anybody outside could know; their tests may use stock libraries besides.
    Layer {
        members: &["synapscribe-stories"],
        may_use: &[PROTOCOL, CLIENT],
        program_may_use: &[],
        must_not_reach: &["sqlx*", "axum*", "tauri*"],
    },
    // What AWS does between the processes of a deployment, for tests, the bench and a rehearsal by hand.
    Layer {
        members: &[REHEARSAL],
        may_use: &[AWS, LOCAL, PORTS, DOMAIN, "synapscribe-stories"],
        program_may_use: &[],
        must_not_reach: &["tauri*", "sqlx*", "rten*", "lambda_*"],
    },
    // The evaluation asks the product's own operation and searches in both databases; it needs no face and no wire.
    Layer {
        members: &["synapscribe-eval"],
        may_use: &[USECASES, PORTS, DOMAIN, SQL, ENGINES, READER, "synapscribe-stories"],
        program_may_use: &[],
        must_not_reach: &["axum*", "tauri*", "aws-sdk*", "lambda_*"],
    },
    // The bench measures each part by itself, so it may reach all of them, and the app as the stories do; nothing may reach the
    // bench.
    Layer {
        members: &["synapscribe-bench"],
        may_use: &[
            USECASES,
            PORTS,
            DOMAIN,
            PROTOCOL,
            WIRE,
            SQL,
            ENGINES,
            LOCAL,
            MEDIA,
            VAULT,
            READER,
            AGENTCORE,
            HOST,
            CLIENT,
            LAMBDAS[0],
            LAMBDAS[1],
            LAMBDAS[2],
            LAMBDAS[3],
            LAMBDAS[4],
            REHEARSAL,
            "synapscribe-stories",
        ],
        program_may_use: &[],
        must_not_reach: &["tauri*"],
    },
];

/// One crate and the normal dependencies that it names.
#[derive(Default)]
struct Crate {
    /// Direct dependencies, and whether each is optional.
    direct: BTreeMap<String, bool>,
    /// The direct dependencies in the resolved graph, by the key of their node.
    edges: BTreeSet<String>,
    name: String,
}

/// The resolved graph. Crates of ours are keyed by name, others by name and version.
#[derive(Default)]
struct Graph {
    crates: BTreeMap<String, Crate>,
    members: BTreeSet<String>,
}

#[test]
fn every_dependency_points_inwards() {
    let broken = violations(LAYERS, &read());
    assert!(broken.is_empty(), "the dependency direction is broken:\n  {}", broken.join("\n  "));
}

#[test]
fn an_arrow_the_other_way_a_forbidden_crate_and_a_stranger_are_each_found() {
    let mut graph = Graph::default();
    for (name, edges) in [
        (DOMAIN, &["serde 1"][..]),
        (PORTS, &[DOMAIN]),
        (USECASES, &[PORTS, SQL]),
        (SQL, &["sqlx 0.9"]),
        ("sqlx 0.9", &["helper 1"]),
        ("helper 1", &["axum-core 0.5"]),
        ("serde 1", &[]),
        ("axum-core 0.5", &[]),
        ("somebody-new", &[]),
    ] {
        graph.add(name, edges, false);
    }
    graph.add(LAMBDAS[0], &[USECASES, SQL], true);
    graph.add(LAMBDAS[1], &[USECASES, SQL], false);
    let broken = violations(LAYERS, &graph);
    let expected = [
        "lambda-answer uses synapscribe-sql in its library: make the dependency optional, for the program alone",
        "somebody-new belongs to no layer: give it a place in the layers of this test",
        "synapscribe-sql reaches axum-core: synapscribe-sql → sqlx → helper → axum-core",
        "synapscribe-usecases reaches sqlx: synapscribe-usecases → synapscribe-sql → sqlx",
        "synapscribe-usecases uses synapscribe-sql, which its layer must not know",
    ];
    assert_eq!(broken, expected);
}

fn violations(layers: &[Layer], graph: &Graph) -> Vec<String> {
    let mut broken = BTreeSet::new();
    for member in &graph.members {
        let Some(layer) = layers.iter().find(|layer| layer.members.contains(&member.as_str())) else {
            broken.insert(format!("{member} belongs to no layer: give it a place in the layers of this test"));
            continue;
        };
        for (used, optional) in graph.crates[member].direct.iter().filter(|(used, _)| graph.members.contains(*used)) {
            let used = used.as_str();
            if layer.may_use.contains(&used) || (*optional && layer.program_may_use.contains(&used)) {
                continue;
            }
            broken.insert(if layer.program_may_use.contains(&used) {
                format!("{member} uses {used} in its library: make the dependency optional, for the program alone")
            } else {
                format!("{member} uses {used}, which its layer must not know")
            });
        }
        for path in graph.paths_to(member, layer.must_not_reach) {
            let names: Vec<&str> = path.iter().map(|key| graph.crates[key].name.as_str()).collect();
            broken.insert(format!("{member} reaches {}: {}", names[names.len() - 1], names.join(" → ")));
        }
    }
    broken.into_iter().collect()
}

impl Graph {
    /// The shortest way from a crate to each forbidden one.
    fn paths_to(&self, from: &str, forbidden: &[&str]) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::from([from.to_owned()]);
        let mut waiting = VecDeque::from([vec![from.to_owned()]]);
        while let Some(path) = waiting.pop_front() {
            for next in &self.crates[&path[path.len() - 1]].edges {
                if !seen.insert(next.clone()) {
                    continue;
                }
                let mut longer = path.clone();
                longer.push(next.clone());
                if forbidden.iter().any(|pattern| matches(pattern, &self.crates[next].name)) {
                    found.push(longer);
                } else {
                    waiting.push_back(longer);
                }
            }
        }
        found
    }

    fn add(&mut self, key: &str, edges: &[&str], optional: bool) {
        let name = |key: &str| key.split(' ').next().unwrap_or_default().to_owned();
        let node = self.crates.entry(key.to_owned()).or_default();
        node.name = name(key);
        node.edges = edges.iter().map(|edge| (*edge).to_owned()).collect();
        node.direct = edges.iter().map(|edge| (name(edge), optional)).collect();
        if !key.contains(' ') {
            self.members.insert(key.to_owned());
        }
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(name == pattern, |start| name.starts_with(start))
}

/// The graph as cargo resolves it, for the machine this runs on, with every feature that anybody in the workspace asks for.
fn read() -> Graph {
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let metadata = MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .other_options(["--locked".to_owned(), "--filter-platform".to_owned(), platform])
        .exec()
        .expect("cargo metadata reads this workspace");
    let mut graph = Graph::default();
    let key = |id: &PackageId| {
        let package = &metadata[id];
        if metadata.workspace_members.contains(id) {
            package.name.to_string()
        } else {
            format!("{} {}", package.name, package.version)
        }
    };
    for node in &metadata.resolve.as_ref().expect("cargo metadata resolves unless told not to").nodes {
        let package = &metadata[&node.id];
        let normal = |kinds: &[cargo_metadata::DepKindInfo]| kinds.iter().any(|info| info.kind == DependencyKind::Normal);
        let entry = graph.crates.entry(key(&node.id)).or_default();
        entry.name = package.name.to_string();
        entry.edges = node.deps.iter().filter(|dependency| normal(&dependency.dep_kinds)).map(|to| key(&to.pkg)).collect();
        entry.direct = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind == DependencyKind::Normal)
            .map(|dependency| (dependency.name.clone(), dependency.optional))
            .collect();
    }
    graph.members = metadata.workspace_members.iter().map(key).collect();
    graph
}
