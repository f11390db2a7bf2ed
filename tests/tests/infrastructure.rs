//! The template's data, identity and queue resources, made in an emulator of AWS and read back; and what the template says of the
//! programs, held against them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use synapscribe_stories::{Emulator, python, run};

/// What the emulator holds, and what the template gave out.
fn made(deployment: &str) -> (Value, Value) {
    let (emulator, given) = Emulator::with_deployment(deployment).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/inventory.py");
    let held = run(Command::new(python()).arg(script).arg(emulator.endpoint())).unwrap();
    (serde_json::from_str(held.well().out.trim()).unwrap(), given)
}

#[test]
fn what_is_kept_is_encrypted_forgotten_in_time_and_told_of() {
    let (held, given) = made("prod");
    let recordings = given["outputs"]["RecordingsBucket"].as_str().unwrap();
    let bucket = &held["buckets"][recordings];
    let rules = bucket["lifecycle"].as_array().unwrap();
    for prefix in ["queries/", "responses/"] {
        let rule = rules.iter().find(|rule| rule["Filter"]["Prefix"] == prefix).unwrap_or_else(|| panic!("{prefix} stays"));
        assert_eq!((&rule["Expiration"]["Days"], &rule["Status"]), (&json!(7), &json!("Enabled")));
    }
    assert!(rules.iter().all(|rule| rule["Filter"]["Prefix"] != "lectures/"), "lectures stay until somebody deletes them");
    let cleaned =
        |rule: &Value| rule["Filter"]["Prefix"] == "" && rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 7;
    assert!(rules.iter().any(cleaned), "parts of uploads that were given up are removed: {rules:?}");
    assert_eq!(bucket["encryption"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256");
    assert!(bucket["closed"].as_object().unwrap().values().all(|blocked| blocked == true), "{}", bucket["closed"]);
    assert_eq!(held["cors"][recordings]["AllowedOrigins"], json!(["https://synapscribe.example.edu"]));
    assert_eq!(held["cors"][recordings]["ExposeHeaders"], json!(["ETag"]), "a browser has to read the tags of parts");

    let told = &bucket["told"][0];
    let uploads = &held["queues"]["synapscribe-prod-uploads"];
    assert_eq!((&told["Events"], &told["QueueArn"]), (&json!(["s3:ObjectCreated:*"]), &uploads["QueueArn"]));
    assert_eq!(told["Filter"]["Key"]["FilterRules"][0]["Value"], "lectures/");
    let may_tell = &uploads["Policy"]["Statement"][0];
    assert_eq!(may_tell["Condition"]["ArnEquals"]["aws:SourceArn"], format!("arn:aws:s3:::{recordings}"));

    for (name, table) in held["tables"].as_object().unwrap() {
        assert_eq!((&table["billing"], &table["recovery"]), (&json!("PAY_PER_REQUEST"), &json!("ENABLED")), "{name}");
        assert_eq!(table["expiry"]["AttributeName"], "expiresAt", "{name}");
    }
    for (name, days) in held["logs"].as_object().unwrap() {
        assert_eq!(days, 30, "{name}");
    }
}

#[test]
fn a_queue_hides_a_message_until_its_lease_has_ended_and_gives_up_in_the_end() {
    let (held, given) = made("dev");
    // The function's timeout and ninety seconds; the GPU host takes its messages off at once.
    for (name, hidden) in [("uploads", "390"), ("answers", "270"), ("ingests", "90")] {
        let queue = &held["queues"][format!("synapscribe-dev-{name}")];
        assert_eq!(queue["VisibilityTimeout"], hidden, "{name}");
        let dead = &held["queues"][format!("synapscribe-dev-{name}-dead-letters")];
        assert_eq!(queue["RedrivePolicy"]["deadLetterTargetArn"], dead["QueueArn"], "{name}");
        assert_eq!(queue["RedrivePolicy"]["maxReceiveCount"].to_string().trim_matches('"'), "8", "{name}");
        assert_eq!(dead["MessageRetentionPeriod"], "1209600", "two weeks for an operator");
    }
    for (name, queue) in held["queues"].as_object().unwrap() {
        assert_eq!(queue["SqsManagedSseEnabled"], "true", "{name}");
    }
    let functions: BTreeSet<&str> = given["functions"].as_object().unwrap().keys().map(String::as_str).collect();
    let all = [
        "lambda-answer",
        "lambda-chat",
        "lambda-documents",
        "lambda-library",
        "lambda-migrate",
        "lambda-validate-lecture",
        "lambda-websocket",
    ];
    assert_eq!(functions, BTreeSet::from(all));
    for who in all.iter().map(|name| &given["functions"][name]).chain([&given["host"]]) {
        for queue in ["arrivals", "answers", "ingests"] {
            let address = who[format!("SYNAPSCRIBE_{}_QUEUE", queue.to_uppercase())].as_str().unwrap();
            assert!(address.ends_with(&format!("/synapscribe-dev-{queue}")), "{address}");
        }
    }
}

#[test]
fn what_programs_are_told_is_what_they_read() {
    let (_, given) = made("dev");
    let read = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap();
    let described = [read("docs/aws.md"), read("docs/operators.md"), read("infra/README.md")].concat();
    let functions = given["functions"].as_object().unwrap();
    for (program, told) in functions.iter().map(|(name, told)| (name.as_str(), told)).chain([("GPU host", &given["host"])]) {
        for name in told.as_object().unwrap().keys() {
            assert!(described.contains(&format!("`{name}`")), "{program} is told {name}, which no page describes");
        }
        // Nothing starts without these.
        let needed = ["TABLES", "BUCKET", "GATEWAY_URL", "DATABASE", "DATABASE_SECRET", "DATABASE_CA"];
        for name in needed.map(|name| format!("SYNAPSCRIBE_{name}")) {
            assert!(told[&name].as_str().is_some_and(|value| !value.is_empty()), "{program} is not told {name}");
        }
        // A deployment may have no collector; a variable that is set by hand would go with the next one.
        for name in ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"] {
            assert!(told[name].is_string(), "{program} cannot be told {name}");
        }
    }
    let asks = ["lambda-answer", "lambda-chat", "lambda-library", "lambda-websocket"];
    for name in ["SYNAPSCRIBE_AGENT_URL", "SYNAPSCRIBE_AGENT_SECRET"] {
        let told = functions.iter().filter(|(_, told)| told[name].as_str().is_some_and(|value| !value.is_empty()));
        assert_eq!(told.map(|(program, _)| program.as_str()).collect::<BTreeSet<_>>(), BTreeSet::from(asks), "{name}");
    }
    assert!(given["host"]["SYNAPSCRIBE_AGENT_SECRET"].as_str().is_some_and(|value| !value.is_empty()), "AgentCore asks for it");
    let streams: Vec<_> = functions.iter().filter(|(_, told)| told["SYNAPSCRIBE_STREAMS"] == "true").collect();
    assert!(streams.len() == 1 && streams[0].0 == "lambda-chat", "one gateway alone passes answers on while they grow");
    assert_eq!(functions["lambda-library"]["SYNAPSCRIBE_STREAMING_URL"], given["outputs"]["StreamingUrl"]);
    let bus = &given["outputs"]["EventBusName"];
    let tell = functions.iter().filter(|(_, told)| &told["SYNAPSCRIBE_EVENT_BUS"] == bus).map(|(name, _)| name.as_str());
    assert_eq!(tell.collect::<BTreeSet<_>>(), BTreeSet::from(["lambda-documents", "lambda-validate-lecture"]));
    assert_eq!(&given["host"]["SYNAPSCRIBE_EVENT_BUS"], bus, "a lecture becomes ready there");
    let database = given["host"]["SYNAPSCRIBE_DATABASE"].as_str().unwrap();
    assert!(database.starts_with("postgres://") && !database.contains('@'), "no password stands in an address: {database}");
}

#[test]
fn guests_and_functions_reach_what_is_theirs_and_nothing_else() {
    let (held, given) = made("dev");
    let (pool, api) = (&given["outputs"]["IdentityPoolId"], given["outputs"]["WebSocketApiId"].as_str().unwrap());
    let guest = &held["roles"]["synapscribe-dev-guest-eu-central-1"];
    let trust = &guest["trust"]["Statement"][0]["Condition"];
    assert_eq!(&trust["StringEquals"]["cognito-identity.amazonaws.com:aud"], pool, "guests of this pool only");
    assert_eq!(given["guests"]["Roles"]["unauthenticated"], given["outputs"]["GuestRoleArn"]);
    let resources = allowed(guest);
    let own = resources.iter().filter(|(_, resource)| resource.starts_with("arn:aws:s3:::"));
    for (action, resource) in own {
        assert!(resource.contains("/${cognito-identity.amazonaws.com:sub}/"), "{action} on {resource}");
        assert!(!resource.contains("/responses/") || action == "s3:GetObject", "guests write no answers");
    }
    assert!(resources.iter().any(|(_, resource)| resource.ends_with(&format!(":{api}/live/$connect"))), "{resources:?}");
    let routes: Vec<_> = resources.iter().filter(|(_, resource)| resource.contains("-Streaming/")).collect();
    assert!(routes.len() == 1 && routes[0].1.ends_with("-Streaming/api/POST/sessions/*/turns"), "{routes:?}");
    assert!(resources.iter().all(|(action, _)| !action.contains("List") || action == "s3:ListMultipartUploadParts"));

    let of = |name: &str| allowed(&held["roles"][format!("synapscribe-dev-{name}Role")]);
    let deletes = |name: &str| of(name).iter().any(|(action, _)| action == "s3:DeleteObject");
    assert_eq!([deletes("Websocket"), deletes("Answer"), deletes("Validate"), deletes("Library")], [false, true, true, true]);
    assert!(!of("Chat").iter().any(|(action, _)| action == "s3:GetObject"), "whoever only answers reads no recording");
    let attached = |name: &str| held["roles"][format!("synapscribe-dev-{name}Role")]["attached"].to_string();
    assert!(!attached("Migrate").contains("Speaking"), "the schema is nobody's conversation");
    assert!(!attached("Chat").contains("Speaking"), "whoever answers over its own lines reaches nobody else's");
    let asks = ["Websocket", "Answer", "Chat", "Validate", "Documents", "Library", "Migrate"]
        .map(|name| attached(name).contains("Asking"));
    assert_eq!(asks, [true, true, true, false, false, true, false], "who does not ask AgentCore does not read its secret");
}

#[test]
fn passwords_are_kept_by_a_pool_in_which_nobody_signs_up_and_that_keeps_secret_who_is_in_it() {
    let (held, given) = made("prod");
    let (pool, client) = (given["people"][0].as_str().unwrap(), &given["people"][1]);
    let pool = &held["people"][pool];
    assert_eq!((&pool["Name"], &pool["DeletionProtection"]), (&json!("synapscribe-prod-people"), &json!("ACTIVE")));
    assert_eq!(pool["Policies"]["PasswordPolicy"]["MinimumLength"], 8);
    assert_eq!(pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"], true);
    let [only] = pool["clients"].as_array().unwrap().as_slice() else { panic!("{}", pool["clients"]) };
    assert_eq!((&only["ClientId"], &only["ExplicitAuthFlows"]), (client, &json!(["ALLOW_ADMIN_USER_PASSWORD_AUTH"])));
    assert_eq!((&only["PreventUserExistenceErrors"], &only["ClientSecret"]), (&json!("ENABLED"), &Value::Null));
}

/// Every action that a role's own policies allow, with what it is allowed on.
fn allowed(role: &Value) -> Vec<(String, String)> {
    let list = |value: &Value| match value {
        Value::Array(all) => all.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        one => vec![one.as_str().unwrap().to_owned()],
    };
    let statements = role["policies"].as_array().unwrap().iter().flat_map(|policy| policy["Statement"].as_array().unwrap());
    let allow = statements.filter(|statement| statement["Effect"] == "Allow");
    allow
        .flat_map(|statement| {
            let (actions, resources) = (list(&statement["Action"]), list(&statement["Resource"]));
            actions
                .into_iter()
                .flat_map(move |action| resources.clone().into_iter().map(move |resource| (action.clone(), resource)))
        })
        .collect()
}

#[test]
fn the_gateways_lead_to_every_message_and_method_there_is() {
    let read = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap();
    let (routes, gateways) = (read("infra/stacks/api.yaml"), read("infra/stacks/gateways.yaml"));
    let messages = read("backend/protocol/src/client.rs");
    let types = messages
        .split("pub const TYPES")
        .nth(1)
        .and_then(|rest| rest.split('=').nth(1))
        .and_then(|rest| rest.split(';').next())
        .unwrap();
    let types: Vec<&str> = types.split('"').skip(1).step_by(2).collect();
    assert!(types.contains(&"query"), "{types:?}");
    for message in types {
        assert!(routes.contains(&format!("RouteKey: {message},")), "no route for {message}");
    }
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../lambdas/library/src")).unwrap().flatten();
    let files = files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let rest: Vec<String> = files.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let rest: String = rest.iter().flat_map(|file| file.lines()).filter(|line| line.contains(".route(\"/api/")).collect();
    assert!(rest.contains("get("), "{rest}");
    let accounts = read("lambdas/accounts/src/lib.rs");
    let accounts: String = accounts.lines().filter(|line| line.contains(".route(\"/api/auth/")).collect();
    for method in ["get", "post", "put", "patch", "delete"] {
        let upper = method.to_uppercase();
        let led = routes.contains(&format!("RouteKey: {upper} /api/{{path+}}"));
        assert_eq!(rest.contains(&format!("{method}(")), led, "{method}");
        let of_accounts = routes.contains(&format!("RouteKey: {upper} /api/auth/{{path+}}"));
        assert_eq!(accounts.contains(&format!("{method}(")), of_accounts, "{method} of accounts");
        let methods = gateways.split("AllowMethods: [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
        let allowed = methods.split(", ").any(|allowed| allowed == upper);
        assert_eq!(allowed, led || of_accounts, "the page may send {method}");
    }
}

#[test]
fn a_page_may_name_its_requests_and_read_what_they_are_called() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/stacks/gateways.yaml");
    let gateways = std::fs::read_to_string(path).unwrap();
    for headers in ["AllowHeaders: [", "ExposeHeaders: ["] {
        let listed = gateways.split(headers).nth(1).and_then(|rest| rest.split(']').next()).unwrap_or_default();
        assert!(listed.split(", ").any(|header| header == "x-correlation-id"), "{headers}{listed}]");
    }
}

/// What a deployment that was taken down leaves: more versions, and marks of what is gone, than one call tells of.
const LEFT: &str = r"
import boto3, sys
service = lambda name: boto3.client(name, endpoint_url=sys.argv[1], region_name='eu-central-1')
storage, account = service('s3'), service('sts').get_caller_identity()['Account']
for kept in ('recordings', 'page', 'releases'):
    bucket = f'synapscribe-dev-{kept}-{account}'
    storage.create_bucket(Bucket=bucket, CreateBucketConfiguration={'LocationConstraint': 'eu-central-1'})
    if kept != 'recordings':
        storage.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={'Status': 'Enabled'})
    for number in range(200):
        storage.put_object(Bucket=bucket, Key=f'assets/{number}.js', Body=b'x')
        storage.delete_object(Bucket=bucket, Key=f'assets/{number}.js') if number % 2 else None
    storage.put_object(Bucket=bucket, Key='assets/0.js', Body=b'y')
service('secretsmanager').create_secret(Name='synapscribe-dev/accounts', SecretString='pepper')
";

#[test]
fn what_a_deployment_leaves_is_gone_after_what_the_runbook_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/runbook.md");
    let page = std::fs::read_to_string(page).unwrap();
    let section = page.split("\n## Remove\n").nth(1).unwrap();
    let block = section.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let emulator = Emulator::start().unwrap();
    let keys = [("AWS_ACCESS_KEY_ID", "AKIDOPERATOR"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_REGION", "eu-central-1")];
    let python = python();
    run(Command::new(&python).args(["-c", LEFT, emulator.endpoint()]).envs(keys)).unwrap().well();

    // The command line lies beside the interpreter.
    let tools = Path::new(&python).parent().unwrap();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap_or_default());
    let asked = format!("{block}\naws s3api list-buckets --query Buckets\naws secretsmanager list-secrets --query SecretList\n");
    let mut shell = Command::new("bash");
    shell.args(["-eu", "-c", &asked]).envs(keys).env("AWS_DEFAULT_REGION", "eu-central-1").env("PATH", path);
    let said = run(shell.env("AWS_ENDPOINT_URL", emulator.endpoint())).unwrap().well();
    assert!(said.out.trim_end().ends_with("[]\n[]"), "{}", said.out);
}

/// A metric, and the operation it is of; the machine's own are of none.
type Metric = (String, String);

/// What the programs measure: events of the one target, whose fields name their unit.
fn measured() -> BTreeSet<Metric> {
    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => sources(&path, found),
                false if path.extension().is_some_and(|kind| kind == "rs") => found.push(path),
                false => {}
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for folder in ["backend/usecases/src", "agentcore/src", "lambdas"] {
        sources(&root.join(folder), &mut found);
    }
    let texts = found.iter().map(|path| std::fs::read_to_string(path).unwrap());
    let events = texts.flat_map(|text| text.split("target: MEASURED").skip(1).map(str::to_owned).collect::<Vec<_>>());
    let fields = events.map(|event| event.split(");").next().unwrap_or_default().to_owned());
    fields
        .flat_map(|event| {
            let fields: Vec<_> = event.lines().filter_map(|line| line.trim().trim_end_matches(',').split_once(" = ")).collect();
            let (_, operation) = fields.iter().find(|(name, _)| *name == "operation").expect("a measurement has an operation");
            let operation = operation.trim_matches('"').to_owned();
            let units = |name: &str| [".ms", ".bytes", ".count"].iter().any(|unit| name.ends_with(unit));
            let named = fields.iter().filter(move |(name, _)| units(name));
            named.map(|(name, _)| ((*name).to_owned(), operation.clone())).collect::<Vec<_>>()
        })
        .collect()
}

/// What the agent of CloudWatch measures of the machine, by the names that it gives.
fn of_the_machine() -> BTreeSet<Metric> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/gpu-host/settings/cloudwatch-agent.json");
    let settings: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(settings["metrics"]["namespace"], "SynapScribe");
    assert_eq!(
        settings["metrics"]["aggregation_dimensions"],
        json!([["deployment"]]),
        "whatever the machine of the day is called"
    );
    let collected = settings["metrics"]["metrics_collected"].as_object().unwrap();
    let named = |(plugin, told): (&String, &Value)| {
        assert!(told["append_dimensions"]["deployment"].is_string(), "{plugin} belongs to no deployment");
        let prefix = if plugin == "nvidia_gpu" { "nvidia_smi" } else { plugin.as_str() };
        let measured = told["measurement"].as_array().unwrap().iter();
        measured.map(|name| (format!("{prefix}_{}", name.as_str().unwrap()), String::new())).collect::<Vec<_>>()
    };
    collected.iter().flat_map(named).collect()
}

#[test]
fn the_dashboard_shows_what_is_measured_and_nothing_that_is_not() {
    let read = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap();
    let (dashboard, alarms) = (read("infra/stacks/dashboard.yaml"), read("infra/stacks/alarms.yaml"));
    let shown = dashboard.split("[\"SynapScribe\",\"").skip(1).map(|metric| {
        let words: Vec<&str> = metric.split(']').next().unwrap_or_default().split('"').collect();
        let after = |name: &str| words.iter().position(|word| *word == name).map(|at| words[at + 2].to_owned());
        (words[0].to_owned(), after("deployment"), after("operation").unwrap_or_default())
    });
    let (own, counted): (Vec<_>, Vec<_>) = shown.partition(|(_, deployment, _)| deployment.is_some());
    assert!(own.iter().all(|(_, deployment, _)| deployment.as_deref() == Some("${Prefix}")), "{own:?}");
    let own: BTreeSet<Metric> = own.into_iter().map(|(name, _, operation)| (name, operation)).collect();
    let measured: BTreeSet<Metric> = measured().union(&of_the_machine()).cloned().collect();
    assert!(measured.len() >= 12, "{measured:?}");
    assert_eq!(own, measured, "left: shown, right: measured");
    for (name, ..) in counted {
        assert!(alarms.contains(&format!("MetricName: !Sub \"{name}\", MetricValue")), "{name} is counted nowhere");
    }
    for alarm in
        alarms.split("Namespace: SynapScribe\n").skip(1).filter(|alarm| !alarm.trim_start().starts_with("MetricName: !Sub"))
    {
        let word =
            |key: &str| alarm.split(key).nth(1).and_then(|rest| rest.split([' ', '\n']).next()).unwrap_or_default().to_owned();
        let watched = (word("MetricName: "), word("operation, Value: "));
        assert!(measured.contains(&watched), "{watched:?} is watched and not measured");
    }
}
