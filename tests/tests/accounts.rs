//! An account from outside: plain HTTP by curl, letters from the outbox folder. One token opens REST, the WebSocket and storage,
//! and opens none of them any more once it was signed out.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::fs::DirBuilderExt;
use std::process::Command;

use serde_json::{Value, json};
use synapscribe_stories::{Host, Reply, curl, letter_code, program, run};

const PASSWORD: &str = "tide pools at noon";

/// Somebody's side of a host.
struct Face<'a> {
    host: &'a Host,
    discovery: Value,
}

/// What signs for somebody.
struct Credentials {
    pair: String,
    token: String,
}

impl<'a> Face<'a> {
    fn of(host: &'a Host) -> Self {
        let discovery = curl(&[&format!("{}/.well-known/synapscribe.json", host.address())]).unwrap().json();
        Self { host, discovery }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.host.address())
    }

    fn post(&self, route: &str, body: &Value, more: &[&str]) -> Reply {
        let url = format!("{}{route}", self.discovery["accounts"]["url"].as_str().unwrap());
        let body = body.to_string();
        curl(&[&["-X", "POST", "-H", "content-type: application/json", "-d", &body, &url], more].concat()).unwrap()
    }

    fn cognito(&self, call: &str, body: &Value) -> Value {
        let target = format!("x-amz-target: AWSCognitoIdentityService.{call}");
        let (body, kind) = (body.to_string(), "content-type: application/x-amz-json-1.1");
        curl(&["-X", "POST", "-H", &target, "-H", kind, "-d", &body, &self.at("/")]).unwrap().json()
    }

    fn guest(&self) -> String {
        let id = self.cognito("GetId", &json!({ "IdentityPoolId": self.discovery["identityPoolId"] }));
        id["IdentityId"].as_str().unwrap().to_owned()
    }

    fn credentials(&self, identity: &str, logins: &Value) -> Result<Credentials, String> {
        let answer = self.cognito("GetCredentialsForIdentity", &json!({ "IdentityId": identity, "Logins": logins }));
        let part = |name: &str| answer["Credentials"][name].as_str().unwrap_or_default();
        match answer["__type"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(Credentials {
                pair: format!("{}:{}", part("AccessKeyId"), part("SecretKey")),
                token: format!("x-amz-security-token: {}", part("SessionToken")),
            }),
        }
    }

    fn signed(&self, credentials: &Credentials, service: &str, arguments: &[&str]) -> Reply {
        let service = format!("aws:amz:us-east-1:{service}");
        // Storage wants to be told what was signed of a body.
        let unsigned = "x-amz-content-sha256: UNSIGNED-PAYLOAD";
        let signing = ["--aws-sigv4", &service, "--user", &credentials.pair, "-H", &credentials.token, "-H", unsigned];
        curl(&[&signing[..], arguments].concat()).unwrap()
    }

    /// Signs somebody up and in; `more` goes with signing up.
    fn join(&self, email: &str, more: &[&str]) -> Value {
        let reply = self.post("/register", &json!({ "email": email, "password": PASSWORD }), more);
        assert_eq!(reply.status, 202, "{}", reply.body);
        let verify = format!(
            "{}/verify-email?email={email}&code={}",
            self.discovery["accounts"]["url"].as_str().unwrap(),
            letter_code(self.host.data(), email)
        );
        assert_eq!(curl(&[&verify]).unwrap().status, 200);
        let reply = self.post("/login", &json!({ "email": email, "password": PASSWORD }), &[]);
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["data"].clone()
    }

    /// The status of opening a WebSocket, which nobody then uses; a live line is opened by the same people.
    fn socket(&self, header: &str, query: &str) -> String {
        let [socket, live] = ["/ws", "/ws/audio"].map(|path| self.opened(path, header, query));
        assert_eq!(socket, live, "{header} {query}");
        socket
    }

    fn opened(&self, path: &str, header: &str, query: &str) -> String {
        let address = self.host.address().trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        let head = [
            &format!("GET {path}{query} HTTP/1.1"),
            &format!("Host: {address}"),
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ];
        let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
        write!(stream, "{}\r\n{header}\r\n", head.join("\r\n")).unwrap();
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
        let status = lines.next().unwrap_or_default().split(' ').nth(1).unwrap_or_default().to_owned();
        let protocol = lines.find_map(|line| line.to_lowercase().strip_prefix("sec-websocket-protocol: ").map(str::to_owned));
        format!("{status} {}", protocol.unwrap_or_default()).trim().to_owned()
    }
}

#[test]
fn one_token_opens_everything_until_it_is_signed_out() {
    let host = Host::quiet();
    let face = Face::of(&host);
    let guest = face.guest();
    let as_guest = face.credentials(&guest, &json!({})).unwrap();
    let own = |identity: &str| face.at(&format!("/synapscribe/lectures/{}/l1/tides.mp3", identity.replace(':', "%3A")));
    let put = face.signed(&as_guest, "s3", &["-X", "PUT", "-d", "sound", &own(&guest)]);
    assert_eq!(put.status, 200, "{}", put.body);

    // The guest signs up and keeps what they have.
    let service = ["--aws-sigv4", "aws:amz:us-east-1:execute-api", "--user", &as_guest.pair, "-H", &as_guest.token];
    let data = face.join("ada@example.org", &service);
    assert_eq!(data["account"]["identityId"], guest.as_str());
    let token = data["tokens"]["accessToken"].as_str().unwrap();
    let bearer = format!("Authorization: Bearer {token}");
    let protocols = format!("Sec-WebSocket-Protocol: synapscribe, access_token.{token}");
    let query = format!("?access_token={token}");
    let other = face.guest();
    assert!(face.credentials(&other, &json!({})).is_ok());
    let sockets = || [face.socket(&bearer, ""), face.socket(&protocols, ""), face.socket("", &query)];
    let everything = || {
        [
            curl(&["-H", &bearer, &face.at("/api/lectures")]).unwrap().status,
            curl(&[&face.at(&format!("/api/lectures{query}"))]).unwrap().status,
            curl(&["-H", &bearer, &own(&guest)]).unwrap().status,
            curl(&[&format!("{}{query}", own(&guest))]).unwrap().status,
            curl(&["-H", &bearer, "-X", "PUT", "-d", "more sound", &own(&guest)]).unwrap().status,
        ]
    };
    assert_eq!(everything(), [200; 5]);
    assert_eq!(sockets(), ["101", "101 synapscribe", "101"]);
    assert_eq!(face.socket("", ""), "403");
    assert_eq!(curl(&["-H", &bearer, &own(&other)]).unwrap().status, 403, "what is another's stays closed");
    let forged = format!("{bearer}x");
    assert_eq!(curl(&["-H", &forged, &face.at("/api/lectures")]).unwrap().status, 401);
    assert_eq!(face.socket(&forged, ""), "403");
    assert_eq!(curl(&["-H", &forged, &own(&guest)]).unwrap().status, 400);

    // On another machine the identity pool gives credentials for the same identity, and for no other.
    let logins = json!({ face.discovery["accounts"]["issuer"].as_str().unwrap(): token });
    let id = face.cognito("GetId", &json!({ "IdentityPoolId": face.discovery["identityPoolId"], "Logins": logins }));
    assert_eq!(id["IdentityId"], guest.as_str());
    let elsewhere = face.credentials(&guest, &logins).unwrap();
    let read = || face.signed(&elsewhere, "s3", &[&own(&guest)]).status;
    assert_eq!(read(), 200);
    let refused = |identity: &str, logins: &Value| face.credentials(identity, logins).err().unwrap_or_default();
    assert_eq!(refused(&other, &logins), "NotAuthorizedException");
    assert_eq!(refused(&guest, &json!({})), "NotAuthorizedException", "whoever knows its name alone does not get in");
    assert_eq!(refused(&guest, &json!({ "graph.example": token })), "NotAuthorizedException");
    let discovered = curl(&[&face.at("/.well-known/openid-configuration")]).unwrap().json();
    let keys = curl(&[discovered["jwks_uri"].as_str().unwrap()]).unwrap().json();
    assert_eq!((&keys["keys"][0]["alg"], &discovered["issuer"]), (&json!("RS256"), &face.discovery["accounts"]["issuer"]));

    let reply = face.post("/logout", &json!({ "refreshToken": data["tokens"]["refreshToken"] }), &[]);
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(everything(), [401, 401, 400, 400, 400]);
    assert_eq!(sockets(), ["403"; 3]);
    assert_eq!(read(), 400, "what was handed out under a sign-in ends with it");
    assert_eq!(refused(&guest, &logins), "NotAuthorizedException");
}

#[test]
fn a_restart_keeps_people_signed_in_and_other_peoples_things_apart() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::quiet_on(folder.path(), |_| {}).unwrap();
    let (ada, bob) = {
        let face = Face::of(&host);
        (face.join("ada@example.org", &[]), face.join("bob@example.org", &[]))
    };
    host.kill();
    let host = Host::quiet_on(folder.path(), |_| {}).unwrap();
    let face = Face::of(&host);
    let renew = |data: &Value| {
        face.post("/refresh", &json!({ "refreshToken": data["tokens"]["refreshToken"] }), &[]).json()["data"].clone()
    };
    let tokens =
        [renew(&ada), renew(&bob)].map(|data| format!("Authorization: Bearer {}", data["accessToken"].as_str().unwrap()));
    let theirs = face.at(&format!("/api/auth/sessions/{}", bob["tokens"]["sessionId"].as_str().unwrap()));
    let none = face.at("/api/auth/sessions/0196-none");
    let [other, missing] = [theirs.as_str(), &none].map(|url| curl(&["-X", "DELETE", "-H", &tokens[0], url]).unwrap());
    assert_eq!((other.status, other.body), (404, missing.body));
    assert_eq!(curl(&["-X", "DELETE", "-H", &tokens[1], &theirs]).unwrap().status, 200);
    // Whoever runs the host reads what happened, by the key in its note.
    let note: Value = serde_json::from_str(&std::fs::read_to_string(folder.path().join("host.json")).unwrap()).unwrap();
    let key = format!("Authorization: Bearer {}", note["operator"].as_str().unwrap());
    let audit = curl(&["-H", &key, &face.at("/api/auth/audit")]).unwrap();
    assert_eq!(audit.json()["data"]["events"][0]["what"], "sign_in_revoked", "{}", audit.body);
    assert!(!audit.body.contains("example.org"));
}

/// Somebody's session with GNOME's keychain, into which `secret-tool` looks from outside.
const SESSION: &str = r#"
printf keychain | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1
printf '%s\n' "$PASSWORD" | "$PROGRAM" account sign-in ada@example.org
"$PROGRAM" account
echo ---
secret-tool search --all service synapscribe 2>&1
cat "$HOME"/.local/share/synapscribe/client/accounts/*.json >"$HOME/kept"
echo ---
"$PROGRAM" account sessions
"$PROGRAM" account sign-out
echo ---
secret-tool search --all service synapscribe 2>&1
"#;

#[test]
fn a_sign_in_rests_in_the_systems_keychain() {
    let host = Host::quiet();
    Face::of(&host).join("ada@example.org", &[]);
    let home = tempfile::tempdir().unwrap();
    let runtime = home.path().join("run");
    std::fs::DirBuilder::new().mode(0o700).create(&runtime).unwrap();
    let mut session = Command::new("dbus-run-session");
    session.args(["--", "sh", "-c", SESSION]).env("HOME", home.path()).env("XDG_RUNTIME_DIR", runtime).env("NO_COLOR", "1");
    for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
        session.env_remove(name);
    }
    session.env("PROGRAM", program("synapscribe").unwrap()).env("PASSWORD", PASSWORD);
    let said = run(session.env("SYNAPSCRIBE_SERVER", host.address())).unwrap();
    let parts: Vec<&str> = said.out.split("---\n").collect();
    let [told, kept, listed, after] = parts[..] else { panic!("{} {}", said.out, said.err) };
    assert!(told.contains("rests in this system's keychain"), "{told} {}", said.err);
    assert!(kept.contains("attribute.service = synapscribe") && kept.contains("\"refresh\":"), "{kept}");
    let note = std::fs::read_to_string(home.path().join("kept")).unwrap();
    assert!(note.contains("ada@example.org") && !note.contains("refresh"), "no token lies in a file: {note}");
    assert!(listed.contains("this one"), "another run of the program is signed in by it: {listed}");
    assert!(!after.contains("refresh"), "nothing is left of it: {after}");
}
