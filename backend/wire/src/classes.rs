//! Classes as the protocol's data.

use synapscribe_domain::class::{Room, Seen};
use synapscribe_domain::{Class, Member, PersonId, Shown};
use synapscribe_ports::Listed;
use synapscribe_protocol::classes::{ClassDto, MemberDto, RoomDto, ShownDto};

use crate::{packs, source};

/// A class as one person sees it.
pub fn class(seen: &Seen) -> ClassDto {
    let Seen { class, teaches, teacher, members, sources } = seen;
    ClassDto { teacher: teacher.clone(), ..bare(class, *teaches, *members, *sources) }
}

/// A class as its keeper lists it for `viewer`.
pub fn listed(one: &Listed, viewer: &PersonId) -> ClassDto {
    bare(&one.class, one.class.is_taught_by(viewer), one.members, one.sources)
}

/// A class with who is in it and what it is shown.
pub fn room(room: &Room, viewer: &PersonId) -> RoomDto {
    RoomDto {
        class: class(&room.seen),
        people: room.members.as_ref().map(|members| members.iter().map(member).collect()),
        shown: room.shown.iter().map(|one| shown(one, viewer)).collect(),
        packs: room.packs.iter().map(|one| packs::pack(one, viewer)).collect(),
    }
}

/// The code is for whoever teaches.
fn bare(class: &Class, teaching: bool, members: u32, sources: u32) -> ClassDto {
    ClassDto {
        class_id: class.id.to_string(),
        name: class.name.clone(),
        teaching,
        teacher: None,
        code: teaching.then(|| class.code.grouped()),
        members,
        sources,
        created: class.created.0,
    }
}

fn member(one: &Member) -> MemberDto {
    MemberDto { member_id: one.id.to_string(), name: one.name.clone(), joined: one.joined.0 }
}

fn shown(one: &Shown, viewer: &PersonId) -> ShownDto {
    ShownDto { source: source::dto(&one.source), title: one.title.clone(), own: &one.owner == viewer, since: one.since.0 }
}
