//! Accounts in memory, and what they are proved by.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use synapscribe_domain::account::{Account, AccountId, Checked, EmailAddress, MailedCode, Password, Purpose, Role, WrittenCode};
use synapscribe_domain::{PersonId, Timestamp};

use crate::accounts::{Accounts, NewAccount, Passwords, Proofs, Proved, Registered, Secrets, Unverified};
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
    /// Nobody's: it is only there until it is removed.
    nobodys: bool,
}

impl Kept {
    fn is_at(&self, email: &EmailAddress) -> bool {
        !self.nobodys && self.account.email == *email
    }

    fn is_of(&self, person: &PersonId) -> bool {
        !self.nobodys && self.account.person == *person
    }
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
        let place = all.iter().position(|kept| kept.is_at(email))?;
        let known = all[place].codes.iter_mut().find(|known| known.purpose == purpose)?;
        (known.answer(&self.secrets.digest(code.as_str()), now) == Checked::Right).then_some(place)
    }

    fn has(&self, id: &AccountId) -> bool {
        open(&self.kept).iter().any(|kept| kept.account.id == *id)
    }
}

#[async_trait]
impl Accounts for MemoryAccounts {
    async fn register(&self, new: &NewAccount, now: Timestamp) -> StoreResult<Registered> {
        let mut all = open(&self.kept);
        let mut replaced = Vec::new();
        for kept in all.iter_mut() {
            if !kept.account.verified && (kept.is_at(&new.email) || kept.is_of(&new.person)) {
                kept.nobodys = true;
                replaced.push(kept.account.id.clone());
            }
        }
        let known = all.iter().any(|kept| kept.is_at(&new.email));
        let NewAccount { id, email, name, role, person } = new.clone();
        let account = Account { id, email, name, role, person, verified: false, created: now, resets: 0 };
        let mut kept = Kept { account, codes: Vec::new(), nobodys: known };
        let code = self.code(&mut kept, Purpose::Verify, now);
        all.push(kept);
        Ok(Registered { code: (!known).then_some(code), replaced })
    }

    async fn account_at(&self, email: &EmailAddress) -> StoreResult<Option<Account>> {
        Ok(open(&self.kept).iter().find(|kept| kept.is_at(email)).map(|kept| kept.account.clone()))
    }

    async fn verify(&self, email: &EmailAddress, code: &WrittenCode, now: Timestamp) -> StoreResult<Option<Account>> {
        let Some(place) = self.answered(email, Purpose::Verify, code, now) else { return Ok(None) };
        let mut all = open(&self.kept);
        all[place].account.verified = true;
        Ok(Some(all[place].account.clone()))
    }

    async fn verify_again(&self, email: &EmailAddress, now: Timestamp) -> StoreResult<Option<WrittenCode>> {
        let mut all = open(&self.kept);
        let kept = all.iter_mut().find(|kept| kept.is_at(email) && !kept.account.verified);
        Ok(kept.map(|kept| self.code(kept, Purpose::Verify, now)))
    }

    async fn forgotten(&self, email: &EmailAddress, now: Timestamp) -> StoreResult<Option<WrittenCode>> {
        let mut all = open(&self.kept);
        let kept = all.iter_mut().find(|kept| kept.is_at(email));
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
        Ok(open(&self.kept).iter().find(|kept| kept.is_of(person)).map(|kept| kept.account.clone()))
    }

    async fn names_of(&self, persons: &[PersonId]) -> StoreResult<HashMap<PersonId, String>> {
        let all = open(&self.kept);
        let name = |person| all.iter().find(|kept| kept.is_of(person) && kept.account.verified)?.account.name.clone();
        Ok(persons.iter().filter_map(|person| Some((person.clone(), name(person)?))).collect())
    }

    async fn confirm(&self, id: &AccountId) -> StoreResult<()> {
        let mut all = open(&self.kept);
        let kept = all.iter_mut().find(|kept| kept.account.id == *id && !kept.nobodys).ok_or(StoreError::Gone)?;
        kept.account.reset();
        Ok(())
    }

    async fn set_role(&self, id: &AccountId, role: Role, by: Option<&AccountId>) -> StoreResult<Option<Role>> {
        let mut all = open(&self.kept);
        let place = |id: &AccountId| all.iter().position(|kept| kept.account.id == *id && !kept.nobodys);
        let giver = match by.map(place) {
            Some(None) => return Ok(None),
            Some(Some(giver)) => Some(all[giver].account.clone()),
            None => None,
        };
        let place = place(id).ok_or(StoreError::Gone)?;
        Ok(all[place].account.appoint(role, giver.as_ref()))
    }

    async fn delete(&self, id: &AccountId) -> StoreResult<()> {
        open(&self.kept).retain(|kept| kept.account.id != *id);
        Ok(())
    }

    async fn unverified(&self, before: Timestamp, after: Option<&Unverified>, most: u32) -> StoreResult<Vec<Unverified>> {
        let all = open(&self.kept);
        let accounts = all.iter().map(|kept| &kept.account);
        let over = accounts.filter(|account| !account.verified && account.created < before);
        let mut found: Vec<_> = over.map(|account| Unverified { created: account.created, id: account.id.clone() }).collect();
        found.sort();
        Ok(found.into_iter().filter(|one| after.is_none_or(|after| one > after)).take(most as usize).collect())
    }

    async fn delete_unverified(&self, id: &AccountId) -> StoreResult<()> {
        open(&self.kept).retain(|kept| kept.account.id != *id || kept.account.verified);
        Ok(())
    }

    async fn forget(&self, before: Timestamp) -> StoreResult<u64> {
        let mut forgotten = 0;
        for kept in open(&self.kept).iter_mut() {
            let count = kept.codes.len();
            kept.codes.retain(|code| code.expires >= before);
            forgotten += count - kept.codes.len();
        }
        Ok(forgotten as u64)
    }
}

/// Keeps passwords for as long as it lives.
pub struct MemoryProofs {
    passwords: Arc<dyn Passwords>,
    accounts: Option<Arc<MemoryAccounts>>,
    kept: Mutex<HashMap<AccountId, String>>,
}

impl MemoryProofs {
    /// No passwords yet, of accounts that are known elsewhere, as a user pool has them.
    pub fn apart(passwords: Arc<dyn Passwords>) -> Self {
        Self { passwords, accounts: None, kept: Mutex::default() }
    }

    /// No passwords yet, of these accounts, as a database has them.
    pub fn of(accounts: Arc<MemoryAccounts>, passwords: Arc<dyn Passwords>) -> Self {
        Self { passwords, accounts: Some(accounts), kept: Mutex::default() }
    }
}

#[async_trait]
impl Proofs for MemoryProofs {
    async fn keep(&self, account: &AccountId, _: &EmailAddress, password: &Password) -> StoreResult<()> {
        let hash = self.passwords.hash(password).await?;
        if self.accounts.as_ref().is_some_and(|accounts| !accounts.has(account)) {
            return Err(StoreError::Gone);
        }
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
