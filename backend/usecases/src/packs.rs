//! Packs: what a person keeps for revising. Whoever is shown somebody else's reads it and changes nothing; other people's packs answer
//! exactly as packs that do not exist. Who is shown what is for `sharing`.

use std::sync::Arc;

use synapscribe_domain::lecture::title_from_person;
use synapscribe_domain::pack::{self, CardSeen, Counted, MOST_BYTES, MOST_CARDS, MOST_PACKS};
use synapscribe_domain::{Card, CardId, Code, Failure, Pack, PackId, PersonId, QueryId, SessionId, Visibility, anki};
use synapscribe_ports::{Clock, Ids, Kept, Library, Sessions, StoreError};

use crate::{sight, thread};

/// What is needed to keep and to revise.
#[derive(Clone)]
pub struct Revising {
    /// Packs, and what their cards cite.
    pub library: Arc<dyn Library>,
    /// Turns to keep.
    pub sessions: Arc<dyn Sessions>,
    /// Fresh names.
    pub ids: Arc<dyn Ids>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Other words of a card; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rewording {
    /// What is asked.
    pub question: Option<String>,
    /// What is to be known.
    pub answer: Option<String>,
}

impl Revising {
    /// Makes a pack.
    pub async fn make(&self, person: &PersonId, title: &str) -> Result<Counted, Failure> {
        let title = title_from_person(title)?;
        if self.library.packs_of(person).await?.len() >= MOST_PACKS {
            return Err(full(format!("you have {MOST_PACKS} packs already; delete one of them first")));
        }
        let pack = Pack {
            id: PackId::parse(self.ids.fresh()).map_err(|_| Failure::internal())?,
            owner: person.clone(),
            visibility: Visibility::Private,
            title,
            created: self.clock.now(),
        };
        self.library.add_pack(&pack).await?;
        Ok(Counted { pack, cards: 0 })
    }

    /// Gives a pack of this person's another title.
    pub async fn rename(&self, person: &PersonId, id: &PackId, title: &str) -> Result<Counted, Failure> {
        let title = title_from_person(title)?;
        self.own(person, id).await?;
        self.library.change_pack(id, &|pack| pack.title.clone_from(&title)).await.map_err(|error| gone(error, "pack"))
    }

    /// Deletes a pack of this person's with its cards.
    pub async fn delete(&self, person: &PersonId, id: &PackId) -> Result<(), Failure> {
        self.own(person, id).await?;
        Ok(self.library.delete_pack(id).await?)
    }

    /// The cards of a pack that this person may see, what was kept first first.
    pub async fn cards(&self, person: &PersonId, id: &PackId) -> Result<Vec<CardSeen>, Failure> {
        self.visible(person, id).await?;
        let cards = self.library.cards(id).await?;
        Ok(sight::cards(&*self.library, person, cards).await?.0)
    }

    /// The same as a text that Anki imports.
    pub async fn for_anki(&self, person: &PersonId, id: &PackId) -> Result<String, Failure> {
        let pack = self.visible(person, id).await?;
        let cards = self.library.cards(id).await?;
        let (cards, titles) = sight::cards(&*self.library, person, cards).await?;
        Ok(anki::text(&pack.title, &cards, &titles))
    }

    /// Keeps an answered turn of this person's in a pack of theirs, and says whether it is new there. One that was kept before stays as
    /// its card is by now.
    pub async fn keep(
        &self,
        person: &PersonId,
        id: &PackId,
        session: &SessionId,
        query: &QueryId,
    ) -> Result<(CardSeen, bool), Failure> {
        self.own(person, id).await?;
        let session = thread::own(&*self.sessions, person, session, self.clock.now()).await?.id;
        let turns = self.sessions.turns(&session).await?;
        let turn = turns.into_iter().find(|turn| &turn.query == query).ok_or_else(|| Failure::not_found("question"))?;
        let card = Card::of_turn(self.card_id()?, &turn, self.clock.now())?;
        self.add(person, id, card, Some((&session, query))).await
    }

    /// Adds a card in this person's own words.
    pub async fn write(&self, person: &PersonId, id: &PackId, question: &str, answer: &str) -> Result<CardSeen, Failure> {
        let card = Card::written(self.card_id()?, question, answer, self.clock.now())?;
        self.own(person, id).await?;
        Ok(self.add(person, id, card, None).await?.0)
    }

    /// Puts a card of this person's into other words; what stands behind it stays.
    pub async fn reword(&self, person: &PersonId, id: &PackId, card: &CardId, wish: &Rewording) -> Result<CardSeen, Failure> {
        let question = wish.question.as_deref().map(pack::question_from_person).transpose()?;
        let answer = wish.answer.as_deref().map(pack::answer_from_person).transpose()?;
        self.own(person, id).await?;
        let change = |card: &mut Card| {
            if let Some(question) = &question {
                card.question.clone_from(question);
            }
            if let Some(answer) = &answer {
                card.answer_anew(answer);
            }
        };
        let cards = self.library.cards(id).await?;
        if let Some(before) = cards.iter().find(|known| &known.id == card) {
            let mut after = before.clone();
            change(&mut after);
            if after.bytes() > before.bytes() && bytes(&cards) - before.bytes() + after.bytes() > MOST_BYTES {
                return Err(too_large());
            }
        }
        let changed = self.library.change_card(id, card, &change).await.map_err(|error| gone(error, "card"))?;
        self.seen_one(person, changed).await
    }

    /// Removes a card from a pack of this person's.
    pub async fn remove(&self, person: &PersonId, id: &PackId, card: &CardId) -> Result<(), Failure> {
        self.own(person, id).await?;
        if self.library.remove_card(id, card).await? { Ok(()) } else { Err(Failure::not_found("card")) }
    }

    async fn add(
        &self,
        person: &PersonId,
        id: &PackId,
        card: Card,
        turn: Option<(&SessionId, &QueryId)>,
    ) -> Result<(CardSeen, bool), Failure> {
        let fits = bytes(&self.library.cards(id).await?) + card.bytes() <= MOST_BYTES;
        // What was kept before is found in a full pack too.
        let most = if fits { MOST_CARDS } else { 0 };
        let kept = self.library.keep_card(id, &card, turn, most).await.map_err(|error| gone(error, "pack"))?;
        let (card, new) = match kept {
            Kept::New => (card, true),
            Kept::There(card) => (card, false),
            Kept::Full if !fits => return Err(too_large()),
            Kept::Full => {
                return Err(full(format!("the pack has {MOST_CARDS} cards already; remove one of them, or make another")));
            }
        };
        Ok((self.seen_one(person, card).await?, new))
    }

    async fn seen_one(&self, person: &PersonId, card: Card) -> Result<CardSeen, Failure> {
        sight::cards(&*self.library, person, vec![card]).await?.0.pop().ok_or_else(Failure::internal)
    }

    async fn visible(&self, person: &PersonId, id: &PackId) -> Result<Pack, Failure> {
        let found = sight::pack(&*self.library, person, id).await?;
        found.map(|one| one.pack).ok_or_else(|| Failure::not_found("pack"))
    }

    async fn own(&self, person: &PersonId, id: &PackId) -> Result<(), Failure> {
        let found = self.library.pack(id).await?.filter(|one| &one.pack.owner == person);
        found.map(drop).ok_or_else(|| Failure::not_found("pack"))
    }

    fn card_id(&self) -> Result<CardId, Failure> {
        CardId::parse(self.ids.fresh()).map_err(|_| Failure::internal())
    }
}

/// What went while it was to be changed.
fn gone(error: StoreError, what: &str) -> Failure {
    match error {
        StoreError::Gone => Failure::not_found(what),
        other => other.into(),
    }
}

fn bytes(cards: &[Card]) -> usize {
    cards.iter().map(Card::bytes).sum()
}

fn too_large() -> Failure {
    let most = MOST_BYTES / 1_000_000;
    full(format!("the cards of a pack have {most} MB together at most; write less, remove one of them, or make another pack"))
}

fn full(why: String) -> Failure {
    Failure::new(Code::BadMessage, why)
}
