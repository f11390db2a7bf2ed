//! What only operators may ask about the accounts of a deployment, asked of their function itself by whoever AWS lets call it. So an
//! operator of the deployment invites the first operator of its accounts.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use synapscribe_client::ClientError;
use synapscribe_client::account::staff::Asked;

use crate::cloud::{Cloud, code};
use crate::function::call;
use crate::stack::Stack;
use crate::tool::Tool;

/// A database that sleeps has to wake first; the function itself is given up after 29 seconds.
const PATIENCE_SECONDS: u32 = 60;

/// The accounts of a deployment.
#[derive(Debug, Clone)]
pub struct Registry {
    aws: Tool,
    stack: String,
    function: String,
}

impl Registry {
    /// Those of a stack that has any.
    pub fn of(cloud: &Cloud, stack: &Stack) -> Result<Self, ClientError> {
        let none = |_| {
            let said = format!("{} has no accounts; give its stage MailFrom in samconfig.toml, and deploy again", stack.name);
            ClientError::new(code::STACK, said)
        };
        let function = stack.output("AccountsFunction").map_err(none)?.to_owned();
        let region = cloud.config.region().map(ToString::to_string).unwrap_or_default();
        Ok(Self { aws: Tool::aws(Path::new("."), &region, cloud.config.endpoint_url()), stack: stack.name.clone(), function })
    }

    /// Asks them something.
    pub async fn ask<T: DeserializeOwned>(&self, asked: &Asked<T>) -> Result<T, ClientError> {
        let silent = format!("the accounts of {} do not answer", self.stack);
        let unwell = |said: &str| ClientError::new(code::AWS, format!("{silent}: {said}"));
        let said = call(&self.aws, &self.function, &event(asked), PATIENCE_SECONDS).await;
        let said = said.map_err(|failed| failed.told(code::AWS, &silent))?;
        let answer: Value = serde_json::from_str(&said).map_err(|_| unwell(&said))?;
        let status = answer["statusCode"].as_u64().and_then(|status| status.try_into().ok()).ok_or_else(|| unwell(&said))?;
        asked.read(&self.stack, status, answer["body"].as_str().unwrap_or_default().as_bytes())
    }
}

/// A request as the gateway would raise it, but for the gateway's name, and with the word by which the function tells that it was
/// called by itself.
fn event<T>(asked: &Asked<T>) -> Value {
    let (path, query) = asked.path.split_once('?').unwrap_or((asked.path.as_str(), ""));
    let path = format!("/api/auth/{path}");
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
        "headers": { "content-type": "application/json" },
        "requestContext": {
            "http": { "method": asked.method.as_str(), "path": path, "protocol": "HTTP/1.1", "userAgent": "synapscribe" },
            "authorizer": { "lambda": { "operator": true } },
            "timeEpoch": 0,
        },
        "body": asked.body.as_deref().map(String::from_utf8_lossy), "isBase64Encoded": false,
    })
}
