//! Packs in memory, beside the classes that are shown them.

use std::sync::Mutex;

use async_trait::async_trait;
use synapscribe_domain::pack::Counted;
use synapscribe_domain::{Card, CardId, ClassId, Pack, PackId, PersonId, QueryId, SessionId, Timestamp};

use super::MemoryLibrary;
use super::open;
use crate::{CardChange, Kept, PackChange, Packs, StoreError, StoreResult};

/// All packs.
#[derive(Debug, Default)]
pub(super) struct Drawer(Mutex<Vec<Held>>);

#[derive(Debug)]
struct Held {
    pack: Pack,
    /// Each with the turn it was made from.
    cards: Vec<(Card, Option<(SessionId, QueryId)>)>,
}

impl Held {
    fn counted(&self) -> Counted {
        Counted { pack: self.pack.clone(), cards: self.cards.len() as u32 }
    }
}

impl MemoryLibrary {
    /// Whose a pack is.
    pub(super) fn owner_of_pack(&self, id: &PackId) -> Option<PersonId> {
        self.in_pack(id, |held| held.pack.owner.clone()).ok()
    }

    fn in_pack<T>(&self, id: &PackId, work: impl FnOnce(&mut Held) -> T) -> StoreResult<T> {
        open(&self.drawer.0).iter_mut().find(|held| &held.pack.id == id).map(work).ok_or(StoreError::Gone)
    }
}

#[async_trait]
impl Packs for MemoryLibrary {
    async fn add_pack(&self, pack: &Pack) -> StoreResult<()> {
        let mut all = open(&self.drawer.0);
        if all.iter().any(|held| held.pack.id == pack.id) {
            return Err(StoreError::Conflict);
        }
        all.push(Held { pack: pack.clone(), cards: Vec::new() });
        Ok(())
    }

    async fn change_pack(&self, id: &PackId, change: &PackChange<'_>) -> StoreResult<Counted> {
        self.in_pack(id, |held| {
            change(&mut held.pack);
            held.counted()
        })
    }

    async fn pack(&self, id: &PackId) -> StoreResult<Option<Counted>> {
        Ok(self.in_pack(id, |held| held.counted()).ok())
    }

    async fn packs(&self, person: &PersonId) -> StoreResult<Vec<Counted>> {
        let shown = self.packs_in_classes(person);
        let all = open(&self.drawer.0);
        let seen = all.iter().filter(|held| held.pack.is_open_to(person) || shown.contains(&held.pack.id));
        let mut seen: Vec<Counted> = seen.map(Held::counted).collect();
        seen.sort_by(|a, b| (b.pack.created, &b.pack.id).cmp(&(a.pack.created, &a.pack.id)));
        Ok(seen)
    }

    async fn packs_of(&self, owner: &PersonId) -> StoreResult<Vec<Counted>> {
        let seen = self.packs(owner).await?;
        Ok(seen.into_iter().filter(|one| &one.pack.owner == owner).collect())
    }

    async fn delete_pack(&self, id: &PackId) -> StoreResult<()> {
        open(&self.drawer.0).retain(|held| &held.pack.id != id);
        Ok(())
    }

    async fn keep_card(&self, id: &PackId, card: &Card, turn: Option<(&SessionId, &QueryId)>, most: usize) -> StoreResult<Kept> {
        let turn = turn.map(|(session, query)| (session.clone(), query.clone()));
        self.in_pack(id, |held| {
            if let Some((there, _)) = held.cards.iter().find(|(_, made_from)| turn.is_some() && made_from == &turn) {
                return Ok(Kept::There(there.clone()));
            }
            if held.cards.iter().any(|(known, _)| known.id == card.id) {
                return Err(StoreError::Conflict);
            }
            if held.cards.len() >= most {
                return Ok(Kept::Full);
            }
            held.cards.push((card.clone(), turn));
            Ok(Kept::New)
        })?
    }

    async fn change_card(&self, id: &PackId, card: &CardId, change: &CardChange<'_>) -> StoreResult<Card> {
        self.in_pack(id, |held| {
            let (found, _) = held.cards.iter_mut().find(|(known, _)| &known.id == card).ok_or(StoreError::Gone)?;
            change(found);
            Ok(found.clone())
        })?
    }

    async fn remove_card(&self, id: &PackId, card: &CardId) -> StoreResult<bool> {
        let removed = self.in_pack(id, |held| {
            let before = held.cards.len();
            held.cards.retain(|(known, _)| &known.id != card);
            before != held.cards.len()
        });
        Ok(removed.unwrap_or_default())
    }

    async fn cards(&self, id: &PackId) -> StoreResult<Vec<Card>> {
        Ok(self.in_pack(id, |held| held.cards.iter().map(|(card, _)| card.clone()).collect()).unwrap_or_default())
    }

    async fn show_pack(&self, class: &ClassId, pack: &PackId, now: Timestamp) -> StoreResult<()> {
        self.owner_of_pack(pack).ok_or(StoreError::Gone)?;
        self.in_room(class, |room| {
            if !room.packs.iter().any(|(known, _)| known == pack) {
                room.packs.push((pack.clone(), now));
            }
        })
    }

    async fn hide_pack(&self, class: &ClassId, pack: &PackId) -> StoreResult<bool> {
        let hidden = self.in_room(class, |room| {
            let before = room.packs.len();
            room.packs.retain(|(known, _)| known != pack);
            before != room.packs.len()
        });
        Ok(hidden.unwrap_or_default())
    }

    async fn packs_shown(&self, class: &ClassId) -> StoreResult<Vec<Counted>> {
        let mut shown = self.in_room(class, |room| room.packs.clone()).unwrap_or_default();
        shown.sort_by_key(|(pack, since)| (std::cmp::Reverse(*since), pack.clone()));
        Ok(shown.iter().filter_map(|(pack, _)| self.in_pack(pack, |held| held.counted()).ok()).collect())
    }

    async fn is_pack_shown_to(&self, pack: &PackId, person: &PersonId) -> StoreResult<bool> {
        Ok(self.owner_of_pack(pack).is_some() && self.packs_in_classes(person).contains(pack))
    }
}
