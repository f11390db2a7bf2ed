//! Electronic books: chapters in the order of reading, the table of contents, and the picture of the cover.

use std::collections::HashMap;

use synapscribe_domain::Failure;

use crate::archive::{Archive, resolve};
use crate::flow::Flow;
use crate::markup::{Event, Events, Tag, said_by};
use crate::{verdict, xhtml};

/// More chapters than any book has.
const MOST_CHAPTERS: usize = 10_000;

/// What a book says.
pub(crate) fn read(archive: &mut Archive) -> Result<Flow, Failure> {
    let (package, text) = package(archive)?;
    let parts = Parts::of(&text, &package);
    if is_locked(archive, &parts)? {
        return Err(verdict::locked());
    }
    let mut flow = Flow::named(parts.title.clone(), parts.author.clone());
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut missing = 0;
    for chapter in parts.chapters.iter().take(MOST_CHAPTERS) {
        let Some(text) = archive.text(chapter)? else {
            missing += 1;
            continue;
        };
        flow.break_page(false);
        places.insert(chapter.clone(), flow.len());
        for (anchor, block) in xhtml::read(&text, &mut flow) {
            places.insert(format!("{chapter}#{anchor}"), block);
        }
    }
    if flow.len() == 0 {
        return Err(if missing > 0 { verdict::corrupt() } else { verdict::no_text() });
    }
    for (level, title, target) in contents(archive, &parts)? {
        let part = target.split('#').next().unwrap_or_default();
        if let Some(block) = places.get(&target).or_else(|| places.get(part)) {
            flow.contents(level, title, *block);
        }
    }
    Ok(flow)
}

/// The picture on its cover; none where it names none, or one that is torn or unpacks to more than any.
pub(crate) fn cover(archive: &mut Archive) -> Result<Option<Vec<u8>>, Failure> {
    let (package, text) = package(archive)?;
    Ok(cover_part(&text, &package).and_then(|part| archive.part(&part).ok().flatten()))
}

/// The part that says what the book is made of, by its name and its text.
fn package(archive: &mut Archive) -> Result<(String, String), Failure> {
    let container = archive.text("META-INF/container.xml")?.ok_or_else(verdict::corrupt)?;
    let package = opens(&container).find(|tag| tag.name == "rootfile").and_then(|tag| tag.get("full-path").map(str::to_owned));
    let package = package.ok_or_else(verdict::corrupt)?;
    let text = archive.text(&package)?.ok_or_else(verdict::corrupt)?;
    Ok((package, text))
}

/// Newer books mark the picture itself; older ones say its name, and some the file's.
fn cover_part(text: &str, package: &str) -> Option<String> {
    let (mut said, mut items) = (None, Vec::new());
    for tag in opens(text) {
        match tag.name.as_str() {
            "meta" if tag.get("name") == Some("cover") => said = tag.get("content").map(str::to_owned),
            "item" => items.push(tag),
            _ => {}
        }
    }
    let marked = |item: &Tag| item.get("properties").is_some_and(|own| own.split_whitespace().any(|one| one == "cover-image"));
    let meant = |item: &Tag| said.is_some() && (item.get("id") == said.as_deref() || item.get("href") == said.as_deref());
    let item = items.iter().find(|item| marked(item)).or_else(|| items.iter().find(|item| meant(item)))?;
    item.get("href").map(|href| resolve(package, href))
}

/// What the package says of the book.
#[derive(Default)]
struct Parts {
    title: Option<String>,
    author: Option<String>,
    chapters: Vec<String>,
    navigation: Option<String>,
    /// The table of contents of older books.
    index: Option<String>,
}

impl Parts {
    fn of(text: &str, package: &str) -> Self {
        let mut parts = Self { title: said_by("title", text), author: said_by("creator", text), ..Self::default() };
        let mut files: HashMap<String, String> = HashMap::new();
        opens(text).for_each(|tag| parts.take(&tag, package, &mut files));
        parts
    }

    fn take(&mut self, tag: &Tag, package: &str, files: &mut HashMap<String, String>) {
        match tag.name.as_str() {
            "item" => {
                let (Some(id), Some(href)) = (tag.get("id"), tag.get("href")) else { return };
                let file = resolve(package, href);
                if tag.get("properties").is_some_and(|properties| properties.split(' ').any(|one| one == "nav")) {
                    self.navigation = Some(file.clone());
                }
                if tag.get("media-type") == Some("application/x-dtbncx+xml") {
                    self.index = Some(file.clone());
                }
                files.insert(id.to_owned(), file);
            }
            "itemref" => self.chapters.extend(tag.get("idref").and_then(|id| files.get(id).cloned())),
            _ => {}
        }
    }
}

fn opens(text: &str) -> impl Iterator<Item = Tag> {
    Events::of(text).filter_map(|event| match event {
        Event::Open(tag) => Some(tag),
        _ => None,
    })
}

/// Books with locked chapters say so; fonts are often disguised without a lock.
fn is_locked(archive: &mut Archive, parts: &Parts) -> Result<bool, Failure> {
    let Some(text) = archive.text("META-INF/encryption.xml")? else { return Ok(false) };
    let locked: Vec<String> = opens(&text)
        .filter(|tag| tag.name == "CipherReference")
        .filter_map(|tag| tag.get("URI").map(|uri| resolve("", uri)))
        .collect();
    Ok(parts.chapters.iter().any(|chapter| locked.contains(chapter)))
}

/// The table of contents: levels, titles and where they lead.
fn contents(archive: &mut Archive, parts: &Parts) -> Result<Vec<(u8, String, String)>, Failure> {
    if let Some(navigation) = &parts.navigation
        && let Some(text) = archive.text(navigation)?
    {
        let entries = navigation_entries(&text, navigation);
        if !entries.is_empty() {
            return Ok(entries);
        }
    }
    match &parts.index {
        Some(index) => Ok(archive.text(index)?.map(|text| index_entries(&text, index)).unwrap_or_default()),
        None => Ok(Vec::new()),
    }
}

/// Where an entry leads, with its anchor.
fn target(from: &str, href: &str) -> String {
    match href.split_once('#') {
        Some((file, anchor)) if !file.is_empty() => format!("{}#{anchor}", resolve(from, file)),
        Some((_, anchor)) => format!("{from}#{anchor}"),
        None => resolve(from, href),
    }
}

fn navigation_entries(text: &str, from: &str) -> Vec<(u8, String, String)> {
    let (mut entries, mut depth, mut inside) = (Vec::new(), 0u8, false);
    let mut current: Option<(String, String)> = None;
    for event in Events::of(text) {
        match event {
            Event::Open(tag) if tag.name == "nav" => inside = tag.get("type").is_none_or(|kind| kind == "toc"),
            Event::Close(name) if name == "nav" => inside = false,
            _ if !inside => {}
            Event::Open(tag) if tag.name == "ol" => depth = depth.saturating_add(1),
            Event::Close(name) if name == "ol" => depth = depth.saturating_sub(1),
            Event::Open(tag) if tag.name == "a" => current = tag.get("href").map(|href| (target(from, href), String::new())),
            Event::Text(text) => {
                if let Some((_, title)) = &mut current {
                    title.push_str(&text);
                }
            }
            Event::Close(name) if name == "a" => entries.extend(current.take().and_then(|(to, title)| entry(depth, &title, to))),
            _ => {}
        }
    }
    entries
}

fn index_entries(text: &str, from: &str) -> Vec<(u8, String, String)> {
    let (mut entries, mut depth, mut in_label) = (Vec::new(), 0u8, false);
    let mut title = String::new();
    for event in Events::of(text) {
        match event {
            Event::Open(tag) => match tag.name.as_str() {
                "navPoint" => {
                    depth = depth.saturating_add(1);
                    title.clear();
                }
                "navLabel" => in_label = depth > 0,
                "content" => {
                    if let Some(src) = tag.get("src") {
                        entries.extend(entry(depth, &std::mem::take(&mut title), target(from, src)));
                    }
                }
                _ => {}
            },
            Event::Close(name) if name == "navPoint" => depth = depth.saturating_sub(1),
            Event::Close(name) if name == "navLabel" => in_label = false,
            Event::Text(text) if in_label => title.push_str(&text),
            _ => {}
        }
    }
    entries
}

fn entry(depth: u8, title: &str, to: String) -> Option<(u8, String, String)> {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty() && depth > 0).then_some((depth, title, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cover_is_what_is_marked_as_one_or_what_an_older_book_names() {
        let item = |id: &str, href: &str, more: &str| format!("<item id='{id}' href='{href}' {more}/>");
        let (one, two) = (item("one", "a.png", ""), item("two", "art/b%20c.jpg", "properties='svg cover-image'"));
        let meta = |content: &str| format!("<meta name='cover' content='{content}'/>");
        for (package, part) in [
            (format!("{}{one}{two}", meta("one")), Some("text/art/b c.jpg")),
            (format!("{one}{}", meta("one")), Some("text/a.png")),
            (format!("{}{one}", meta("a.png")), Some("text/a.png")),
            (format!("{}{one}", meta("three")), None),
            (one, None),
        ] {
            assert_eq!(cover_part(&package, "text/book.opf").as_deref(), part, "{package}");
        }
    }
}
