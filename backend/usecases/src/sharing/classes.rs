//! Making classes, coming in and leaving.

use std::net::IpAddr;

use synapscribe_domain::account::{Action, Whose, WrittenCode};
use synapscribe_domain::class::{MOST_CLASSES, MOST_MEMBERS, Room, Seen, name_from_person};
use synapscribe_domain::{Class, ClassId, Code, Failure, Member, MemberId, PersonId};
use synapscribe_ports::{Joined, Listed, StoreError};

use super::{Sharing, missing};
use crate::accounts::Refused;

/// Nobody draws the same code of forty bits so often.
const DRAWS: usize = 4;

impl Sharing {
    /// Makes a class.
    pub async fn make_class(&self, person: &PersonId, name: &str) -> Result<Seen, Refused> {
        self.allow(person, Action::Teach, Whose::Own).await?;
        let name = name_from_person(name)?;
        let taught = self.library.classes_of(person).await?.iter().filter(|one| one.class.is_taught_by(person)).count();
        if taught >= MOST_CLASSES {
            return Err(Failure::new(
                Code::BadMessage,
                format!("you teach {MOST_CLASSES} classes already; end one of them first"),
            )
            .into());
        }
        let mut class = Class {
            id: ClassId::parse(self.ids.fresh()).map_err(|_| Failure::internal())?,
            teacher: person.clone(),
            name,
            code: self.secrets.code(),
            created: self.clock.now(),
        };
        for _ in 0..DRAWS {
            match self.library.add_class(&class).await {
                Err(StoreError::Conflict) => class.code = self.secrets.code(),
                added => {
                    added?;
                    return self.seen(person, Listed { class, members: 0, sources: 0 }).await;
                }
            }
        }
        Err(Failure::internal().into())
    }

    /// The classes that a person teaches or is in, the latest made first.
    pub async fn classes(&self, person: &PersonId) -> Result<Vec<Seen>, Refused> {
        let mut seen = Vec::new();
        for one in self.library.classes_of(person).await? {
            seen.push(self.seen(person, one).await?);
        }
        Ok(seen)
    }

    /// One of them.
    pub async fn class(&self, person: &PersonId, id: &ClassId) -> Result<Room, Refused> {
        let (class, members) = self.in_class(person, id).await?;
        let (shown, packs) = (self.library.shown(id).await?, self.library.packs_shown(id).await?);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let listed = Listed { class, members: count(members.len()), sources: count(shown.len() + packs.len()) };
        let seen = self.seen(person, listed).await?;
        Ok(Room { members: seen.teaches.then_some(members), seen, shown, packs })
    }

    /// Gives a class of this person's another name.
    pub async fn rename_class(&self, person: &PersonId, id: &ClassId, name: &str) -> Result<Room, Refused> {
        let name = name_from_person(name)?;
        self.taught(person, id).await?;
        self.library.change_class(id, &|class| class.name.clone_from(&name)).await?;
        self.class(person, id).await
    }

    /// Gives a class of this person's another code; the one before lets nobody in any more. Whoever is in it stays in it.
    pub async fn renew_code(&self, person: &PersonId, id: &ClassId) -> Result<Room, Refused> {
        self.taught(person, id).await?;
        for _ in 0..DRAWS {
            let code = self.secrets.code();
            match self.library.change_class(id, &|class| class.code = code.clone()).await {
                Err(StoreError::Conflict) => {}
                renewed => {
                    renewed?;
                    return self.class(person, id).await;
                }
            }
        }
        Err(Failure::internal().into())
    }

    /// Ends a class of this person's. What it was shown stays its owners'.
    pub async fn end_class(&self, person: &PersonId, id: &ClassId) -> Result<(), Refused> {
        self.taught(person, id).await?;
        let before = self.who_sees_what(&self.library.shown(id).await?).await?;
        self.library.delete_class(id).await?;
        self.tell_who_sees_no_more(before).await
    }

    /// Comes into the class of a code. `name` is what its teacher reads in the list of members; an account's own is taken where
    /// none is given.
    pub async fn join(&self, person: &PersonId, peer: Option<IpAddr>, code: &str, name: Option<&str>) -> Result<Room, Refused> {
        self.allow(person, Action::JoinClass, Whose::Others).await?;
        self.limit(person, peer).await?;
        let name = name.filter(|name| !name.trim().is_empty()).map(name_from_person).transpose()?;
        let class = match WrittenCode::parse(code) {
            Some(code) => self.library.class_by_code(&code).await?,
            None => None,
        };
        let class = class.ok_or_else(|| {
            Failure::new(Code::NotFound, "no class has this code; look at it once more, or ask your teacher for it")
        })?;
        if class.is_taught_by(person) {
            return Err(Failure::new(Code::Conflict, "you teach this class; the code is for those who learn in it").into());
        }
        let name = match name {
            Some(name) => Some(name),
            None => self.accounts.account_of(person).await?.filter(|account| account.verified).and_then(|account| account.name),
        };
        let id = MemberId::parse(self.ids.fresh()).map_err(|_| Failure::internal())?;
        let member = Member { id, person: person.clone(), name, joined: self.clock.now() };
        match self.library.join_class(&class.id, &member, MOST_MEMBERS).await? {
            Joined::In => self.class(person, &class.id).await,
            Joined::Full => Err(Failure::new(Code::Conflict, "the class is full; tell your teacher").into()),
        }
    }

    /// Leaves a class, and takes along what one showed it.
    pub async fn leave_class(&self, person: &PersonId, id: &ClassId) -> Result<(), Refused> {
        let (class, members) = self.in_class(person, id).await?;
        if class.is_taught_by(person) {
            return Err(Failure::new(Code::Conflict, "a class cannot be without its teacher; end it instead").into());
        }
        let own = members.into_iter().find(|member| &member.person == person).ok_or_else(missing)?;
        self.end_membership(id, &own.id).await
    }

    /// Sends a member of a class of this person's away; what they showed it goes with them.
    pub async fn send_away(&self, person: &PersonId, id: &ClassId, member: &MemberId) -> Result<(), Refused> {
        self.taught(person, id).await?;
        self.end_membership(id, member).await
    }

    async fn end_membership(&self, id: &ClassId, member: &MemberId) -> Result<(), Refused> {
        let before = self.who_sees_what(&self.library.shown(id).await?).await?;
        if !self.library.end_membership(id, member).await? {
            return Err(Failure::not_found("member").into());
        }
        self.tell_who_sees_no_more(before).await
    }

    async fn seen(&self, person: &PersonId, Listed { class, members, sources }: Listed) -> Result<Seen, Refused> {
        let teacher = self.accounts.account_of(&class.teacher).await?.and_then(|account| account.name);
        Ok(Seen { teaches: class.is_taught_by(person), teacher, class, members, sources })
    }
}
