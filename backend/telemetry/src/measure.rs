//! Measurements: events whose fields name their unit, and what CloudWatch has to be told of them to make metrics of a log line.

use serde_json::{Map, Value, json};

/// Where the metrics of every deployment are.
const NAMESPACE: &str = "SynapScribe";

/// Adds to a line what makes CloudWatch read it as metrics (its embedded metric format).
pub(crate) fn embed(line: &mut Map<String, Value>, deployment: &str, moment_ms: i64) {
    let metrics: Vec<Value> = line
        .iter()
        .filter(|(_, value)| value.is_number())
        .filter_map(|(name, _)| Some(json!({ "Name": name, "Unit": unit(name)? })))
        .collect();
    if metrics.is_empty() {
        return;
    }
    let directive = json!({
        "Namespace": NAMESPACE,
        "Dimensions": [["deployment"], ["deployment", "operation"]],
        "Metrics": metrics,
    });
    line.insert("deployment".into(), deployment.into());
    line.insert("_aws".into(), json!({ "Timestamp": moment_ms, "CloudWatchMetrics": [directive] }));
}

fn unit(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "ms" => Some("Milliseconds"),
        "bytes" => Some("Bytes"),
        "count" => Some("Count"),
        _ => None,
    }
}
