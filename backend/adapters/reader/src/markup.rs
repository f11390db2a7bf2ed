//! Markup as a stream of tags and text. Entities of the file's own are never expanded, nothing recurses, and what is broken ends
//! where it breaks.

use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesStart, Event as Xml};
use quick_xml::{Reader, XmlVersion};

/// Deeper markup is that of no document.
const DEEPEST: usize = 5_000;

/// What comes next.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    /// An element begins.
    Open(Tag),
    /// An element ends, by its name without a prefix.
    Close(String),
    /// Text, with entities put in.
    Text(String),
}

/// The beginning of an element.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Tag {
    /// Its name, without a prefix.
    pub name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    /// An attribute by its name, with or without a prefix; with one it must be the same.
    pub fn get(&self, name: &str) -> Option<&str> {
        let same = |own: &str| if name.contains(':') { own == name } else { local(own) == name };
        self.attributes.iter().find(|(own, _)| same(own)).map(|(_, value)| value.as_str())
    }
}

/// The events of a text. Elements without an end, as web pages have them, are closed at once.
pub(crate) struct Events<'a> {
    reader: Reader<&'a [u8]>,
    depth: usize,
    closing: Option<String>,
}

impl<'a> Events<'a> {
    pub fn of(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        Self { reader, depth: 0, closing: None }
    }
}

impl Iterator for Events<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        if let Some(name) = self.closing.take() {
            return Some(Event::Close(name));
        }
        loop {
            return match self.reader.read_event().ok()? {
                Xml::Start(start) => {
                    let tag = tag(&start);
                    if is_void(&tag.name) {
                        self.closing = Some(tag.name.clone());
                    } else {
                        self.depth += 1;
                    }
                    (self.depth < DEEPEST).then_some(Event::Open(tag))
                }
                Xml::Empty(start) => {
                    let tag = tag(&start);
                    self.closing = Some(tag.name.clone());
                    Some(Event::Open(tag))
                }
                Xml::End(end) => {
                    let name = local(end.name().as_ref()).to_owned();
                    if is_void(&name) {
                        continue;
                    }
                    self.depth = self.depth.saturating_sub(1);
                    Some(Event::Close(name))
                }
                Xml::Text(text) => Some(Event::Text(text.xml10_content().into_owned())),
                Xml::CData(text) => Some(Event::Text(text.xml10_content().into_owned())),
                Xml::GeneralRef(name) => Some(Event::Text(entity(&name))),
                Xml::Eof => None,
                _ => continue,
            };
        }
    }
}

/// What the first element of a name says that says anything; entities do not part it.
pub(crate) fn said_by(name: &str, text: &str) -> Option<String> {
    let mut said: Option<String> = None;
    for event in Events::of(text) {
        match event {
            Event::Open(tag) if tag.name == name => said = Some(String::new()),
            Event::Text(more) => said.iter_mut().for_each(|said| said.push_str(&more)),
            Event::Close(closed) if closed == name => {
                let words = said.take().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
                if !words.is_empty() {
                    return Some(words);
                }
            }
            _ => {}
        }
    }
    None
}

fn tag(start: &BytesStart<'_>) -> Tag {
    let mut written = start.html_attributes();
    let attributes = written.with_checks(false).flatten().take(100).map(|a| {
        let value = a.normalized_value(XmlVersion::Implicit1_0).map_or_else(|_| a.value.to_string(), |value| value.into_owned());
        (a.key.as_ref().to_owned(), value)
    });
    Tag { name: local(start.name().as_ref()).to_owned(), attributes: attributes.collect() }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn is_void(name: &str) -> bool {
    matches!(name, "br" | "hr" | "img" | "meta" | "link" | "input" | "col" | "area" | "base" | "wbr")
}

/// What an entity stands for, by its number or by the name that web pages give it.
fn entity(name: &str) -> String {
    let number = name.strip_prefix('#').map(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    });
    if let Some(number) = number {
        return number.ok().and_then(char::from_u32).filter(|c| *c != '\0').map(String::from).unwrap_or_default();
    }
    // An entity of the file's own, which may be a bomb, or one that nobody knows, stands for nothing.
    resolve_html5_entity(name).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let told = Events::of(text).map(|event| match event {
            Event::Open(tag) => format!("<{}>", tag.name),
            Event::Close(name) => format!("</{name}>"),
            Event::Text(text) => text,
        });
        assert_eq!(told.collect::<String>(), expected);
    }

    #[test]
    fn tags_and_text_come_in_order() {
        check("<w:p><w:t>a &amp; b&#8217;s</w:t><w:br/></w:p>", "<p><t>a & b’s</t><br></br></p>");
        check("<p>one<br>two</br>three &nbsp;&unknown;</p>", "<p>one<br></br>twothree \u{a0}</p>");
        check("<p>left open<b>", "<p>left open<b>");
        check("</p>stray & text", "</p>stray & text");
    }

    #[test]
    fn entities_of_the_file_are_not_expanded() {
        let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><a>x&b;y</a>";
        check(bomb, "<a>xy</a>");
    }

    #[test]
    fn endless_depth_ends() {
        assert!(Events::of(&"<a>".repeat(100_000)).count() <= DEEPEST);
    }

    #[test]
    fn what_an_element_says_is_not_parted_by_entities() {
        let text = "<m><dc:title> </dc:title><dc:title>Ebb &amp;\n Flow: the moon&#8217;s <i>two</i> tides</dc:title><title>late</title></m>";
        assert_eq!(said_by("title", text).as_deref(), Some("Ebb & Flow: the moon’s two tides"));
        assert_eq!(said_by("creator", text), None);
    }

    #[test]
    fn attributes_are_found_by_name() {
        let Some(Event::Open(tag)) = Events::of("<a r:id='7' epub:type=\"toc &lt;\" id=bare>").next() else { panic!("a tag") };
        assert_eq!((tag.get("r:id"), tag.get("type"), tag.get("missing")), (Some("7"), Some("toc <"), None));
    }
}
