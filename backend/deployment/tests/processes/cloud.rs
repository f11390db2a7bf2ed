//! An emulated AWS with one deployment in it, and what AWS does between the functions: it hands on what lies in queues.

use std::path::Path;

use aws_sdk_cognitoidentity::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_sqs::types::MessageSystemAttributeName;
use serde_json::{Value, json};
use synapscribe_aws::{QueuedJobs, Queues, SdkConfig, Site, Tables, connect, rehearsal};
use synapscribe_stories::Emulator;

pub const REGION: &str = "eu-central-1";
const NAME: &str = "synapscribe-rehearsal";

/// A deployment without its functions.
pub struct Cloud {
    emulator: Emulator,
    config: SdkConfig,
    pub queues: Queues,
    /// Where the bucket tells of new objects.
    pub uploads: String,
}

impl Cloud {
    pub async fn start() -> Self {
        let emulator = Emulator::start().unwrap();
        let site = Site { region: REGION.into(), endpoint: Some(emulator.endpoint().to_owned()) };
        let operator = Credentials::new("AKIDOPERATOR", "secret", None, None, "test");
        let config = connect(&site).await.into_builder().credentials_provider(SharedCredentialsProvider::new(operator)).build();
        rehearsal::tables(&config, &Tables::below(NAME)).await.unwrap();
        rehearsal::bucket(&config, NAME).await.unwrap();
        let queues = rehearsal::queues(&config).await.unwrap();
        let uploads = rehearsal::queue(&config, "uploads").await.unwrap();
        rehearsal::announce(&config, NAME, &uploads).await.unwrap();
        rehearsal::secret(&config, "synapscribe/agent", crate::agent::TOKEN).await.unwrap();
        Self { emulator, config, queues, uploads }
    }

    /// What the template sets for every function.
    pub fn variables(&self, data: &Path, gateway: &str, agent: &str) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_REGION", REGION.into()),
            ("AWS_ENDPOINT_URL", self.emulator.endpoint().into()),
            ("AWS_ACCESS_KEY_ID", "ASIAFUNCTION".into()),
            ("AWS_SECRET_ACCESS_KEY", "secret".into()),
            ("AWS_SESSION_TOKEN", "token".into()),
            ("SYNAPSCRIBE_TABLES", NAME.into()),
            ("SYNAPSCRIBE_BUCKET", NAME.into()),
            ("SYNAPSCRIBE_GATEWAY_URL", gateway.into()),
            ("SYNAPSCRIBE_ARRIVALS_QUEUE", self.queues.arrivals.clone()),
            ("SYNAPSCRIBE_ANSWERS_QUEUE", self.queues.answers.clone()),
            ("SYNAPSCRIBE_INGESTS_QUEUE", self.queues.ingests.clone()),
            ("SYNAPSCRIBE_DATABASE", format!("sqlite:{}", data.join("lectures.db").display())),
            ("SYNAPSCRIBE_AGENT_URL", agent.into()),
            ("SYNAPSCRIBE_AGENT_SECRET", "synapscribe/agent".into()),
        ]
    }

    /// Keeps a secret under a name.
    pub async fn secret(&self, name: &str, text: &str) {
        rehearsal::secret(&self.config, name, text).await.unwrap();
    }

    /// The jobs of the deployment.
    pub fn jobs(&self) -> QueuedJobs {
        QueuedJobs::new(&self.config, &Tables::below(NAME), self.queues.clone())
    }

    /// A guest as the identity pool makes one: the name that the gateway sees.
    pub async fn guest(&self) -> String {
        let identity = aws_sdk_cognitoidentity::Client::new(&self.config);
        let pool = identity.create_identity_pool().identity_pool_name("guests").allow_unauthenticated_identities(true);
        let pool = pool.send().await.unwrap().identity_pool_id;
        let guest = identity.get_id().identity_pool_id(pool).send().await.unwrap().identity_id.unwrap();
        let given = identity.get_credentials_for_identity().identity_id(&guest).send().await.unwrap();
        assert!(given.credentials.unwrap().session_token.is_some(), "a guest has credentials for a while");
        guest
    }

    /// The next messages of a queue as the event that AWS makes of them; they are taken off it.
    pub async fn delivery(&self, queue: &str) -> Value {
        let sqs = aws_sdk_sqs::Client::new(&self.config);
        let receive = sqs.receive_message().queue_url(queue).wait_time_seconds(5).max_number_of_messages(10);
        let receive = receive.message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount);
        let messages = receive.send().await.unwrap().messages.unwrap_or_default();
        assert!(!messages.is_empty(), "nothing lies in {queue}");
        let mut records = Vec::new();
        for message in messages {
            let receipt = message.receipt_handle.unwrap();
            sqs.delete_message().queue_url(queue).receipt_handle(&receipt).send().await.unwrap();
            records.push(json!({
                "messageId": message.message_id, "receiptHandle": receipt, "body": message.body.map(|body| completed(&body)),
                "attributes": { "ApproximateReceiveCount": "1" }, "messageAttributes": {},
                "eventSource": "aws:sqs", "awsRegion": REGION,
            }));
        }
        json!({ "Records": records })
    }
}

/// What S3 says in its events and the emulator leaves out.
fn completed(body: &str) -> String {
    let Ok(mut event) = serde_json::from_str::<Value>(body) else { return body.to_owned() };
    for record in event["Records"].as_array_mut().into_iter().flatten().filter(|record| record["s3"].is_object()) {
        record["userIdentity"] = json!({ "principalId": "AWS:AROAEXAMPLE:CognitoIdentityCredentials" });
        record["requestParameters"] = json!({ "sourceIPAddress": "192.0.2.1" });
        record["responseElements"] = json!({ "x-amz-request-id": "C3D13FE58DE4C810" });
        record["s3"]["object"]["sequencer"] = json!("0055AED6DCD90281E5");
    }
    event.to_string()
}

/// The event that the WebSocket gateway raises.
pub fn socket(route: &str, guest: Option<&str>, connection: &str, body: Option<Value>) -> Value {
    json!({
        "requestContext": {
            "routeKey": route, "eventType": if body.is_some() { "MESSAGE" } else { "CONNECT" }, "connectionId": connection,
            "stage": "prod", "apiId": "abc", "domainName": "abc.execute-api.eu-central-1.amazonaws.com",
            "requestId": "DNUfiFnEFiAFs4g=", "extendedRequestId": "DNUfiFnEFiAFs4g=", "messageDirection": "IN",
            "requestTime": "20/Jan/2027:08:00:00 +0000", "requestTimeEpoch": 1_800_000_000_000_i64,
            "connectedAt": 1_800_000_000_000_i64,
            "identity": { "cognitoIdentityId": guest, "sourceIp": "192.0.2.1" },
        },
        "isBase64Encoded": false, "body": body.map(|body| body.to_string()),
    })
}

/// The event that the HTTP gateway raises for a signed request.
pub fn request(guest: Option<&str>, method: &str, path: &str) -> Value {
    let authorizer =
        guest.map(|guest| json!({ "iam": { "cognitoIdentity": { "amr": ["unauthenticated"], "identityId": guest } } }));
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": { "host": "abc.execute-api.eu-central-1.amazonaws.com" },
        "requestContext": {
            "accountId": "123456789012", "apiId": "abc", "stage": "$default", "requestId": "r", "routeKey": "$default",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test" },
            "timeEpoch": 1_800_000_000_000_i64, "authorizer": authorizer,
        },
        "isBase64Encoded": false,
    })
}
