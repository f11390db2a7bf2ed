//! Addresses and codes in a database of ours. Whatever is asked of an address is the same work whether or not somebody has it.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{Sqlite, Transaction};
use synapscribe_domain::account::{Account, AccountId, Checked, EmailAddress, MailedCode, Purpose, Role, WrittenCode};
use synapscribe_domain::{PersonId, Timestamp};
use synapscribe_ports::accounts::{Accounts, NewAccount, Registered, Secrets, Unverified};
use synapscribe_ports::{StoreError, StoreResult};

use crate::sqlite::fault;
use crate::store::{Store, from_json, to_json};

/// What stands for a password where there is none: no hash, so that it is nobody's.
pub(super) const NONE_YET: &str = "";

/// Each page begins behind the last of the one before, as an index has them.
const UNVERIFIED: &str = "SELECT created, id FROM accounts WHERE verified = 0 AND created < $1 AND (created, id) > ($2, $3)
     ORDER BY created, id LIMIT $4";
const FORGET: &str = "DELETE FROM account_codes WHERE expires < $1";

/// Keeps accounts in a [`Store`].
#[derive(Clone)]
pub struct SqlAccounts {
    store: Store,
    secrets: Arc<dyn Secrets>,
}

type Tx = Transaction<'static, Sqlite>;

impl SqlAccounts {
    /// Accounts in this database, with codes made by these secrets.
    pub fn new(store: Store, secrets: Arc<dyn Secrets>) -> Self {
        Self { store, secrets }
    }

    /// Makes a code in the place of the one before.
    async fn make_code(&self, tx: &mut Tx, account: &AccountId, purpose: Purpose, now: Timestamp) -> StoreResult<WrittenCode> {
        let code = self.secrets.code();
        let kept = MailedCode::new(purpose, self.digest(account, &code), now);
        save_code(tx, account, &kept).await?;
        Ok(code)
    }

    /// What is kept of a code says nothing about another account's with the same letters.
    fn digest(&self, account: &AccountId, code: &WrittenCode) -> synapscribe_domain::account::Digest {
        self.secrets.digest(&format!("code/{account}/{}", code.as_str()))
    }

    /// The account whose code this is; whatever comes of it is stored.
    async fn answered(
        &self,
        tx: &mut Tx,
        email: &EmailAddress,
        purpose: Purpose,
        code: &WrittenCode,
        now: Timestamp,
    ) -> StoreResult<Option<Account>> {
        let Some(account) = by_email(tx, email).await? else { return Ok(None) };
        let kept: Option<String> = sqlx::query_scalar("SELECT record FROM account_codes WHERE account = $1 AND purpose = $2")
            .bind(account.id.as_str())
            .bind(purpose.name())
            .fetch_optional(&mut **tx)
            .await
            .map_err(fault)?;
        let Some(kept) = kept else { return Ok(None) };
        let mut kept: MailedCode = from_json(&kept)?;
        let checked = kept.answer(&self.digest(&account.id, code), now);
        save_code(tx, &account.id, &kept).await?;
        Ok((checked == Checked::Right).then_some(account))
    }

    async fn another(&self, email: &EmailAddress, purpose: Purpose, now: Timestamp) -> StoreResult<Option<WrittenCode>> {
        let mut tx = self.store.begin().await?;
        let waits = |account: &Account| purpose == Purpose::Reset || !account.verified;
        let code = match by_email(&mut tx, email).await?.filter(waits) {
            Some(account) => Some(self.make_code(&mut tx, &account.id, purpose, now).await?),
            None => None,
        };
        tx.commit().await.map_err(fault)?;
        Ok(code)
    }
}

#[async_trait]
impl Accounts for SqlAccounts {
    async fn register(&self, new: &NewAccount, now: Timestamp) -> StoreResult<Registered> {
        let NewAccount { id, email, name, role, person } = new.clone();
        let account = Account { id, email, name, role, person, verified: false, created: now, resets: 0 };
        let mut tx = self.store.begin().await?;
        let replaced: Vec<String> = sqlx::query_scalar(
            "UPDATE accounts SET email = 'nobody ' || id, person = 'nobody ' || id
             WHERE verified = 0 AND (email = $1 OR person = $2) RETURNING id",
        )
        .bind(account.email.as_str())
        .bind(account.person.as_str())
        .fetch_all(&mut *tx)
        .await
        .map_err(fault)?;
        let known = by_email(&mut tx, &account.email).await?.is_some();
        // An account is made all the same, in nobody's name, so that the time says nothing.
        insert(&mut tx, &account, known).await?;
        let code = self.make_code(&mut tx, &account.id, Purpose::Verify, now).await?;
        tx.commit().await.map_err(fault)?;
        Ok(Registered { code: (!known).then_some(code), replaced: replaced.into_iter().map(named).collect::<StoreResult<_>>()? })
    }

    async fn account_at(&self, email: &EmailAddress) -> StoreResult<Option<Account>> {
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM accounts WHERE email = $1")
            .bind(email.as_str())
            .fetch_optional(self.store.reader())
            .await
            .map_err(fault)?;
        record.as_deref().map(from_json).transpose()
    }

    async fn verify(&self, email: &EmailAddress, code: &WrittenCode, now: Timestamp) -> StoreResult<Option<Account>> {
        let mut tx = self.store.begin().await?;
        let mut found = self.answered(&mut tx, email, Purpose::Verify, code, now).await?;
        if let Some(account) = &mut found {
            account.verified = true;
            save(&mut tx, account).await?;
        }
        tx.commit().await.map_err(fault)?;
        Ok(found)
    }

    async fn verify_again(&self, email: &EmailAddress, now: Timestamp) -> StoreResult<Option<WrittenCode>> {
        self.another(email, Purpose::Verify, now).await
    }

    async fn forgotten(&self, email: &EmailAddress, now: Timestamp) -> StoreResult<Option<WrittenCode>> {
        self.another(email, Purpose::Reset, now).await
    }

    async fn reset(&self, email: &EmailAddress, code: &WrittenCode, now: Timestamp) -> StoreResult<Option<Account>> {
        let mut tx = self.store.begin().await?;
        let found = self.answered(&mut tx, email, Purpose::Reset, code, now).await?;
        tx.commit().await.map_err(fault)?;
        Ok(found)
    }

    async fn account(&self, id: &AccountId) -> StoreResult<Option<Account>> {
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM accounts WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(self.store.reader())
            .await
            .map_err(fault)?;
        record.as_deref().map(from_json).transpose()
    }

    async fn account_of(&self, person: &PersonId) -> StoreResult<Option<Account>> {
        let record: Option<String> = sqlx::query_scalar("SELECT record FROM accounts WHERE person = $1")
            .bind(person.as_str())
            .fetch_optional(self.store.reader())
            .await
            .map_err(fault)?;
        record.as_deref().map(from_json).transpose()
    }

    async fn names_of(&self, persons: &[PersonId]) -> StoreResult<HashMap<PersonId, String>> {
        let records: Vec<String> =
            sqlx::query_scalar("SELECT record FROM accounts WHERE verified = 1 AND person IN (SELECT value FROM json_each($1))")
                .bind(to_json(&persons)?)
                .fetch_all(self.store.reader())
                .await
                .map_err(fault)?;
        let accounts: Vec<Account> = records.iter().map(|record| from_json(record)).collect::<StoreResult<_>>()?;
        Ok(accounts.into_iter().filter_map(|account| Some((account.person, account.name?))).collect())
    }

    async fn confirm(&self, id: &AccountId) -> StoreResult<()> {
        let mut tx = self.store.begin().await?;
        let mut account = somebodys(&mut tx, id).await?.ok_or(StoreError::Gone)?;
        account.reset();
        save(&mut tx, &account).await?;
        tx.commit().await.map_err(fault)
    }

    async fn set_role(&self, id: &AccountId, role: Role, by: Option<&AccountId>) -> StoreResult<Option<Role>> {
        let mut tx = self.store.begin().await?;
        let giver = match by {
            Some(by) => match somebodys(&mut tx, by).await? {
                Some(giver) => Some(giver),
                None => return Ok(None),
            },
            None => None,
        };
        let mut account = somebodys(&mut tx, id).await?.ok_or(StoreError::Gone)?;
        let before = account.appoint(role, giver.as_ref());
        save(&mut tx, &account).await?;
        tx.commit().await.map_err(fault)?;
        Ok(before)
    }

    async fn delete(&self, id: &AccountId) -> StoreResult<()> {
        let mut tx = self.store.begin().await?;
        sqlx::query("DELETE FROM accounts WHERE id = $1").bind(id.as_str()).execute(&mut *tx).await.map_err(fault)?;
        tx.commit().await.map_err(fault)
    }

    async fn unverified(&self, before: Timestamp, after: Option<&Unverified>, most: u32) -> StoreResult<Vec<Unverified>> {
        let found: Vec<(i64, String)> = sqlx::query_as(UNVERIFIED)
            .bind(before.0)
            // Every account comes behind this moment.
            .bind(after.map_or(i64::MIN, |after| after.created.0))
            .bind(after.map_or("", |after| after.id.as_str()))
            .bind(i64::from(most))
            .fetch_all(self.store.reader())
            .await
            .map_err(fault)?;
        let read = |(created, id)| named(id).map(|id| Unverified { created: Timestamp(created), id });
        found.into_iter().map(read).collect()
    }

    async fn delete_unverified(&self, id: &AccountId) -> StoreResult<()> {
        let mut tx = self.store.begin().await?;
        sqlx::query("DELETE FROM accounts WHERE id = $1 AND verified = 0")
            .bind(id.as_str())
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        tx.commit().await.map_err(fault)
    }

    async fn forget(&self, before: Timestamp) -> StoreResult<u64> {
        let mut tx = self.store.begin().await?;
        let gone = sqlx::query(FORGET).bind(before.0).execute(&mut *tx).await;
        let gone = gone.map_err(fault)?.rows_affected();
        tx.commit().await.map_err(fault)?;
        Ok(gone)
    }
}

/// The name of an account as it is stored.
fn named(stored: String) -> StoreResult<AccountId> {
    AccountId::parse(stored).map_err(|_| StoreError::Corrupt("an account's name cannot be read".into()))
}

async fn by_email(tx: &mut Tx, email: &EmailAddress) -> StoreResult<Option<Account>> {
    let record: Option<String> = sqlx::query_scalar("SELECT record FROM accounts WHERE email = $1")
        .bind(email.as_str())
        .fetch_optional(&mut **tx)
        .await
        .map_err(fault)?;
    record.as_deref().map(from_json).transpose()
}

/// An account that is not nobody's.
async fn somebodys(tx: &mut Tx, id: &AccountId) -> StoreResult<Option<Account>> {
    let record: Option<String> = sqlx::query_scalar("SELECT record FROM accounts WHERE id = $1 AND email <> $2")
        .bind(id.as_str())
        .bind(nobody(id))
        .fetch_optional(&mut **tx)
        .await
        .map_err(fault)?;
    record.as_deref().map(from_json).transpose()
}

/// The address and the identity of an account that is nobody's, which nobody can have.
fn nobody(id: &AccountId) -> String {
    format!("nobody {id}")
}

/// Stores a new account, in nobody's name where it is to leave no trace.
async fn insert(tx: &mut Tx, account: &Account, in_nobodys_name: bool) -> StoreResult<()> {
    let (email, person) = (account.email.as_str(), account.person.as_str());
    let nobody = nobody(&account.id);
    sqlx::query(
        "INSERT INTO accounts (id, email, person, verified, created, password, record) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(account.id.as_str())
    .bind(if in_nobodys_name { nobody.as_str() } else { email })
    .bind(if in_nobodys_name { nobody.as_str() } else { person })
    .bind(account.verified)
    .bind(account.created.0)
    .bind(NONE_YET)
    .bind(to_json(account)?)
    .execute(&mut **tx)
    .await
    .map_err(fault)?;
    Ok(())
}

async fn save(tx: &mut Tx, account: &Account) -> StoreResult<()> {
    sqlx::query("UPDATE accounts SET verified = $2, record = $3 WHERE id = $1")
        .bind(account.id.as_str())
        .bind(account.verified)
        .bind(to_json(account)?)
        .execute(&mut **tx)
        .await
        .map_err(fault)?;
    Ok(())
}

async fn save_code(tx: &mut Tx, account: &AccountId, code: &MailedCode) -> StoreResult<()> {
    sqlx::query(
        "INSERT INTO account_codes (account, purpose, expires, record) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account, purpose) DO UPDATE SET expires = excluded.expires, record = excluded.record",
    )
    .bind(account.as_str())
    .bind(code.purpose.name())
    .bind(code.expires.0)
    .bind(to_json(code)?)
    .execute(&mut **tx)
    .await
    .map_err(fault)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use sqlx::AssertSqlSafe;

    use super::*;

    #[tokio::test]
    async fn what_is_over_is_found_without_looking_at_everything() {
        let store = Store::open_in_memory().await.unwrap();
        for (statement, index) in [(UNVERIFIED, "accounts_unverified"), (FORGET, "account_codes_by_end")] {
            let plan: Vec<(i64, i64, i64, String)> =
                sqlx::query_as(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"))).fetch_all(store.writer()).await.unwrap();
            let steps: Vec<_> = plan.iter().map(|(.., step)| step.as_str()).collect();
            assert!(steps[0].starts_with("SEARCH") && steps[0].contains(index), "{steps:?}");
            assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "nothing is sorted: {steps:?}");
        }
    }
}
