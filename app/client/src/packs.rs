//! Packs as the server keeps them: what one keeps for revising, and what one is shown. Knows no screen.

use http::Method;
use synapscribe_protocol::packs::{CardChangeDto, CardDto, NewCardDto, OpenPackDto, PackDto, PackTitleDto, PacksDto};
use synapscribe_protocol::rest::SourceChangeDto;

use crate::classes::visibility;
use crate::client::Client;
use crate::error::Result;
use crate::naming::{self, Named};
use crate::rest::segment;

impl Client {
    /// The packs that one may see: one's own, then what classes and everybody are shown.
    pub async fn packs(&self) -> Result<Vec<PackDto>> {
        Ok(self.rest().get::<PacksDto>("packs").await?.packs)
    }

    /// One of them with its cards.
    pub async fn pack(&self, id: &str) -> Result<OpenPackDto> {
        self.rest().get(&at(id, "")).await
    }

    /// The pack a person means: a whole name, its title, or the beginning of its name, as long as only one fits.
    pub async fn find_pack(&self, name: &str) -> Result<PackDto> {
        let mut all = self.packs().await?;
        let named = all.iter().map(|pack| Named::new(&pack.pack_id, Some(&pack.title)));
        let id = naming::pick("pack", name, named)?.to_owned();
        let place = all.iter().position(|pack| pack.pack_id == id).unwrap_or_default();
        Ok(all.swap_remove(place))
    }

    /// The card of a pack that a person means: a whole name, its question, or the beginning of its name, as long as only one fits.
    pub async fn find_card(&self, pack: &str, name: &str) -> Result<CardDto> {
        let mut all = self.pack(pack).await?.cards;
        let named = all.iter().map(|card| Named::new(&card.card_id, Some(&card.question)));
        let id = naming::pick("card", name, named)?.to_owned();
        let place = all.iter().position(|card| card.card_id == id).unwrap_or_default();
        Ok(all.swap_remove(place))
    }

    /// Makes a pack.
    pub async fn make_pack(&self, title: &str) -> Result<PackDto> {
        self.rest().send(Method::POST, "packs", &PackTitleDto { title: title.to_owned() }).await
    }

    /// Gives a pack another title.
    pub async fn rename_pack(&self, id: &str, title: &str) -> Result<PackDto> {
        let wish = SourceChangeDto { title: Some(title.to_owned()), ..SourceChangeDto::default() };
        self.rest().send(Method::PATCH, &at(id, ""), &wish).await
    }

    /// Shows a pack to everybody, or to nobody but oneself and one's classes.
    pub async fn publish_pack(&self, id: &str, public: bool) -> Result<PackDto> {
        self.rest().send(Method::PATCH, &at(id, ""), &visibility(public)).await
    }

    /// Deletes a pack with its cards.
    pub async fn delete_pack(&self, id: &str) -> Result<()> {
        self.rest().done(Method::DELETE, &at(id, "")).await
    }

    /// Keeps an answered turn in a pack; one that is kept there already stays as it is.
    pub async fn keep_turn(&self, pack: &str, session: &str, query: &str) -> Result<CardDto> {
        let (session_id, query_id) = (Some(session.to_owned()), Some(query.to_owned()));
        let wish = NewCardDto { session_id, query_id, ..NewCardDto::default() };
        self.rest().send(Method::POST, &at(pack, "/cards"), &wish).await
    }

    /// Adds a card in one's own words.
    pub async fn add_card(&self, pack: &str, question: &str, answer: &str) -> Result<CardDto> {
        let (question, answer) = (Some(question.to_owned()), Some(answer.to_owned()));
        let wish = NewCardDto { question, answer, ..NewCardDto::default() };
        self.rest().send(Method::POST, &at(pack, "/cards"), &wish).await
    }

    /// Puts a card into other words.
    pub async fn change_card(&self, pack: &str, card: &str, wish: &CardChangeDto) -> Result<CardDto> {
        self.rest().send(Method::PATCH, &below(pack, card), wish).await
    }

    /// Removes a card.
    pub async fn remove_card(&self, pack: &str, card: &str) -> Result<()> {
        self.rest().done(Method::DELETE, &below(pack, card)).await
    }

    /// A pack as a text that Anki imports.
    pub async fn pack_for_anki(&self, id: &str) -> Result<String> {
        self.rest().text(&at(id, "/anki")).await
    }

    /// Shows a class a pack.
    pub async fn show_pack(&self, class: &str, pack: &str) -> Result<()> {
        self.rest().done(Method::PUT, &shown(class, pack)).await
    }

    /// Stops showing it.
    pub async fn hide_pack(&self, class: &str, pack: &str) -> Result<()> {
        self.rest().done(Method::DELETE, &shown(class, pack)).await
    }
}

fn at(id: &str, rest: &str) -> String {
    format!("packs/{}{rest}", segment(id))
}

fn below(pack: &str, card: &str) -> String {
    at(pack, &format!("/cards/{}", segment(card)))
}

fn shown(class: &str, pack: &str) -> String {
    format!("classes/{}/packs/{}", segment(class), segment(pack))
}
