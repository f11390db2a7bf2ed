//! Brings the database of a deployment up to date when somebody asks for it, whatever they say. Holds no logic.

use std::sync::Arc;

use serde::Serialize;
use synapscribe_ports::{Schema, UpgradeError};

/// What the handler calls; built once.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub schema: Arc<dyn Schema>,
}

/// What was done, for whoever asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The step the database was at; 0 is an empty one.
    pub from: i64,
    /// The step it is at.
    pub to: i64,
    /// The steps in between.
    pub applied: Vec<String>,
    /// Settings that the database did not have yet.
    pub settled: Vec<String>,
}

/// Does what is still to be done. Asked again, or twice at once, it does nothing more and says so.
pub async fn handle(context: &Context) -> Result<Report, UpgradeError> {
    let done = context.schema.upgrade().await.inspect_err(|error| tracing::error!(%error, "the database is as it was"))?;
    tracing::info!(from = done.from, to = done.to, applied = ?done.applied, settled = ?done.settled, "the database is up to date");
    Ok(Report { from: done.from, to: done.to, applied: done.applied, settled: done.settled })
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use serde_json::json;
    use synapscribe_ports::Upgrade;

    use super::*;

    struct Told(Result<i64, i64>);

    #[async_trait]
    impl Schema for Told {
        async fn upgrade(&self) -> Result<Upgrade, UpgradeError> {
            let to = self.0.map_err(|version| UpgradeError::Newer { version })?;
            Ok(Upgrade { from: 1, to, applied: vec!["2 tags".into()], settled: vec![] })
        }
    }

    #[tokio::test]
    async fn what_was_done_is_said_and_what_was_not_as_well() {
        let handle = async |told| handle(&Context { schema: Arc::new(Told(told)) }).await;
        let report = handle(Ok(2)).await.unwrap();
        assert_eq!(serde_json::to_value(report).unwrap(), json!({ "from": 1, "to": 2, "applied": ["2 tags"], "settled": [] }));
        let refused = handle(Err(3)).await.unwrap_err().to_string();
        assert!(refused.contains("newer version") && refused.contains("step 3"), "{refused}");
    }
}
