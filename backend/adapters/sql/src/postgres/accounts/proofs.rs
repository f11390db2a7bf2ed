//! Passwords beside the accounts that they are of, in the form that is slow to try out. It knows no address.

use std::sync::Arc;

use async_trait::async_trait;
use synapscribe_domain::account::{AccountId, EmailAddress, Password};
use synapscribe_ports::accounts::{Passwords, Proofs, Proved};
use synapscribe_ports::{StoreError, StoreResult};

use super::people::NONE_YET;
use crate::postgres::PostgresLibrary;
use crate::postgres::fault::fault;

/// Keeps passwords of accounts that are in the same [`PostgresLibrary`]. An account has none until one is kept.
#[derive(Clone)]
pub struct PostgresProofs {
    library: PostgresLibrary,
    passwords: Arc<dyn Passwords>,
}

impl PostgresProofs {
    /// Passwords hashed by these.
    pub fn new(library: PostgresLibrary, passwords: Arc<dyn Passwords>) -> Self {
        Self { library, passwords }
    }

    /// Writes it, and says whether there is such an account.
    async fn write(&self, account: &AccountId, hash: &str) -> StoreResult<bool> {
        let mut tx = self.library.begin().await?;
        let written = sqlx::query("UPDATE accounts SET password = $2 WHERE id = $1")
            .bind(account.as_str())
            .bind(hash)
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(written.rows_affected() > 0)
    }
}

#[async_trait]
impl Proofs for PostgresProofs {
    async fn keep(&self, account: &AccountId, _: &EmailAddress, password: &Password) -> StoreResult<()> {
        let hash = self.passwords.hash(password).await?;
        if self.write(account, &hash).await? { Ok(()) } else { Err(StoreError::Gone) }
    }

    async fn prove(&self, account: Option<&AccountId>, password: &Password) -> StoreResult<Proved> {
        let kept: Option<String> = sqlx::query_scalar("SELECT password FROM accounts WHERE id = $1")
            .bind(account.map_or("", AccountId::as_str))
            .fetch_optional(&mut *self.library.connection().await?)
            .await
            .map_err(fault)?;
        let kept = kept.filter(|kept| kept != NONE_YET);
        let right = self.passwords.verify(password, kept.as_deref()).await?;
        Ok(if right { Proved::Yes } else { Proved::No })
    }

    async fn forget(&self, account: &AccountId) -> StoreResult<()> {
        self.write(account, NONE_YET).await.map(drop)
    }
}
