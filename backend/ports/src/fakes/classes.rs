//! Classes in memory, beside the sources they are shown.

use std::sync::Mutex;

use async_trait::async_trait;
use synapscribe_domain::account::WrittenCode;
use synapscribe_domain::{Class, ClassId, Member, MemberId, PackId, PersonId, Shown, Source, Timestamp};

use super::MemoryLibrary;
use super::library::{Book, Record};
use super::open;
use crate::{ClassChange, Classes, Joined, Listed, StoreError, StoreResult};

/// All classes.
#[derive(Debug, Default)]
pub(super) struct Rooms(Mutex<Vec<Room>>);

#[derive(Debug, Clone)]
pub(super) struct Room {
    class: Class,
    members: Vec<Member>,
    sources: Vec<(Source, Timestamp)>,
    pub(super) packs: Vec<(PackId, Timestamp)>,
}

impl Room {
    fn holds(&self, person: &PersonId) -> bool {
        self.class.is_taught_by(person) || self.members.iter().any(|member| &member.person == person)
    }
}

impl MemoryLibrary {
    /// What a person's classes are shown.
    pub(super) fn shown_in_classes(&self, person: &PersonId) -> Vec<Source> {
        let rooms = open(&self.rooms.0);
        rooms.iter().filter(|room| room.holds(person)).flat_map(|room| &room.sources).map(|(source, _)| source.clone()).collect()
    }

    /// The packs that a person's classes are shown.
    pub(super) fn packs_in_classes(&self, person: &PersonId) -> Vec<PackId> {
        let rooms = open(&self.rooms.0);
        rooms.iter().filter(|room| room.holds(person)).flat_map(|room| &room.packs).map(|(pack, _)| pack.clone()).collect()
    }

    pub(super) fn in_room<T>(&self, id: &ClassId, work: impl FnOnce(&mut Room) -> T) -> StoreResult<T> {
        open(&self.rooms.0).iter_mut().find(|room| &room.class.id == id).map(work).ok_or(StoreError::Gone)
    }

    fn titled(&self, source: &Source) -> Option<(String, PersonId)> {
        self.read(source.clone(), |book: &Book| match &book.record {
            Record::Lecture(lecture) => (lecture.title.clone(), lecture.owner.clone()),
            Record::Document(document) => (document.title.clone(), document.owner.clone()),
        })
    }

    fn take_along(&self, room: &mut Room, person: &PersonId) {
        room.sources.retain(|(source, _)| self.titled(source).is_some_and(|(_, owner)| &owner != person));
        room.packs.retain(|(pack, _)| self.owner_of_pack(pack).is_some_and(|owner| &owner != person));
    }
}

#[async_trait]
impl Classes for MemoryLibrary {
    async fn add_class(&self, class: &Class) -> StoreResult<()> {
        let mut rooms = open(&self.rooms.0);
        if rooms.iter().any(|room| room.class.id == class.id || room.class.code == class.code) {
            return Err(StoreError::Conflict);
        }
        rooms.push(Room { class: class.clone(), members: Vec::new(), sources: Vec::new(), packs: Vec::new() });
        Ok(())
    }

    async fn change_class(&self, id: &ClassId, change: &ClassChange<'_>) -> StoreResult<Class> {
        let mut rooms = open(&self.rooms.0);
        let mut class = rooms.iter().find(|room| &room.class.id == id).ok_or(StoreError::Gone)?.class.clone();
        change(&mut class);
        if rooms.iter().any(|room| &room.class.id != id && room.class.code == class.code) {
            return Err(StoreError::Conflict);
        }
        rooms.iter_mut().filter(|room| &room.class.id == id).for_each(|room| room.class = class.clone());
        Ok(class)
    }

    async fn class(&self, id: &ClassId) -> StoreResult<Option<Class>> {
        Ok(self.in_room(id, |room| room.class.clone()).ok())
    }

    async fn class_by_code(&self, code: &WrittenCode) -> StoreResult<Option<Class>> {
        Ok(open(&self.rooms.0).iter().map(|room| &room.class).find(|class| &class.code == code).cloned())
    }

    async fn classes_of(&self, person: &PersonId) -> StoreResult<Vec<Listed>> {
        let listed = |room: &Room| {
            let sources = room.sources.iter().filter(|(source, _)| self.titled(source).is_some()).count();
            let packs = room.packs.iter().filter(|(pack, _)| self.owner_of_pack(pack).is_some()).count();
            Listed { class: room.class.clone(), members: room.members.len() as u32, sources: (sources + packs) as u32 }
        };
        let mut found: Vec<Listed> = open(&self.rooms.0).iter().filter(|room| room.holds(person)).map(listed).collect();
        found.sort_by_key(|one| std::cmp::Reverse(one.class.created));
        Ok(found)
    }

    async fn delete_class(&self, id: &ClassId) -> StoreResult<()> {
        open(&self.rooms.0).retain(|room| &room.class.id != id);
        Ok(())
    }

    async fn join_class(&self, id: &ClassId, member: &Member, most: usize) -> StoreResult<Joined> {
        self.in_room(id, |room| {
            if room.members.iter().any(|known| known.person == member.person) {
                return Joined::In;
            }
            if room.members.len() >= most {
                return Joined::Full;
            }
            room.members.push(member.clone());
            Joined::In
        })
    }

    async fn members(&self, id: &ClassId) -> StoreResult<Vec<Member>> {
        Ok(self.in_room(id, |room| room.members.clone()).unwrap_or_default())
    }

    async fn end_membership(&self, id: &ClassId, member: &MemberId) -> StoreResult<bool> {
        let ended = self.in_room(id, |room| {
            let found = room.members.iter().position(|known| &known.id == member)?;
            let gone = room.members.remove(found);
            self.take_along(room, &gone.person);
            Some(())
        });
        Ok(matches!(ended, Ok(Some(()))))
    }

    async fn show(&self, id: &ClassId, source: &Source, now: Timestamp) -> StoreResult<()> {
        self.titled(source).ok_or(StoreError::Gone)?;
        self.in_room(id, |room| {
            if !room.sources.iter().any(|(known, _)| known == source) {
                room.sources.push((source.clone(), now));
            }
        })
    }

    async fn hide(&self, id: &ClassId, source: &Source) -> StoreResult<bool> {
        let hidden = self.in_room(id, |room| {
            let before = room.sources.len();
            room.sources.retain(|(known, _)| known != source);
            before != room.sources.len()
        });
        Ok(hidden.unwrap_or_default())
    }

    async fn shown(&self, id: &ClassId) -> StoreResult<Vec<Shown>> {
        let mut sources = self.in_room(id, |room| room.sources.clone()).unwrap_or_default();
        sources.sort_by_key(|(_, since)| std::cmp::Reverse(*since));
        let shown = |(source, since)| {
            let (title, owner) = self.titled(&source)?;
            Some(Shown { source, title, owner, since })
        };
        Ok(sources.into_iter().filter_map(shown).collect())
    }

    async fn is_shown_to(&self, source: &Source, person: &PersonId) -> StoreResult<bool> {
        Ok(self.titled(source).is_some() && self.shown_in_classes(person).contains(source))
    }

    async fn shown_to(&self, source: &Source) -> StoreResult<Vec<PersonId>> {
        if self.titled(source).is_none() {
            return Ok(Vec::new());
        }
        let rooms = open(&self.rooms.0);
        let showing = rooms.iter().filter(|room| room.sources.iter().any(|(known, _)| known == source));
        let mut people: Vec<PersonId> = Vec::new();
        for room in showing {
            let all = room.members.iter().map(|member| &member.person).chain([&room.class.teacher]);
            let new: Vec<_> = all.filter(|person| !people.contains(person)).cloned().collect();
            people.extend(new);
        }
        Ok(people)
    }

    async fn leave_classes(&self, person: &PersonId) -> StoreResult<()> {
        let mut rooms = open(&self.rooms.0);
        rooms.retain(|room| !room.class.is_taught_by(person));
        for room in rooms.iter_mut().filter(|room| room.holds(person)) {
            room.members.retain(|member| &member.person != person);
            self.take_along(room, person);
        }
        Ok(())
    }
}
