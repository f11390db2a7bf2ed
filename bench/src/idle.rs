//! What ten thousand idle WebSockets cost the host in memory.

use std::time::{Duration, SystemTime};

use anyhow::{Context, ensure};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::peer::Serving;
use crate::program::{Host, memory_mb};
use crate::table::{Better, Row, Table};

const CONNECTIONS: usize = 10_000;

pub async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let (_, most) = rlimit::Resource::NOFILE.get()?;
    ensure!(most as usize > CONNECTIONS + 100, "this machine allows only {most} open files");
    // The host inherits the limit.
    rlimit::Resource::NOFILE.set(most, most)?;
    let host = Host::start(false)?;
    let http = reqwest::Client::new();
    let discovery: Value = json_of(http.get(format!("{}/.well-known/synapscribe.json", host.address)).send().await?).await?;
    let credentials = guest(&http, &host.address, &discovery).await?;
    let url = discovery["websocketUrl"].as_str().context("the host names its socket")?;
    let address = host.address.trim_start_matches("http://").to_owned();
    // One connection first, so that what only the first one builds is not counted.
    let mut open = vec![connect(&address, &signed(&credentials, url)?).await?];
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = host.memory_mb()?;
    let signed_url = signed(&credentials, url)?;
    eprintln!("idle: opening {CONNECTIONS} connections");
    for _ in 0..CONNECTIONS {
        open.push(connect(&address, &signed_url).await?);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let after = host.memory_mb()?;
    drop(open);
    let name = "idle: memory of 10,000 WebSocket connections";
    table.add(Row::new(name, after - before, "MB", Better::Lower).bar(100.0).peer("websockets in Python", python().await?));
    Ok(())
}

/// The same of a server in Python, which does nothing but keep them.
async fn python() -> anyhow::Result<f64> {
    let server = Serving::start("sockets.py")?;
    let address = format!("127.0.0.1:{}", server.said["port"]);
    let url = format!("ws://{address}/");
    let mut open = vec![connect(&address, &url).await?];
    let before = memory_mb(server.pid())?;
    for _ in 0..CONNECTIONS {
        open.push(connect(&address, &url).await?);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    Ok(memory_mb(server.pid())? - before)
}

async fn connect(address: &str, url: &str) -> anyhow::Result<impl Sized + use<>> {
    let stream = TcpStream::connect(address).await?;
    let (socket, _) = tokio_tungstenite::client_async(url, stream).await?;
    Ok(socket)
}

async fn json_of(answer: reqwest::Response) -> anyhow::Result<Value> {
    Ok(serde_json::from_slice(&answer.error_for_status()?.bytes().await?)?)
}

async fn guest(http: &reqwest::Client, address: &str, discovery: &Value) -> anyhow::Result<Credentials> {
    let call = async |target: &str, body: Value| {
        let request = http
            .post(format!("{address}/"))
            .header("x-amz-target", format!("AWSCognitoIdentityService.{target}"))
            .header("content-type", "application/x-amz-json-1.1")
            .body(body.to_string());
        json_of(request.send().await?).await
    };
    let id = call("GetId", json!({ "IdentityPoolId": discovery["identityPoolId"] })).await?;
    let issued = call("GetCredentialsForIdentity", json!({ "IdentityId": id["IdentityId"] })).await?;
    let part = |name: &str| issued["Credentials"][name].as_str().map(str::to_owned).context("credentials are complete");
    Ok(Credentials::new(part("AccessKeyId")?, part("SecretKey")?, Some(part("SessionToken")?), None, "bench"))
}

fn signed(credentials: &Credentials, url: &str) -> anyhow::Result<String> {
    let plain = url.replacen("ws", "http", 1);
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(900));
    let identity = credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("execute-api")
        .time(SystemTime::now())
        .settings(settings)
        .build()?;
    let mut request = http::Request::builder().method("GET").uri(&plain).body(())?;
    let host = request.uri().authority().context("the address names a host")?.to_string();
    let signable = SignableRequest::new("GET", &plain, [("host", host.as_str())].into_iter(), SignableBody::Bytes(b""))?;
    let (instructions, _) = sign(signable, &params.into())?.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    Ok(request.uri().to_string().replacen("http", "ws", 1))
}
