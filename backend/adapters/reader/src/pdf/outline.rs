//! The table of contents that a PDF carries, and where its lines lead.

use std::collections::{HashMap, HashSet};

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::{Array, Dict, Name, Object, ObjectIdentifier, String as Bytes};
use synapscribe_domain::document::OutlineEntry;

use super::strings;

/// No book has more chapters; a file may claim it.
const MOST_ENTRIES: usize = 20_000;
const MOST_NAMES: usize = 200_000;
const DEEPEST: u8 = 16;

/// The table of contents, in order; entries that lead nowhere are on the page of the entry before.
pub(super) fn read(pdf: &Pdf, places: &[Option<usize>], catalog: &Dict<'_>) -> Vec<OutlineEntry> {
    let Some(outlines) = catalog.get::<Dict<'_>>("Outlines") else { return Vec::new() };
    let pages = (1..).zip(places).filter_map(|(n, place)| Some((pdf.pages().get((*place)?)?.raw().obj_id()?, n))).collect();
    let mut walk = Walk { pages, names: names(catalog), seen: HashSet::new(), entries: Vec::new(), count: places.len() as u32 };
    if let Some(first) = outlines.get::<Dict<'_>>("First") {
        walk.follow(first, 1);
    }
    walk.entries
}

struct Walk<'a> {
    pages: HashMap<ObjectIdentifier, u32>,
    names: HashMap<Vec<u8>, Object<'a>>,
    seen: HashSet<ObjectIdentifier>,
    entries: Vec<OutlineEntry>,
    count: u32,
}

impl<'a> Walk<'a> {
    fn follow(&mut self, first: Dict<'a>, level: u8) {
        let mut next = Some(first);
        while let Some(item) = next {
            // A ring of entries would never end.
            if self.entries.len() >= MOST_ENTRIES || item.obj_id().is_some_and(|id| !self.seen.insert(id)) {
                return;
            }
            let title = item.get::<Bytes<'_>>("Title").map(|title| strings::text(title.as_bytes())).unwrap_or_default();
            let target = item
                .get::<Object<'a>>("Dest")
                .or_else(|| item.get::<Dict<'a>>("A").and_then(|action| action.get::<Object<'a>>("D")));
            let page = target.and_then(|target| self.page(&target, 0)).or(self.entries.last().map(|before| before.page));
            let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
            if !title.is_empty() {
                self.entries.push(OutlineEntry { level, title, page: page.unwrap_or(1) });
            }
            if level < DEEPEST
                && let Some(child) = item.get::<Dict<'a>>("First")
            {
                self.follow(child, level + 1);
            }
            next = item.get::<Dict<'a>>("Next");
        }
    }

    fn page(&self, target: &Object<'a>, depth: u8) -> Option<u32> {
        if depth > 4 {
            return None;
        }
        match target {
            Object::Array(place) => {
                if let Some(id) = place.raw_iter().next().and_then(|first| first.as_obj_ref()) {
                    return self.pages.get(&id.into()).copied();
                }
                // Some makers write the number of the page, from 0.
                let number = place.iter::<Object<'_>>().next()?.into_i32()?;
                u32::try_from(number).ok().map(|n| n + 1).filter(|n| *n <= self.count)
            }
            Object::Dict(dict) => self.page(&dict.get::<Object<'a>>("D")?, depth + 1),
            Object::Name(name) => self.page(self.names.get(name.as_ref())?, depth + 1),
            Object::String(name) => self.page(self.names.get(name.as_bytes())?, depth + 1),
            _ => None,
        }
    }
}

/// The named places of a document.
fn names<'a>(catalog: &Dict<'a>) -> HashMap<Vec<u8>, Object<'a>> {
    let mut names = HashMap::new();
    if let Some(old) = catalog.get::<Dict<'a>>("Dests") {
        let entries = old.keys().take(MOST_NAMES).filter_map(|key| {
            let place = old.get::<Object<'a>>(Name::as_ref(&key))?;
            Some((key.as_ref().to_vec(), place))
        });
        names.extend(entries);
    }
    if let Some(tree) = catalog.get::<Dict<'a>>("Names").and_then(|names| names.get::<Dict<'a>>("Dests")) {
        let mut waiting = vec![tree];
        let mut nodes = 0;
        while let Some(node) = waiting.pop() {
            nodes += 1;
            if nodes > MOST_NAMES || names.len() > MOST_NAMES {
                break;
            }
            if let Some(kids) = node.get::<Array<'a>>("Kids") {
                waiting.extend(kids.iter::<Dict<'a>>());
            }
            if let Some(pairs) = node.get::<Array<'a>>("Names") {
                let mut pairs = pairs.iter::<Object<'a>>();
                while let (Some(key), Some(place)) = (pairs.next(), pairs.next()) {
                    if let Object::String(key) = key {
                        names.insert(key.as_bytes().to_vec(), place);
                    }
                }
            }
        }
    }
    names
}
