//! Showing packs to classes and to everybody. Nobody is told at once: packs are read when somebody revises.

use synapscribe_domain::account::{Action, Whose};
use synapscribe_domain::class::MOST_SOURCES;
use synapscribe_domain::pack::Counted;
use synapscribe_domain::{ClassId, Failure, PackId, PersonId, Visibility};

use super::{Sharing, enough};
use crate::accounts::Refused;

impl Sharing {
    /// Shows a pack of this person's to a class they teach or are in.
    pub async fn show_pack(&self, person: &PersonId, id: &ClassId, pack: &PackId) -> Result<(), Refused> {
        self.own_pack(person, pack).await?;
        self.in_class(person, id).await?;
        self.allow(person, Action::ShareWithClass, Whose::Own).await?;
        if self.library.packs_shown(id).await?.len() >= MOST_SOURCES {
            return Err(enough());
        }
        Ok(self.library.show_pack(id, pack, self.clock.now()).await?)
    }

    /// Stops showing it: its owner may, and whoever teaches the class.
    pub async fn hide_pack(&self, person: &PersonId, id: &ClassId, pack: &PackId) -> Result<(), Refused> {
        let (class, _) = self.in_class(person, id).await?;
        let shown = self.library.packs_shown(id).await?.into_iter().find(|one| &one.pack.id == pack);
        shown.filter(|one| class.is_taught_by(person) || &one.pack.owner == person).ok_or_else(no_pack)?;
        self.library.hide_pack(id, pack).await?;
        Ok(())
    }

    /// Shows a pack of this person's to everybody, or to nobody but themselves and their classes.
    pub async fn change_pack(&self, person: &PersonId, id: &PackId, visibility: Visibility) -> Result<Counted, Refused> {
        self.own_pack(person, id).await?;
        if visibility == Visibility::Public {
            self.allow(person, Action::Publish, Whose::Own).await?;
        }
        Ok(self.library.change_pack(id, &|pack| pack.visibility = visibility).await?)
    }

    async fn own_pack(&self, person: &PersonId, id: &PackId) -> Result<(), Refused> {
        let found = self.library.pack(id).await?.filter(|one| &one.pack.owner == person);
        found.map(drop).ok_or_else(no_pack)
    }
}

fn no_pack() -> Refused {
    Failure::not_found("pack").into()
}
