//! Reading the record of security events, for operators.

use synapscribe_domain::account::{Action, SecurityEvent, Whose};
use synapscribe_ports::accounts::Before;

use super::{Office, Reception, Refused};

/// No more are told at once.
const MOST: u32 = 500;

impl Reception {
    /// The latest events, each with its number, or those from there on.
    pub async fn events(
        &self,
        office: &Office,
        before: Option<Before>,
        most: Option<u32>,
    ) -> Result<Vec<(i64, SecurityEvent)>, Refused> {
        self.allow(office, Action::ReadAudit, Whose::Others).await?;
        Ok(self.audit.events(None, before, most.unwrap_or(100).clamp(1, MOST)).await?)
    }
}
