//! Showing lectures and documents to classes and to everybody, and telling those for whom something appears or goes.

use synapscribe_domain::account::{Action, Whose};
use synapscribe_domain::class::MOST_SOURCES;
use synapscribe_domain::document::Document;
use synapscribe_domain::{ClassId, ConnectionId, DocumentId, Failure, Lecture, LectureId, PersonId, Shown, Source, Visibility};
use synapscribe_ports::{Notice, StoreResult};

use super::{Sharing, enough};
use crate::accounts::Refused;
use crate::tell;

/// A lecture or a document.
enum Thing {
    Lecture(Lecture),
    Document(Document),
}

impl Thing {
    fn owner(&self) -> &PersonId {
        match self {
            Self::Lecture(lecture) => &lecture.owner,
            Self::Document(document) => &document.owner,
        }
    }

    fn appears(&self) -> Notice {
        match self {
            Self::Lecture(lecture) => Notice::LectureProgress(Box::new(lecture.clone())),
            Self::Document(document) => Notice::DocumentProgress(Box::new(document.clone())),
        }
    }
}

impl Sharing {
    /// Shows a source of this person's to a class they teach or are in.
    pub async fn show(&self, person: &PersonId, id: &ClassId, source: &Source) -> Result<(), Refused> {
        let thing = self.own(person, source).await?;
        self.in_class(person, id).await?;
        self.allow(person, Action::ShareWithClass, Whose::Own).await?;
        if self.library.shown(id).await?.len() >= MOST_SOURCES {
            return Err(enough());
        }
        let before = self.viewers(source).await?;
        self.library.show(id, source, self.clock.now()).await?;
        let new = self.viewers(source).await?.into_iter().filter(|one| !before.contains(one)).collect::<Vec<_>>();
        tell::all(&*self.audience, &new, &thing.appears()).await;
        Ok(())
    }

    /// Stops showing it: its owner may, and whoever teaches the class.
    pub async fn hide(&self, person: &PersonId, id: &ClassId, source: &Source) -> Result<(), Refused> {
        let (class, _) = self.in_class(person, id).await?;
        let shown = self.library.shown(id).await?.into_iter().find(|one| &one.source == source);
        let shown = shown.filter(|one| class.is_taught_by(person) || &one.owner == person);
        let shown = shown.ok_or_else(|| Failure::not_found(kind(source)))?;
        let before = self.who_sees_what(&[shown]).await?;
        self.library.hide(id, source).await?;
        self.tell_who_sees_no_more(before).await
    }

    /// Shows a lecture of this person's to everybody, or to nobody but themselves and their classes.
    pub async fn change_lecture(&self, person: &PersonId, id: &LectureId, visibility: Visibility) -> Result<Lecture, Refused> {
        let source = Source::from(id);
        let before = self.about_to_change(person, &source, visibility).await?;
        let lecture = self.library.change_lecture(id, &|lecture| lecture.visibility = visibility).await?;
        self.tell_both(&source, before, &Thing::Lecture(lecture.clone())).await?;
        Ok(lecture)
    }

    /// The same of a document.
    pub async fn change_document(&self, person: &PersonId, id: &DocumentId, visibility: Visibility) -> Result<Document, Refused> {
        let source = Source::from(id);
        let before = self.about_to_change(person, &source, visibility).await?;
        let document = self.library.change_document(id, &|document| document.visibility = visibility).await?;
        self.tell_both(&source, before, &Thing::Document(document.clone())).await?;
        Ok(document)
    }

    /// Who sees something of this person's, if they may change that.
    async fn about_to_change(
        &self,
        person: &PersonId,
        source: &Source,
        visibility: Visibility,
    ) -> Result<Vec<ConnectionId>, Refused> {
        self.own(person, source).await?;
        if visibility == Visibility::Public {
            self.allow(person, Action::Publish, Whose::Own).await?;
        }
        Ok(self.viewers(source).await?)
    }

    async fn own(&self, person: &PersonId, source: &Source) -> Result<Thing, Refused> {
        let found = self.thing(source).await?.filter(|thing| thing.owner() == person);
        Ok(found.ok_or_else(|| Failure::not_found(kind(source)))?)
    }

    async fn thing(&self, source: &Source) -> StoreResult<Option<Thing>> {
        Ok(match source {
            Source::Lecture(id) => self.library.lecture(id).await?.map(Thing::Lecture),
            Source::Document(id) => self.library.document(id).await?.map(Thing::Document),
        })
    }

    /// The connections of those who see a source at this moment.
    async fn viewers(&self, source: &Source) -> StoreResult<Vec<ConnectionId>> {
        Ok(match self.thing(source).await? {
            Some(Thing::Lecture(lecture)) => tell::of_lecture(&*self.library, &*self.connections, &lecture).await,
            Some(Thing::Document(document)) => tell::of_document(&*self.library, &*self.connections, &document).await,
            None => Vec::new(),
        })
    }

    /// Who sees each of these at this moment.
    pub(super) async fn who_sees_what(&self, shown: &[Shown]) -> StoreResult<Vec<(Source, Vec<ConnectionId>)>> {
        let mut seen = Vec::with_capacity(shown.len());
        for one in shown {
            seen.push((one.source.clone(), self.viewers(&one.source).await?));
        }
        Ok(seen)
    }

    /// To whoever sees something no more it is as if it had been deleted.
    pub(super) async fn tell_who_sees_no_more(&self, before: Vec<(Source, Vec<ConnectionId>)>) -> Result<(), Refused> {
        for (source, seen) in before {
            let still = self.viewers(&source).await?;
            let gone: Vec<_> = seen.into_iter().filter(|one| !still.contains(one)).collect();
            let notice = match &source {
                Source::Lecture(id) => Notice::LectureDeleted(id.clone()),
                Source::Document(id) => Notice::DocumentDeleted(id.clone()),
            };
            tell::all(&*self.audience, &gone, &notice).await;
        }
        Ok(())
    }

    async fn tell_both(&self, source: &Source, before: Vec<ConnectionId>, thing: &Thing) -> Result<(), Refused> {
        let now = self.viewers(source).await?;
        tell::all(&*self.audience, &now, &thing.appears()).await;
        self.tell_who_sees_no_more(vec![(source.clone(), before)]).await
    }
}

fn kind(source: &Source) -> &'static str {
    match source {
        Source::Lecture(_) => "lecture",
        Source::Document(_) => "document",
    }
}
