//! Accounts in memory.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use synapscribe_domain::account::{Account, AccountId, Checked, EmailAddress, MailedCode, Password, Purpose, Role, WrittenCode};
use synapscribe_domain::{PersonId, Timestamp};

use crate::accounts::{Accounts, Authenticated, NewAccount, Passwords, Registered, Secrets, Sending};
use crate::fakes::open;
use crate::{StoreError, StoreResult};

/// Keeps accounts for as long as it lives.
pub struct MemoryAccounts {
    passwords: Arc<dyn Passwords>,
    secrets: Arc<dyn Secrets>,
    kept: Mutex<Vec<Kept>>,
}

struct Kept {
    account: Account,
    password: String,
    codes: Vec<MailedCode>,
}

impl MemoryAccounts {
    /// No accounts yet.
    pub fn new(passwords: Arc<dyn Passwords>, secrets: Arc<dyn Secrets>) -> Self {
        Self { passwords, secrets, kept: Mutex::default() }
    }

    fn code(&self, kept: &mut Kept, purpose: Purpose, now: Timestamp) -> Sending {
        let code = self.secrets.code();
        kept.codes.retain(|known| known.purpose != purpose);
        kept.codes.push(MailedCode::new(purpose, self.secrets.digest(code.as_str()), now));
        Sending::Ours(code)
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
    async fn register(&self, new: &NewAccount, password: &Password, now: Timestamp) -> StoreResult<Registered> {
        let password = self.passwords.hash(password).await?;
        let mut all = open(&self.kept);
        if all.iter().any(|kept| kept.account.email == new.email && kept.account.verified) {
            return Ok(Registered::Known);
        }
        all.retain(|kept| kept.account.verified || (kept.account.email != new.email && kept.account.person != new.person));
        let NewAccount { id, email, name, role, person } = new.clone();
        let account = Account { id, email, name, role, person, verified: false, created: now };
        let mut kept = Kept { account, password, codes: Vec::new() };
        let sending = self.code(&mut kept, Purpose::Verify, now);
        all.push(kept);
        Ok(Registered::New(sending))
    }

    async fn authenticate(&self, email: &EmailAddress, password: &Password, _: Timestamp) -> StoreResult<Authenticated> {
        let found = {
            let all = open(&self.kept);
            all.iter().find(|kept| kept.account.email == *email).map(|kept| (kept.account.clone(), kept.password.clone()))
        };
        let right = self.passwords.verify(password, found.as_ref().map(|(_, kept)| kept.as_str())).await?;
        Ok(match found {
            Some((account, _)) if right && account.verified => Authenticated::Yes(account),
            Some((account, _)) if right => Authenticated::Unverified(account),
            _ => Authenticated::No,
        })
    }

    async fn verify(&self, email: &EmailAddress, code: &WrittenCode, now: Timestamp) -> StoreResult<Option<Account>> {
        let Some(place) = self.answered(email, Purpose::Verify, code, now) else { return Ok(None) };
        let mut all = open(&self.kept);
        all[place].account.verified = true;
        Ok(Some(all[place].account.clone()))
    }

    async fn verify_again(&self, email: &EmailAddress, now: Timestamp) -> StoreResult<Option<Sending>> {
        let mut all = open(&self.kept);
        let kept = all.iter_mut().find(|kept| kept.account.email == *email && !kept.account.verified);
        Ok(kept.map(|kept| self.code(kept, Purpose::Verify, now)))
    }

    async fn forgotten(&self, email: &EmailAddress, now: Timestamp) -> StoreResult<Option<Sending>> {
        let mut all = open(&self.kept);
        let kept = all.iter_mut().find(|kept| kept.account.email == *email);
        Ok(kept.map(|kept| self.code(kept, Purpose::Reset, now)))
    }

    async fn reset(
        &self,
        email: &EmailAddress,
        code: &WrittenCode,
        password: &Password,
        now: Timestamp,
    ) -> StoreResult<Option<Account>> {
        let password = self.passwords.hash(password).await?;
        let Some(place) = self.answered(email, Purpose::Reset, code, now) else { return Ok(None) };
        let mut all = open(&self.kept);
        let kept = &mut all[place];
        kept.password = password;
        kept.account.verified = true;
        Ok(Some(kept.account.clone()))
    }

    async fn account(&self, id: &AccountId) -> StoreResult<Option<Account>> {
        Ok(open(&self.kept).iter().map(|kept| &kept.account).find(|account| account.id == *id).cloned())
    }

    async fn account_of(&self, person: &PersonId) -> StoreResult<Option<Account>> {
        Ok(open(&self.kept).iter().map(|kept| &kept.account).find(|account| account.person == *person).cloned())
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

    async fn forget(&self, before: Timestamp) -> StoreResult<u64> {
        let mut all = open(&self.kept);
        let count = |all: &[Kept]| all.len() + all.iter().map(|kept| kept.codes.len()).sum::<usize>();
        let whole = count(&all);
        all.retain(|kept| kept.account.verified || kept.account.created >= before);
        for kept in all.iter_mut() {
            kept.codes.retain(|code| code.expires >= before);
        }
        Ok((whole - count(&all)) as u64)
    }
}
