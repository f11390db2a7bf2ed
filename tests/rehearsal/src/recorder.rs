//! A line to services that notes who asks for what, in the words of IAM: the access key, the action and the resource.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::Fault;
use crate::models::listen;
use crate::onward::Onward;

/// The emulator's account.
const ACCOUNT: &str = "123456789012";

/// Who asked for which action on which resource.
type Call = (String, String, String);

/// What was asked so far.
#[derive(Clone)]
pub struct Recorder {
    calls: Arc<Mutex<BTreeSet<Call>>>,
    unsigned: Arc<Mutex<BTreeSet<String>>>,
    api: String,
}

struct Passing {
    onward: Onward,
    recorder: Recorder,
}

impl Recorder {
    /// Nothing yet, in a deployment with this WebSocket gateway.
    pub fn new(api: &str) -> Self {
        Self { calls: Arc::default(), unsigned: Arc::default(), api: api.to_owned() }
    }

    /// An address that stands before a service.
    pub async fn before(&self, service: &str) -> Result<String, Fault> {
        let passing = Arc::new(Passing { onward: Onward::to(service), recorder: self.clone() });
        listen(Router::new().fallback(pass).with_state(passing)).await
    }

    /// All that was asked, without repetitions.
    pub fn calls(&self) -> Vec<Value> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.iter().map(|(who, action, resource)| json!({ "who": who, "action": action, "resource": resource })).collect()
    }

    /// The actions that anybody may ask for, by the names that services have for them.
    pub fn unsigned(&self) -> Vec<String> {
        self.unsigned.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn note(&self, parts: &Parts, body: &[u8]) {
        // Without a signature nobody asks IAM.
        let Some(signed) = Signed::by(parts) else {
            let mut unsigned = self.unsigned.lock().unwrap_or_else(PoisonError::into_inner);
            unsigned.insert(target(&parts.headers).to_owned());
            return;
        };
        let asked = match signed.service.as_str() {
            "s3" => objects(parts),
            "execute-api" => connections(parts, &signed.region, &self.api),
            "polly" => vec![("polly:SynthesizeSpeech".to_owned(), "*".to_owned())],
            "bedrock" => models(parts, &signed.region),
            "ses" => letters(parts, body, &signed.region),
            service => targets(&parts.headers, body, service, &signed.region),
        };
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.extend(asked.into_iter().map(|(action, resource)| (signed.key.clone(), action, resource)));
    }
}

async fn pass(State(passing): State<Arc<Passing>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match axum::body::to_bytes(body, usize::MAX).await {
        Ok(body) => {
            passing.recorder.note(&parts, &body);
            passing.onward.pass_read(parts, body).await
        }
        Err(error) => (axum::http::StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

/// What a signature says: in a header, or in a signed address.
struct Signed {
    key: String,
    region: String,
    service: String,
}

impl Signed {
    fn by(parts: &Parts) -> Option<Self> {
        let header = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
        let header = header.and_then(|text| text.split("Credential=").nth(1)?.split(',').next()).map(str::to_owned);
        let scope = header.or_else(|| query(parts, "X-Amz-Credential"))?;
        let mut parts = scope.split('/').map(str::to_owned);
        let (key, _day) = (parts.next()?, parts.next()?);
        Some(Self { key, region: parts.next()?, service: parts.next()? })
    }
}

fn query(parts: &Parts, name: &str) -> Option<String> {
    let pairs = parts.uri.query()?.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let value = pairs.into_iter().find(|(key, _)| *key == name)?.1;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// Calls of S3 by bucket and key in the path.
fn objects(parts: &Parts) -> Vec<(String, String)> {
    let path = percent_decode_str(parts.uri.path().trim_start_matches('/')).decode_utf8_lossy();
    let has = |name: &str| query(parts, name).is_some();
    let action = match (&parts.method, path.split_once('/').is_some_and(|(_, key)| !key.is_empty())) {
        (_, false) => "ListBucket",
        (&Method::GET, _) if has("uploadId") => "ListMultipartUploadParts",
        (&Method::GET | &Method::HEAD, _) => "GetObject",
        (&Method::DELETE, _) if has("uploadId") => "AbortMultipartUpload",
        (&Method::DELETE, _) => "DeleteObject",
        _ => "PutObject",
    };
    vec![(format!("s3:{action}"), format!("arn:aws:s3:::{}", path.trim_end_matches('/')))]
}

/// The management endpoint of the WebSocket's gateway.
fn connections(parts: &Parts, region: &str, api: &str) -> Vec<(String, String)> {
    let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy();
    let (stage, rest) = path.trim_start_matches('/').split_once('/').unwrap_or_default();
    let resource = format!("arn:aws:execute-api:{region}:{ACCOUNT}:{api}/{stage}/{}/{rest}", parts.method);
    vec![("execute-api:ManageConnections".to_owned(), resource)]
}

fn models(parts: &Parts, region: &str) -> Vec<(String, String)> {
    let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy();
    let (model, call) = path.trim_start_matches("/model/").rsplit_once('/').unwrap_or_default();
    let action = if call.ends_with("stream") { "InvokeModelWithResponseStream" } else { "InvokeModel" };
    // What begins with a region is a profile of the account, which leads to a model.
    let resource = match model.split_once('.') {
        Some(("eu" | "us", _)) => format!("arn:aws:bedrock:{region}:{ACCOUNT}:inference-profile/{model}"),
        _ => format!("arn:aws:bedrock:{region}::foundation-model/{model}"),
    };
    vec![(format!("bedrock:{action}"), resource)]
}

/// Letters by the domain that they come from, and questions after an address by that address.
fn letters(parts: &Parts, body: &[u8], region: &str) -> Vec<(String, String)> {
    let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy();
    let (action, identity) = match path.strip_prefix("/v2/email/identities/") {
        Some(address) => ("GetEmailIdentity", address.to_owned()),
        None => {
            let asked: Value = serde_json::from_slice(body).unwrap_or_default();
            let from = asked["FromEmailAddress"].as_str().unwrap_or_default().trim_end_matches('>');
            ("SendEmail", from.rsplit('@').next().unwrap_or_default().to_owned())
        }
    };
    vec![(format!("ses:{action}"), format!("arn:aws:ses:{region}:{ACCOUNT}:identity/{identity}"))]
}

/// Services that name the action in a header and the rest in a body of JSON.
fn targets(headers: &HeaderMap, body: &[u8], service: &str, region: &str) -> Vec<(String, String)> {
    let action = target(headers);
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let plain = |resource: String| vec![(format!("{service}:{action}"), resource)];
    match service {
        "sqs" => {
            let queue = text(&asked["QueueUrl"]);
            plain(format!("arn:aws:sqs:{region}:{ACCOUNT}:{}", queue.rsplit('/').next().unwrap_or_default()))
        }
        "cognito-idp" => plain(format!("arn:aws:cognito-idp:{region}:{ACCOUNT}:userpool/{}", text(&asked["UserPoolId"]))),
        "secretsmanager" => plain(text(&asked["SecretId"])),
        "events" => {
            let bus = |name: &Value| format!("arn:aws:events:{region}:{ACCOUNT}:event-bus/{}", text(name));
            let Some(entries) = asked["Entries"].as_array() else { return plain(bus(&asked["Name"])) };
            entries.iter().map(|entry| (format!("events:{action}"), bus(&entry["EventBusName"]))).collect()
        }
        "dynamodb" => {
            let table = |asked: &Value| {
                let index = asked["IndexName"].as_str().map(|index| format!("/index/{index}")).unwrap_or_default();
                format!("arn:aws:dynamodb:{region}:{ACCOUNT}:table/{}{index}", text(&asked["TableName"]))
            };
            let Some(items) = asked["TransactItems"].as_array() else { return plain(table(&asked)) };
            let parts = items.iter().flat_map(|item| item.as_object().into_iter().flatten());
            let named = parts.map(|(what, asked)| {
                let what = if what == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{what}Item") };
                (format!("dynamodb:{what}"), table(asked))
            });
            named.collect()
        }
        _ => plain("*".to_owned()),
    }
}

/// The action that a header names.
fn target(headers: &HeaderMap) -> &str {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default()
}
