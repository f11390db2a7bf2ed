//! Accounts by the built `synapscribe` and a host of its own: passwords on the standard input, letters from the outbox, and what
//! operators do.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const PASSWORD: &str = "tide pools at noon";
const ANOTHER: &str = "a quiet harbour";

/// A host that ends with the test.
struct Host {
    child: Child,
    data: PathBuf,
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Host {
    fn start(data: &Path) -> Self {
        let mut command = synapscribe(data, data);
        let child = command.args(["serve", "--listen", "127.0.0.1:0", "--json"]).stderr(Stdio::null()).spawn();
        let mut child = child.unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("serving"), "{line}");
        Self { child, data: data.to_owned() }
    }

    /// Runs a command of a person, with a line on its standard input.
    fn run(&self, home: &Path, line: &str, typed: &str) -> Output {
        let mut child = synapscribe(home, &self.data).args(line.split_whitespace()).spawn().unwrap();
        // A command that wants nothing typed may have ended by now.
        let _ = writeln!(child.stdin.take().unwrap(), "{typed}");
        child.wait_with_output().unwrap()
    }

    fn well(&self, home: &Path, line: &str, typed: &str) -> Vec<Value> {
        let output = self.run(home, &format!("{line} --json"), typed);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{line}: {told}");
        told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn refused(&self, home: &Path, line: &str, typed: &str) -> (Option<i32>, Value) {
        let output = self.run(home, &format!("{line} --json"), typed);
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), told["code"].clone())
    }

    /// The code in the latest of so many letters, once they are there.
    fn code(&self, email: &str, count: usize) -> String {
        for _ in 0..600 {
            let letters = self.well(&self.data, &format!("outbox --to {email}"), "");
            if let Some(letter) = letters.first().filter(|_| letters.len() >= count) {
                let text = letter["text"].as_str().unwrap();
                return text.lines().find_map(|line| line.strip_prefix("    ")).unwrap().trim().to_owned();
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("no letter came to {email}");
    }
}

fn synapscribe(home: &Path, data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_synapscribe"));
    command.env("HOME", home).env("XDG_DATA_HOME", home.join("share")).env("SYNAPSCRIBE_DATA", data);
    command.env("SYNAPSCRIBE_SAMPLE", "off").env_remove("SYNAPSCRIBE_SERVER").env_remove("DBUS_SESSION_BUS_ADDRESS");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn a_guest_becomes_an_account_that_two_machines_share_and_one_can_end() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    };
    let (host, laptop, desk) = (Host::start(&at("host")), at("laptop"), at("desk"));
    assert_eq!(host.well(&laptop, "account", "")[0]["state"], "guest");
    assert_eq!(host.refused(&laptop, "account sign-up ada@example.org", "password"), (Some(4), "invalid_fields".into()));
    host.well(&laptop, "account sign-up ada@example.org --name Ada", PASSWORD);
    assert_eq!(host.refused(&laptop, "account sign-in ada@example.org", PASSWORD), (Some(4), "wrong_credentials".into()));
    assert_eq!(host.refused(&laptop, "account verify ada@example.org AAAA-AAAA", ""), (Some(4), "wrong_code".into()));
    let refused = host.run(&laptop, "account sign-in ada@example.org", "not this");
    let (status, said) = (refused.status.code(), String::from_utf8_lossy(&refused.stderr).into_owned());
    assert!(status == Some(4) && said.contains("account verify ada@example.org CODE, or with --again"), "{status:?} {said}");
    host.well(&laptop, "account verify ada@example.org --again", "");
    host.well(&laptop, &format!("account verify ada@example.org {}", host.code("ada@example.org", 2)), "");
    assert_eq!(host.refused(&laptop, "account sign-in ada@example.org", ""), (Some(2), "usage".into()));
    let signed_in = &host.well(&laptop, "account sign-in ada@example.org", PASSWORD)[0];
    assert_eq!((&signed_in["account"]["name"], &signed_in["tokens"]), (&"Ada".into(), &"file".into()));
    host.well(&desk, "account sign-in ada@example.org", PASSWORD);
    host.well(&desk, "library", "");

    // One machine ends the other's sign-in; that one says so, and asks nothing in anybody's name until it is told to.
    let devices = host.well(&laptop, "account sessions", "");
    assert_eq!(devices.len(), 2);
    let other = devices.iter().find(|device| device["current"] == false).unwrap()["sessionId"].as_str().unwrap().to_owned();
    host.well(&laptop, &format!("account sessions revoke {other}"), "");
    assert_eq!(host.refused(&desk, "account sessions", ""), (Some(4), "signed_out".into()));
    assert_eq!(host.well(&desk, "account show", "")[0]["state"], "ended");
    assert_eq!(host.refused(&desk, "library", ""), (Some(4), "signed_out".into()));
    host.well(&desk, "account sign-out", "");
    host.well(&desk, "library", "");

    // A code from a letter sets another password, and whoever was in by the one before is out.
    host.well(&laptop, "account forgot ada@example.org", "");
    let code = host.code("ada@example.org", 3);
    assert_eq!(host.refused(&laptop, "account reset ada@example.org AAAA-AAAA", ANOTHER), (Some(4), "wrong_code".into()));
    host.well(&laptop, &format!("account reset ada@example.org {code}"), ANOTHER);
    assert_eq!(host.refused(&laptop, "account sessions", ""), (Some(4), "signed_out".into()));
    assert_eq!(host.refused(&laptop, "account sign-in ada@example.org", PASSWORD), (Some(4), "wrong_credentials".into()));
    for home in [&laptop, &desk] {
        host.well(home, "account sign-in ada@example.org", ANOTHER);
    }
    host.well(&laptop, "account sign-out --everywhere", "");
    assert_eq!(host.well(&laptop, "account", "")[0]["state"], "guest");
    assert_eq!(host.refused(&desk, "account sessions", ""), (Some(4), "signed_out".into()));
    host.well(&laptop, "account sign-in ada@example.org", ANOTHER);

    let all = &host.well(&laptop, "account export", "")[0];
    assert_eq!(all["account"]["email"], "ada@example.org");
    let file = laptop.join("mine.json");
    let export = format!("account export {}", file.display());
    host.well(&laptop, &export, "");
    let written: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(written["account"], all["account"]);
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions()) & 0o777, 0o600);
    assert_eq!(host.refused(&laptop, &export, "").1, "backup_exists");
    host.well(&laptop, &format!("{export} --replace"), "");
    // Whoever runs the host is its operator; nobody else is.
    let invited = &host.well(&host.data.clone(), "ops invite create --role lecturer --note spring", "")[0];
    assert!(invited["code"].is_string());
    let id = invited["invitationId"].as_str().unwrap();
    host.well(&host.data.clone(), &format!("ops invite revoke {id}"), "");
    assert_eq!(host.well(&host.data.clone(), "ops invite list", "")[0]["revoked"], true);
    let given = &host.well(&host.data.clone(), "ops role set ada@example.org lecturer", "")[0];
    assert_eq!((&given["before"], &given["role"], &given["signedOut"]), (&"student".into(), &"lecturer".into(), &false.into()));
    let unknown = host.refused(&host.data.clone(), "ops role set eve@example.org lecturer", "");
    assert_eq!(unknown, (Some(4), "not_found".into()));
    let audit = host.well(&host.data.clone(), "ops audit --most 50", "");
    for what in ["sign_in_revoked", "made_lecturer"] {
        assert!(audit.iter().any(|event| event["what"] == what), "{audit:?}");
    }
    assert!(audit.iter().any(|event| event["before"] == "student"), "it is said what she was: {audit:?}");

    assert_eq!(host.refused(&laptop, "account delete", "not this").0, Some(4));
    host.well(&laptop, "account delete", ANOTHER);
    assert_eq!(host.well(&laptop, "account", "")[0]["state"], "guest");
    assert_eq!(host.refused(&laptop, "account sign-in ada@example.org", ANOTHER), (Some(4), "wrong_credentials".into()));
}
