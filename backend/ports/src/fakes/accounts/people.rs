//! Accounts in memory, and what they are proved by.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use synapscribe_domain::account::{Account, AccountId, Checked, EmailAddress, MailedCode, Password, Purpose, Role, WrittenCode};
use synapscribe_domain::{PersonId, Timestamp};

use crate::accounts::{Accounts, NewAccount, Passwords, Proofs, Proved, Registered, Secrets};
use crate::fakes::open;
use crate::{StoreError, StoreResult};

/// Keeps accounts for as long as it lives.
pub struct MemoryAccounts {
    secrets: Arc<dyn Secrets>,
    kept: Mutex<Vec<Kept>>,
}

struct Kept {
    account: Account,
    codes: Vec<MailedCode>,
}

impl MemoryAccounts {
    /// No accounts yet.
    pub fn new(secrets: Arc<dyn Secrets>) -> Self {
        Self { secrets, kept: Mutex::default() }
    }

    fn code(&self, kept: &mut Kept, purpose: Purpose, now: Timestamp) -> WrittenCode {
        let code = self.secrets.code();
        kept.codes.retain(|known| known.purpose != purpose);
        kept.codes.push(MailedCode::new(purpose, self.secrets.digest(code.as_str()), now));
        code
    }

    fn answered(&self, email: &EmailAddress, purpose: Purpose, code: &WrittenCode, now: Timestamp) -> Option<usize> {
        let mut all = open(&self.kept);
        let place = all.iter().position(|kept| kept.account.email == *email)?;
        let known = all[place].codes.iter_mut().find(|known| known.purpose == purpose)?;
        (known.answer(&self.secrets.digest(code.as_str()), now) == Checked::Right).then_some(place)
    }
}

#[async_trait]
impl Accounts for MemoryAccounts {
    async fn register(&self, new: &NewAccount, now: Timestamp) -> StoreResult<Registered> {
        let mut all = open(&self.kept);
        let waits =
            |kept: &Kept| !kept.account.verified && (kept.account.email == new.email || kept.account.person == new.person);
        let replaced = all.iter().filter(|kept| waits(kept)).map(|kept| kept.account.id.clone()).collect();
        all.retain(|kept| !waits(kept));
        if all.iter().any(|kept| kept.account.email == new.email) {
            return Ok(Registered { code: None, replaced });
        }
        let NewAccount { id, email, name, role, person } = new.clone();
        let account = Account { id, email, name, role, person, verified: false, created: now };
        let mut kept = Kept { account, codes: Vec::new() };
        let code = Some(self.code(&mut kept, Purpose::Verify, now));
        all.push(kept);
        Ok(Registered { code, replaced })
    }

    async fn account_at(&self, email: &EmailAddress) -> StoreResult<Option<Account>> {
        Ok(open(&self.kept).iter().map(|kept| &kept.account).find(|account| account.email == *email).cloned())
    }

    async fn verify(&self, email: &EmailAddress, code: &WrittenCode, now: Timestamp) -> StoreResult<Option<Account>> {
        let Some(place) = self.answered(email, Purpose::Verify, code, now) else { return Ok(None) };
        let mut all = open(&self.kept);
        all[place].account.verified = true;
        Ok(Some(all[place].account.clone()))
    }

    async fn verify_again(&self, email: &EmailAddress, now: Timestamp) -> StoreResult<Option<WrittenCode>> {
        let mut all = open(&self.kept);
        let kept = all.iter_mut().find(|kept| kept.account.email == *email && !kept.account.verified);
        Ok(kept.map(|kept| self.code(kept, Purpose::Verify, now)))
    }

    async fn forgotten(&self, email: &EmailAddress, now: Timestamp) -> StoreResult<Option<WrittenCode>> {
        let mut all = open(&self.kept);
        let kept = all.iter_mut().find(|kept| kept.account.email == *email);
        Ok(kept.map(|kept| self.code(kept, Purpose::Reset, now)))
    }

    async fn reset(&self, email: &EmailAddress, code: &WrittenCode, now: Timestamp) -> StoreResult<Option<Account>> {
        let place = self.answered(email, Purpose::Reset, code, now);
        Ok(place.map(|place| open(&self.kept)[place].account.clone()))
    }

    async fn account(&self, id: &AccountId) -> StoreResult<Option<Account>> {
        Ok(open(&self.kept).iter().map(|kept| &kept.account).find(|account| account.id == *id).cloned())
    }

    async fn account_of(&self, person: &PersonId) -> StoreResult<Option<Account>> {
        Ok(open(&self.kept).iter().map(|kept| &kept.account).find(|account| account.person == *person).cloned())
    }

    async fn confirm(&self, id: &AccountId) -> StoreResult<()> {
        let mut all = open(&self.kept);
        all.iter_mut().find(|kept| kept.account.id == *id).ok_or(StoreError::Gone)?.account.verified = true;
        Ok(())
    }

    async fn set_role(&self, id: &AccountId, role: Role) -> StoreResult<()> {
        let mut all = open(&self.kept);
        all.iter_mut().find(|kept| kept.account.id == *id).ok_or(StoreError::Gone)?.account.role = role;
        Ok(())
    }

    async fn delete(&self, id: &AccountId) -> StoreResult<()> {
        open(&self.kept).retain(|kept| kept.account.id != *id);
        Ok(())
    }

    async fn forget(&self, before: Timestamp) -> StoreResult<Vec<AccountId>> {
        let mut all = open(&self.kept);
        let over = |kept: &Kept| !kept.account.verified && kept.account.created < before;
        let gone = all.iter().filter(|kept| over(kept)).map(|kept| kept.account.id.clone()).collect();
        all.retain(|kept| !over(kept));
        for kept in all.iter_mut() {
            kept.codes.retain(|code| code.expires >= before);
        }
        Ok(gone)
    }
}

/// Keeps passwords for as long as it lives.
pub struct MemoryProofs {
    passwords: Arc<dyn Passwords>,
    kept: Mutex<HashMap<AccountId, String>>,
}

impl MemoryProofs {
    /// No passwords yet.
    pub fn new(passwords: Arc<dyn Passwords>) -> Self {
        Self { passwords, kept: Mutex::default() }
    }
}

#[async_trait]
impl Proofs for MemoryProofs {
    async fn keep(&self, account: &AccountId, _: &EmailAddress, password: &Password) -> StoreResult<()> {
        let hash = self.passwords.hash(password).await?;
        open(&self.kept).insert(account.clone(), hash);
        Ok(())
    }

    async fn prove(&self, account: Option<&AccountId>, password: &Password) -> StoreResult<Proved> {
        let kept = account.and_then(|account| open(&self.kept).get(account).cloned());
        let right = self.passwords.verify(password, kept.as_deref()).await?;
        Ok(if right { Proved::Yes } else { Proved::No })
    }

    async fn forget(&self, account: &AccountId) -> StoreResult<()> {
        open(&self.kept).remove(account);
        Ok(())
    }
}
