//! Packs as the protocol's data.

use synapscribe_domain::pack::{CardSeen, Counted};
use synapscribe_domain::{PersonId, Visibility};
use synapscribe_protocol::packs::{CardDto, PackDto};

use crate::dto::citation;

/// A pack as `viewer` sees it, without its owner's name, which is kept elsewhere.
pub fn pack(Counted { pack, cards }: &Counted, viewer: &PersonId) -> PackDto {
    PackDto {
        pack_id: pack.id.to_string(),
        title: pack.title.clone(),
        own: &pack.owner == viewer,
        owner_name: None,
        public: pack.visibility == Visibility::Public,
        cards: *cards,
        created: pack.created.0,
    }
}

/// A card as one person sees it.
pub fn card(CardSeen { card, withheld }: &CardSeen) -> CardDto {
    CardDto {
        card_id: card.id.to_string(),
        question: card.question.clone(),
        answer: card.answer.clone(),
        citations: card.citations.iter().map(citation).collect(),
        withheld: *withheld,
        kept: card.kept.0,
    }
}
