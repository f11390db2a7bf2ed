//! Packs of cards, and which classes are shown them. They are kept beside classes, since those decide who sees a pack.

use async_trait::async_trait;
use synapscribe_domain::pack::Counted;
use synapscribe_domain::{Card, CardId, ClassId, Pack, PackId, PersonId, QueryId, SessionId, Timestamp};

use crate::world::StoreResult;

/// A change to a pack.
pub type PackChange<'a> = dyn Fn(&mut Pack) + Send + Sync + 'a;
/// A change to a card.
pub type CardChange<'a> = dyn Fn(&mut Card) + Send + Sync + 'a;

/// What came of keeping a card.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    /// It is kept.
    New,
    /// The turn was kept in this pack before; this is its card as it stands.
    There(Card),
    /// The pack has as many cards as it may have.
    Full,
}

/// Keeps packs.
#[async_trait]
pub trait Packs: Send + Sync {
    /// Stores a new pack; a name that another one has is a conflict.
    async fn add_pack(&self, pack: &Pack) -> StoreResult<()>;
    /// Changes a pack as it stands at this moment, and returns it; one that is not there is gone. The change may be called more than
    /// once, and must not touch the pack's name everywhere.
    async fn change_pack(&self, id: &PackId, change: &PackChange<'_>) -> StoreResult<Counted>;
    /// One pack.
    async fn pack(&self, id: &PackId) -> StoreResult<Option<Counted>>;
    /// All packs a person may see, by themselves or in a class, the latest made first.
    async fn packs(&self, person: &PersonId) -> StoreResult<Vec<Counted>>;
    /// The packs that are this person's own, the latest made first.
    async fn packs_of(&self, owner: &PersonId) -> StoreResult<Vec<Counted>>;
    /// Removes a pack with its cards; removing what is not there is fine.
    async fn delete_pack(&self, id: &PackId) -> StoreResult<()>;

    /// Keeps a card in a pack, of which there are at most so many. `turn` is what it is made from, if from a turn, which is kept once.
    /// A pack that is not there is gone, and a card's name that another one of the pack has is a conflict.
    async fn keep_card(&self, id: &PackId, card: &Card, turn: Option<(&SessionId, &QueryId)>, most: usize) -> StoreResult<Kept>;
    /// Changes a card as it stands at this moment, and returns it; one that is not there is gone. The change may be called more than
    /// once, and must not touch the card's name.
    async fn change_card(&self, id: &PackId, card: &CardId, change: &CardChange<'_>) -> StoreResult<Card>;
    /// Removes a card, and says whether there was one.
    async fn remove_card(&self, id: &PackId, card: &CardId) -> StoreResult<bool>;
    /// The cards of a pack, what was kept first first.
    async fn cards(&self, id: &PackId) -> StoreResult<Vec<Card>>;

    /// Shows a pack to a class; showing it twice changes nothing. A class or a pack that is not there is gone. It ends with the
    /// class, with the pack, and with its owner's membership.
    async fn show_pack(&self, class: &ClassId, pack: &PackId, now: Timestamp) -> StoreResult<()>;
    /// Stops showing it, and says whether it was shown.
    async fn hide_pack(&self, class: &ClassId, pack: &PackId) -> StoreResult<bool>;
    /// The packs that a class is shown, the latest shown first.
    async fn packs_shown(&self, class: &ClassId) -> StoreResult<Vec<Counted>>;
    /// Whether a pack is shown to a class that this person teaches or is in.
    async fn is_pack_shown_to(&self, pack: &PackId, person: &PersonId) -> StoreResult<bool>;
}
