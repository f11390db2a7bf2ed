//! What is over of accounts goes: those that were never verified, codes, sign-ins, limits, old events and keys.

use synapscribe_domain::account::{What, event};
use synapscribe_domain::time::DAY_MS;

use super::{Reception, Refused, Visit};

/// Whoever has not verified their address after so long signs up again.
const WAITING_MS: i64 = 7 * DAY_MS;
/// Longer than anything that was handed out under a sign-in lasts.
const ENDED_MS: i64 = DAY_MS;

impl Reception {
    /// Removes what is over, and makes the next signing key when its time has come.
    pub async fn sweep(&self) -> Result<(), Refused> {
        let now = self.clock.now();
        let gone = self.accounts.forget(now.plus(-WAITING_MS)).await?;
        self.remove(&gone).await;
        self.sign_ins.forget(now.plus(-ENDED_MS)).await?;
        self.limits.forget(now).await?;
        self.audit.forget(now.plus(-event::KEPT_MS)).await?;
        if self.tokens.rotate(now).await? {
            self.note(&Visit::default(), What::KeyRotated, None, None).await;
        }
        Ok(())
    }
}
