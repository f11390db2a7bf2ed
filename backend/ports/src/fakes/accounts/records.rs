//! Sign-ins, invitations, limits, events, keys, letters and identities in memory.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use async_trait::async_trait;
use synapscribe_domain::account::{
    AccountId, Digest, EmailAddress, Invitation, InvitationId, Next, Place, Presented, Rate, SecurityEvent, SignIn, SignInId,
    Taken, Why,
};
use synapscribe_domain::{Failure, PersonId, Timestamp};

use crate::accounts::{
    Audit, Before, Identities, Invitations, Keys, Letter, Limits, Mail, MailError, Redeemed, SignIns, SigningKey,
};
use crate::fakes::open;
use crate::{StoreError, StoreResult};

/// Keeps sign-ins for as long as it lives.
#[derive(Debug, Default)]
pub struct MemorySignIns(Mutex<Vec<SignIn>>);

#[async_trait]
impl SignIns for MemorySignIns {
    async fn begin(&self, sign_in: &SignIn) -> StoreResult<()> {
        let mut all = open(&self.0);
        if all.iter().any(|known| known.id == sign_in.id) {
            return Err(StoreError::Conflict);
        }
        all.push(sign_in.clone());
        Ok(())
    }

    async fn present(
        &self,
        id: &SignInId,
        token: &Digest,
        next: &Next,
        place: &Place,
        now: Timestamp,
    ) -> StoreResult<Option<(SignIn, Presented)>> {
        let mut all = open(&self.0);
        Ok(all.iter_mut().find(|known| known.id == *id).map(|sign_in| {
            let presented = sign_in.present(token, next, now);
            if presented == Presented::Renewed {
                sign_in.place = place.clone();
            }
            (sign_in.clone(), presented)
        }))
    }

    async fn sign_in(&self, id: &SignInId) -> StoreResult<Option<SignIn>> {
        Ok(open(&self.0).iter().find(|known| known.id == *id).cloned())
    }

    async fn of(&self, account: &AccountId, now: Timestamp) -> StoreResult<Vec<SignIn>> {
        let mut found: Vec<_> =
            open(&self.0).iter().filter(|known| known.account == *account && known.lasts(now)).cloned().collect();
        found.sort_by_key(|sign_in| std::cmp::Reverse(sign_in.used));
        Ok(found)
    }

    async fn end(&self, account: &AccountId, id: &SignInId, why: Why, now: Timestamp) -> StoreResult<bool> {
        let mut all = open(&self.0);
        let found = all.iter_mut().find(|known| known.id == *id && known.account == *account && known.lasts(now));
        Ok(found.map(|sign_in| sign_in.end(why, now)).is_some())
    }

    async fn end_all(&self, account: &AccountId, why: Why, now: Timestamp) -> StoreResult<Vec<SignInId>> {
        let mut all = open(&self.0);
        let theirs = all.iter_mut().filter(|known| known.account == *account && known.lasts(now));
        Ok(theirs
            .map(|sign_in| {
                sign_in.end(why, now);
                sign_in.id.clone()
            })
            .collect())
    }

    async fn ended_since(&self, since: Timestamp) -> StoreResult<Vec<SignInId>> {
        let all = open(&self.0);
        Ok(all.iter().filter(|known| known.ended.is_some_and(|(at, _)| at >= since)).map(|known| known.id.clone()).collect())
    }

    async fn erase(&self, account: &AccountId, departed: &PersonId) -> StoreResult<()> {
        open(&self.0).iter_mut().filter(|known| known.account == *account).for_each(|sign_in| sign_in.erase(departed));
        Ok(())
    }

    async fn has_departed(&self, person: &PersonId, since: Timestamp) -> StoreResult<bool> {
        let all = open(&self.0);
        let late = |known: &SignIn| known.ended.is_some_and(|(at, _)| at >= since);
        Ok(all.iter().any(|known| known.departed.as_ref() == Some(person) && late(known)))
    }

    async fn forget(&self, before: Timestamp) -> StoreResult<u64> {
        let mut all = open(&self.0);
        let count = all.len();
        all.retain(|known| known.ended.map_or(known.expires, |(at, _)| at.min(known.expires)) >= before);
        Ok((count - all.len()) as u64)
    }
}

/// Keeps invitations for as long as it lives.
#[derive(Debug, Default)]
pub struct MemoryInvitations(Mutex<Vec<Invitation>>);

#[async_trait]
impl Invitations for MemoryInvitations {
    async fn invite(&self, invitation: &Invitation) -> StoreResult<()> {
        open(&self.0).push(invitation.clone());
        Ok(())
    }

    async fn invitations(&self) -> StoreResult<Vec<Invitation>> {
        Ok(open(&self.0).iter().rev().cloned().collect())
    }

    async fn redeem(&self, code: &Digest, now: Timestamp) -> StoreResult<Redeemed> {
        let mut all = open(&self.0);
        let Some(invitation) = all.iter_mut().find(|known| known.digest == *code) else { return Ok(Redeemed::Unknown) };
        Ok(match invitation.admit(now) {
            Ok(role) => Redeemed::In(invitation.id.clone(), role),
            Err(why) => Redeemed::Out(why),
        })
    }

    async fn give_back(&self, id: &InvitationId) -> StoreResult<()> {
        open(&self.0).iter_mut().filter(|known| known.id == *id).for_each(Invitation::give_back);
        Ok(())
    }

    async fn unname(&self, by: &AccountId) -> StoreResult<()> {
        open(&self.0).iter_mut().filter(|known| known.by.as_ref() == Some(by)).for_each(|known| known.by = None);
        Ok(())
    }

    async fn revoke(&self, id: &InvitationId, now: Timestamp) -> StoreResult<bool> {
        let mut all = open(&self.0);
        let found = all.iter_mut().find(|known| known.id == *id);
        Ok(found.map(|invitation| invitation.revoked.get_or_insert(now)).is_some())
    }
}

/// Counts for as long as it lives.
#[derive(Debug, Default)]
pub struct MemoryLimits(Mutex<HashMap<String, Timestamp>>);

#[async_trait]
impl Limits for MemoryLimits {
    async fn take(&self, key: &str, rate: Rate, now: Timestamp) -> StoreResult<Taken> {
        let mut kept = open(&self.0);
        let taken = rate.take(kept.get(key).copied(), now);
        if let Taken::Allowed(then) = taken {
            kept.insert(key.to_owned(), then);
        }
        Ok(taken)
    }

    async fn forget(&self, now: Timestamp) -> StoreResult<u64> {
        let mut kept = open(&self.0);
        let count = kept.len();
        kept.retain(|_, then| !Rate::forgettable(*then, now));
        Ok((count - kept.len()) as u64)
    }
}

/// Keeps events for as long as it lives.
#[derive(Debug, Default)]
pub struct MemoryAudit(Mutex<Vec<(i64, SecurityEvent)>>);

#[async_trait]
impl Audit for MemoryAudit {
    async fn record(&self, event: &SecurityEvent) -> StoreResult<()> {
        let mut all = open(&self.0);
        let number = all.last().map_or(1, |(last, _)| last + 1);
        all.push((number, event.clone()));
        Ok(())
    }

    async fn events(
        &self,
        account: Option<&AccountId>,
        before: Option<Before>,
        most: u32,
    ) -> StoreResult<Vec<(i64, SecurityEvent)>> {
        let all = open(&self.0);
        let wanted = all
            .iter()
            .rev()
            .filter(|(_, event)| account.is_none_or(|id| event.account.as_ref() == Some(id) && !event.what.is_anybodys()));
        let from = wanted.filter(|(number, event)| before.is_none_or(|before| Before { at: event.at, number: *number } < before));
        Ok(from.take(most as usize).cloned().collect())
    }

    async fn unname(&self, account: &AccountId) -> StoreResult<()> {
        for (_, event) in open(&self.0).iter_mut().filter(|(_, event)| event.account.as_ref() == Some(account)) {
            event.account = None;
            event.sign_in = None;
        }
        Ok(())
    }

    async fn forget(&self, before: Timestamp) -> StoreResult<u64> {
        let mut all = open(&self.0);
        let count = all.len();
        all.retain(|(_, event)| event.at >= before);
        Ok((count - all.len()) as u64)
    }
}

/// Keeps signing keys for as long as it lives.
#[derive(Default)]
pub struct MemoryKeys(Mutex<Vec<SigningKey>>);

#[async_trait]
impl Keys for MemoryKeys {
    async fn signing_keys(&self) -> StoreResult<Vec<SigningKey>> {
        Ok(open(&self.0).clone())
    }

    async fn add_signing_key(&self, key: &SigningKey, after: Option<&str>) -> StoreResult<bool> {
        let mut all = open(&self.0);
        let newest = all.last().map(|known| known.kid.as_str());
        if newest != after {
            return Ok(false);
        }
        all.push(key.clone());
        Ok(true)
    }

    async fn forget_signing_keys(&self, before: Timestamp) -> StoreResult<u64> {
        let mut all = open(&self.0);
        let count = all.len();
        let newest = all.last().map(|known| known.kid.clone());
        all.retain(|key| key.made >= before || Some(&key.kid) == newest.as_ref());
        Ok((count - all.len()) as u64)
    }
}

/// Keeps letters where they were sent to.
#[derive(Debug, Default)]
pub struct Postbox(Mutex<Vec<Letter>>);

impl Postbox {
    /// What came for somebody, the oldest first.
    pub fn of(&self, email: &EmailAddress) -> Vec<Letter> {
        open(&self.0).iter().filter(|letter| letter.to == *email).cloned().collect()
    }
}

#[async_trait]
impl Mail for Postbox {
    async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        // A subject is one line, whatever it is made of.
        let subject = letter.subject.replace(['\r', '\n'], " ");
        open(&self.0).push(Letter { subject, ..letter.clone() });
        Ok(())
    }

    async fn let_go(&self, address: &EmailAddress) -> Result<(), MailError> {
        open(&self.0).retain(|letter| letter.to != *address);
        Ok(())
    }
}

/// Identities that are counted.
#[derive(Debug, Default)]
pub struct CountedIdentities(AtomicU64);

#[async_trait]
impl Identities for CountedIdentities {
    async fn fresh(&self) -> Result<PersonId, Failure> {
        PersonId::parse(format!("person-{}", self.0.fetch_add(1, SeqCst) + 1)).map_err(|_| Failure::internal())
    }
}
