//! What is over of accounts goes: those that were never verified, codes, sign-ins, limits, old events and keys.

use std::time::Duration;

use synapscribe_domain::Timestamp;
use synapscribe_domain::account::{What, event};
use synapscribe_domain::time::DAY_MS;

use super::{Reception, Refused, Visit};

/// Whoever has not verified their address after so long signs up again.
const WAITING_MS: i64 = 7 * DAY_MS;
/// Longer than anything that was handed out under a sign-in lasts.
const ENDED_MS: i64 = DAY_MS;
/// Accounts that are read at once.
const AT_ONCE: u32 = 50;

impl Reception {
    /// Removes what is over, and makes the next signing key when its time has come. Whatever is not done is due the next time.
    pub async fn sweep(&self) -> Result<(), Refused> {
        let now = self.clock.now();
        if self.tokens.rotate(now).await? {
            self.note(&Visit::default(), What::KeyRotated, None, None).await;
        }
        self.accounts.forget(now.plus(-WAITING_MS)).await?;
        self.sign_ins.forget(now.plus(-ENDED_MS)).await?;
        self.limits.forget(now).await?;
        self.audit.forget(now.plus(-event::KEPT_MS)).await?;
        // Last, since it may take long.
        self.remove_unverified(now.plus(-WAITING_MS)).await
    }

    /// Removes accounts that were made before this moment and never verified, past those that cannot be removed now.
    async fn remove_unverified(&self, before: Timestamp) -> Result<(), Refused> {
        let mut after = None;
        loop {
            let over = self.accounts.unverified(before, after.as_ref(), AT_ONCE).await?;
            for one in &over {
                self.remove(std::slice::from_ref(&one.id)).await;
            }
            after = over.last().cloned();
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Sweeps for no longer than this, and tells whether all was done; what fails is logged here. So whoever waits for it waits neither
    /// long nor in vain.
    pub async fn sweep_within(&self, patience: Duration) -> bool {
        match tokio::time::timeout(patience, self.sweep()).await {
            Ok(Ok(())) => return true,
            Ok(Err(refused)) => {
                tracing::warn!(code = refused.failure().code.as_str(), "what is over of accounts could not be removed");
            }
            Err(_) => {
                tracing::warn!(patience.ms = patience.as_millis() as u64, "not all that is over of accounts could be removed");
            }
        }
        false
    }
}
