//! The AWS command line, which nobody here wrote, against the host's S3 and Cognito endpoints.

use std::process::Command;

use serde_json::Value;
use synapscribe_stories::{Host, Said, run, speak};

struct Aws {
    program: std::path::PathBuf,
    endpoint: String,
    home: tempfile::TempDir,
    credentials: Vec<(&'static str, String)>,
}

impl Aws {
    fn new(host: &Host) -> Self {
        let python = std::path::PathBuf::from(synapscribe_stories::python());
        Self {
            program: python.with_file_name("aws"),
            endpoint: host.address().to_owned(),
            home: tempfile::tempdir().unwrap(),
            credentials: Vec::new(),
        }
    }

    fn call(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(&self.program);
        command.args(["--endpoint-url", &self.endpoint, "--region", "us-east-1", "--output", "json"]).args(arguments);
        command.env("HOME", self.home.path()).env("AWS_EC2_METADATA_DISABLED", "true").envs(self.credentials.clone());
        if self.credentials.is_empty() {
            command.arg("--no-sign-request");
        }
        run(&mut command).unwrap()
    }

    /// Becomes a new guest and returns who that is.
    fn become_guest(&mut self, pool: &str) -> String {
        self.credentials.clear();
        let id: Value =
            serde_json::from_str(&self.call(&["cognito-identity", "get-id", "--identity-pool-id", pool]).well().out).unwrap();
        let identity = id["IdentityId"].as_str().unwrap().to_owned();
        let issued = self.call(&["cognito-identity", "get-credentials-for-identity", "--identity-id", &identity]).well();
        let issued: Value = serde_json::from_str(&issued.out).unwrap();
        let part = |name: &str| issued["Credentials"][name].as_str().unwrap().to_owned();
        self.credentials = vec![
            ("AWS_ACCESS_KEY_ID", part("AccessKeyId")),
            ("AWS_SECRET_ACCESS_KEY", part("SecretKey")),
            ("AWS_SESSION_TOKEN", part("SessionToken")),
        ];
        identity
    }
}

#[test]
fn the_aws_command_line_uploads_reads_and_is_kept_in_its_place() {
    let host = Host::quiet();
    let mut aws = Aws::new(&host);
    let discovery =
        run(Command::new("curl").args(["-sf", &format!("{}/.well-known/synapscribe.json", host.address())])).unwrap().well();
    let discovery: Value = serde_json::from_str(&discovery.out).unwrap();
    let bucket = discovery["bucket"].as_str().unwrap();
    let identity = aws.become_guest(discovery["identityPoolId"].as_str().unwrap());

    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("tides.wav");
    speak("Tides are caused by the pull of the moon.", "slt", &recording).unwrap();
    let own = format!("s3://{bucket}/lectures/{identity}/by-hand/tides.wav");
    aws.call(&["s3", "cp", recording.to_str().unwrap(), &own]).well();
    let back = folder.path().join("back.wav");
    aws.call(&["s3", "cp", &own, back.to_str().unwrap()]).well();
    assert_eq!(std::fs::read(&recording).unwrap(), std::fs::read(&back).unwrap());
    let listed = aws.call(&["s3", "ls", &format!("s3://{bucket}/lectures/{identity}/by-hand/")]).well();
    assert!(listed.out.contains("tides.wav"), "{}", listed.out);

    // A large file goes up in parts.
    let large = folder.path().join("large.bin");
    std::fs::write(&large, vec![7u8; 20 * 1024 * 1024]).unwrap();
    aws.call(&["s3", "cp", large.to_str().unwrap(), &format!("s3://{bucket}/lectures/{identity}/large/large.bin")]).well();

    // Of the two signatures it knows, the newer one, which is the only one that is honoured.
    aws.call(&["configure", "set", "default.s3.signature_version", "s3v4"]).well();
    // An address it signs can be played by anything, from any place, and is good for nothing else.
    let signed = aws.call(&["s3", "presign", &own, "--expires-in", "600"]).well().out.trim().to_owned();
    let part = folder.path().join("part.wav");
    let said = run(Command::new("curl").args(["-sf", "-r", "44-143", "-o"]).arg(&part).arg(&signed)).unwrap();
    said.well();
    assert_eq!(std::fs::read(&part).unwrap(), std::fs::read(&recording).unwrap()[44..144]);
    let said = run(Command::new("curl").args(["-sf", &signed.replace("tides.wav", "other.wav")])).unwrap();
    assert!(!said.status.success(), "the address is good for another object: {}", said.out);
    let said = run(Command::new("curl").args(["-sf", "-X", "PUT", "-d", "x", &signed])).unwrap();
    assert!(!said.status.success(), "the address is good for writing");

    // What is not theirs stays closed.
    for forbidden in [format!("s3://{bucket}/lectures/somebody/else/x.wav"), format!("s3://{bucket}/x.wav")] {
        let said = aws.call(&["s3", "cp", recording.to_str().unwrap(), &forbidden]);
        assert!(!said.status.success() && said.err.contains("AccessDenied"), "{forbidden}: {}", said.err);
    }
    for (name, value) in [("AWS_SECRET_ACCESS_KEY", "forged/forged/forged/forged/forged/forge"), ("AWS_SESSION_TOKEN", "forged")]
    {
        let honest = aws.credentials.clone();
        for credential in &mut aws.credentials {
            if credential.0 == name {
                credential.1 = value.to_owned();
            }
        }
        let said = aws.call(&["s3", "ls", &format!("s3://{bucket}/lectures/{identity}/by-hand/")]);
        assert!(!said.status.success(), "a forged {name} was accepted");
        aws.credentials = honest;
    }
}
