//! What documents of Word and PowerPoint have in common: parts that name other parts, and what they say of themselves.

use std::collections::HashMap;

use synapscribe_domain::Failure;

use crate::archive::{Archive, resolve};
use crate::figures::is_shown;
use crate::markup::{Event, Events, said_by};

/// The parts that a part names, by the name it gives them: what kind they are, and where.
pub(crate) type Relations = HashMap<String, (String, String)>;

/// Those of a part.
pub(crate) fn relations(archive: &mut Archive, part: &str) -> Result<Relations, Failure> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let name = format!("{folder}/_rels/{file}.rels");
    let text = archive.text(name.trim_start_matches('/'))?.unwrap_or_default();
    let relation = |event| match event {
        Event::Open(tag) if tag.name == "Relationship" && tag.get("TargetMode") != Some("External") => {
            let kind = tag.get("Type")?.rsplit('/').next()?.to_owned();
            Some((tag.get("Id")?.to_owned(), (kind, resolve(part, tag.get("Target")?))))
        }
        _ => None,
    };
    Ok(Events::of(&text).filter_map(relation).collect())
}

/// The first part of a kind among those that a part names.
pub(crate) fn first_of<'a>(relations: &'a Relations, kind: &str) -> Option<&'a str> {
    relations.values().filter(|(own, _)| own == kind).map(|(_, part)| part.as_str()).min()
}

/// The picture of this name, where it can be shown.
pub(crate) fn picture(relations: &Relations, id: &str) -> Option<String> {
    relations.get(id).filter(|(kind, part)| kind == "image" && is_shown(part)).map(|(_, part)| part.clone())
}

/// The part in which a document begins.
pub(crate) fn start(archive: &mut Archive, usual: &str) -> Result<Option<String>, Failure> {
    let top = relations(archive, "")?;
    let named = first_of(&top, "officeDocument").map(str::to_owned);
    Ok(named.filter(|part| archive.has(part)).or_else(|| archive.has(usual).then(|| usual.to_owned())))
}

/// What a part says, each thing once: without what is there in an older form as well, and without what was moved away.
pub(crate) fn events(text: &str) -> impl Iterator<Item = Event> {
    let is_unread = |name: &str| matches!(name, "Fallback" | "moveFrom");
    let mut within = 0usize;
    Events::of(text).filter(move |event| {
        match event {
            Event::Open(tag) if is_unread(&tag.name) => within += 1,
            Event::Close(name) if is_unread(name) => within = within.saturating_sub(1),
            _ => return within == 0,
        }
        false
    })
}

/// The title and the author that a document gives itself.
pub(crate) fn names(archive: &mut Archive) -> Result<(Option<String>, Option<String>), Failure> {
    let text = archive.text("docProps/core.xml")?.unwrap_or_default();
    Ok((said_by("title", &text), said_by("creator", &text)))
}
