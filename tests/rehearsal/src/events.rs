//! The events that gateways and queues raise, by their published form.

use serde_json::{Value, json};

use crate::cloud::REGION;

/// A message of a queue.
pub(crate) struct Message {
    pub id: String,
    pub receipt: String,
    body: String,
    deliveries: String,
}

impl Message {
    pub(crate) fn of(message: aws_sdk_sqs::types::Message) -> Self {
        let count = aws_sdk_sqs::types::MessageSystemAttributeName::ApproximateReceiveCount;
        Self {
            deliveries: message.attributes().and_then(|all| all.get(&count).cloned()).unwrap_or_else(|| "1".to_owned()),
            id: message.message_id.unwrap_or_default(),
            receipt: message.receipt_handle.unwrap_or_default(),
            body: completed(&message.body.unwrap_or_default()),
        }
    }
}

/// The event of a queue's messages.
pub(crate) fn queue_event(messages: impl Iterator<Item = Message>) -> Value {
    let records = messages.map(|message| {
        json!({
            "messageId": message.id, "receiptHandle": message.receipt, "body": message.body,
            "attributes": { "ApproximateReceiveCount": message.deliveries }, "messageAttributes": {},
            "eventSource": "aws:sqs", "awsRegion": REGION,
        })
    });
    json!({ "Records": records.collect::<Vec<_>>() })
}

/// What S3 says in its events and the emulator leaves out. A sequencer rises with time.
fn completed(body: &str) -> String {
    let Ok(mut event) = serde_json::from_str::<Value>(body) else { return body.to_owned() };
    for record in event["Records"].as_array_mut().into_iter().flatten().filter(|record| record["s3"].is_object()) {
        record["userIdentity"] = json!({ "principalId": "AWS:AROAEXAMPLE:CognitoIdentityCredentials" });
        record["requestParameters"] = json!({ "sourceIPAddress": "192.0.2.1" });
        record["responseElements"] = json!({ "x-amz-request-id": "C3D13FE58DE4C810" });
        let moment = record["eventTime"].as_str().unwrap_or_default();
        let sequencer: String = moment.chars().filter(char::is_ascii_digit).collect();
        record["s3"]["object"]["sequencer"] = json!(sequencer);
    }
    event.to_string()
}

/// The event that the WebSocket gateway raises. Who is behind it is said when the connection is made, and need not be after that.
pub fn socket(route: &str, guest: Option<&str>, connection: &str, body: Option<Value>) -> Value {
    let kind = match route {
        "$connect" => "CONNECT",
        "$disconnect" => "DISCONNECT",
        _ => "MESSAGE",
    };
    json!({
        "requestContext": {
            "routeKey": route, "eventType": kind, "connectionId": connection,
            "stage": "live", "apiId": "abc", "domainName": "abc.execute-api.us-east-1.amazonaws.com",
            "requestId": "DNUfiFnEFiAFs4g=", "extendedRequestId": "DNUfiFnEFiAFs4g=", "messageDirection": "IN",
            "requestTime": "20/Jan/2027:08:00:00 +0000", "requestTimeEpoch": 1_800_000_000_000_i64,
            "connectedAt": 1_800_000_000_000_i64,
            "identity": { "cognitoIdentityId": guest, "sourceIp": "192.0.2.1" },
        },
        "isBase64Encoded": false,
        "body": body.map(|body| body.as_str().map_or_else(|| body.to_string(), str::to_owned)),
    })
}

/// The event that the gateway of streams raises for a request of a guest's: one of the older kind, whose stage is in no path.
pub fn signed_post(guest: &str, stage: &str, path: &str, body: &Value) -> Value {
    let host = "def.execute-api.us-east-1.amazonaws.com";
    let headers = json!({ "Host": host, "Content-Type": "application/json" });
    json!({
        "resource": "/sessions/{id}/turns", "path": path, "httpMethod": "POST", "headers": headers,
        "multiValueHeaders": { "Host": [host], "Content-Type": ["application/json"] },
        "queryStringParameters": null, "multiValueQueryStringParameters": null, "pathParameters": null, "stageVariables": null,
        "requestContext": {
            "accountId": "123456789012", "apiId": "def", "resourceId": "r1", "resourcePath": "/sessions/{id}/turns", "stage": stage,
            "httpMethod": "POST", "path": format!("/{stage}{path}"), "protocol": "HTTP/1.1", "requestId": "r", "domainName": host,
            "requestTime": "20/Jan/2027:08:00:00 +0000", "requestTimeEpoch": 1_800_000_000_000_i64,
            "identity": {
                "cognitoIdentityId": guest, "cognitoIdentityPoolId": "us-east-1:pool", "sourceIp": "192.0.2.1", "userAgent": "test",
                "cognitoAuthenticationType": "unauthenticated", "accessKey": "ASIAGUEST", "caller": "AROAEXAMPLE:guest",
            },
        },
        "body": body.to_string(), "isBase64Encoded": false,
    })
}

/// The event that the HTTP gateway raises for a request.
pub fn request(guest: Option<&str>, method: &str, path_and_query: &str, body: Option<&str>) -> Value {
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let authorizer =
        guest.map(|guest| json!({ "iam": { "cognitoIdentity": { "amr": ["unauthenticated"], "identityId": guest } } }));
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
        "headers": { "host": "abc.execute-api.us-east-1.amazonaws.com", "content-type": "application/json" },
        "requestContext": {
            "accountId": "123456789012", "apiId": "abc", "stage": "$default", "requestId": "r", "routeKey": "$default",
            "domainName": "abc.execute-api.us-east-1.amazonaws.com",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test" },
            "timeEpoch": 1_800_000_000_000_i64, "authorizer": authorizer,
        },
        "body": body, "isBase64Encoded": false,
    })
}
