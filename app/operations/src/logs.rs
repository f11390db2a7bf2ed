//! The logs of every part of a deployment as one stream, by the name of what they are about.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use serde::Serialize;
use serde_json::Value;
use synapscribe_client::ClientError;

use crate::cloud::{Cloud, refused};
use crate::stack::Stack;

/// How often news is looked for.
const LOOK: Duration = Duration::from_secs(2);
/// Lines may come this much later than they were written, and are looked for that long.
const LATE_MS: i64 = 30_000;

/// Which lines are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only lines about this.
    pub correlation: Option<String>,
    /// Only of this part, such as `answer`, by a piece of its name.
    pub part: Option<String>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// The part that wrote it.
    pub part: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What it says: an object, or text where a service of AWS wrote it.
    pub said: Value,
}

/// Follows the logs of a deployment.
pub struct Follower {
    client: Client,
    groups: Vec<String>,
    wanted: Wanted,
    from: i64,
    /// Lines that were given, by group and name, with their moment.
    seen: HashMap<(String, String), i64>,
}

impl Follower {
    /// The groups of a stack's functions and of its GPU host, from so long ago on.
    pub fn new(cloud: &Cloud, stack: &Stack, wanted: Wanted, since: Duration) -> Self {
        let functions = stack.outputs.iter().filter(|(key, _)| key.ends_with("Function"));
        let functions = functions.map(|(_, name)| format!("/aws/lambda/{name}"));
        let others = stack.outputs.iter().filter(|(key, _)| key.ends_with("LogGroup")).map(|(_, name)| name.clone());
        let groups = functions.chain(others).filter(|group| wanted.part.as_ref().is_none_or(|part| group.contains(part)));
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let from = now.saturating_sub(since).as_millis() as i64;
        Self { client: Client::new(&cloud.config), groups: groups.collect(), wanted, from, seen: HashMap::new() }
    }

    /// The groups that are read.
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// Lines that were not given yet, oldest first. A group that nothing was written to may not be there.
    pub async fn next(&mut self) -> Result<Vec<Line>, ClientError> {
        let mut lines = Vec::new();
        for group in self.groups.clone() {
            for event in self.events(&group).await? {
                let name = (group.clone(), event.event_id.clone().unwrap_or_default());
                let line = line(&group, event);
                let fresh = self.seen.insert(name, line.at).is_none();
                if fresh && self.is_wanted(&line) {
                    lines.push(line);
                }
            }
        }
        lines.sort_by_key(|line| line.at);
        if let Some(last) = lines.last() {
            self.from = self.from.max(last.at - LATE_MS);
            self.seen.retain(|_, at| *at >= self.from);
        }
        Ok(lines)
    }

    /// Waits until it is worth looking again.
    pub async fn pause(&self) {
        tokio::time::sleep(LOOK).await;
    }

    async fn events(&self, group: &str) -> Result<Vec<FilteredLogEvent>, ClientError> {
        let mut filter = self.client.filter_log_events().log_group_name(group).start_time(self.from);
        if let Some(name) = &self.wanted.correlation {
            // The line is looked into below; this only spares reading all others.
            filter = filter.filter_pattern(format!("\"{}\"", name.replace(['"', '\\'], "")));
        }
        let mut pages = filter.into_paginator().send();
        let mut events = Vec::new();
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => events.extend(page.events.unwrap_or_default()),
                Err(error) if error.as_service_error().is_some_and(|said| said.is_resource_not_found_exception()) => break,
                Err(error) => return Err(refused("reading logs", &error)),
            }
        }
        Ok(events)
    }

    fn is_wanted(&self, line: &Line) -> bool {
        self.wanted.correlation.as_ref().is_none_or(|name| match &line.said {
            Value::String(text) => text.contains(name),
            said => said["correlation"].as_str() == Some(name),
        })
    }
}

fn line(group: &str, event: FilteredLogEvent) -> Line {
    let text = event.message.unwrap_or_default();
    let said = serde_json::from_str::<Value>(text.trim()).ok().filter(Value::is_object);
    Line {
        part: group.rsplit('/').next().unwrap_or(group).to_owned(),
        at: event.timestamp.unwrap_or_default(),
        said: said.unwrap_or_else(|| Value::String(text.trim_end().to_owned())),
    }
}
