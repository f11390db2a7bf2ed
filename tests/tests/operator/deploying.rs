//! A stage is brought up by one command. The checkout's scripts and `sam` are scripted; AWS's own command line is the real one, and the
//! emulator holds what it makes.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use synapscribe_stories::{Emulator, Said, curl, python, run};
use tempfile::TempDir;

use crate::shared::{aws, operator};

const SETTINGS: &str = r#"
version = 0.1
[default.global.parameters]
region = "us-east-1"
[small.deploy.parameters]
region = "us-east-1"
stack_name = "synapscribe-small"
parameter_overrides = ["Architecture=x86_64", "PageOrigins=https://localhost", "HostCount=0"]
[whole.deploy.parameters]
region = "us-east-1"
stack_name = "synapscribe-whole"
parameter_overrides = ["BellRate='rate(30 minutes)'", "HostCount=1", "PageOrigins=https://synapscribe.example.edu"]
"#;

/// Notes how it was asked; makes or changes the stack, with the outputs that the template names.
const SAM: &str = r#"#!/bin/sh
[ "$1" = --version ] && exit
echo "sam $*" >>../diary
[ -e ../broken ] && exit 1
[ "$1" = deploy ] || exit 0
at="--stack-name synapscribe-$3 --template-body file://../stack.json"
aws --region us-east-1 cloudformation update-stack $at >/dev/null 2>&1 || aws --region us-east-1 cloudformation create-stack $at
"#;
const LAMBDAS: &str = "#!/bin/sh\necho \"lambdas $*\" >>diary\n";
const INFRA: &str = r#"#!/bin/sh
echo "infra $*" >>diary
mkdir -p infra/build
case $1 in
gather)
    echo pem >infra/build/rds.pem
    python3 -c "import zipfile; zipfile.ZipFile('infra/build/lambda-migrate.zip', 'w').writestr('bootstrap', 'x')" ;;
bundle)
    echo programs >infra/build/gpu-host.tar.gz
    echo sum >infra/build/gpu-host.tar.gz.sha256 ;;
esac
"#;
const PAGE: &str = r#"#!/bin/sh
echo "page $*" >>diary
mkdir -p ui/dist/assets
echo '<!doctype html>' >ui/dist/index.html
echo 'go()' >ui/dist/assets/app-1a2b.js
"#;

/// A checkout, an operator and an account.
struct Workshop {
    home: TempDir,
    emulator: Emulator,
}

impl Workshop {
    fn open() -> Self {
        let workshop = Self { home: tempfile::tempdir().unwrap(), emulator: Emulator::start().unwrap() };
        workshop.write("infra/template.yaml", "");
        workshop.write("infra/samconfig.toml", SETTINGS);
        for (path, script) in
            [("bin/sam", SAM), ("scripts/lambdas.sh", LAMBDAS), ("scripts/infra.sh", INFRA), ("scripts/page.sh", PAGE)]
        {
            std::fs::set_permissions(workshop.write(path, script), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        // The emulator runs no function, and says what it is told to say.
        let address = workshop.emulator.endpoint();
        for (place, what) in [
            ("config", json!({ "lambda": { "use_docker": false } })),
            (
                "static/lambda-simple/response",
                json!({ "results": [r#"{"from":0,"to":2}"#, r#"{"from":2,"to":2}"#, r#"{"from":2,"to":2}"#] }),
            ),
        ] {
            let told = curl(&["--json", &what.to_string(), &format!("{address}/moto-api/{place}")]).unwrap();
            assert!(told.status < 300, "{}", told.body);
        }
        workshop.furnish();
        workshop
    }

    /// What the scripted stack gives out has to be there.
    fn furnish(&self) {
        let aws = |arguments: &[&str]| aws(&self.emulator, arguments);
        let trust = json!({ "Version": "2012-10-17", "Statement": [] }).to_string();
        let role = aws(&["iam", "create-role", "--role-name", "migrate", "--assume-role-policy-document", &trust]);
        let archive = self.home.path().join("first.zip");
        let script = "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').writestr('bootstrap', 'old')";
        run(Command::new(python()).args(["-c", script]).arg(&archive)).unwrap().well();
        let code = format!("fileb://{}", archive.display());
        let function =
            ["lambda", "create-function", "--function-name", "migrate", "--runtime", "provided.al2023", "--handler", "bootstrap"];
        let role = role["Role"]["Arn"].as_str().unwrap();
        aws(&[&function[..], &["--role", role, "--zip-file", &code]].concat());
        let origin =
            json!({ "Id": "page", "DomainName": "page.s3.amazonaws.com", "S3OriginConfig": { "OriginAccessIdentity": "" } });
        let edge = json!({
            "CallerReference": "1", "Comment": "", "Enabled": true, "Origins": { "Quantity": 1, "Items": [origin] },
            "DefaultCacheBehavior": { "TargetOriginId": "page", "ViewerProtocolPolicy": "https-only", "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6" },
        });
        let made = aws(&["cloudfront", "create-distribution", "--distribution-config", &edge.to_string()]);
        let bucket = |name: &str| json!({ "Type": "AWS::S3::Bucket", "Properties": { "BucketName": name } });
        let stack = json!({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Resources": { "Page": bucket("page"), "Releases": bucket("releases") },
            "Outputs": {
                "PageUrl": { "Value": "https://synapscribe.example.edu" }, "PageBucket": { "Value": "page" },
                "PageDistributionId": { "Value": made["Distribution"]["Id"] }, "ReleasesBucket": { "Value": "releases" },
                "MigrateFunction": { "Value": "migrate" },
            },
        });
        self.write("stack.json", &stack.to_string());
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn command(&self) -> Command {
        let mut command = operator(self.home.path(), self.emulator.endpoint());
        command.env("PATH", path(self.home.path())).current_dir(self.home.path());
        command
    }

    /// One `ops deploy`, with what it says as JSON.
    fn deploy(&self, line: &str) -> Said {
        run(self.command().args(["--json", "ops", "deploy"]).args(line.split_whitespace())).unwrap()
    }

    /// What the scripts were asked for since the last time, a line each.
    fn diary(&self) -> Vec<String> {
        let diary = self.home.path().join("diary");
        let lines = std::fs::read_to_string(&diary).unwrap_or_default().lines().map(str::to_owned).collect();
        let _ = std::fs::remove_file(diary);
        lines
    }

    fn keys(&self, bucket: &str) -> Vec<String> {
        let held = aws(&self.emulator, &["s3api", "list-objects-v2", "--bucket", bucket]);
        held["Contents"].as_array().into_iter().flatten().map(|one| one["Key"].as_str().unwrap().to_owned()).collect()
    }
}

/// The scripted `sam` goes before AWS's command line, which is in the environment of stock clients.
fn path(home: &Path) -> String {
    let clients = PathBuf::from(python());
    let clients = clients.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    format!("{}:{clients}:{}", home.join("bin").display(), std::env::var("PATH").unwrap_or_default())
}

/// The steps that were done, in order.
fn done(said: &Said) -> Vec<String> {
    let steps = said.of_type("step");
    steps.iter().filter(|step| step["state"] == "done").map(|step| step["step"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn one_command_builds_deploys_renews_the_schema_and_puts_the_page_up_and_may_be_given_again() {
    let workshop = Workshop::open();
    let first = workshop.deploy("small --yes -- --debug").well();
    assert_eq!(done(&first), ["functions", "stack", "page"]);
    let diary = workshop.diary();
    assert_eq!(diary.len(), 4, "{diary:?}");
    assert_eq!((diary[0].as_str(), diary[1].as_str()), ("lambdas x86_64", "infra gather x86_64 us-east-1"));
    assert_eq!(diary[2], "sam deploy --config-env small --no-fail-on-empty-changeset --no-confirm-changeset --debug");
    assert_eq!(diary[3], "page build");
    let schema = |said: &Said| -> Vec<String> {
        let steps = said.of_type("step");
        steps
            .iter()
            .filter_map(|step| step["message"].as_str()?.split_once("the schema: ").map(|(_, told)| told.to_owned()))
            .collect()
    };
    assert_eq!(schema(&first), ["version 2, 0 before"]);

    // The page is there, each file kept for as long as it may be, and the edge asks for it anew.
    assert_eq!(workshop.keys("page"), ["assets/app-1a2b.js", "index.html"]);
    let kept = |key: &str| {
        let head = aws(&workshop.emulator, &["s3api", "head-object", "--bucket", "page", "--key", key]);
        (head["CacheControl"].as_str().unwrap().to_owned(), head["ContentType"].as_str().unwrap().to_owned())
    };
    assert!(kept("assets/app-1a2b.js").0.contains("immutable") && kept("assets/app-1a2b.js").1.contains("javascript"));
    assert_eq!(kept("index.html"), ("no-cache".into(), "text/html".into()));
    let last = &first.of_type("deployed")[0];
    let edges = aws(&workshop.emulator, &["cloudfront", "list-distributions"]);
    let edge = edges["DistributionList"]["Items"][0]["Id"].as_str().unwrap();
    let renewed = aws(&workshop.emulator, &["cloudfront", "list-invalidations", "--distribution-id", edge]);
    assert_eq!(renewed["InvalidationList"]["Items"].as_array().map(Vec::len), Some(1));
    // What an operator has to do yet is said.
    let remarks = last["remarks"].to_string();
    assert!(remarks.contains("PageOrigins") && remarks.contains("HostCount"), "{remarks}");

    // The second time the schema goes before the functions, and whoever reads is told in words. Accounts that are new have nobody
    // who looks after them.
    let stack = std::fs::read_to_string(workshop.home.path().join("stack.json")).unwrap();
    let mut stack: Value = serde_json::from_str(&stack).unwrap();
    stack["Outputs"]["AccountsFunction"] = json!({ "Value": "accounts" });
    workshop.write("stack.json", &stack.to_string());
    let again = run(workshop.command().args(["ops", "deploy", "small", "--yes", "--built"])).unwrap().well();
    assert!(again.err.contains("ops invite create --role operator --stack synapscribe-small"), "{}", again.err);
    assert!(!remarks.contains("ops invite"), "{remarks}");
    assert_eq!(workshop.diary()[0], "infra gather x86_64 us-east-1", "nothing was to be built");
    let at = |text: &str| again.out.find(text).unwrap_or_else(|| panic!("{text} is not said: {}", again.out));
    assert!(at("==> stack") < at("version 2, as it was") && at("version 2, as it was") < at("✓ stack"), "{}", again.out);
    assert!(at("deployed: https://synapscribe.example.edu") > at("✓ page"), "{}", again.out);
    let code = aws(&workshop.emulator, &["lambda", "get-function", "--function-name", "migrate"]);
    let old = std::fs::metadata(workshop.home.path().join("first.zip")).unwrap().len();
    assert_ne!(code["Configuration"]["CodeSize"], old, "the function that renews the schema was not renewed before");
}

#[test]
fn a_machine_waits_for_its_programs_the_first_time_and_finds_the_newest_ones_after_that() {
    let workshop = Workshop::open();
    let first = workshop.deploy("whole --yes").well();
    assert_eq!(done(&first), ["functions", "stack", "host", "machine", "page"]);
    assert_eq!(workshop.keys("releases"), ["gpu-host/gpu-host.tar.gz", "gpu-host/gpu-host.tar.gz.sha256"]);
    let sam: Vec<String> = workshop.diary().into_iter().filter(|line| line.starts_with("sam")).collect();
    assert!(sam[0].ends_with("HostCount=0") && sam[0].contains("--parameter-overrides BellRate='rate(30 minutes)'"), "{sam:?}");
    assert!(sam.len() == 2 && !sam[1].contains("--parameter-overrides"), "{sam:?}");
    let second = workshop.deploy("whole --yes").well();
    assert_eq!(done(&second), ["functions", "host", "stack", "page"]);
    assert_eq!(workshop.diary().iter().filter(|line| line.starts_with("sam")).count(), 1);
    assert_eq!(second.of_type("deployed")[0]["remarks"], json!([]));
}

#[test]
fn a_deployment_that_failed_says_where_to_go_on_and_does_so() {
    let workshop = Workshop::open();
    workshop.write("broken", "");
    let failed = workshop.deploy("small --yes");
    let last = failed.events().pop().unwrap();
    assert_eq!((failed.status.code(), &last["code"], done(&failed)), (Some(1), &json!("step_failed"), vec!["functions".into()]));
    assert!(last["message"].as_str().unwrap().contains("--from stack"), "{last}");
    std::fs::remove_file(workshop.home.path().join("broken")).unwrap();
    workshop.diary();
    let went_on = workshop.deploy("small --yes --from stack").well();
    assert_eq!(done(&went_on), ["stack", "page"]);
    assert_eq!(workshop.diary().len(), 2);
    // A part of it is done alone, before or after.
    assert_eq!(done(&workshop.deploy("small --only page").well()), ["page"]);
    assert_eq!(done(&workshop.deploy("small --only host").well()), ["host"]);
    assert_eq!(workshop.keys("releases").len(), 2);
    workshop.diary();
    run(workshop.command().args(["ops", "teardown", "small", "--yes"])).unwrap().well();
    assert_eq!(workshop.diary(), ["sam delete --config-env small --no-prompts"]);
}

#[test]
fn what_is_missing_is_said_before_anything_is_done() {
    let workshop = Workshop::open();
    let told = |line: &str, arrange: &dyn Fn(&mut Command)| {
        let mut command = workshop.command();
        arrange(&mut command);
        let said = run(command.args(["ops"]).args(line.split_whitespace())).unwrap();
        assert_eq!(workshop.diary(), Vec::<String>::new(), "{line}: something was done");
        (said.status.code().unwrap(), said.err)
    };
    let (code, said) = told("deploy small --infra nowhere", &|_| {});
    assert!(code == 4 && said.contains("template.yaml") && said.contains("--infra"), "{said}");
    let (_, said) = told("deploy small --region mars-1", &|command| {
        command.env("PATH", "/nowhere");
    });
    assert!(said.contains("samconfig.toml, and not mars-1"), "{said}");
    let (code, said) = told("deploy large", &|_| {});
    assert!(code == 4 && said.contains("small, whole"), "{said}");
    let (code, said) = told("deploy small", &|command| {
        command.env("PATH", "/nowhere");
    });
    assert!(code == 4 && said.contains("pipx install aws-sam-cli"), "{said}");
    let (code, said) = told("deploy small", &|command| {
        command.env("PATH", workshop.home.path().join("bin"));
    });
    assert!(code == 4 && said.contains("pipx install awscli"), "{said}");
    let (code, said) = told("deploy small", &|command| {
        command.env_remove("AWS_ACCESS_KEY_ID").env("AWS_EC2_METADATA_DISABLED", "true");
    });
    assert!(code == 4 && said.contains("export-credentials"), "{said}");
    let (code, said) = told("deploy small --only page", &|_| {});
    assert!(code == 4 && said.contains("--from stack"), "{said}");
    let (code, said) = told("deploy small --from host", &|_| {});
    assert!(code == 2 && said.contains("HostCount=1"), "{said}");
    let (code, said) = told("deploy small --only stack --from page", &|_| {});
    assert!(code == 2 && said.contains("--from"), "{said}");
    let (code, said) = told("teardown small", &|_| {});
    assert!(code == 2 && said.contains("--yes"), "{said}");
}

#[test]
fn the_script_is_the_same_command_with_its_tools_at_hand() {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let home = tempfile::tempdir().unwrap();
    let scripted = |path: &str, text: &str| {
        let path = home.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    scripted("bin/cargo", "#!/bin/sh\necho cargo 9999.0.0\n");
    scripted("bin/sam", "#!/bin/sh\n");
    scripted("target/debug/synapscribe", "#!/bin/sh\necho \"asked: $*\"\n");
    let asked = |line: &str| {
        let mut command = Command::new(checkout.join("scripts/infra.sh"));
        command.args(line.split_whitespace()).env("CARGO_TARGET_DIR", home.path().join("target"));
        let said = run(command.env("PATH", path(home.path()))).unwrap();
        (said.status.success(), said.out.lines().last().unwrap_or_default().to_owned(), said.err)
    };
    assert_eq!(asked("deploy dev --built").1, "asked: ops deploy dev --built");
    assert_eq!(asked("page prod").1, "asked: ops deploy prod --only page");
    assert_eq!(asked("host dev").1, "asked: ops deploy dev --only host");
    let (well, _, said) = asked("deploy moon");
    assert!(!well && said.contains("dev and prod"), "{said}");
}
