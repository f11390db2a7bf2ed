//! What follows where sign-ins end: nothing of theirs opens anything here from now on, and whoever is connected under them is hung up on.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use synapscribe_domain::ConnectionId;
use synapscribe_domain::account::{Account, AccountId, SignIn, SignInId};
use synapscribe_ports::connections::Holder;
use synapscribe_ports::{Connections, StoreError, StoreResult};

use super::Reception;

/// Hanging up takes no longer: where nothing can be done after an answer, the answer waits for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many connections at once, so that whoever opened very many does not outlast the patience.
const AT_ONCE: usize = 16;

impl Reception {
    /// These sign-ins of an account have ended. A connection that cannot be closed now is at the next thing that is said over it.
    pub(super) async fn ended(&self, account: &AccountId, sign_ins: &[SignInId]) {
        self.admitting.ended(sign_ins);
        let Some(connections) = self.connections.clone().filter(|_| !sign_ins.is_empty()) else { return };
        // Looked up now: the account may be gone after this.
        match self.accounts.account(account).await {
            Ok(Some(account)) => self.hang_up_after(account, connections),
            Ok(None) => {}
            Err(error) => not_hung_up(&error),
        }
    }

    fn hang_up_after(&self, account: Account, connections: Arc<dyn Connections>) {
        let reception = self.clone();
        self.errands.begin(async move {
            let closing = async {
                reception.hang_up(&account, &*connections).await?;
                let late = connections.lists_after();
                if late.is_zero() {
                    return Ok(());
                }
                // One may have been noted that was not listed yet. Where the process is frozen after an answer, as in Lambda,
                // the answer waits for this as for every errand; elsewhere none does.
                tokio::time::sleep(late).await;
                reception.hang_up(&account, &*connections).await
            };
            match tokio::time::timeout(PATIENCE, closing).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => not_hung_up(&error),
                Err(_) => not_hung_up(&StoreError::Unavailable("it took too long".into())),
            }
        });
    }

    /// Closes every connection of an account's person whose sign-in does not last, also what could not be closed the last time.
    async fn hang_up(&self, account: &Account, connections: &dyn Connections) -> StoreResult<()> {
        let held = connections.held_by(&account.person).await?;
        // Looked up after the connections: whoever signs in meanwhile stays.
        let lasting = self.sign_ins.of(&account.id, self.clock.now()).await?;
        let closing = futures::stream::iter(over(held, &lasting)).for_each_concurrent(AT_ONCE, |connection| async move {
            if let Err(error) = connections.hang_up(&connection).await {
                not_hung_up(&error);
            }
        });
        closing.await;
        Ok(())
    }
}

/// The connections whose sign-in does not last; guests have none.
fn over(held: Vec<(ConnectionId, Holder)>, lasting: &[SignIn]) -> Vec<ConnectionId> {
    let lasts = |sign_in: &SignInId| lasting.iter().any(|one| one.id == *sign_in);
    let ended = |holder: &Holder| holder.sign_in.as_ref().is_some_and(|sign_in| !lasts(sign_in));
    held.into_iter().filter(|(_, holder)| ended(holder)).map(|(connection, _)| connection).collect()
}

fn not_hung_up(error: &StoreError) {
    tracing::warn!(%error, "a connection whose sign-in has ended could not be closed");
}
